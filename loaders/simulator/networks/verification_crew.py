"""Verification crews: a stall where passers-by verify a stranger in their own name.

The stall of the registration crews with another code: an operator shows the
verification code of an account, a passer-by scans it, and the account has a name. The
accounts are bought, or newly registered by farms; they are elsewhere. Passers-by come
once.

Innocent: the counter of a bank or carrier where customers verify themselves on their
own codes (`verify_counter`); a school's desk where parents verify their children's
accounts (`guardian_desk`): a code of another account, many at one place in one
afternoon, but of their own family; an organiser who verifies visitors
(`visitor_check`): one code, everybody scans it.
"""

import numpy as np

from loaders.simulator.geography import Ints
from loaders.simulator.helping import VERIFY
from loaders.simulator.networks import deeds
from loaders.simulator.networks.deeds import Cast
from loaders.simulator.sites import Sites, at_sites, new_sites, public_places
from loaders.simulator.world import (
    CANCELLED,
    DAY,
    EXPIRED,
    OK,
    ROLES,
    Where,
    World,
    any_cities,
    group_sizes,
    lognormal,
    seconds,
)


def make(world: World) -> None:
    """Make the crews, and everybody else who verifies somebody at a counter."""
    rng = world.rng("verification crew")
    cast = Cast(world, rng)
    for _ in range(deeds.teams_of(world, rng, 20_000, 3)):
        _crew(world, rng, cast)
    _counters(world, rng, cast)
    _guardians(world, rng, cast)
    _visitors(world, rng, cast)


def _crew(world: World, rng: np.random.Generator, cast: Cast) -> None:
    team = world.new_team("verification_crew")
    town = int(any_cities(world, rng, 1)[0])
    operators = cast.take(int(rng.integers(2, 4)), city=town)
    world.join(team, operators, "operator")
    total = int(np.clip(lognormal(rng, 1, 95, 0.4)[0], 40, 300))
    size = group_sizes(rng, total, median=18, spread=0.5, largest=60)
    served = _served(world, rng, cast, team, total)
    passers = cast.take(total, city=town)
    total = min(total, len(passers), len(served))
    which = np.repeat(np.arange(len(size)), size)[:total]
    passers, served = passers[:total], served[:total]
    world.join(team, passers, "lured_helper")
    days = min(world.settings.days, int(rng.integers(15, 60)))
    first = deeds.within(world, rng, days) // DAY * DAY
    hour = int(rng.integers(1, 10)) * 3600
    day = np.sort(rng.choice(days, min(days, len(size)), replace=False))
    day = day[np.minimum(np.arange(len(size)), len(day) - 1)]
    opens = first + day * DAY + hour + rng.integers(-5_000, 7_000, len(size))
    places = public_places(world, rng, np.full(len(size), town))
    pause = np.maximum(20, lognormal(rng, total, 170, 0.8))
    along = np.cumsum(pause)
    along -= along[np.searchsorted(which, which)]
    at = opens[which] + np.minimum(along, 4 * 3600).astype(np.int64)
    at = np.clip(at, world.start, world.end - 60)
    result = rng.choice([OK, EXPIRED, CANCELLED], total, p=[0.9, 0.05, 0.05])
    taps = np.clip(lognormal(rng, total, 5, 0.4), 1, 20).astype(np.int64)
    age = seconds(rng, total, 40, 1.0)
    where = at_sites(world, rng, passers, places, which, on_wifi=0.14, metres=14)
    _verify(world, rng, passers, served, at, age, taps, result, where)
    world.named[served[result == OK]] = True
    # The operators try a code themselves now and then.
    rows = np.flatnonzero(rng.random(total) < 0.03)
    if len(rows) and len(operators):
        tried = rng.choice(operators, len(rows))
        before = np.maximum(at[rows] - rng.integers(30, 200, len(rows)), world.start)
        here = at_sites(world, rng, tried, places, which[rows], on_wifi=0.2)
        ends = np.full(len(rows), CANCELLED)
        _verify(
            world, rng, tried, served[rows], before, age[rows], taps[rows], ends, here
        )


def _served(
    world: World, rng: np.random.Generator, cast: Cast, team: int, count: int
) -> Ints:
    """Choose whom the codes serve: accounts of farms, and bought nameless ones."""
    farmed = np.flatnonzero(world.role == ROLES.index("batch_registered"))
    farmed = farmed[~world.named[farmed]]
    # Registered early enough to be verified in the window.
    farmed = farmed[world.registered_at[farmed] < world.start + 5 * DAY]
    ours = rng.permutation(farmed)[: count // 5]
    bought = cast.take(count - len(ours), of=~world.named[: world.existing])
    world.join(team, bought, "rented_account")
    return rng.permutation(np.concatenate([ours, bought]))


def _verify(
    world: World,
    rng: np.random.Generator,
    scanner: Ints,
    served: Ints,
    at: Ints,
    age: Ints,
    took: Ints,
    result: Ints,
    where: Where,
) -> None:
    """Write codes of the served accounts and their scans."""
    count = len(scanner)
    code = world.new_ids("codes", count)
    issued = np.maximum(at - age, world.registered_at[served] + 1)
    at = np.maximum(at, issued + 1)
    world.add(
        "codes",
        code_id=code,
        account_id=served,
        purpose=np.full(count, VERIFY),
        issued_at=issued,
    )
    world.add(
        "scans",
        scan_id=world.new_ids("scans", count),
        scanner_id=scanner,
        code_id=code,
        purpose=np.full(count, VERIFY),
        scanned_at=at,
        code_issued_at=issued,
        confirmed_at=np.where(result == OK, at + took, -1),
        ip=where.ip,
        wifi=where.wifi,
        device_id=world.login_device[scanner],
        latitude=where.latitude,
        longitude=where.longitude,
        result=result,
    )


def _sessions(
    world: World, rng: np.random.Generator, total: int, sites: Sites, size: Ints
) -> tuple[Ints, Ints]:
    """Return the session and moment of each visit, some hours of a day each."""
    which = np.repeat(np.arange(len(size)), size)[:total]
    opens = world.start + rng.integers(0, world.settings.days, len(size)) * DAY
    opens += rng.integers(3_600, 10 * 3_600, len(size))
    at = opens[which] + rng.integers(0, 4 * 3600, len(which))
    return which, np.minimum(at, world.end - 60)


def _counters(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let customers verify themselves at a bank's or carrier's counter."""
    total = round(world.existing * 0.006)
    size = group_sizes(rng, total, median=16, spread=0.6, largest=80)
    city = any_cities(world, rng, len(size))
    sites = new_sites(world, rng, city)
    which, at = _sessions(world, rng, total, sites, size)
    customer = world.neighbours(rng, city[which])
    here = at_sites(world, rng, customer, sites, which, on_wifi=0.4, metres=10)
    count = len(which)
    _verify(
        world,
        rng,
        customer,
        customer,
        at,
        seconds(rng, count, 25, 0.8),
        seconds(rng, count, 7, 0.6),
        rng.choice([OK, EXPIRED, CANCELLED], count, p=[0.93, 0.04, 0.03]),
        here,
    )
    plain = np.unique(customer[world.role[customer] < 0])
    world.innocent(plain[world.kind[plain] < 0], "verify_counter")


def _guardians(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Parents verify their children's accounts at a school's desk."""
    for _ in range(max(2, round(world.existing / 12_000))):
        city = any_cities(world, rng, 1)
        site = new_sites(world, rng, city)
        count = int(np.clip(lognormal(rng, 1, 35, 0.5)[0], 10, 150))
        children = cast.take(count, city=int(city[0]))
        parents = cast.take(len(children), city=int(city[0]))
        children = children[: len(parents)]
        count = len(parents)
        world.innocent(children, "guardian_desk")
        world.innocent(parents, "guardian_desk")
        known = rng.random(count) < 0.9
        since = world.start - rng.integers(DAY, 900 * DAY, count)
        deeds.tie(world, parents[known], children[known], since[known], deeds.FAMILY)
        opens = int(world.moments(rng, 1)[0]) // DAY * DAY + 2 * 3600
        at = np.clip(
            opens + rng.integers(0, 6 * 3600, count), world.start, world.end - 60
        )
        here = np.zeros(count, dtype=np.int64)
        where = at_sites(world, rng, parents, site, here, on_wifi=0.3, metres=20)
        _verify(
            world,
            rng,
            parents,
            children,
            at,
            seconds(rng, count, 30, 0.9),
            seconds(rng, count, 6, 0.5),
            rng.choice([OK, EXPIRED, CANCELLED], count, p=[0.91, 0.05, 0.04]),
            where,
        )
        world.named[children] = True


def _visitors(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Visitors of a fair verify themselves by one code at the gate."""
    for _ in range(max(2, round(world.existing / 20_000))):
        city = any_cities(world, rng, 1)
        site = public_places(world, rng, city)
        organiser = cast.take(1, city=int(city[0]))
        if not len(organiser):
            continue
        world.innocent(organiser, "visitor_check")
        count = int(np.clip(lognormal(rng, 1, 45, 0.5)[0], 10, 200))
        visitor = world.neighbours(rng, np.full(count, city[0]))
        opens = int(world.moments(rng, 1)[0]) // DAY * DAY + 3 * 3600
        at = np.clip(
            opens + rng.integers(0, 5 * 3600, count), world.start, world.end - 60
        )
        code = world.new_ids("codes", 1)
        issued = max(world.start, opens - 3600)
        world.add(
            "codes",
            code_id=code,
            account_id=organiser,
            purpose=np.array([VERIFY]),
            issued_at=np.array([issued]),
        )
        here = np.zeros(count, dtype=np.int64)
        where = at_sites(world, rng, visitor, site, here, on_wifi=0.2, metres=25)
        world.add(
            "scans",
            scan_id=world.new_ids("scans", count),
            scanner_id=visitor,
            code_id=np.full(count, code[0]),
            purpose=np.full(count, VERIFY),
            scanned_at=np.maximum(at, issued + 1),
            code_issued_at=np.full(count, issued),
            confirmed_at=np.maximum(at, issued + 1) + seconds(rng, count, 6, 0.5),
            ip=where.ip,
            wifi=where.wifi,
            device_id=world.login_device[visitor],
            latitude=where.latitude,
            longitude=where.longitude,
            result=np.zeros(count, dtype=np.int64),
        )
