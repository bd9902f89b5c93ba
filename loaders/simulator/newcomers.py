"""Honest newcomers who come one by one: with family, friends, or by a busy address."""

import numpy as np

from loaders.simulator.geography import Groups, Ints
from loaders.simulator.helping import (
    NOBODY,
    Attempts,
    Manner,
    befriend,
    help_at_registration,
    record,
)
from loaders.simulator.markets import on_sale
from loaders.simulator.world import DAY, LOST, Where, World, seconds


def households(world: World, accounts: Ints) -> None:
    """Children and grandparents: registered at home, on the family's line."""
    rng = world.rng("households")
    helper = world.helpers_from(rng, world.city[accounts])
    _live_with(world, rng, accounts, helper, at_home=0.9)
    handed = rng.random(len(accounts)) < 0.25
    world.device[accounts[handed]] = world.device[helper[handed]]
    world.login_device[accounts] = world.device[accounts]
    here = world.whereabouts(rng, accounts, at_home=0.9)
    when = help_at_registration(world, rng, helper, accounts, here)
    befriend(world, rng, helper, accounts, when, 0.9, family=0.7)
    world.innocent(accounts, "household")


def _live_with(
    world: World,
    rng: np.random.Generator,
    accounts: Ints,
    whom: Ints,
    *,
    at_home: float,
) -> None:
    """Let each live with somebody, and register at home or about the town."""
    for name in ("city", "latitude", "longitude", "home_ip", "home_wifi"):
        column = getattr(world, name)
        column[accounts] = column[whom]
    world.phone_prefix[accounts] = world.geography.segment.draw(
        rng, world.city[accounts], tilt=1.3
    )
    home = world.whereabouts(rng, accounts, at_home=at_home)
    world.registration_ip[accounts] = home.ip
    world.registration_wifi[accounts] = home.wifi


def ordinary(world: World, accounts: Ints, name: str = "ordinary") -> None:
    """Everybody else: a friend helps, face to face or from afar; a few race."""
    rng = world.rng(name)
    habits = world.design.people
    helped = accounts[rng.random(len(accounts)) < habits.helped]
    elsewhere = rng.random(len(helped)) < habits.far
    city = np.where(
        elsewhere,
        rng.integers(0, world.geography.cities, len(helped)),
        world.city[helped],
    )
    helper = world.helpers_from(rng, city)
    beside = (rng.random(len(helped)) < habits.beside) & ~elsewhere
    near = world.whereabouts(rng, helped)
    far = world.whereabouts(rng, helper)
    together = rng.random(len(helped)) < 0.7
    # Side by side, the helper is on the same line or on mobile data.
    mobile = world.geography.mobile_address(rng, city, world.carrier[helper])
    here = Where(
        np.where(beside, np.where(together, near.ip, mobile), far.ip),
        np.where(beside, np.where(together, near.wifi, -1), far.wifi),
        np.where(beside, near.latitude, far.latitude),
        np.where(beside, near.longitude, far.longitude),
    )
    for apart in (False, True):
        rows = np.flatnonzero(beside != apart)
        manner = Manner(
            code_age=150 if apart else 18,
            confirm=16 if apart else 8,
            by_number=habits.by_number,
        )
        when = help_at_registration(
            world,
            rng,
            helper[rows],
            helped[rows],
            Where(
                here.ip[rows],
                here.wifi[rows],
                here.latitude[rows],
                here.longitude[rows],
            ),
            manner=manner,
        )
        share = habits.befriend
        befriend(world, rng, helper[rows], helped[rows], when, share, family=0.1)
    _races(world, rng, helped)


def _races(world: World, rng: np.random.Generator, helped: Ints) -> None:
    """Let a few post their code to the family group, where two scan it."""
    rows = helped[rng.random(len(helped)) < 0.05]
    loser = world.neighbours(rng, world.city[rows])
    scanned = lose_race(world, rng, loser, rows)
    befriend(world, rng, loser, rows, scanned, 0.8, family=0.3)


def lose_race(world: World, rng: np.random.Generator, loser: Ints, rows: Ints) -> Ints:
    """Let somebody scan each newcomer's code in vain, for another did; return when."""
    count = len(rows)
    issued = world.registered_at[rows] + seconds(rng, count, 60, 0.8)
    scanned = issued + seconds(rng, count, 60, 0.8)
    nothing = np.full(count, NOBODY)
    record(
        world,
        rng,
        Attempts(
            loser,
            rows,
            world.new_ids("codes", count),
            issued,
            scanned,
            scanned,
            np.full(count, LOST),
            world.whereabouts(rng, loser),
            nothing,
            nothing,
        ),
    )
    return scanned


def carrier_nat(world: World, accounts: Ints) -> None:
    """Everybody of a town behind the one address of a carrier."""
    rng = world.rng("carrier nat")
    busiest = world.geography.nat.of_group(0)[:1]
    count = len(accounts)
    exits = np.append(
        busiest, world.geography.nat.values[:: max(1, len(world.geography.nat.values))]
    )
    world.registration_ip[accounts] = rng.choice(exits, count)
    world.registration_wifi[accounts] = -1
    ordinary(world, accounts, "behind carrier nat")
    world.innocent(accounts, "carrier_nat")


def active_sellers(world: World, accounts: Ints) -> None:
    """Honest sellers: many requests and messages from the first day on."""
    rng = world.rng("sellers")
    world.zeal[accounts] = np.exp(rng.normal(2.9, 0.6, len(accounts)))
    world.acceptance[accounts] = rng.beta(2.2, 4.0, len(accounts))
    ordinary(world, accounts, "sellers' helps")
    world.innocent(accounts, "active_seller")


def side_accounts(world: World, accounts: Ints) -> None:
    """Further accounts of one person: a shop's, a streamer's, a club's.

    One to five at a time, within days, three in four of them on the phone that the
    owner uses anyway. Half are let in by the owner, the others by somebody near.
    """
    rng = world.rng("side accounts")
    owner_of = np.repeat(np.arange(len(accounts)), rng.integers(1, 6, len(accounts)))
    owner_of = owner_of[: len(accounts)]
    owner = world.helpers_from(rng, world.city[accounts])[owner_of]
    _live_with(world, rng, accounts, owner, at_home=0.7)
    first = world.registered_at[accounts][owner_of]
    later = first + (rng.exponential(2.0, len(accounts)) * DAY).astype(np.int64)
    world.registered_at[accounts] = np.minimum(later, world.end - 1)
    same = rng.random(len(accounts)) < 0.75
    world.device[accounts[same]] = world.device[owner[same]]
    world.login_device[accounts] = world.device[accounts]
    world.zeal[accounts] = np.exp(rng.normal(1.6, 0.8, len(accounts)))
    helped = rng.random(len(accounts)) < world.design.people.helped
    itself = rng.random(len(accounts)) < 0.5
    near = world.neighbours(rng, world.city[accounts])
    helper = np.where(itself, owner, near)[helped]
    here = world.whereabouts(rng, helper, at_home=0.8)
    when = help_at_registration(world, rng, helper, accounts[helped], here)
    befriend(world, rng, helper, accounts[helped], when, 0.5)
    world.innocent(accounts, "side_accounts")


def proxy_customers(world: World, accounts: Ints) -> None:
    """People who use the proxy exits that farms use too."""
    rng = world.rng("proxy customers")
    if world.market:
        exits = _bought(world, rng, world.market.exits, accounts, width=4)
    else:
        exits = rng.choice(world.geography.proxies, len(accounts))
    world.registration_ip[accounts] = exits
    night = accounts[rng.random(len(accounts)) < 0.3]
    world.registered_at[night] = world.moments(rng, len(night))
    ordinary(world, accounts, "proxy customers' helps")
    world.innocent(accounts, "proxy_customer")


def _bought(
    world: World,
    rng: np.random.Generator,
    stock: Groups,
    accounts: Ints,
    *,
    width: float,
) -> Ints:
    """Let each buy of some seller what is on sale when it registers."""
    when = (world.registered_at[accounts] - world.start) / DAY / world.settings.days
    seller = rng.integers(0, len(stock.count), len(accounts))
    return on_sale(rng, stock, seller, when, width=width)


def sim_batches(world: World, accounts: Ints) -> None:
    """People with a second number from the batches that everybody buys."""
    rng = world.rng("sim batches")
    batches = world.geography.sim_batches
    place = (rng.random(len(accounts)) ** 1.5 * len(batches)).astype(np.int64)
    if world.market:
        numbers = _bought(world, rng, world.market.numbers, accounts, width=4)
    else:
        numbers = batches[place]
    world.phone_prefix[accounts] = numbers
    ordinary(world, accounts, "sim batches' helps")
    world.innocent(accounts, "sim_batch")
