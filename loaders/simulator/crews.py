"""Roadside push-code-scanning crews: stalls on changing days and places.

The farms register elsewhere and send the codes to a group chat; an operator opens one,
a passer-by scans it, the operator taps confirm. Passers-by come once. The crew's hours
and the farms it serves stay; one crew is never at two places at once: it holds one
session a day, or one a shift, and moves from pitch to pitch within one if at all.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from loaders.simulator.farms import Farm
from loaders.simulator.geography import Floats, Ints
from loaders.simulator.habits import Crews
from loaders.simulator.helping import Attempts, befriend, record
from loaders.simulator.sites import Sites, at_sites, public_places
from loaders.simulator.suppliers import share_out, tied_share
from loaders.simulator.world import (
    CANCELLED,
    DAY,
    EXPIRED,
    OK,
    REFUSED,
    Where,
    World,
    any_cities,
    group_sizes,
    lognormal,
    seconds,
)

STALL = 0
Array = TypeVar("Array", Ints, npt.NDArray[np.bool_])
_LONGEST = 4 * 3600
_SHIFT = 6 * 3600


@dataclass(frozen=True)
class _Sessions:
    """The sessions of all crews; `team` is the truth's, `crew` counts from 0.

    A session that moves on to another pitch is a session each; `longest` is in seconds.
    `live` tells whether codes are made when the operator asks for one, or wait in the
    group chat; `taps` is how many seconds a confirmation usually takes.
    """

    crew: Ints
    team: Ints
    opens: Ints
    live: Floats
    taps: Floats
    places: Sites
    longest: float


def run_crews(world: World, farms: list[Farm]) -> None:
    """Let the crews serve all farm accounts that take the stall's route."""
    rng = world.rng("crews")
    wanted = sum(len(farm.by("stall")) for farm in farms)
    habits = world.design.crews
    count = world.settings.crews
    if count is None:
        count = max(2, round(wanted / habits.helps_a_crew)) if wanted else 0
    if not wanted or not count:
        return
    # Some towns have more than one crew, and a crew has a second town.
    towns = any_cities(world, rng, max(1, round(count * habits.towns)))
    town = towns[np.arange(count) % len(towns)]
    second = any_cities(world, rng, count)
    # Opening between 09:00 and 20:00 in China; among many crews, at all these hours.
    share = (rng.permutation(count) + rng.random(count)) / count
    # With a second shift the first one opens early enough for it.
    hour = ((1 + (11 if habits.shifts == 1 else 5) * share) * 3600).astype(np.int64)
    days, queues, sizes = [], [], []
    for served in share_out(rng, farms, count, "stall"):
        queue, size, day = _season(world, rng, served)
        queues.append(queue)
        sizes.append(size)
        days.append(day)
    crew = np.repeat(np.arange(count), [len(size) for size in sizes])
    teams = np.array([world.new_team("scanning_crew") for _ in range(count)])
    day, part = _parts_of_days(np.concatenate(days), habits)
    travels = _of_the_day(crew, day, rng.random(len(crew)) < habits.travels)
    late = _of_the_day(crew, day, rng.integers(-2700, 2700, len(crew)))
    opens = world.start + day * DAY + hour[crew] + late + part
    live = rng.choice(habits.live, count)[crew]
    taps = rng.uniform(3.6, 5.5, count)[crew]
    places = public_places(world, rng, np.where(travels, second[crew], town[crew]))
    world.stalls.append((places.wifi, opens))
    sessions = _Sessions(
        crew,
        teams[crew],
        opens,
        live,
        taps,
        places,
        _LONGEST / habits.pitches - (900 if habits.pitches > 1 else 0),
    )
    which = np.repeat(np.arange(len(crew)), np.concatenate(sizes))
    accounts = np.concatenate(queues)
    done = _serve(world, rng, sessions, which, accounts)
    befriend(
        world,
        rng,
        done.helper,
        accounts,
        done.confirmed,
        tied_share(farms, world.accounts)[accounts],
    )
    _failures(world, rng, sessions, which, done)
    _operators(world, rng, sessions, which, done, town)


def _parts_of_days(slot: Ints, habits: Crews) -> tuple[Ints, Ints]:
    """Return the day of each slot, and how many seconds after opening it begins.

    >>> from loaders.simulator.habits import Crews
    >>> day, later = _parts_of_days(np.arange(4), Crews(shifts=2))
    >>> day.tolist(), later.tolist()
    ([0, 0, 1, 1], [0, 21600, 0, 21600])
    """
    day, slot = np.divmod(slot, habits.shifts * habits.pitches)
    shift, pitch = np.divmod(slot, habits.pitches)
    later: Ints = shift * _SHIFT + pitch * (_LONGEST // habits.pitches)
    return day, later


def _of_the_day(crew: Ints, day: Ints, drawn: Array) -> Array:
    """Let what was drawn for a crew's first session of a day hold for all of them."""
    first = np.append(True, (crew[1:] != crew[:-1]) | (day[1:] != day[:-1]))
    found: Array = drawn[np.flatnonzero(first)[np.cumsum(first) - 1]]
    return found


def _season(
    world: World, rng: np.random.Generator, served: Ints
) -> tuple[Ints, Ints, Ints]:
    """Plan a crew's sessions: accounts in their order, sizes, and slots of days.

    Accounts are served about when their farm wished it, of several farms at once.
    """
    habits = world.design.crews
    slots = habits.shifts * habits.pitches
    wish = (world.registered_at[served] - world.start) / DAY
    order = np.argsort(wish + rng.normal(0, 2.0, len(served)), kind="stable")
    window = world.settings.days * slots
    size = group_sizes(
        rng, len(served), median=habits.median, spread=0.5, largest=habits.largest
    )
    if len(size) > window:
        ends = len(served) * np.arange(window + 1) // window
        size = ends[1:] - ends[:-1]
    middle = np.cumsum(size) - size // 2 - 1
    day = np.clip(wish[order][middle] * slots, 0, window - 1).astype(np.int64)
    # One session a slot: one that is taken pushes the next sessions on, and what
    # would fall behind the window's end comes before it.
    rank = np.arange(len(day))
    day = np.maximum.accumulate(day - rank) + rank
    day = np.minimum(day, window - len(day) + rank)
    return served[order], size, day


def _serve(
    world: World,
    rng: np.random.Generator,
    sessions: _Sessions,
    which: Ints,
    accounts: Ints,
) -> Attempts:
    """Show the code of every account to a passer-by; return the attempts."""
    habits = world.design.crews
    count = len(accounts)
    scanned = sessions.opens[which] + _along(rng, which, sessions.longest)
    live = rng.random(count) < sessions.live[which]
    age = np.where(
        live,
        seconds(rng, count, 9, 0.6),
        seconds(rng, count, habits.waiting_seconds, 0.8),
    )
    taps = lognormal(rng, count, 1, 0.4) * sessions.taps[which]
    took: Ints = np.clip(taps, 1, 15).astype(np.int64)
    issued = scanned - age
    wait = seconds(rng, count, 45, 0.9)
    early = (rng.random(count) < 0.12) * rng.integers(1800, 30 * 3600, count)
    early = np.where(issued - wait - early > world.start, early, 0)
    moved = np.maximum(issued - wait - early, world.start)
    if habits.keeps_pace:
        wished = world.registered_at[accounts]
        kept = (rng.random(count) < habits.keeps_pace) & (wished < issued - wait)
        moved = np.where(kept, wished, moved)
    world.registered_at[accounts] = moved
    away = rng.random(count) < habits.passers_from_afar
    visitors = any_cities(world, rng, count)
    city = np.where(away, visitors, sessions.places.city[which])
    passer = world.helpers_from(rng, city, again=0.03)
    return _at_stall(
        world,
        rng,
        sessions,
        which,
        _lure(world, sessions, which, passer),
        accounts,
        (issued, scanned, scanned + took),
        np.full(count, OK),
    )


def _along(rng: np.random.Generator, which: Ints, most: float) -> Ints:
    """Seconds from its session's opening to each scan, one after another."""
    pause = np.maximum(15, lognormal(rng, len(which), 150, 0.9))
    total = np.cumsum(pause)
    first = np.flatnonzero(np.append(True, which[1:] != which[:-1]))
    size = np.diff(np.append(first, len(which)))
    along = total - np.repeat(total[first] - pause[first], size)
    longest = np.repeat(along[first + size - 1], size)
    squeezed: Ints = (along * np.minimum(1, most / longest)).astype(np.int64)
    return squeezed


def _lure(world: World, sessions: _Sessions, which: Ints, passer: Ints) -> Ints:
    """Record passers-by as lured, unless they play another part; return them."""
    for team in np.unique(sessions.team[which]):
        ours = passer[sessions.team[which] == team]
        free = world.role[ours]
        lured = (free < 0) | (free == 4)
        world.join(int(team), ours[lured], "lured_helper")
    return passer


def _at_stall(
    world: World,
    rng: np.random.Generator,
    sessions: _Sessions,
    which: Ints,
    helper: Ints,
    helped: Ints,
    times: tuple[Ints, Ints, Ints],
    result: Ints,
) -> Attempts:
    """Record attempts at the stalls; times are those of issue, scan and success."""
    count = len(helper)
    where: Where = at_sites(
        world,
        rng,
        helper,
        sessions.places,
        which,
        on_wifi=world.design.crews.on_wifi,
        metres=14,
    )
    if world.design.crews.relayed:
        where = _some_elsewhere(world, rng, helper, where)
    attempts = Attempts(
        helper,
        helped,
        world.new_ids("codes", count),
        *times,
        result,
        where,
        sessions.team[which],
        np.full(count, STALL),
    )
    record(world, rng, attempts)
    return attempts


def _some_elsewhere(
    world: World, rng: np.random.Generator, helper: Ints, where: Where
) -> Where:
    """Let a share scan a picture of the code wherever they are, not at the stall."""
    home = world.whereabouts(rng, helper)
    relayed = rng.random(len(helper)) < world.design.crews.relayed
    return Where(
        np.where(relayed, home.ip, where.ip),
        np.where(relayed, home.wifi, where.wifi),
        np.where(relayed, home.latitude, where.latitude),
        np.where(relayed, home.longitude, where.longitude),
    )


def _failures(
    world: World,
    rng: np.random.Generator,
    sessions: _Sessions,
    which: Ints,
    done: Attempts,
) -> None:
    """Passers-by with whom it did not work: too late, walked away, helped before."""
    rows = np.flatnonzero(rng.random(len(which)) < world.design.crews.fails)
    count = len(rows)
    passer = world.helpers_from(rng, sessions.places.city[which[rows]])
    registered = world.registered_at[done.helped[rows]]
    # The code before the one that succeeded, of the same minutes.
    before = rng.integers(5, 90, count)
    issued = np.maximum(done.issued[rows] - before, registered)
    scanned = issued + seconds(rng, count, 12, 0.7)
    _at_stall(
        world,
        rng,
        sessions,
        which[rows],
        _lure(world, sessions, which[rows], passer),
        done.helped[rows],
        (issued, scanned, scanned),
        rng.choice([REFUSED, EXPIRED, CANCELLED], count, p=[0.25, 0.4, 0.35]),
    )


def _operators(
    world: World,
    rng: np.random.Generator,
    sessions: _Sessions,
    which: Ints,
    done: Attempts,
    town: Ints,
) -> None:
    """Let operators be there, and try a code with their own accounts now and then."""
    crews = len(town)
    staff = rng.integers(2, 5, crews)
    operators = world.claim_established(rng, np.repeat(town, staff))
    crew_of = np.resize(np.repeat(np.arange(crews), staff), len(operators))
    team = np.zeros(crews, dtype=np.int64)
    team[sessions.crew] = sessions.team
    for crew in np.unique(sessions.crew):
        world.join(int(team[crew]), operators[crew_of == crew], "operator")
    first = np.searchsorted(crew_of, np.arange(crews))
    many = np.bincount(crew_of, minlength=crews)
    rows = np.flatnonzero(rng.random(len(which)) < world.design.crews.tests)
    count = len(rows)
    crew = sessions.crew[which[rows]]
    operator = operators[
        np.minimum(
            first[crew] + rng.integers(0, np.maximum(many[crew], 1)), len(operators) - 1
        )
    ]
    # Tried at the stall, not when the farm registered, which may be the day before.
    issued = done.issued[rows] - rng.integers(5, 120, count)
    issued = np.maximum(issued, world.registered_at[done.helped[rows]])
    scanned = issued + rng.integers(2, 30, count)
    # Some succeed, which uses up the operator's own quota.
    tests = _at_stall(
        world,
        rng,
        sessions,
        which[rows],
        operator,
        done.helped[rows],
        (issued, scanned, scanned + rng.integers(2, 9, count)),
        rng.choice([CANCELLED, REFUSED, EXPIRED, OK], count, p=[0.15, 0.1, 0.05, 0.7]),
    )
    world.add(
        "logins",
        account_id=operator,
        device_id=world.login_device[operator],
        logged_in_at=scanned - rng.integers(60, 2400, count),
        method=np.zeros(count, dtype=np.int64),
        ip=tests.where.ip,
        wifi=tests.where.wifi,
    )
