"""Innocent gatherings: phone shops, offices, campuses, events and follow-code stalls.

What they share with collusion is a burst at one address; what they do not share is a
hand behind it: people bring their own phones, and mostly know who helps them.
"""

import numpy as np

from loaders.simulator.geography import Ints
from loaders.simulator.helping import FOLLOW, Manner, befriend, help_at_registration
from loaders.simulator.sites import (
    at_sites,
    new_sites,
    public_places,
    register_at,
    sites_of_places,
)
from loaders.simulator.world import DAY, World, any_cities, group_sizes


def phone_shops(world: World, accounts: Ints) -> None:
    """Let customers register in the shop, with a card from the shop's batch."""
    rng = world.rng("phone shops")
    median = world.median("phone_shop", 25)
    size = group_sizes(rng, len(accounts), median=median, spread=0.8, largest=250)
    which = np.repeat(np.arange(len(size)), size)
    count = len(accounts)
    city = any_cities(world, rng, len(size))
    shops = new_sites(world, rng, city)
    register_at(world, rng, accounts, shops, which, on_wifi=0.7)
    _shared_cards(world, rng, accounts, which, city, batches=3, share=0.7)
    first = np.cumsum(size) - size
    demo = rng.random(count) < 0.12
    world.device[accounts[demo]] = world.device[accounts[first[which[demo]]]]
    behind_counter = 2 + size // 30
    shop_of = np.repeat(np.arange(len(size)), behind_counter)
    clerks = world.claim_established(rng, city[shop_of])
    world.innocent(clerks, "phone_shop")
    begin = np.cumsum(behind_counter) - behind_counter
    clerk = clerks[
        (begin[which] + rng.integers(0, behind_counter[which])) % len(clerks)
    ]
    helper = world.helpers_from(rng, city[which])
    helper = np.where(rng.random(count) < 0.12, clerk, helper)
    here = at_sites(world, rng, helper, shops, which, on_wifi=0.4, metres=12)
    manner = Manner(wait=30, code_age=20, confirm=7)
    when = help_at_registration(world, rng, helper, accounts, here, manner=manner)
    befriend(world, rng, helper, accounts, when, 0.6, family=0.4)
    world.innocent(accounts, "phone_shop")


def _shared_cards(
    world: World,
    rng: np.random.Generator,
    accounts: Ints,
    which: Ints,
    city: Ints,
    *,
    batches: int,
    share: float,
) -> None:
    """Give a share of each group numbers of the few segments its cards come from."""
    cards = world.geography.segment.draw(rng, np.repeat(city, batches))
    given = np.flatnonzero(rng.random(len(accounts)) < share)
    card = which[given] * batches + rng.integers(0, batches, len(given))
    world.phone_prefix[accounts[given]] = cards[card]


def offices(world: World, accounts: Ints) -> None:
    """Whole teams register on their first day, helped by colleagues."""
    _first_days(world, accounts, "office", median=12, days=2, known=0.6, cards=0.0)


def campuses(world: World, accounts: Ints) -> None:
    """Freshmen register in a week, with the campus's cards, helped by elder ones."""
    _first_days(world, accounts, "campus", median=90, days=6, known=0.4, cards=0.6)


def _first_days(
    world: World,
    accounts: Ints,
    kind: str,
    *,
    median: float,
    days: int,
    known: float,
    cards: float,
) -> None:
    rng = world.rng(kind)
    median = world.median(kind, median)
    size = group_sizes(rng, len(accounts), median=median, spread=0.8, largest=900)
    which = np.repeat(np.arange(len(size)), size)
    city = any_cities(world, rng, len(size))
    sites = new_sites(world, rng, city)
    register_at(world, rng, accounts, sites, which, on_wifi=0.65)
    window = world.settings.days
    lasts = rng.integers(1, days + 1, len(size))
    begins = rng.integers(0, np.maximum(1, window - lasts))
    # Of the day only the hour is kept: which day is the group's matter.
    hour = world.moments(rng, len(accounts)) % DAY
    day = begins[which] + (rng.random(len(accounts)) * lasts[which]).astype(np.int64)
    world.registered_at[accounts] = world.start + np.minimum(day, window - 1) * DAY
    world.registered_at[accounts] += hour
    _shared_cards(world, rng, accounts, which, city, batches=4, share=cards)
    helper = world.helpers_from(rng, city[which])
    here = at_sites(world, rng, helper, sites, which, on_wifi=0.5, metres=60)
    manner = Manner(wait=60, code_age=25, confirm=9, by_number=0.12)
    when = help_at_registration(world, rng, helper, accounts, here, manner=manner)
    befriend(world, rng, helper, accounts, when, known)
    _know_each_other(world, rng, accounts, which, size)
    world.innocent(accounts, kind)


def _know_each_other(
    world: World, rng: np.random.Generator, accounts: Ints, which: Ints, size: Ints
) -> None:
    """Tie each to two others of its group, within days."""
    a = np.repeat(np.arange(len(accounts)), 2)
    first = (np.cumsum(size) - size)[which[a]]
    b = first + (rng.random(len(a)) * size[which[a]]).astype(np.int64)
    a, b = accounts[a[a != b]], accounts[b[a != b]]
    since = np.maximum(world.registered_at[a], world.registered_at[b])
    world.add(
        "ties",
        account_a=a,
        account_b=b,
        kind=np.where(rng.random(len(a)) < 0.5, 3, 0),
        since=since + rng.integers(60, 9 * DAY, len(a)),
    )


def events(world: World, accounts: Ints) -> None:
    """People register on their own phones, at one place, on one afternoon."""
    rng = world.rng("events")
    median = world.median("event", 22)
    size = group_sizes(rng, len(accounts), median=median, spread=0.7, largest=160)
    which = np.repeat(np.arange(len(size)), size)
    count = len(accounts)
    city = any_cities(world, rng, len(size))
    places = public_places(world, rng, city)
    register_at(world, rng, accounts, places, which, on_wifi=0.3)
    opens = _opens(world, rng, len(size))
    if world.design.crews.beside_event:
        _beside_stalls(world, rng, places.wifi, opens)
        places = sites_of_places(world, places.wifi)
        register_at(world, rng, accounts, places, which, on_wifi=0.3)
        city = places.city
    world.registered_at[accounts] = opens[which] + rng.integers(0, 4 * 3600, count)
    helper = world.helpers_from(rng, city[which])
    here = at_sites(world, rng, helper, places, which, on_wifi=0.25, metres=25)
    manner = Manner(wait=30, code_age=16, confirm=7, by_number=0.05, later=0.02)
    when = help_at_registration(world, rng, helper, accounts, here, manner=manner)
    befriend(world, rng, helper, accounts, when, 0.5, family=0.3)
    world.innocent(accounts, "event")


def _beside_stalls(
    world: World, rng: np.random.Generator, place: Ints, opens: Ints
) -> None:
    """Move events to where and when crews have put up a stall beside one."""
    if not world.stalls:
        return
    pitch, at = (np.concatenate(part) for part in zip(*world.stalls, strict=True))
    wanted = round(world.design.crews.beside_event * len(pitch))
    some = rng.permutation(len(pitch))[: min(wanted, len(place))]
    place[: len(some)] = pitch[some]
    early = rng.integers(0, 3600, len(some))
    opens[: len(some)] = np.maximum(at[some] - early, world.start)


def _opens(world: World, rng: np.random.Generator, count: int) -> Ints:
    day = rng.integers(0, world.settings.days, count)
    return world.start + day * DAY + rng.integers(3600, 9 * 3600, count)


def merchant_stalls(world: World, scans: int) -> None:
    """Merchants hand out gifts for following them: one code, many passers-by, once."""
    rng = world.rng("merchant stalls")
    median = world.median("merchant_stall", 30)
    size = group_sizes(rng, scans, median=median, spread=0.7, largest=200)
    if not len(size):
        return
    merchants = max(1, len(size) // 2)
    town = any_cities(world, rng, merchants)
    merchant = world.claim_established(rng, town)
    world.innocent(merchant, "merchant_stall")
    code = world.new_ids("codes", len(merchant))
    age = rng.integers(DAY, 200 * DAY, len(merchant))
    world.add(
        "codes",
        code_id=code,
        account_id=merchant,
        purpose=np.full(len(merchant), FOLLOW),
        issued_at=world.start - age,
    )
    stall_of = rng.integers(0, len(merchant), len(size))
    places = public_places(world, rng, world.city[merchant[stall_of]])
    which = np.repeat(np.arange(len(size)), size)
    opens = _opens(world, rng, len(size))[which]
    follower = world.neighbours(rng, places.city[which])
    scanned = opens + rng.integers(0, 4 * 3600, scans)
    here = at_sites(world, rng, follower, places, which, on_wifi=0.15, metres=20)
    ok = rng.random(scans) < 0.96
    world.add(
        "scans",
        scan_id=world.new_ids("scans", scans),
        scanner_id=follower,
        code_id=code[stall_of[which]],
        purpose=np.full(scans, FOLLOW),
        scanned_at=scanned,
        code_issued_at=(world.start - age)[stall_of[which]],
        confirmed_at=np.where(ok, scanned + rng.integers(1, 12, scans), -1),
        ip=here.ip,
        wifi=here.wifi,
        device_id=world.login_device[follower],
        latitude=here.latitude,
        longitude=here.longitude,
        result=np.where(ok, 0, 4),
    )
