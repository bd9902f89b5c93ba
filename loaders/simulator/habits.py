"""What differs from one design of world to another: towns, people, farms, suppliers.

A `Design` is a value and does nothing; the populations read it. The defaults here are
those of the first design, `nationwide`, so that another one says only what is different
there. All shares are between 0 and 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

City = tuple[str, float, float, float]
"""Name, latitude, longitude, and weight by the people who live there."""


@dataclass(frozen=True)
class Towns:
    """The map and the network.

    `spread` is how far homes lie from the middle of a town, in metres. `block_people`
    and `segment_people` are accounts an address block or phone segment; the fewer, the
    rarer it is that two people share one. `ipv6` is the share of mobile data on it.
    """

    cities: tuple[City, ...]
    spread: float = 7_000
    block_people: int = 150
    segment_people: int = 30
    ipv6: float = 0.25


@dataclass(frozen=True)
class People:
    """Ordinary people: their papers, their homes, and how newcomers find a helper.

    `alone` are homes of one account, among the established and among newcomers. Of the
    newcomers `helped` ask somebody, `far` of them in another town, `beside` at one
    table; `befriend` are then tied. `helps_again` is the share of helps given by
    somebody who may have helped before; before `asks_next` of the helps somebody else
    was asked and refused, for he had helped too short a time ago.
    """

    named: tuple[float, float] = (0.8, 0.42)
    alone: tuple[float, float] = (0.5, 0.97)
    handed_down: float = 0.09
    at_home: float = 0.55
    helped: float = 0.94
    far: float = 0.12
    beside: float = 0.5
    befriend: float = 0.72
    by_number: float = 0.18
    helps_again: float = 0.04
    asks_next: float = 0.0
    friends: float = 1.1


@dataclass(frozen=True)
class Style:
    """How a farm of some skill goes about it; shares, unless it says otherwise.

    Of the addresses, what is neither `own_line`, `dial_up` nor `proxy` looks like the
    line of an ordinary home. `per_device` and `per_control` are accounts a device;
    `controlled` accounts are later operated from the farm's control devices; `pace` is
    the share of the window that the farm is at work; `sleeps` are days until use.

    A farm with rooms of `room` accounts (0: no rooms) has several scripts, each with a
    shift, a rhythm and a shelf of devices of its own (`rooms`); `rhythm` is the spread
    of the gaps' logarithm: the smaller, the more like a machine.
    """

    shared_device: float
    per_device: float
    tricked_device: float
    own_line: float
    dial_up: float
    proxy: float
    bought_numbers: float
    segments: int
    night: float
    old_version: float
    patterned_name: float
    real_named: float
    tied: float
    pace: float
    controlled: float
    per_control: float
    harmful: float
    requests: float
    acceptance: float
    routes: tuple[float, float, float]
    sleeps: float = 6.0
    room: int = 0
    rhythm: float = 0.6


@dataclass(frozen=True)
class Farms:
    """How large farms are, how they hide, and where they buy.

    `sellers` is how many sellers of numbers, of proxy exits and of dial-up lines there
    are, from whom farms and honest people buy what is on sale at that moment; 0: every
    farm finds its own. `camouflage` are helps to honest people for each paid helper,
    and `frames` the innocents framed for each account of a farm (`deceit`).
    """

    styles: Mapping[str, Style]
    median: float = 75
    spread: float = 0.95
    smallest: int = 15
    largest: int = 600
    declares: float = 0.06
    sellers: int = 0
    camouflage: float = 0.0
    frames: float = 0.0


@dataclass(frozen=True)
class Crews:
    """Roadside crews.

    A crew has `shifts` sessions a day, and moves through `pitches` places in each;
    `towns` are home towns a crew: the fewer, the more crews share one. `live` are the
    shares of codes made on demand from which a crew has one; the others wait in the
    group chat, `waiting_seconds` in the median. `keeps_pace` is the share of accounts
    that registered when their farm wished and not when the stall was open.
    `beside_event` are sessions that stand where people gather for something else.
    `relayed` are codes sent on as a picture to somebody who was not at the stall at
    all.
    """

    helps_a_crew: int = 250
    towns: float = 0.8
    travels: float = 0.3
    shifts: int = 1
    pitches: int = 1
    median: float = 22
    largest: int = 70
    live: tuple[float, float, float] = (0.15, 0.5, 0.85)
    waiting_seconds: float = 90
    passers_from_afar: float = 0.12
    on_wifi: float = 0.14
    fails: float = 0.1
    tests: float = 0.03
    keeps_pace: float = 0.0
    beside_event: float = 0.0
    relayed: float = 0.0


@dataclass(frozen=True)
class Platforms:
    """Task platforms.

    `races` is how many takers an order has beside the one who wins it, `rest` the size
    of the pool against the smallest that the quota allows, `by_turn` the share of
    orders that go to whoever is rested longest. `worker_towns` are the towns workers
    live in (0: anywhere), `both` those who work for two platforms, and `second` the
    share of a farm's orders placed with another platform. `customers` are the honest
    newcomers who buy their help there, a share of all honest ones, beside those that
    `honest_orders` of the design says.
    """

    orders_a_platform: int = 500
    races: float = 1.0
    rest: float = 1.0
    by_turn: float = 0.97
    jitter: float = 0.06
    worker_towns: int = 0
    both: float = 0.1
    shared_phones: float = 0.15
    second: float = 0.3
    second_from: int = 80
    customers: float = 0.0


@dataclass(frozen=True)
class Aftermath:
    """What follows a registration.

    `complaints` a month about an account of harm 1, `verified` of them, `struck` of
    those with a sanction, `lag_days` later in the mean; `caught` are sanctions without
    a complaint. `quarrels` are complaints a month about anybody new, and `active_days`
    the days of activity seen of a newcomer. `welcome` are the two parameters of the
    Beta distribution of the share of ordinary people's friend requests accepted.
    """

    complaints: float = 0.5
    verified: float = 0.5
    wrongly_verified: float = 0.12
    struck: float = 0.7
    lag_days: float = 2.5
    caught: float = 0.12
    quarrels: float = 0.035
    active_days: float = 4.5
    welcome: tuple[float, float] = (3.2, 2.4)


@dataclass(frozen=True)
class Papers:
    """What the accounts of an organisation have; None: what everybody has.

    Shares of accounts: `named` and `pays` have a verified name and payment, `old` run a
    version from long ago, `cards` have a number of one of two segments.
    """

    named: float | None = None
    pays: float | None = None
    old: float = 0.0
    cards: float = 0.0


@dataclass(frozen=True)
class Organisations:
    """Agencies and test laboratories.

    `altered` of a laboratory's devices are emulators and rooted.
    """

    agency: Papers = field(default_factory=Papers)
    laboratory: Papers = field(default_factory=Papers)
    altered: float = 0.25


@dataclass(frozen=True)
class Design:
    """One design of world.

    `shares` says which look-alikes there are, and which share of all newcomers of
    look-alikes each is; `sizes` are medians of groups where they are not the usual
    ones. `honest_orders` are the orders of a platform that honest newcomers place, a
    share. `gaps` are shares left out of a table or a column (`scans.latitude`) beside
    what is missing everywhere; 1.0 leaves it out altogether.
    """

    name: str
    says: str
    towns: Towns
    farms: Farms
    shares: Mapping[str, float]
    farmed: float = 0.1
    honest_orders: float = 0.1
    people: People = field(default_factory=People)
    crews: Crews = field(default_factory=Crews)
    platforms: Platforms = field(default_factory=Platforms)
    aftermath: Aftermath = field(default_factory=Aftermath)
    organisations: Organisations = field(default_factory=Organisations)
    sizes: Mapping[str, float] = field(default_factory=dict)
    gaps: Mapping[str, float] = field(default_factory=dict)
