"""Batch unsealing: sealed accounts brought back by the dozen, for money.

A channel offers strangers to unseal accounts. It works in one of three ways: a *script*
fills the form with the same steps at a speed no hand has, at regular gaps, from a few
devices; an *office* does it by hand with practice, more than five a month on one phone,
with answers from a sheet; a *careful* one has a device for every two accounts and makes
friends first: a tie minutes before the help, and silence afterwards. Helpers are paid
and come back when their month is over, or before. The accounts go on as before.

Innocent: people who apply once (a friend helps, or they show their face), a grown child
who does it for the parents and aunts on one phone in one evening (`family_unsealing`),
a firm whose staff was sealed in one wave and applies from one line (`sealed_office`),
and the clerk of a phone shop who does it for customers all month (`unsealing_desk`),
with practice, on the shop's device.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from loaders.simulator.geography import Floats, Ints
from loaders.simulator.helping import UNSEAL_HELP, Attempts, record
from loaders.simulator.networks import deeds
from loaders.simulator.networks.deeds import Cast
from loaders.simulator.sites import at_sites, new_sites
from loaders.simulator.unsealing import (
    FACE,
    FRIEND,
    NON_FRIEND,
    STEP_SECONDS,
    STEPS,
    Applications,
    apply,
    by_hand,
    honest_application,
    opened,
    seal,
    unseal,
)
from loaders.simulator.world import (
    DAY,
    QUOTA,
    REFUSED,
    World,
    any_cities,
    lognormal,
    seconds,
)

PATTERN = 3
SCRIPT, OFFICE, CAREFUL = range(3)


def make(world: World) -> None:
    """Make the batches, their helpers, and everybody else who was sealed."""
    rng = world.rng("unsealing batch")
    cast = Cast(world, rng)
    _one_by_one(world, rng, cast)
    _families(world, rng, cast)
    _offices(world, rng, cast)
    _desks(world, rng, cast)
    deeds.everyday_posts(world, rng, ("unsealing_channel", "other"), share=0.012)
    for number in range(deeds.teams_of(world, rng, 12_000, 3)):
        _batch(world, rng, cast, number % 3)


def _batch(world: World, rng: np.random.Generator, cast: Cast, way: int) -> None:
    size = int(np.clip(lognormal(rng, 1, 48, 0.6)[0], 15, 220))
    accounts = cast.take(size)
    team = world.new_team("unsealing_batch")
    world.join(team, accounts, "unsealed_account")
    world.harm[accounts] = rng.gamma(2.0, 0.4, len(accounts)) * (
        rng.random(len(accounts)) < 0.6
    )
    world.zeal[accounts] *= 1.5
    at = _moments(world, rng, len(accounts), way)
    seal(world, rng, accounts, at)
    passed = rng.random(len(accounts)) < 0.85
    apply(world, _forms(world, rng, accounts, at, way, passed))
    sealed, at = accounts[passed], at[passed]
    _helped(world, rng, cast, team, sealed, at, friendly=(0.25, 0.4, 0.85)[way])
    _channel(world, rng, cast, team, at)


def _moments(world: World, rng: np.random.Generator, count: int, way: int) -> Ints:
    """Return when a batch applies, sorted: in sessions of its own rhythm."""
    session = {SCRIPT: 16, OFFICE: 7, CAREFUL: 3}[way]
    pause, spread = {SCRIPT: (240, 0.12), OFFICE: (600, 0.6), CAREFUL: (3_000, 0.9)}[
        way
    ]
    sessions = max(1, count // session)
    days = min(world.settings.days, {SCRIPT: 60, OFFICE: 75, CAREFUL: 88}[way])
    first = deeds.within(world, rng, days) // DAY * DAY
    which = np.sort(rng.integers(0, sessions, count))
    opens = first + np.sort(rng.integers(0, days, sessions)) * DAY
    opens = opens + world.moments(rng, sessions) % DAY
    gaps = lognormal(rng, count, pause * float(lognormal(rng, 1, 1, 0.3)[0]), spread)
    along = np.cumsum(gaps)
    at = opens[which] + (along - along[np.searchsorted(which, which)]).astype(np.int64)
    return np.sort(np.clip(at, world.start, world.end - DAY // 2))


def _forms(
    world: World,
    rng: np.random.Generator,
    accounts: Ints,
    at: Ints,
    way: int,
    passed: npt.NDArray[np.bool_],
) -> Applications:
    """Fill the forms on the batch's own devices, lines, answers and steps."""
    count = len(accounts)
    each = {SCRIPT: 9.0, OFFICE: 7.0, CAREFUL: 2.0}[way]
    shelf = max(1, round(count / each))
    devices = world.new_devices(shelf, rng.integers(0, 60, shelf))
    turn = np.arange(count) * shelf // count
    turn = np.where(rng.random(count) < 0.3, rng.integers(0, shelf, count), turn)
    towns = rng.integers(0, world.geography.cities, 2)
    blocks = np.concatenate(
        [world.geography.home.draw(rng, np.full(2, town)) for town in towns]
    )
    own = world.whereabouts(rng, accounts).ip
    dialled = rng.choice(blocks, count) * 256 + rng.integers(1, 255, count)
    masked = rng.random(count) < (0.7, 0.6, 0.1)[way]
    sheets = 1_000_000 + world.new_ids("sheets", 5)
    by_sheet = rng.random(count) < (0.7, 0.6, 0.2)[way]
    common = (rng.random(count) ** 2 * 60).astype(np.int64)
    answers = np.where(
        by_sheet,
        rng.choice(sheets, count),
        np.where(
            rng.random(count) < 0.25, common, world.new_ids("answers", count) + 1_000
        ),
    )
    region = world.region[accounts]
    claimed = np.where(rng.random(count) < (0.6, 0.4, 0.1)[way], towns[0], region)
    return Applications(
        accounts,
        at,
        np.where(rng.random(count) < (0.6, 0.5, 0.25)[way], NON_FRIEND, FRIEND),
        np.where(rng.random(count) < 0.1, world.login_device[accounts], devices[turn]),
        np.where(masked, dialled, own),
        claimed,
        answers,
        _steps(rng, count, way),
        passed,
    )


def _steps(rng: np.random.Generator, count: int, way: int) -> Floats:
    if way == SCRIPT:
        pace = STEP_SECONDS * rng.uniform(0.25, 0.8)
        wobble = np.exp(rng.normal(0, 0.04, (count, STEPS)))
        steps: Floats = np.round(pace * wobble, 1)
        return steps
    practice = 0.5 if way == OFFICE else 0.8
    return by_hand(rng, count, practice=practice, spread=0.4)


def _helped(
    world: World,
    rng: np.random.Generator,
    cast: Cast,
    team: int,
    sealed: Ints,
    at: Ints,
    *,
    friendly: float,
) -> None:
    """Let paid helpers take turns; some are "friends" since some minutes before."""
    within = np.searchsorted(at, at + QUOTA) - np.arange(len(at))
    wanted = max(3, int(within.max() * 1.1)) if len(at) else 3
    helpers = cast.take(wanted, of=world.may_help)
    if not len(helpers) or not len(sealed):
        return
    world.join(team, helpers, "platform_worker")
    turn = np.argsort(np.arange(len(sealed)) + rng.normal(0, 2, len(sealed)))
    helper = helpers[np.argsort(turn) % len(helpers)]
    befriended = rng.random(len(sealed)) < friendly
    minutes = seconds(rng, len(sealed), 1_200, 0.9)
    deeds.tie(
        world,
        helper[befriended],
        sealed[befriended],
        (at + 200 - np.minimum(minutes, 86_400))[befriended],
        deeds.FRIEND,
    )
    where = world.whereabouts(rng, helper)
    done = unseal(
        world, rng, helper, sealed, at, where, team=team, pattern=PATTERN, wait=900
    )
    _too_soon(world, rng, team, helpers, sealed, done)


def _too_soon(
    world: World,
    rng: np.random.Generator,
    team: int,
    helpers: Ints,
    sealed: Ints,
    done: Ints,
) -> None:
    """Add attempts of helpers whose month is not over."""
    rows = np.flatnonzero(rng.random(len(sealed)) < 0.18)
    helper = rng.choice(helpers, len(rows))
    scanned = done[rows] - rng.integers(20, 240, len(rows))
    count = len(rows)
    record(
        world,
        rng,
        Attempts(
            helper,
            sealed[rows],
            world.new_ids("codes", count),
            scanned - rng.integers(3, 60, count),
            scanned,
            scanned,
            np.full(count, REFUSED),
            world.whereabouts(rng, helper),
            np.full(count, team),
            np.full(count, PATTERN),
        ),
        purpose=UNSEAL_HELP,
    )


def _channel(
    world: World, rng: np.random.Generator, cast: Cast, team: int, at: Ints
) -> None:
    """Let the operators offer their service to strangers."""
    operators = cast.take(int(rng.integers(1, 4)))
    world.join(team, operators, "operator")
    count = int(rng.integers(5, 20))
    who = rng.choice(operators, count)
    offered = world.start + rng.integers(0, world.settings.days * DAY, count)
    offer = rng.choice(deeds.new_texts(world, 3), count)
    mine = rng.random(count) < 0.5
    deeds.post(
        world,
        rng,
        who,
        deeds.by_day(world, rng, offered),
        np.where(mine, deeds.topic("unsealing_channel"), deeds.topic("other")),
        text=offer,
        target=deeds.new_targets(world, 1)[0],
        in_groups=0.6,
    )


def _one_by_one(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let ordinary people apply, a few of them twice; friends help, or their face."""
    accounts = cast.take(round(world.existing * 0.012))
    count = len(accounts)
    at = np.minimum(world.moments(rng, count), world.end - DAY)
    seal(world, rng, accounts, at)
    method = rng.choice([FACE, FRIEND, NON_FRIEND], count, p=[0.3, 0.5, 0.2])
    made = honest_application(world, rng, accounts, at, method)
    apply(world, made)
    again = rng.random(count) < 0.15
    later = at[again] + rng.integers(600, 5 * DAY, int(again.sum()))
    apply(world, honest_application(world, rng, accounts[again], later, method[again]))
    face = made.passed & (method == FACE)
    opened(world, accounts[face], at[face] + 300)
    helped = np.flatnonzero(made.passed & (method != FACE))
    sealed = accounts[helped]
    helper = world.helpers_from(rng, world.city[sealed])
    friend = (method[helped] == FRIEND) | (rng.random(len(helped)) < 0.2)
    # Most friends are old ones; some made friends in the group where they asked.
    new = rng.random(len(helped)) < 0.12
    since = np.where(
        new,
        at[helped] - rng.integers(300, 2 * DAY, len(helped)),
        world.start - rng.integers(DAY, 900 * DAY, len(helped)),
    )
    deeds.tie(world, helper[friend], sealed[friend], since[friend], deeds.FRIEND)
    unseal(world, rng, helper, sealed, at[helped], world.whereabouts(rng, helper))


def _families(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let a grown child apply for two to five relatives in one evening."""
    for _ in range(max(2, round(world.existing * 0.0006))):
        city = int(any_cities(world, rng, 1)[0])
        group = cast.take(int(rng.integers(2, 6)), city=city)
        if not len(group):
            continue
        world.innocent(group, "family_unsealing")
        count = len(group)
        at = int(world.moments(rng, 1)[0]) + np.cumsum(seconds(rng, count, 420, 0.5))
        at = np.minimum(at, world.end - DAY)
        seal(world, rng, group, at)
        deeds.tie_group(world, rng, group, each=2, kind=deeds.FAMILY)
        made = honest_application(world, rng, group, at, np.full(count, FRIEND))
        device = np.full(count, world.login_device[group[0]])
        ip = np.full(count, world.home_ip[group[0]])
        steps = by_hand(rng, count, practice=0.8, spread=0.35)
        apply(world, replace(made, device=device, ip=ip, steps=steps))
        helper = world.helpers_from(rng, world.city[group])
        since = world.start - rng.integers(DAY, 900 * DAY, count)
        deeds.tie(world, helper, group, since, deeds.FAMILY)
        unseal(world, rng, helper, group, at, world.whereabouts(rng, helper))


def _offices(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let a firm whose staff was sealed in one wave apply within some hours."""
    for _ in range(max(2, round(world.existing / 25_000))):
        city = any_cities(world, rng, 1)
        site = new_sites(world, rng, city)
        group = cast.take(int(rng.integers(8, 45)), city=int(city[0]))
        count = len(group)
        if not count:
            continue
        world.innocent(group, "sealed_office")
        opens = int(world.moments(rng, 1)[0])
        at = np.minimum(
            opens + np.sort(seconds(rng, count, 3_600, 0.8)), world.end - DAY
        )
        seal(world, rng, group, np.full(count, at[0]))
        deeds.tie_group(world, rng, group, each=2)
        made = honest_application(world, rng, group, at, np.full(count, FRIEND))
        here = np.zeros(count, dtype=np.int64)
        line = at_sites(world, rng, group, site, here, on_wifi=0.75).ip
        apply(world, replace(made, ip=line))
        helper = world.helpers_from(rng, np.full(count, city[0]))
        known = rng.random(count) < 0.7
        since = world.start - rng.integers(DAY, 600 * DAY, count)
        deeds.tie(world, helper[known], group[known], since[known], deeds.FRIEND)
        where = at_sites(world, rng, helper, site, here, on_wifi=0.5)
        unseal(world, rng, helper, group, at, where)


def _desks(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let a clerk apply for customers at a shop's counter, all through the window."""
    for _ in range(max(2, round(world.existing / 20_000))):
        city = any_cities(world, rng, 1)
        site = new_sites(world, rng, city)
        group = cast.take(int(rng.integers(10, 50)), city=int(city[0]))
        count = len(group)
        if not count:
            continue
        world.innocent(group, "unsealing_desk")
        at = np.minimum(np.sort(world.moments(rng, count)), world.end - DAY)
        seal(world, rng, group, at)
        method = rng.choice([FACE, FRIEND, NON_FRIEND], count, p=[0.5, 0.3, 0.2])
        made = honest_application(world, rng, group, at, method)
        counter = world.new_devices(2, rng.integers(0, 60, 2))
        here = np.zeros(count, dtype=np.int64)
        line = at_sites(world, rng, group, site, here, on_wifi=0.85).ip
        apply(
            world,
            replace(
                made,
                device=rng.choice(counter, count),
                ip=line,
                steps=by_hand(rng, count, practice=0.55, spread=0.45),
            ),
        )
        face = method == FACE
        opened(world, group[face], at[face] + 300)
        rest = np.flatnonzero(~face)
        helper = world.helpers_from(rng, np.full(len(rest), city[0]))
        known = rng.random(len(rest)) < 0.6
        since = world.start - rng.integers(DAY, 600 * DAY, len(rest))
        deeds.tie(world, helper[known], group[rest][known], since[known], deeds.FAMILY)
        unseal(
            world, rng, helper, group[rest], at[rest], world.whereabouts(rng, helper)
        )
