"""Loan rings: lenders without a licence, strangers as borrowers, and fees first.

Advertisers offer "money in five minutes" to nobody in particular. Of what a borrower
asks for, a fee is kept: 2,000 are agreed, 1,400 are paid out, and after seven days
2,000 are due. Who cannot pay rolls over: a fee now, the full sum a week later, again
and again. Who stops paying is harassed, and his friends with him: complaints of
malicious collection, about lenders and advertisers. Two in five rings take the fee
before they pay at all.

Innocent: friends who lend to friends (`lending_friend`); the staff of a licensed lender
(`licensed_lender`), many strangers as borrowers, paid out in full, monthly instalments,
declared with a licence; a savings club (`savings_club`), where each month one member
gets everybody's share; a shop that sells on credit (`credit_shop`): small sums now and
then, gathered at the end of the month; and whoever has a quarrel about money.
"""

import numpy as np

from loaders.simulator.geography import Ints
from loaders.simulator.networks import deeds
from loaders.simulator.networks.deeds import Cast
from loaders.simulator.organisations import declare
from loaders.simulator.world import DAY, World, any_cities, lognormal, seconds

_HARM = {
    "malicious_collection": 0.3,
    "illegal_loan": 0.15,
    "harassment": 0.2,
    "fraud": 0.2,
    "other": 0.15,
}


def make(world: World) -> None:
    """Make the rings, and everybody else who lends."""
    rng = world.rng("loan ring")
    cast = Cast(world, rng)
    for _ in range(deeds.teams_of(world, rng, 20_000, 2)):
        _ring(world, rng, cast)
    for number in range(deeds.teams_of(world, rng, 30_000, 2)):
        _licensed(world, rng, cast, number)
    _friends(world, rng, cast)
    _clubs(world, rng, cast)
    _shops(world, rng, cast)
    talked_of = ("illegal_loan", "advertising", "other")
    deeds.everyday_posts(world, rng, talked_of, share=0.02)
    deeds.everyday_money(world, rng, share=0.14, median=80_000)


def _ring(world: World, rng: np.random.Generator, cast: Cast) -> None:
    team = world.new_team("loan_ring")
    lenders = cast.take(int(rng.integers(2, 5)))
    advertisers = cast.take(int(rng.integers(3, 15)))
    borrowers = cast.take(int(np.clip(lognormal(rng, 1, 55, 0.6)[0], 15, 300)))
    world.join(team, lenders, "lender")
    world.join(team, advertisers, "advertiser")
    world.join(team, borrowers, "victim")
    if not len(lenders) or not len(borrowers) or not len(advertisers):
        return
    _advertise(world, rng, advertisers, len(borrowers))
    _loans(world, rng, lenders, borrowers, fee_first=rng.random() < 0.4)
    _collect(world, rng, lenders, advertisers, borrowers)
    monthly = np.repeat(advertisers, 2)
    at = world.start + rng.integers(0, world.settings.days * DAY, len(monthly))
    payer = rng.choice(lenders, len(monthly))
    fen = deeds.money(rng, len(monthly), 30_000, 0.6)
    deeds.pay(world, payer, monthly, deeds.by_day(world, rng, at), fen)


def _advertise(
    world: World, rng: np.random.Generator, advertisers: Ints, borrowers: int
) -> None:
    count = borrowers // 2 + 8
    at = world.start + rng.integers(0, world.settings.days * DAY, count)
    said = rng.random(count)
    kind = np.where(
        said < 0.35, deeds.topic("illegal_loan"), deeds.topic("advertising")
    )
    kind = np.where(said > 0.65, deeds.topic("other"), kind)
    deeds.post(
        world,
        rng,
        rng.choice(advertisers, count),
        deeds.by_day(world, rng, at),
        kind,
        text=rng.choice(deeds.new_texts(world, 5), count),
        target=rng.choice(deeds.new_targets(world, 2), count),
        in_groups=0.55,
        in_chats=0.2,
    )


def _loans(
    world: World,
    rng: np.random.Generator,
    lenders: Ints,
    borrowers: Ints,
    *,
    fee_first: bool,
) -> None:
    """Pay out less than agreed and take it all back a week later, or roll over."""
    count = len(borrowers)
    again = 1 + rng.poisson(0.4, count)
    who = np.repeat(borrowers, again)
    count = len(who)
    lender = np.repeat(rng.choice(lenders, len(borrowers)), again)
    agreed = np.maximum(
        10_000, deeds.money(rng, count, 120_000, 0.9) // 10_000 * 10_000
    )
    # Not all tables are the same: each ring has its fee, and some bargain.
    fee = np.clip(rng.uniform(0.2, 0.35) + rng.normal(0, 0.02, count), 0.1, 0.45)
    at = world.start + rng.integers(0, world.settings.days * DAY, count)
    at = deeds.by_day(world, rng, at)
    if fee_first:
        before = at - seconds(rng, count, 2_400, 0.8)
        deeds.pay(world, who, lender, before, agreed * fee)
        deeds.pay(world, lender, who, at, agreed)
    else:
        deeds.pay(world, lender, who, at, agreed * (1 - fee))
    term = int(rng.choice([7, 7, 7, 10, 14])) * DAY
    rolls = np.minimum(rng.geometric(0.55, count) - 1, 5)
    for number in range(5):
        rows = np.flatnonzero(rolls > number)
        due = at[rows] + (number + 1) * term + rng.integers(-DAY, DAY, len(rows))
        rolled = agreed[rows] * fee[rows]
        deeds.pay(world, who[rows], lender[rows], due, rolled)
    pays = rng.random(count) < 0.75
    due = at + (rolls + 1) * term + rng.integers(-DAY, DAY, count)
    deeds.pay(world, who[pays], lender[pays], due[pays], agreed[pays])


def _collect(
    world: World,
    rng: np.random.Generator,
    lenders: Ints,
    advertisers: Ints,
    borrowers: Ints,
) -> None:
    """File the complaints of borrowers, and of friends who are harassed with them."""
    some = borrowers[rng.random(len(borrowers)) < 0.35]
    times = np.repeat(some, rng.integers(1, 3, len(some)))
    friend = world.neighbours(rng, world.city[times])
    by = np.where(rng.random(len(times)) < 0.3, friend, times)
    about = np.where(
        rng.random(len(times)) < 0.7,
        rng.choice(lenders, len(times)),
        rng.choice(advertisers, len(times)),
    )
    at = world.start + rng.integers(10 * DAY, world.settings.days * DAY, len(times))
    at = deeds.by_day(world, rng, at)
    deeds.complain(world, rng, about, by, at, _HARM, verified=0.45)


def _licensed(world: World, rng: np.random.Generator, cast: Cast, number: int) -> None:
    """Lend with a licence: paid out in full, back in monthly instalments."""
    staff = cast.take(int(rng.integers(2, 5)))
    advertisers = cast.take(int(rng.integers(2, 8)))
    borrowers = cast.take(int(np.clip(lognormal(rng, 1, 90, 0.5)[0], 20, 400)))
    if not len(staff) or not len(borrowers):
        return
    both = np.concatenate([staff, advertisers])
    world.innocent(both, "licensed_lender")
    if rng.random() < 0.7:
        declare(world, rng, "account", both, f"Lender {number + 1}", True)
    if len(advertisers):
        _advertise(world, rng, advertisers, len(borrowers))
    count = len(borrowers)
    lender = rng.choice(staff, count)
    lent = rng.choice([100_000, 200_000, 300_000, 500_000, 1_000_000], count)
    at = world.start + rng.integers(-60 * DAY, world.settings.days * DAY, count)
    at = at // DAY * DAY + rng.integers(3_600, 9 * 3_600, count)
    deeds.pay(world, lender, borrowers, at, lent)
    months = rng.choice([3, 6, 12], count)
    rate = 1 + rng.uniform(0.02, 0.12, count)
    for month in range(1, 6):
        rows = np.flatnonzero((months >= month) & (rng.random(count) < 0.93))
        due = at[rows] + month * 30 * DAY + rng.integers(-DAY, 3 * DAY, len(rows))
        part = lent[rows] * rate[rows] / months[rows]
        deeds.pay(world, borrowers[rows], lender[rows], due, part)
    cross = borrowers[rng.random(count) < 0.12]
    filed = world.start + rng.integers(5 * DAY, world.settings.days * DAY, len(cross))
    about = rng.choice(staff, len(cross))
    deeds.complain(world, rng, about, cross, filed, _HARM, verified=0.1)


def _friends(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Lend to a friend or three, and get it back some day, or in parts, or not."""
    lenders = cast.take(round(world.existing * 0.012))
    world.innocent(lenders, "lending_friend")
    lender = np.repeat(lenders, np.minimum(rng.geometric(0.6, len(lenders)), 6))
    count = len(lender)
    friend = world.neighbours(rng, world.city[lender])
    since = world.start - rng.integers(DAY, 900 * DAY, count)
    known = rng.random(count) < 0.85
    deeds.tie(world, lender[known], friend[known], since[known], deeds.FRIEND)
    fen = deeds.money(rng, count, 120_000, 0.9)
    at = deeds.by_day(
        world, rng, world.start + rng.integers(0, world.settings.days * DAY, count)
    )
    deeds.pay(world, lender, friend, at, fen)
    parts = np.minimum(rng.geometric(0.7, count), 4)
    for part in range(4):
        rows = np.flatnonzero((parts > part) & (rng.random(count) < 0.85))
        later = at[rows] + (part + 1) * seconds(rng, len(rows), 12 * DAY, 0.7)
        # Now and then with something on top, for the friend's kindness.
        thanks = np.where(rng.random(len(rows)) < 0.2, 1.1, 1.0)
        deeds.pay(
            world, friend[rows], lender[rows], later, fen[rows] / parts[rows] * thanks
        )
    angry = np.flatnonzero(rng.random(count) < 0.04)
    filed = np.minimum(at[angry] + 20 * DAY, world.end - 60)
    deeds.complain(world, rng, lender[angry], friend[angry], filed, _HARM, verified=0.1)


def _clubs(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let members of a savings club pay in every month; one of them gets it all."""
    for _ in range(max(2, round(world.existing / 6_000))):
        town = int(any_cities(world, rng, 1)[0])
        club = cast.take(int(rng.integers(6, 20)), city=town)
        if len(club) < 3:
            continue
        world.innocent(club, "savings_club")
        deeds.tie_group(world, rng, club, each=2)
        share = int(rng.choice([50_000, 100_000, 200_000]))
        first = int(rng.integers(0, 28))
        for month in range(world.settings.days // 30 + 1):
            winner = np.full(len(club), club[month % len(club)])
            day = world.start + (first + month * 30) * DAY
            at = day + rng.integers(3_600, 14 * 3_600, len(club))
            deeds.pay(world, club, winner, at, share)


def _shops(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Sell on credit: customers pay at the end of the month what they owe."""
    for _ in range(max(2, round(world.existing / 6_000))):
        town = int(any_cities(world, rng, 1)[0])
        shop = cast.take(1, city=town)
        if not len(shop):
            continue
        world.innocent(shop, "credit_shop")
        count = int(np.clip(lognormal(rng, 1, 35, 0.5)[0], 10, 150))
        customers = np.unique(world.neighbours(rng, np.full(count, town)))
        for month in range(world.settings.days // 30):
            rows = customers[rng.random(len(customers)) < 0.7]
            day = world.start + (28 + month * 30) * DAY
            at = day + rng.integers(0, 3 * DAY, len(rows))
            owed = deeds.money(rng, len(rows), 25_000, 0.7)
            deeds.pay(world, rows, np.full(len(rows), shop[0]), at, owed)
            back = rows[rng.random(len(rows)) < 0.05]
            refund = deeds.money(rng, len(back), 8_000, 0.5)
            late = np.full(len(back), day + 4 * DAY)
            deeds.pay(world, np.full(len(back), shop[0]), back, late, refund)
