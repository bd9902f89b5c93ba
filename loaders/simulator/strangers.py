"""Innocents who are helped by strangers: for kindness, for a gift, or for pay.

Nothing that the helped accounts do afterwards is different from what others do.
"""

import numpy as np

from loaders.simulator.geography import Ints
from loaders.simulator.helping import Manner, befriend, help_at_registration, rota_size
from loaders.simulator.newcomers import lose_race
from loaders.simulator.organisations import too_soon
from loaders.simulator.sites import (
    at_sites,
    new_sites,
    public_places,
    register_at,
    sites_of_places,
)
from loaders.simulator.world import DAY, World, any_cities, group_sizes, lognormal


def community_helpers(world: World, accounts: Ints) -> None:
    """Volunteers of a neighbourhood help old people, in its room or at their homes.

    A volunteer helps one a month, and tries now and then before the month is over.
    """
    rng = world.rng("community helpers")
    median = world.median("community_helper", 14)
    size = group_sizes(rng, len(accounts), median=median, spread=0.6, largest=60)
    at = 0
    for one in size:
        group = accounts[at : at + one]
        at += one
        city = any_cities(world, rng, 1)
        room = new_sites(world, rng, city)
        here = np.zeros(len(group), dtype=np.int64)
        register_at(world, rng, group, room, here, on_wifi=0.4)
        world.days_behind[group] += rng.exponential(60, len(group))
        world.zeal[group] *= 0.5
        group = group[np.argsort(world.registered_at[group], kind="stable")]
        staff = max(2, rota_size(world.registered_at[group], spare=1.1))
        staffs = world.claim_established(rng, np.repeat(city, staff))
        world.innocent(staffs, "community_helper")
        helper = staffs[np.arange(len(group)) % len(staffs)]
        where = at_sites(world, rng, helper, room, here, on_wifi=0.5, metres=120)
        manner = Manner(wait=90, code_age=35, confirm=14, by_number=0.25)
        when = help_at_registration(world, rng, helper, group, where, manner=manner)
        befriend(world, rng, helper, group, when, 0.25)
        too_soon(world, rng, group, staffs, share=0.1, site=room)
    world.innocent(accounts, "community_helper")


def campaigns(world: World, accounts: Ints) -> None:
    """Give a gift, as a bank, to whoever registers; promoters ask passers-by to help.

    One afternoon, one street, helpers whom the newcomer does not know, who are there
    once: all as at a stall. But people register on the spot, on their own phones.
    """
    rng = world.rng("campaigns")
    median = world.median("campaign", 20)
    size = group_sizes(rng, len(accounts), median=median, spread=0.6, largest=120)
    which = np.repeat(np.arange(len(size)), size)
    count = len(accounts)
    city = any_cities(world, rng, len(size))
    places = public_places(world, rng, city)
    opens = world.start + rng.integers(0, world.settings.days, len(size)) * DAY
    opens += rng.integers(2 * 3600, 9 * 3600, len(size))
    if world.stalls and world.design.crews.beside_event:
        pitch, at = (np.concatenate(part) for part in zip(*world.stalls, strict=True))
        some = rng.permutation(len(pitch))[: max(1, len(size) // 4)]
        places = sites_of_places(
            world, np.append(pitch[some], places.wifi)[: len(size)]
        )
        opens[: len(some)] = at[some][: len(size)]
    register_at(world, rng, accounts, places, which, on_wifi=0.25)
    along = rng.integers(0, 4 * 3600, count)
    world.registered_at[accounts] = np.minimum(opens[which] + along, world.end - 1)
    promoters = world.claim_established(rng, np.repeat(places.city, 3))
    world.innocent(promoters, "campaign")
    promoter = promoters[(which * 3 + rng.integers(0, 3, count)) % len(promoters)]
    passer = world.helpers_from(rng, places.city[which])
    helper = np.where(rng.random(count) < 0.15, promoter, passer)
    here = at_sites(world, rng, helper, places, which, on_wifi=0.2, metres=16)
    manner = Manner(wait=35, code_age=14, confirm=7, by_number=0.04, later=0.01)
    when = help_at_registration(world, rng, helper, accounts, here, manner=manner)
    befriend(world, rng, helper, accounts, when, 0.18, family=0.3)
    world.innocent(accounts, "campaign")


def fan_groups(world: World, accounts: Ints) -> None:
    """Fans register in the evening of a show; fans from elsewhere help them for fun.

    No tie before, far away, in one hour all over the country; some fans help again a
    month later. The newcomers chat a lot and harm nobody.
    """
    rng = world.rng("fan groups")
    median = world.median("fan_group", 35)
    size = group_sizes(rng, len(accounts), median=median, spread=0.8, largest=300)
    which = np.repeat(np.arange(len(size)), size)
    count = len(accounts)
    shows = world.start + rng.integers(0, world.settings.days, len(size)) * DAY
    shows += rng.integers(11 * 3600, 14 * 3600, len(size))
    late = lognormal(rng, count, 50 * 60, 0.8).astype(np.int64)
    world.registered_at[accounts] = np.minimum(shows[which] + late, world.end - 1)
    world.zeal[accounts] *= 1.8
    seniors = world.claim_established(rng, any_cities(world, rng, count // 4 + 1))
    world.innocent(seniors, "fan_group")
    senior = seniors[rng.integers(0, len(seniors), count)]
    anybody = world.helpers_from(rng, any_cities(world, rng, count))
    helper = np.where(rng.random(count) < 0.4, senior, anybody)
    manner = Manner(wait=120, code_age=110, confirm=14, by_number=0.1, fails=0.08)
    where = world.whereabouts(rng, helper)
    when = help_at_registration(world, rng, helper, accounts, where, manner=manner)
    befriend(world, rng, helper, accounts, when, 0.4)
    # A code that is posted to the group finds more than one who scans it.
    several = accounts[rng.random(count) < 0.4]
    late_ones = world.neighbours(rng, any_cities(world, rng, len(several)))
    lose_race(world, rng, late_ones, several)
    world.innocent(accounts, "fan_group")
