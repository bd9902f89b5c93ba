"""Online profit platforms, and the aged accounts that farms own themselves.

Takers race for an order: one succeeds, others lose the race or are still within their
quota. Workers come back as often as the quota lets them.
"""

import numpy as np

from loaders.simulator.farms import Farm
from loaders.simulator.geography import Floats, Ints
from loaders.simulator.helping import (
    Attempts,
    Manner,
    befriend,
    help_at_registration,
    record,
    rota_size,
)
from loaders.simulator.names import models
from loaders.simulator.organisations import too_soon
from loaders.simulator.suppliers import share_out, tied_share
from loaders.simulator.world import (
    CANCELLED,
    DAY,
    EXPIRED,
    LOST,
    OK,
    REFUSED,
    Where,
    World,
    any_cities,
    seconds,
)

PLATFORM, OWNED = 1, 2


def run_platforms(world: World, farms: list[Farm], honest: Ints) -> None:
    """Let platforms serve the farm accounts of their route, and honest customers."""
    rng = world.rng("platforms")
    wanted = sum(len(farm.by("platform")) for farm in farms)
    habits = world.design.platforms
    count = world.settings.platforms
    if count is None:
        count = max(1, round(wanted / habits.orders_a_platform)) if wanted else 0
    if not wanted or not count:
        return
    tied = tied_share(farms, world.accounts)
    ours = np.array_split(honest, count)
    seasoned: Ints = np.zeros(0, dtype=np.int64)
    shared = share_out(
        rng,
        farms,
        count,
        "platform",
        second_share=habits.second,
        second_from=habits.second_from,
    )
    towns = any_cities(world, world.rng("towns of workers"), habits.worker_towns)
    for number, served in enumerate(shared):
        orders = np.concatenate([served, ours[number]])
        orders = orders[np.argsort(world.registered_at[orders], kind="stable")]
        pool = max(6, rota_size(world.registered_at[orders], spare=habits.rest))
        home = any_cities(world, rng, pool)
        if len(towns):
            home = towns[home % len(towns)]
        workers = world.claim_established(rng, home)
        # Some work for two platforms.
        both = rng.permutation(seasoned)[: int(len(workers) * habits.both)]
        workers[: len(both)] = both
        _shared_phones(world, rng, workers)
        seasoned = np.concatenate([seasoned, workers])
        team = world.new_team("helper_platform")
        world.join(team, workers, "platform_worker")
        _take_orders(world, rng, team, orders, workers, tied)


def _shared_phones(world: World, rng: np.random.Generator, workers: Ints) -> None:
    """Let some workers have two or three accounts on one phone."""
    second = np.flatnonzero(
        rng.random(len(workers)) < world.design.platforms.shared_phones
    )
    second = second[second > 0]
    world.login_device[workers[second]] = world.login_device[workers[second - 1]]


def _take_orders(
    world: World,
    rng: np.random.Generator,
    team: int,
    orders: Ints,
    workers: Ints,
    tied: Floats,
) -> None:
    habits = world.design.platforms
    count = len(orders)
    issued = world.registered_at[orders] + seconds(rng, count, 50, 0.9)
    scanned = issued + seconds(rng, count, 70, 0.9)
    took = seconds(rng, count, 12, 0.7)
    code = world.new_ids("codes", count)
    # Who comes back is a matter of zeal: near neighbours in the rota change places.
    wander = habits.jitter * len(workers)
    turn = np.argsort(np.arange(count) + rng.normal(0, wander, count))
    winner = workers[np.argsort(turn, kind="stable") % len(workers)]
    winner = np.where(
        rng.random(count) < habits.by_turn, winner, rng.choice(workers, count)
    )
    takers = 1 + rng.poisson(habits.races, count)
    losers = np.repeat(np.arange(count), takers - 1)
    lost = np.minimum(
        (rng.random(len(losers)) ** 1.6 * len(workers)).astype(np.int64),
        len(workers) - 1,
    )
    result = rng.choice([LOST, REFUSED, EXPIRED, CANCELLED], len(losers), p=_ENDS)
    gap = rng.integers(-9, 12, len(losers))
    helper = np.concatenate([winner, workers[lost]])
    row = np.concatenate([np.arange(count), losers])
    at = np.concatenate([scanned, np.maximum(scanned[losers] + gap, issued[losers])])
    # The same worker does not take one order twice.
    keep = np.append(np.full(count, True), workers[lost] != winner[losers])
    helper, row, at = helper[keep], row[keep], at[keep]
    result = np.append(np.full(count, OK), result)[keep]
    here = world.whereabouts(rng, helper, at_home=0.6)
    record(
        world,
        rng,
        Attempts(
            helper,
            orders[row],
            code[row],
            issued[row],
            at,
            at + took[row],
            result,
            here,
            np.full(len(row), team),
            np.full(len(row), PLATFORM),
        ),
    )
    befriend(world, rng, winner, orders, scanned + took, tied[orders])


_ENDS = (0.5, 0.35, 0.1, 0.05)


def run_own_helpers(world: World, farms: list[Farm]) -> None:
    """Let farms help their remaining accounts with aged accounts of their own."""
    rng = world.rng("own helpers")
    for farm in farms:
        group = farm.by("owned")
        if not len(group):
            continue
        _in_waves(world, rng, farm, group)
        group = group[np.argsort(world.registered_at[group], kind="stable")]
        style = farm.style
        size = rota_size(world.registered_at[group], spare=1.05)
        helpers = world.claim_established(rng, any_cities(world, rng, size))
        world.join(farm.team, helpers, "owned_helper")
        each = max(1.0, style.per_control * 0.4)
        shelf = max(1, round(len(helpers) / each))
        devices = world.new_devices(shelf, models(rng, shelf))
        if style.per_control > 3:
            world.login_device[helpers] = devices[np.arange(len(helpers)) % shelf]
        helper = helpers[np.arange(len(group)) % len(helpers)]
        manner = Manner(wait=50, code_age=40, confirm=10, by_number=0.25)
        when = help_at_registration(
            world,
            rng,
            helper,
            group,
            _farm_where(world, rng, farm, helper),
            manner=manner,
            team=farm.team,
            pattern=OWNED,
        )
        too_soon(world, rng, group, helpers, share=0.08, team=farm.team, pattern=OWNED)
        befriend(world, rng, helper, group, when, style.tied)


def _in_waves(world: World, rng: np.random.Generator, farm: Farm, group: Ints) -> None:
    """Let a hurried farm come back after a month, when its helpers are free again."""
    window = world.settings.days * DAY
    span = (farm.ends - farm.begins) * window
    room = int((window - span) // (31 * DAY))
    if span > 25 * DAY or room < 1 or rng.random() < 0.25:
        return
    waves = int(rng.integers(1, min(room, 2) + 1)) + 1
    # The first wave comes early enough for all; each later one 31 days after.
    earliest = farm.begins * window
    latest = window - span - (waves - 1) * 31 * DAY
    moved = int(rng.integers(0, int(latest // DAY) + 1)) - int(earliest // DAY)
    wave = rng.integers(0, waves, len(group))
    at = world.registered_at[group] + (moved + wave * 31) * DAY
    world.registered_at[group] = np.clip(at, world.start, world.end - 1)


def _farm_where(
    world: World, rng: np.random.Generator, farm: Farm, helper: Ints
) -> Where:
    """At the farm on its own line, as far as its style has one; else at large."""
    where = world.whereabouts(rng, helper)
    own = rng.random(len(helper)) < farm.style.own_line + 0.5 * farm.style.dial_up
    line = rng.integers(0, len(farm.line), len(helper))
    return Where(
        np.where(own, farm.line[line, 0], where.ip),
        np.where(own, farm.line[line, 1], where.wifi),
        where.latitude,
        where.longitude,
    )
