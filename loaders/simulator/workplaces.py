"""Innocents who share a roof or a machine: dormitories, internet cafés, used phones."""

import numpy as np

from loaders.simulator import names
from loaders.simulator.geography import Ints
from loaders.simulator.helping import Manner, befriend, help_at_registration
from loaders.simulator.sites import at_sites, new_sites, register_at
from loaders.simulator.world import DAY, LOCAL, World, any_cities, group_sizes


def dormitories(world: World, accounts: Ints) -> None:
    """Workers of a factory: one line, the factory's cards, registered after the shift.

    They are hired in a few weeks, come from everywhere, and a workmate helps; many
    leave before they have become friends.
    """
    rng = world.rng("dormitories")
    median = world.median("dormitory", 70)
    size = group_sizes(rng, len(accounts), median=median, spread=0.9, largest=800)
    which = np.repeat(np.arange(len(size)), size)
    count = len(accounts)
    city = any_cities(world, rng, len(size))
    sites = new_sites(world, rng, city)
    register_at(world, rng, accounts, sites, which, on_wifi=0.7)
    world.region[accounts] = rng.integers(0, world.geography.cities, count)
    window = world.settings.days
    lasts = np.minimum(rng.integers(7, 35, len(size)), window)
    begins = rng.integers(0, window - lasts + 1)
    day = begins[which] + (rng.random(count) * lasts[which]).astype(np.int64)
    # After the day shift in the evening, or after the night shift in the morning.
    late = np.where(rng.random(count) < 0.5, 21, 7) + rng.random(count) * 3
    second = (late * 3600).astype(np.int64) - LOCAL
    at = world.start + np.minimum(day, window - 1) * DAY + second
    # Who has a day off does it at people's hours.
    free = world.moments(rng, count) % DAY + at // DAY * DAY
    at = np.where(rng.random(count) < 0.45, free, at)
    world.registered_at[accounts] = np.clip(at, world.start, world.end - 1)
    cards = world.geography.segment.draw(rng, np.repeat(city, 2))
    given = np.flatnonzero(rng.random(count) < 0.65)
    world.phone_prefix[accounts[given]] = cards[
        which[given] * 2 + rng.integers(0, 2, len(given))
    ]
    world.days_behind[accounts] += rng.exponential(40, count)
    mates = world.claim_established(rng, np.repeat(city, 1 + size // 3))
    roof = np.resize(np.repeat(np.arange(len(size)), 1 + size // 3), len(mates))
    mates = mates[np.argsort(roof, kind="stable")]
    many = np.maximum(np.bincount(roof, minlength=len(size)), 1)
    first = np.minimum(np.cumsum(many) - many, len(mates) - 1)
    mate = first[which] + (rng.random(count) * many[which]).astype(np.int64)
    helper = np.where(
        rng.random(count) < 0.3,
        mates[np.minimum(mate, len(mates) - 1)],
        world.helpers_from(rng, city[which]),
    )
    here = at_sites(world, rng, helper, sites, which, on_wifi=0.6, metres=50)
    manner = Manner(wait=80, code_age=22, confirm=8, by_number=0.15)
    when = help_at_registration(world, rng, helper, accounts, here, manner=manner)
    befriend(world, rng, helper, accounts, when, 0.45)
    world.innocent(accounts, "dormitory")


def internet_cafes(world: World, accounts: Ints) -> None:
    """Guests register on the machines of an internet café, many of them at night.

    The machines run the app in an emulator; an attendant helps who knows nobody there.
    """
    rng = world.rng("internet cafés")
    median = world.median("internet_cafe", 18)
    size = group_sizes(rng, len(accounts), median=median, spread=0.7, largest=150)
    which = np.repeat(np.arange(len(size)), size)
    count = len(accounts)
    city = any_cities(world, rng, len(size))
    cafes = new_sites(world, rng, city)
    register_at(world, rng, accounts, cafes, which, on_wifi=0.9)
    night = accounts[rng.random(count) < 0.35]
    day = (world.registered_at[night] - world.start) // DAY * DAY
    hours = (rng.integers(-2 * 3600, 5 * 3600, len(night)) - LOCAL) % DAY
    world.registered_at[night] = world.start + day + hours
    shelf = 2 + size // 5
    machine = world.new_devices(
        int(shelf.sum()),
        names.models(rng, int(shelf.sum())),
        emulator=rng.random(int(shelf.sum())) < 0.6,
    )
    first = np.cumsum(shelf) - shelf
    seated = rng.random(count) < 0.55
    seat = first[which] + (rng.random(count) * shelf[which]).astype(np.int64)
    world.device[accounts[seated]] = machine[seat[seated]]
    attendants = world.claim_established(rng, np.repeat(city, 2))
    world.innocent(attendants, "internet_cafe")
    attendant = attendants[(which * 2 + rng.integers(0, 2, count)) % len(attendants)]
    friend = world.helpers_from(rng, city[which])
    helper = np.where(rng.random(count) < 0.1, attendant, friend)
    here = at_sites(world, rng, helper, cafes, which, on_wifi=0.7, metres=10)
    manner = Manner(wait=50, code_age=25, confirm=8, later=0.04)
    when = help_at_registration(world, rng, helper, accounts, here, manner=manner)
    befriend(world, rng, helper, accounts, when, 0.6)
    world.innocent(accounts, "internet_cafe")


def used_phones(world: World, accounts: Ints) -> None:
    """People with a used phone: others registered on it before them, or after."""
    rng = world.rng("used phones")
    count = len(accounts)
    if not count:
        return
    # A phone goes through two to four hands within the window; the rest are of owners
    # from before.
    hands = group_sizes(rng, count, median=2.4, spread=0.3, largest=4)
    which = np.repeat(np.arange(len(hands)), hands)
    first = np.cumsum(hands) - hands
    phone = accounts[first[which]]
    old = rng.random(len(hands)) < 0.5
    owner = rng.integers(0, world.existing, len(hands))
    device = np.where(old[which], world.device[owner[which]], world.device[phone])
    world.device[accounts] = device
    world.login_device[accounts] = device
    world.system[accounts] = world.system[np.where(old, owner, phone[first])[which]]
    city = world.city[accounts]
    helper = world.helpers_from(rng, city)
    where = world.whereabouts(rng, helper)
    when = help_at_registration(world, rng, helper, accounts, where)
    befriend(world, rng, helper, accounts, when, 0.7, family=0.3)
    world.innocent(accounts, "used_phone")
