"""Laundering rings: money split over many clean accounts and gathered within hours.

A source has what victims of fraud or gamblers paid. It splits it over mules: real
names, old accounts, no history of harm, recruited with a part-time job. Each keeps one
in a hundred and passes the rest on within hours, to two or three collectors, by
transfer or to a payment code. Some mules lend out their payment code instead: strangers
in another city scan it and pay. Each mule works a few times a month. Where accounts are
rented too (`rental_ring`), some of those are mules as well.

Innocent: the payment code of a market stall (`market_stall`): many payers, emptied
every evening; shared bills (`shared_bill`); red packets on a holiday (`red_packet`):
from one to many in a minute, and onwards; a firm's pay day (`payroll`), after which
staff pay the same landlord and canteen.
"""

import numpy as np

from loaders.simulator.geography import Ints
from loaders.simulator.helping import PAY
from loaders.simulator.networks import deeds
from loaders.simulator.networks.deeds import Cast
from loaders.simulator.sites import Sites, at_sites, new_sites, public_places
from loaders.simulator.world import DAY, ROLES, World, any_cities, lognormal, seconds


def make(world: World) -> None:
    """Make the rings, and everybody else who splits or gathers money."""
    rng = world.rng("laundering ring")
    cast = Cast(world, rng)
    for _ in range(deeds.teams_of(world, rng, 20_000, 2)):
        _ring(world, rng, cast)
    _stalls(world, rng, cast)
    _bills(world, rng, cast)
    _red_packets(world, rng, cast)
    _pay_days(world, rng, cast)
    talked_of = ("part_time_job", "account_rental", "other")
    deeds.everyday_posts(world, rng, talked_of, share=0.02)
    deeds.everyday_money(world, rng, share=0.08, median=90_000)


def _ring(world: World, rng: np.random.Generator, cast: Cast) -> None:
    team = world.new_team("laundering_ring")
    size = int(np.clip(lognormal(rng, 1, 40, 0.6)[0], 12, 220))
    named = world.named[: world.existing] & world.pays[: world.existing]
    mules = cast.take(size, of=named)
    operators = cast.take(int(rng.integers(3, 6)), of=named)
    recruiters = cast.take(int(rng.integers(1, 3)))
    world.join(team, mules, "mule")
    world.join(team, operators, "operator")
    world.join(team, recruiters, "recruiter")
    rented = np.flatnonzero(world.role == ROLES.index("rented_account"))
    rented = rng.permutation(rented[world.named[rented]])[: size // 8]
    world.join(team, rented, "mule", keeps_role=True)
    mules = np.concatenate([mules, rented])
    if len(mules) < 3 or len(operators) < 3 or not len(recruiters):
        return
    sources, collectors = operators[:1], operators[1:]
    _hire(world, rng, recruiters, size)
    lends = rng.random(len(mules)) < 0.3
    for _ in range(int(rng.integers(8, 24))):
        _round(world, rng, mules[~lends], sources, collectors)
    _lent_codes(world, rng, mules[lends], collectors)
    losers = world.neighbours(rng, any_cities(world, rng, len(mules) // 8 + 2))
    at = world.start + rng.integers(5 * DAY, world.settings.days * DAY, len(losers))
    about = rng.choice(np.concatenate([mules, operators]), len(losers))
    deeds.complain(
        world,
        rng,
        about,
        losers,
        deeds.by_day(world, rng, at),
        {"fraud": 0.8, "account_trading": 0.1, "other": 0.1},
        verified=0.4,
    )


def _hire(world: World, rng: np.random.Generator, recruiters: Ints, size: int) -> None:
    count = size // 6 + 3
    at = world.start + rng.integers(0, world.settings.days * DAY, count)
    said = rng.random(count)
    kind = np.where(said < 0.4, deeds.topic("part_time_job"), deeds.topic("other"))
    kind = np.where(said > 0.8, deeds.topic("account_rental"), kind)
    deeds.post(
        world,
        rng,
        rng.choice(recruiters, count),
        deeds.by_day(world, rng, at),
        kind,
        text=rng.choice(deeds.new_texts(world, 2), count),
        target=deeds.new_targets(world, 1)[0],
        in_groups=0.6,
    )


def _round(
    world: World, rng: np.random.Generator, mules: Ints, sources: Ints, collectors: Ints
) -> None:
    """Split one sum over some of the mules, and gather it again within hours."""
    some = mules[rng.random(len(mules)) < rng.uniform(0.1, 0.3)]
    count = len(some)
    if not count:
        return
    opens = int(np.clip(world.moments(rng, 1)[0], world.start, world.end - DAY))
    at = opens + np.sort(seconds(rng, count, 3_600, 0.9))
    fen = deeds.money(rng, count, 100_000, 1.0)
    deeds.pay(world, rng.choice(sources, count), some, at, fen)
    later = at + seconds(rng, count, 5_000, 0.9)
    kept = rng.choice([0.98, 0.985, 0.99, 0.99, 1.0], count)
    collector = rng.choice(collectors, count)
    twice = rng.random(count) < 0.25
    whole = fen * kept
    deeds.pay(world, some, collector, later, np.where(twice, whole * 0.6, whole))
    rows = np.flatnonzero(twice)
    deeds.pay(
        world,
        some[rows],
        rng.choice(collectors, len(rows)),
        later[rows] + seconds(rng, len(rows), 1_800, 0.8),
        whole[rows] * 0.4,
    )


def _lent_codes(
    world: World, rng: np.random.Generator, mules: Ints, collectors: Ints
) -> None:
    """Let strangers in one other city pay to lent codes; the evening empties them."""
    if not len(mules):
        return
    town = any_cities(world, rng, 1)
    site = new_sites(world, rng, town)
    code = _pay_codes(world, rng, mules)
    row = np.repeat(np.arange(len(mules)), rng.poisson(14, len(mules)))
    if not len(row):
        return
    payer = world.neighbours(rng, np.full(len(row), town[0]))
    days = world.start + rng.integers(0, world.settings.days, len(row)) * DAY
    at = deeds.by_day(world, rng, days)
    fen = deeds.money(rng, len(row), 30_000, 0.9)
    spot = np.zeros(len(row), dtype=np.int64)
    _scan_and_pay(world, rng, payer, mules[row], code[row], at, fen, site, spot)
    _empty(world, rng, mules[row], at, fen, rng.choice(collectors, len(mules))[row])


def _pay_codes(world: World, rng: np.random.Generator, owners: Ints) -> Ints:
    code = world.new_ids("codes", len(owners))
    world.add(
        "codes",
        code_id=code,
        account_id=owners,
        purpose=np.full(len(owners), PAY),
        issued_at=world.start - rng.integers(DAY, 400 * DAY, len(owners)),
    )
    return code


def _scan_and_pay(
    world: World,
    rng: np.random.Generator,
    payer: Ints,
    payee: Ints,
    code: Ints,
    at: Ints,
    fen: Ints,
    sites: Sites,
    which: Ints,
) -> None:
    count = len(payer)
    here = at_sites(world, rng, payer, sites, which, on_wifi=0.1, metres=30)
    took = seconds(rng, count, 6, 0.6)
    world.add(
        "scans",
        scan_id=world.new_ids("scans", count),
        scanner_id=payer,
        code_id=code,
        purpose=np.full(count, PAY),
        scanned_at=at,
        confirmed_at=at + took,
        ip=here.ip,
        wifi=here.wifi,
        device_id=world.device_at(payer, at),
        latitude=here.latitude,
        longitude=here.longitude,
        result=np.zeros(count, dtype=np.int64),
    )
    deeds.pay(world, payer, payee, at + took, fen, code=code)


def _empty(
    world: World,
    rng: np.random.Generator,
    owner: Ints,
    at: Ints,
    fen: Ints,
    to: Ints,
) -> None:
    """Pay on at the end of each day what came in."""
    day = at // DAY
    key = owner * 100_000 + day
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    total = np.bincount(which, fen)
    last = np.zeros(len(first), dtype=np.int64)
    np.maximum.at(last, which, at)
    evening = last + seconds(rng, len(first), 5_400, 0.8)
    deeds.pay(world, owner[first], to[first], evening, total)


def _stalls(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let market stalls take payments by code, and pay suppliers in the evening."""
    for _ in range(max(3, round(world.existing / 1_500))):
        town = any_cities(world, rng, 1)
        owner = cast.take(1, city=int(town[0]))
        if not len(owner):
            continue
        world.innocent(owner, "market_stall")
        site = public_places(world, rng, town)
        count = int(np.clip(lognormal(rng, 1, 40, 0.7)[0], 8, 300))
        code = np.full(count, _pay_codes(world, rng, owner)[0])
        payer = world.neighbours(rng, np.full(count, town[0]))
        days = world.start + rng.integers(0, world.settings.days, count) * DAY
        at = deeds.by_day(world, rng, days)
        fen = deeds.money(rng, count, 9_000, 1.0)
        payee = np.full(count, owner[0])
        spot = np.zeros(count, dtype=np.int64)
        _scan_and_pay(world, rng, payer, payee, code, at, fen, site, spot)
        suppliers = world.neighbours(rng, np.full(2, town[0]))
        _empty(world, rng, payee, at, fen, rng.choice(suppliers, count))


def _bills(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """One pays for all, and the others pay their share within hours."""
    for _ in range(max(5, round(world.existing / 500))):
        town = int(any_cities(world, rng, 1)[0])
        friends = cast.take(int(rng.integers(3, 11)), city=town)
        if len(friends) < 3:
            continue
        world.innocent(friends, "shared_bill")
        deeds.tie_group(world, rng, friends, each=2, kind=deeds.FRIEND)
        for _ in range(int(rng.integers(1, 6))):
            host = rng.choice(friends)
            guests = friends[friends != host]
            at = int(world.moments(rng, 1)[0])
            share = int(deeds.money(rng, 1, 9_000, 0.6)[0])
            soon = at + seconds(rng, len(guests), 1_800, 1.2)
            place = world.neighbours(rng, np.array([town]))
            deeds.pay(world, guests, np.full(len(guests), host), soon, share)
            deeds.pay(
                world, np.array([host]), place, np.array([at]), share * len(friends)
            )


def _red_packets(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """On a holiday's evening one sends to many of a group, and some send onwards."""
    holiday = world.start + int(rng.integers(0, world.settings.days)) * DAY
    for _ in range(max(3, round(world.existing / 3_000))):
        town = int(any_cities(world, rng, 1)[0])
        group = cast.take(int(rng.integers(8, 40)), city=town)
        if len(group) < 3:
            continue
        world.innocent(group, "red_packet")
        deeds.tie_group(world, rng, group, each=2)
        for _ in range(int(rng.integers(1, 7))):
            sender = rng.choice(group)
            some = group[(rng.random(len(group)) < 0.6) & (group != sender)]
            at = holiday + int(rng.integers(10, 16) * 3600 + rng.integers(0, 3600))
            got = at + seconds(rng, len(some), 40, 1.0)
            fen = lognormal(rng, len(some), 900, 0.9)
            deeds.pay(world, np.full(len(some), sender), some, got, fen)
        thanks = group[rng.random(len(group)) < 0.3]
        elder = np.full(len(thanks), group[0])
        late = np.full(len(thanks), holiday + 15 * 3600) + rng.integers(
            0, 7_000, len(thanks)
        )
        deeds.pay(
            world, thanks, elder, late, deeds.money(rng, len(thanks), 20_000, 0.6)
        )


def _pay_days(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Pay a firm's staff in one hour; they pay landlord and canteen afterwards."""
    for _ in range(max(2, round(world.existing / 8_000))):
        town = int(any_cities(world, rng, 1)[0])
        employer = cast.take(1, city=town)
        staff = cast.take(
            int(np.clip(lognormal(rng, 1, 35, 0.6)[0], 8, 200)), city=town
        )
        hosts = cast.take(2, city=town)
        if not len(employer) or not len(staff) or not len(hosts):
            continue
        world.innocent(np.concatenate([employer, staff, hosts]), "payroll")
        deeds.tie_group(world, rng, staff, each=1)
        wage = deeds.money(rng, len(staff), 350_000, 0.35)
        first = int(rng.integers(0, 28))
        for month in range(world.settings.days // 30 + 1):
            day = world.start + (first + month * 30) * DAY
            at = day + 2 * 3600 + seconds(rng, len(staff), 1_500, 0.9)
            deeds.pay(world, np.full(len(staff), employer[0]), staff, at, wage)
            rent = staff[rng.random(len(staff)) < 0.5]
            due = day + seconds(rng, len(rent), 20 * 3_600, 0.9)
            fen = deeds.money(rng, len(rent), 90_000, 0.4)
            deeds.pay(world, rent, rng.choice(hosts, len(rent)), due, fen)
