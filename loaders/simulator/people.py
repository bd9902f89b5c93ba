"""Ordinary people: everybody, until a population says otherwise."""

import numpy as np

from loaders.simulator import names
from loaders.simulator.geography import CARRIERS
from loaders.simulator.world import DAY, World, lognormal


def populate(world: World) -> None:
    """Make every account an ordinary person: home, handset, number and habits."""
    rng = world.rng("people")
    count = world.accounts
    geography = world.geography
    habits = world.design.people
    world.new_ids("wifi", len(geography.place_city))
    world.city[:] = np.searchsorted(np.cumsum(geography.share), rng.random(count))
    np.clip(world.city, 0, geography.cities - 1, out=world.city)
    world.carrier[:] = rng.integers(0, CARRIERS, count)
    _homes(world, rng)
    _handsets(world, rng)
    age = rng.random(world.existing) ** 0.8 * 8 * 365 + 0.02
    world.registered_at[:] = world.moments(rng, count)
    hour = (world.registered_at[: world.existing] - world.start) % DAY
    world.registered_at[: world.existing] = (
        world.start - np.ceil(age).astype(np.int64) * DAY + hour
    )
    world.phone_prefix[:] = geography.segment.draw(rng, world.city, tilt=1.3)
    world.nickname[:] = names.nicknames(rng, count)
    elsewhere = rng.integers(0, len(geography.regions), count)
    world.region[:] = np.where(rng.random(count) < 0.85, world.city, elsewhere)
    world.region[rng.random(count) < 0.06] = -1
    new = np.arange(count) >= world.existing
    world.named[:] = rng.random(count) < np.where(new, habits.named[1], habits.named[0])
    world.pays[:] = world.named & (rng.random(count) < 0.92)
    world.pays[:] |= rng.random(count) < np.where(new, 0.1, 0.5)
    where = world.whereabouts(rng, np.arange(count))
    world.registration_ip[:] = where.ip
    world.registration_wifi[:] = where.wifi
    world.line_up()
    world.days_behind[:] = lognormal(rng, count, 18, 1.1)
    world.zeal[:] = lognormal(rng, count, 2.2, 1.1)
    world.acceptance[:] = rng.beta(*world.design.aftermath.welcome, count)
    world.wakes[:] = rng.exponential(3.0, count) * (rng.random(count) < 0.5)


def _homes(world: World, rng: np.random.Generator) -> None:
    """Give homes: established accounts share them, newcomers mostly do not yet."""
    count = world.accounts
    order = np.argsort(world.city[: world.existing], kind="stable")
    order = np.append(order, np.arange(world.existing, count))
    city = world.city[order]
    habits = world.design.people
    alone = np.where(order < world.existing, *habits.alone)
    starts = rng.random(count) < alone
    starts[1:] |= city[1:] != city[:-1]
    starts[0] = True
    home = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    homes = len(first)
    latitude, longitude = world.geography.scatter(
        rng, city[first], world.design.towns.spread
    )
    world.latitude[order] = latitude[home]
    world.longitude[order] = longitude[home]
    world.home_ip[order] = world.geography.home_address(rng, city[first])[home]
    wifi = world.new_ids("wifi", homes)
    wifi[rng.random(homes) < 0.08] = -1
    world.home_wifi[order] = wifi[home]
    # Handed down, or one phone for two: the account uses the device of the one before.
    shared = np.flatnonzero(~starts & (rng.random(count) < habits.handed_down))
    world.device[order[shared]] = world.device[order[shared - 1]]
    world.login_device[:] = world.device
    together = np.flatnonzero(~starts & (order < world.existing))
    world.family = np.column_stack([order[together], order[together - 1]])


def _handsets(world: World, rng: np.random.Generator) -> None:
    count = world.accounts
    model = names.models(rng, count)
    # The first devices are the accounts' own and have their numbers.
    world.models.append(model)
    flags = (rng.random(count) < 0.004) * 1 + (rng.random(count) < 0.03) * 2
    world.device_flags.append(flags.astype(np.int64))
    world.system[:] = names.systems(rng, model)[world.device]


def friendships(world: World) -> None:
    """Tie established accounts to their family and to others of their city."""
    rng = world.rng("friendships")
    a = rng.integers(0, world.existing, world.existing)
    b = world.neighbours(rng, world.city[a])
    kind = np.searchsorted([0.78, 0.79, 0.9], rng.random(len(a)))
    a = np.concatenate([a, world.family[:, 0]])
    b = np.concatenate([b, world.family[:, 1]])
    kind = np.concatenate([kind, np.ones(len(world.family), dtype=np.int64)])
    since = np.maximum(world.registered_at[a], world.registered_at[b])
    since += (rng.random(len(a)) * (world.start - since)).astype(np.int64)
    _newcomers_friends(world, rng)
    keep = a != b
    world.add(
        "ties", account_a=a[keep], account_b=b[keep], kind=kind[keep], since=since[keep]
    )


def _newcomers_friends(world: World, rng: np.random.Generator) -> None:
    """Let newcomers make friends: at home, or anywhere when sent out by a farm."""
    new = np.arange(world.existing, world.accounts)
    a = np.repeat(new, rng.poisson(world.design.people.friends, len(new)))
    anywhere = (world.role[a] >= 0) & (rng.random(len(a)) < 0.6)
    city = np.where(
        anywhere, rng.integers(0, world.geography.cities, len(a)), world.city[a]
    )
    since = world.registered_at[a] + (
        (world.wakes[a] + rng.exponential(9.0, len(a))) * DAY
    ).astype(np.int64)
    world.add(
        "ties",
        account_a=a,
        account_b=world.neighbours(rng, city),
        kind=np.searchsorted([0.84, 0.84, 0.94], rng.random(len(a))),
        since=since,
    )
