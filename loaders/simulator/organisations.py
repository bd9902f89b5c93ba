"""Agencies that register foreigners, and test laboratories; some declare themselves."""

import numpy as np
import numpy.typing as npt

from loaders.simulator import names
from loaders.simulator.geography import ABROAD, Ints
from loaders.simulator.habits import Papers
from loaders.simulator.helping import (
    NOBODY,
    Attempts,
    Manner,
    help_at_registration,
    record,
    rota_size,
)
from loaders.simulator.sites import Sites, at_sites, new_sites, register_at
from loaders.simulator.world import (
    DAY,
    REFUSED,
    World,
    any_cities,
    group_sizes,
    lognormal,
)

DECLARED = ("account", "device", "wifi", "ip", "phone_prefix")


def agencies(world: World, accounts: Ints) -> None:
    """Staff help one foreigner after another, as often as the quota lets them."""
    rng = world.rng("agencies")
    median = world.median("agency", 60)
    size = group_sizes(rng, len(accounts), median=median, spread=0.7, largest=400)
    at = 0
    for number, one in enumerate(size):
        group = accounts[at : at + one]
        at += one
        city = any_cities(world, rng, 1)
        site = new_sites(world, rng, city)
        here = np.zeros(len(group), dtype=np.int64)
        register_at(world, rng, group, site, here, on_wifi=0.75)
        foreign = rng.random(len(group)) < 0.75
        world.nickname[group[foreign]] = names.foreign_nicknames(
            rng, int(foreign.sum())
        )
        abroad = world.geography.cities + rng.integers(0, len(ABROAD), len(group))
        world.region[group[foreign]] = abroad[foreign]
        cards = world.geography.segment.draw(rng, np.repeat(city, 3))
        given = rng.random(len(group)) < 0.6
        world.phone_prefix[group[given]] = rng.choice(cards, int(given.sum()))
        _papers(world, rng, group, site, world.design.organisations.agency)
        group = group[np.argsort(world.registered_at[group], kind="stable")]
        staff = helped_in_turn(world, rng, group, site, kind="agency")
        if rng.random() < 0.4:
            declare(world, rng, "wifi", site.wifi, f"Agency {number + 1}", True)
        if rng.random() < 0.3:
            declare(world, rng, "account", staff, f"Agency {number + 1}", True)
    world.innocent(accounts, "agency")


def laboratories(world: World, accounts: Ints) -> None:
    """Testers make many accounts on few devices and help them among themselves."""
    rng = world.rng("laboratories")
    median = world.median("test_lab", 70)
    size = group_sizes(rng, len(accounts), median=median, spread=0.6, largest=300)
    at = 0
    for number, one in enumerate(size):
        group = accounts[at : at + one]
        at += one
        city = any_cities(world, rng, 1)
        site = new_sites(world, rng, city)
        here = np.zeros(len(group), dtype=np.int64)
        register_at(world, rng, group, site, here, on_wifi=0.85)
        shelf = 2 + len(group) // 12
        flags = rng.random(shelf) < world.design.organisations.altered
        devices = world.new_devices(
            shelf, names.models(rng, shelf), emulator=flags, rooted=flags
        )
        world.device[group] = rng.choice(devices, len(group))
        world.login_device[group] = world.device[group]
        tested = rng.random(len(group)) < 0.6
        world.nickname[group[tested], 0] = rng.choice(names.TEST_WORDS)
        world.nickname[group[tested], 1] = 0
        world.nickname[group[tested], 2] = names.digits(rng, int(tested.sum()))
        world.zeal[group] = 0.3
        _papers(world, rng, group, site, world.design.organisations.laboratory)
        group = group[np.argsort(world.registered_at[group], kind="stable")]
        helped_in_turn(world, rng, group, site, kind="test_lab")
        if rng.random() < 0.5:
            declare(world, rng, "device", devices, f"Laboratory {number + 1}", True)
    world.innocent(accounts, "test_lab")


def _papers(
    world: World, rng: np.random.Generator, group: Ints, site: Sites, papers: Papers
) -> None:
    """Give the accounts of an organisation the papers that its kind has."""
    if papers == Papers():
        return
    count = len(group)
    if papers.named is not None:
        world.named[group] = rng.random(count) < papers.named
    if papers.pays is not None:
        world.pays[group] = rng.random(count) < papers.pays
    old = group[rng.random(count) < papers.old]
    world.days_behind[old] += lognormal(rng, len(old), 120, 0.6)
    cards = world.geography.segment.draw(rng, np.repeat(site.city, 2))
    given = group[rng.random(count) < papers.cards]
    world.phone_prefix[given] = rng.choice(cards, len(given))


def helped_in_turn(
    world: World,
    rng: np.random.Generator,
    group: Ints,
    site: Sites,
    *,
    kind: str,
) -> Ints:
    """Let staff help the group (by time) in turn, at the site; return the staff."""
    moments = world.registered_at[group]
    staff = world.claim_established(rng, np.repeat(site.city, rota_size(moments)))
    world.innocent(staff, kind)
    helper = staff[np.arange(len(group)) % len(staff)]
    here = at_sites(
        world, rng, helper, site, np.zeros(len(helper), dtype=np.int64), on_wifi=0.6
    )
    manner = Manner(wait=45, code_age=22, confirm=8, by_number=0.1, later=0.03)
    help_at_registration(world, rng, helper, group, here, manner=manner)
    too_soon(world, rng, group, staff, share=0.12, site=site)
    return staff


def too_soon(
    world: World,
    rng: np.random.Generator,
    group: Ints,
    helpers: Ints,
    *,
    share: float,
    site: Sites | None = None,
    team: int = NOBODY,
    pattern: int = NOBODY,
) -> None:
    """Add refused attempts of those who helped one of the group a short time before.

    `group` is in time order and was helped by `helpers` in turn.
    """
    rows = np.flatnonzero(rng.random(len(group)) < share)
    rows = rows[rows > 0]
    back = 1 + (rng.random(len(rows)) * np.minimum(rows, len(helpers) - 1) * 0.8)
    earlier = rows - np.minimum(rows, back.astype(np.int64))
    helper = helpers[earlier % len(helpers)]
    helped = group[rows]
    count = len(rows)
    issued = world.registered_at[helped] + rng.integers(2, 30, count)
    scanned = issued + rng.integers(3, 60, count)
    where = (
        world.whereabouts(rng, helper)
        if site is None
        else at_sites(
            world, rng, helper, site, np.zeros(len(helper), dtype=np.int64), on_wifi=0.6
        )
    )
    record(
        world,
        rng,
        Attempts(
            helper,
            helped,
            world.new_ids("codes", count),
            issued,
            scanned,
            scanned,
            np.full(count, REFUSED),
            where,
            np.full(count, team),
            np.full(count, pattern),
        ),
    )


def declare(
    world: World,
    rng: np.random.Generator,
    kind: str,
    values: Ints,
    organisation: str,
    licensed: bool,
) -> None:
    """Let an organisation declare things as its own."""
    count = len(values)
    licence = f"L{rng.integers(10**7, 10**8)}" if licensed else None
    texts: list[npt.NDArray[np.object_]] = [
        np.full(count, text, dtype=object) for text in (organisation, licence)
    ]
    since = world.start - int(rng.integers(30, 900)) * DAY
    world.add(
        "declared",
        kind=np.full(count, DECLARED.index(kind)),
        value=values,
        organisation=texts[0],
        licence=texts[1],
        since=np.full(count, since),
    )
