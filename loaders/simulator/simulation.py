"""Makes a sample world: the populations one after another, then the files."""

from pathlib import Path

import numpy as np

from graph.errors import OutputError
from loaders.simulator import (
    aftermath,
    background,
    crews,
    deceit,
    farms,
    gatherings,
    helping,
    names,
    newcomers,
    organisations,
    people,
    platforms,
    strangers,
    truth,
    workplaces,
    writing,
)
from loaders.simulator.networks import NETWORKS
from loaders.simulator.settings import WorldSettings
from loaders.simulator.world import World

_MAKERS = {
    "household": newcomers.households,
    "phone_shop": gatherings.phone_shops,
    "office": gatherings.offices,
    "campus": gatherings.campuses,
    "agency": organisations.agencies,
    "test_lab": organisations.laboratories,
    "carrier_nat": newcomers.carrier_nat,
    "event": gatherings.events,
    "active_seller": newcomers.active_sellers,
    "side_accounts": newcomers.side_accounts,
    "proxy_customer": newcomers.proxy_customers,
    "sim_batch": newcomers.sim_batches,
    "dormitory": workplaces.dormitories,
    "internet_cafe": workplaces.internet_cafes,
    "used_phone": workplaces.used_phones,
    "community_helper": strangers.community_helpers,
    "campaign": strangers.campaigns,
    "fan_group": strangers.fan_groups,
}


def simulate(out: Path, settings: WorldSettings) -> None:
    """Write a sample world and its truth into a new or empty folder.

    The tables are those of the contract; `truth/` holds accounts, teams and helps.
    The same settings give the same bytes. Raises `OutputError` when the folder holds
    something, and nothing is written then.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out} is not empty: name a folder that is new or empty")
    world = make_world(settings)
    writing.write_world(world, out)
    truth.write_truth(world, out / "truth")


def make_world(settings: WorldSettings) -> World:
    """Make a world without writing it."""
    world = World(settings)
    people.populate(world)
    all_farms = farms.found_farms(world)
    honest = world.unclaimed
    shares = world.design.shares
    crews.run_crews(world, all_farms)
    for kind in settings.look_alikes:
        if kind in _MAKERS and kind in shares:
            share = settings.look_alike_share * shares[kind]
            _MAKERS[kind](world, world.claim_new(round(honest * share)))
    if "merchant_stall" in settings.look_alikes and "merchant_stall" in shares:
        share = settings.look_alike_share * shares["merchant_stall"]
        scans = round(share * settings.existing)
        gatherings.merchant_stalls(world, scans)
    ordered = sum(len(farm.by("platform")) for farm in all_farms)
    bought = ordered * world.design.honest_orders
    bought += honest * world.design.platforms.customers if ordered else 0
    customers = world.claim_new(round(bought))
    platforms.run_platforms(world, all_farms, customers)
    if "task_customer" in shares:
        world.innocent(customers, "task_customer")
    platforms.run_own_helpers(world, all_farms)
    newcomers.ordinary(world, world.claim_new(world.unclaimed))
    deceit.deceive(world, all_farms)
    for name in settings.networks:
        NETWORKS[name].make(world)
    people.friendships(world)
    background.daily_life(world)
    helping.ask_the_next(world)
    helping.enforce_quota(world)
    aftermath.aftermath(world)
    _accounts(world)
    _devices(world)
    return world


def _accounts(world: World) -> None:
    world.add(
        "accounts",
        account_id=np.arange(world.accounts),
        registered_at=world.registered_at,
        phone_prefix=world.phone_prefix,
        registration_ip=world.registration_ip,
        registration_wifi=world.registration_wifi,
        registration_device_id=world.device,
        app_version=names.app_versions(world.registered_at, world.days_behind),
        os_version=world.system,
        nickname=world.nickname,
        profile_region=world.region,
        real_name_verified=world.named,
        pay_enabled=world.pays,
    )


def _devices(world: World) -> None:
    """Write the devices that something refers to."""
    model = np.concatenate(world.models)
    flags = np.concatenate(world.device_flags)
    used = np.zeros(len(model), dtype=bool)
    used[world.device] = True
    for table in ("logins", "scans", "unseal_applications"):
        for part in world.columns.get(table, []):
            used[part["device_id"]] = True
    device = np.flatnonzero(used)
    own = device < world.accounts
    system = names.systems(world.rng("device systems"), model[device])
    system[own] = np.where(
        world.device[device[own]] == device[own], world.system[device[own]], system[own]
    )
    world.add(
        "devices",
        device_id=device,
        model=model[device],
        os=system,
        is_emulator=flags[device] & 1,
        is_rooted=flags[device] >> 1,
    )
