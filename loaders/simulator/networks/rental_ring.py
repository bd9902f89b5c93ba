"""Account rental: people hand over their accounts for money, and others are cheated.

Recruiters post "rent your account", in groups and moments; sellers trade several
accounts, other owners rent theirs out once, for a few dozen yuan. A broker pays them.
Hand-over is by code (a login code is shown to the operator's device, the owner scans it
at home) or by password. From then on the account is used in another city, at the
operator's hours, on a device that other such accounts have been on. Strangers are
written to; some lose money and complain. After some weeks many accounts are given back.

Innocent: a new phone (`new_phone`), a tablet that a family shares (`family_tablet`),
the customer-service desk of a firm (`service_desk`: a dozen accounts move through three
devices, in shifts; some are declared), and people on a journey, who log in elsewhere,
on a hotel's or a friend's device as well (`journey`).
"""

from dataclasses import dataclass

import numpy as np

from loaders.simulator import names
from loaders.simulator.background import BY_QR, PASSWORD, SMS
from loaders.simulator.geography import Floats, Ints
from loaders.simulator.helping import LOGIN
from loaders.simulator.networks import deeds
from loaders.simulator.networks.deeds import Cast
from loaders.simulator.organisations import declare
from loaders.simulator.sites import new_sites
from loaders.simulator.world import (
    DAY,
    OK,
    Where,
    World,
    any_cities,
    lognormal,
    seconds,
)

_HARM = {"fraud": 0.5, "account_trading": 0.15, "spam": 0.2, "other": 0.15}


@dataclass(frozen=True)
class Move:
    """Accounts that go to other devices: when, where to, for how long, and how."""

    accounts: Ints
    at: Ints
    until: Ints
    device: Ints
    ip: Ints
    wifi: Ints
    by_code: float
    zeal: Floats


def make(world: World) -> None:
    """Make the rings, and everybody else whose account is used somewhere new."""
    rng = world.rng("rental ring")
    cast = Cast(world, rng)
    for _ in range(deeds.teams_of(world, rng, 15_000, 2)):
        _ring(world, rng, cast)
    _new_phones(world, rng, cast)
    _tablets(world, rng, cast)
    _desks(world, rng, cast)
    _journeys(world, rng, cast)
    talked_of = ("account_rental", "account_recycling", "part_time_job", "other")
    deeds.everyday_posts(world, rng, talked_of, share=0.03)
    deeds.everyday_money(world, rng, share=0.03, median=25_000)


def _ring(world: World, rng: np.random.Generator, cast: Cast) -> None:
    team = world.new_team("rental_ring")
    size = int(np.clip(lognormal(rng, 1, 32, 0.6)[0], 10, 180))
    rented = cast.take(size)
    sellers = cast.take(max(1, size // 12))
    recruiters = cast.take(int(rng.integers(2, 6)))
    brokers = cast.take(int(rng.integers(1, 3)))
    town = int(any_cities(world, rng, 1)[0])
    operators = cast.take(int(rng.integers(1, 3)), city=town)
    for accounts, role in (
        (rented, "rented_account"),
        (sellers, "seller"),
        (recruiters, "recruiter"),
        (brokers, "broker"),
        (operators, "operator"),
    ):
        world.join(team, accounts, role)
    if not len(rented) or not len(brokers):
        return
    at = _hand_overs(world, rng, rented, town)
    _recruit(world, rng, recruiters, len(rented))
    _money(world, rng, rented, sellers, brokers, operators, at)
    _victims(world, rng, cast, team, rented, brokers, at)


def _hand_overs(
    world: World, rng: np.random.Generator, rented: Ints, town: int
) -> Ints:
    """Move the accounts to the operators' devices; return when."""
    count = len(rented)
    rooms = max(1, count // 30)
    site = new_sites(world, rng, np.full(rooms, town))
    each = rng.uniform(2.0, 7.0)
    shelf = max(1, round(count / each))
    devices = world.new_devices(shelf, names.models(rng, shelf))
    which = rng.integers(0, shelf, count)
    room = which * rooms // shelf
    days = min(world.settings.days, int(rng.integers(30, 80)))
    at = deeds.within(world, rng, days) + rng.integers(0, days * DAY, count)
    at = deeds.by_day(world, rng, np.clip(at, world.start + DAY, world.end - 2 * DAY))
    rents = rng.random(count) < 0.5
    until = np.where(rents, at + rng.integers(7, 40, count) * DAY, 1 << 40)
    line = site.ip[room]
    mobile = world.geography.mobile_address(
        rng, np.full(count, town), world.carrier[rented]
    )
    at_room = rng.random(count) < 0.65
    move = Move(
        rented,
        at,
        until,
        devices[which],
        np.where(at_room, line, mobile),
        np.where(at_room, site.wifi[room], -1),
        0.6,
        lognormal(rng, count, 5.0, 0.7),
    )
    move_out(world, rng, move, logins=5.0)
    return at


def move_out(
    world: World, rng: np.random.Generator, move: Move, *, logins: float
) -> None:
    """Hand accounts over and let them be used there, so many logins in the mean."""
    _arrive(world, rng, move)
    accounts = move.accounts
    world.moved_at[accounts] = move.at
    world.moved_until[accounts] = move.until
    world.moved_to[accounts] = move.device
    world.moved_ip[accounts] = move.ip
    world.moved_wifi[accounts] = move.wifi
    world.moved_zeal[accounts] = move.zeal
    rows = np.repeat(np.arange(len(accounts)), rng.poisson(logins, len(accounts)))
    last = np.minimum(move.until, world.end)[rows]
    when = move.at[rows] + (rng.random(len(rows)) * (last - move.at[rows])).astype(int)
    when = deeds.by_day(world, rng, when)
    keep = (when > move.at[rows]) & (when < last)
    rows, when = rows[keep], when[keep]
    where = _where(move, rows)
    method = rng.choice([PASSWORD, SMS], len(rows), p=[0.7, 0.3])
    deeds.log_in(world, accounts[rows], move.device[rows], when, where, method)


def _where(move: Move, rows: Ints) -> Where:
    nowhere = np.full(len(rows), np.nan)
    return Where(move.ip[rows], move.wifi[rows], nowhere, nowhere)


def _arrive(world: World, rng: np.random.Generator, move: Move) -> None:
    """Log in on the new device: by a code that the owner scans, or a password."""
    count = len(move.accounts)
    scans = rng.random(count) < move.by_code
    code = np.full(count, -1, dtype=np.int64)
    rows = np.flatnonzero(scans)
    code[rows] = world.new_ids("codes", len(rows))
    method = np.where(scans, BY_QR, rng.choice([PASSWORD, SMS], count, p=[0.7, 0.3]))
    where = _where(move, np.arange(count))
    deeds.log_in(world, move.accounts, move.device, move.at, where, method, code=code)
    owner, at = move.accounts[rows], move.at[rows]
    issued = at - seconds(rng, len(rows), 16, 0.8)
    here = world.whereabouts(rng, owner)
    world.add(
        "codes",
        code_id=code[rows],
        account_id=owner,
        purpose=np.full(len(rows), LOGIN),
        issued_at=issued,
    )
    world.add(
        "scans",
        scan_id=world.new_ids("scans", len(rows)),
        scanner_id=owner,
        code_id=code[rows],
        purpose=np.full(len(rows), LOGIN),
        scanned_at=at - 1,
        code_issued_at=issued,
        confirmed_at=at,
        ip=here.ip,
        wifi=here.wifi,
        device_id=world.login_device[owner],
        latitude=here.latitude,
        longitude=here.longitude,
        result=np.full(len(rows), OK),
    )


def _recruit(
    world: World, rng: np.random.Generator, recruiters: Ints, accounts: int
) -> None:
    count = accounts // 3 + 4
    if not len(recruiters):
        return
    at = world.start + rng.integers(0, world.settings.days * DAY, count)
    names_of = ("account_rental", "account_recycling", "part_time_job", "other")
    topics = rng.choice(
        [deeds.topic(n) for n in names_of], count, p=[0.3, 0.15, 0.25, 0.3]
    )
    deeds.post(
        world,
        rng,
        rng.choice(recruiters, count),
        deeds.by_day(world, rng, at),
        topics,
        text=rng.choice(deeds.new_texts(world, 4), count),
        target=rng.choice(deeds.new_targets(world, 2), count),
        in_groups=0.5,
    )


def _money(
    world: World,
    rng: np.random.Generator,
    rented: Ints,
    sellers: Ints,
    brokers: Ints,
    operators: Ints,
    at: Ints,
) -> None:
    """Let brokers pay owners and sellers, and operators pay brokers."""
    count = len(rented)
    broker = rng.choice(brokers, count)
    paid = rng.random(count) < 0.7
    soon = at + seconds(rng, count, 3 * 3600, 1.0)
    fen = deeds.money(rng, count, 7_000, 1.0)
    deeds.pay(world, broker[paid], rented[paid], soon[paid], fen[paid])
    if len(sellers):
        sold = rng.random(count) < 0.5
        seller = rng.choice(sellers, count)
        deeds.pay(
            world,
            broker[sold],
            seller[sold],
            soon[sold] + 3_600,
            deeds.money(rng, int(sold.sum()), 12_000, 0.5),
        )
    if len(operators):
        weekly = rng.integers(0, count, max(3, count // 5))
        deeds.pay(
            world,
            rng.choice(operators, len(weekly)),
            broker[weekly],
            at[weekly] + DAY,
            deeds.money(rng, len(weekly), 60_000, 0.6),
        )


def _victims(
    world: World,
    rng: np.random.Generator,
    cast: Cast,
    team: int,
    rented: Ints,
    brokers: Ints,
    at: Ints,
) -> None:
    """Cheat strangers from the rented accounts; they pay, and complain."""
    number = rng.poisson(0.7, len(rented))
    by = np.repeat(np.arange(len(rented)), number)
    victims = cast.take(len(by))
    by = by[: len(victims)]
    if not len(by):
        return
    world.join(team, victims, "victim")
    met = at[by] + seconds(rng, len(by), 3 * DAY, 0.9)
    met = np.minimum(met, world.end - DAY)
    loses = rng.random(len(by)) < 0.7
    fen = deeds.money(rng, len(by), 40_000, 1.1)
    deeds.pay(world, victims[loses], rented[by[loses]], met[loses], fen[loses])
    passed_on = met + seconds(rng, len(by), 2_400, 0.9)
    broker = rng.choice(brokers, len(by))
    deeds.pay(
        world, rented[by[loses]], broker[loses], passed_on[loses], fen[loses] * 0.95
    )
    filed = np.minimum(met + seconds(rng, len(by), DAY, 1.0), world.end - 60)
    tells = rng.random(len(by)) < 0.75
    deeds.complain(world, rng, rented[by[tells]], victims[tells], filed[tells], _HARM)


def _new_phones(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Move to a new phone: the old one scans its login code, at home."""
    owners = cast.take(round(world.existing * 0.02))
    world.innocent(owners, "new_phone")
    count = len(owners)
    at = np.clip(world.moments(rng, count), world.start + DAY, world.end - DAY)
    # One in five was given or sold on to a friend, or came from one.
    device = world.new_devices(count, names.models(rng, count))
    used = rng.random(count) < 0.12
    device = np.where(
        used, world.device[world.neighbours(rng, world.city[owners])], device
    )
    move = Move(
        owners,
        at,
        np.full(count, 1 << 40),
        device,
        world.home_ip[owners],
        world.home_wifi[owners],
        0.5,
        world.zeal[owners],
    )
    move_out(world, rng, move, logins=3.0)


def _tablets(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let two to five of a family log in on one tablet, at home, now and then."""
    for _ in range(max(3, round(world.existing * 0.001))):
        city = int(any_cities(world, rng, 1)[0])
        group = cast.take(int(rng.integers(2, 6)), city=city)
        if not len(group):
            continue
        world.innocent(group, "family_tablet")
        deeds.tie_group(world, rng, group, each=2, kind=deeds.FAMILY)
        tablet = world.new_devices(1, names.models(rng, 1))
        who = np.repeat(group, rng.integers(2, 7, len(group)))
        at = world.moments(rng, len(who))
        home = np.full(len(who), group[0])
        nowhere = np.full(len(who), np.nan)
        where = Where(world.home_ip[home], world.home_wifi[home], nowhere, nowhere)
        method = rng.choice([PASSWORD, SMS], len(who), p=[0.7, 0.3])
        device = np.full(len(who), tablet[0])
        deeds.log_in(world, who, device, at, where, method)


def _desks(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let a firm's service accounts move through a few devices, in shifts."""
    for number in range(max(2, round(world.existing / 9_000))):
        town = int(any_cities(world, rng, 1)[0])
        site = new_sites(world, rng, np.array([town]))
        size = int(np.clip(lognormal(rng, 1, 14, 0.5)[0], 5, 60))
        local = cast.take(size // 2, city=town)
        group = np.concatenate([local, cast.take(size - len(local))])
        world.innocent(group, "service_desk")
        count = len(group)
        shelf = max(2, count // 4)
        devices = world.new_devices(shelf, names.models(rng, shelf))
        deeds.tie_group(world, rng, group, each=1)
        # A new desk: the accounts come over within some weeks, by code or password.
        days = min(world.settings.days - 3, 40)
        at = deeds.within(world, rng, days) + rng.integers(0, days * DAY, count)
        at = np.clip(deeds.by_day(world, rng, at), world.start + DAY, world.end - DAY)
        move = Move(
            group,
            at,
            np.full(count, 1 << 40),
            rng.choice(devices, count),
            np.full(count, site.ip[0]),
            np.full(count, site.wifi[0]),
            0.5,
            lognormal(rng, count, 5.0, 0.6),
        )
        move_out(world, rng, move, logins=4.0)
        # A shift takes whatever device is free.
        shifts = rng.poisson(3.0, count)
        who = np.repeat(group, shifts)
        when = np.repeat(at, shifts) + rng.integers(DAY, 20 * DAY, len(who))
        when = deeds.by_day(world, rng, when)
        nowhere = np.full(len(who), np.nan)
        where = Where(
            np.full(len(who), site.ip[0]),
            np.full(len(who), site.wifi[0]),
            nowhere,
            nowhere,
        )
        method = rng.choice([PASSWORD, SMS], len(who), p=[0.8, 0.2])
        deeds.log_in(world, who, rng.choice(devices, len(who)), when, where, method)
        if rng.random() < 0.35:
            declare(world, rng, "device", devices, f"Service desk {number + 1}", True)


def _journeys(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let people travel: some days elsewhere, one in three on a device found there."""
    who = cast.take(round(world.existing * 0.012))
    world.innocent(who, "journey")
    count = len(who)
    at = np.clip(world.moments(rng, count), world.start + DAY, world.end - 2 * DAY)
    city = any_cities(world, rng, count)
    found = rng.random(count) < 0.35
    hosts = world.login_device[world.neighbours(rng, city)]
    mobile = world.geography.mobile_address(rng, city, world.carrier[who])
    hotel = rng.random(count) < 0.6
    line = world.geography.home_address(rng, city)
    move = Move(
        who,
        at,
        at + rng.integers(2, 15, count) * DAY,
        np.where(found, hosts, world.login_device[who]),
        np.where(hotel, line, mobile),
        np.where(hotel, world.new_ids("wifi", count), -1),
        0.25,
        world.zeal[who],
    )
    move_out(world, rng, move, logins=2.5)
