"""The world while it is being made: its accounts, devices and event columns.

Every account starts as an ordinary person (`people`); a population then overwrites
only what differs. Accounts, devices, codes and so on are plain numbers here; what is
written are hashes of them (`writing`), so that neither an id nor an order tells who
made a row. Null is -1 in whole numbers and NaN in degrees.
"""

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from graph.schema import TABLES
from loaders.simulator.geography import Floats, Geography, Groups, Ints, blur
from loaders.simulator.markets import Market

if TYPE_CHECKING:
    from loaders.simulator.settings import WorldSettings

Bools = npt.NDArray[np.bool_]
DAY = 86_400
QUOTA = 30 * DAY
ROLES = (
    "batch_registered",
    "operator",
    "platform_worker",
    "owned_helper",
    "lured_helper",
    "unsealed_account",
    "recruiter",
    "seller",
    "broker",
    "rented_account",
    "poster",
    "lender",
    "advertiser",
    "mule",
    "victim",
)
RESULTS = TABLES["helps"].column("result").values
OK, REFUSED, EXPIRED, LOST, CANCELLED = range(5)
# Share of a day's doings in each hour of local time.
_PEOPLE = np.array([9, 4, 2, 1, 1, 3, 10, 22, 34, 42, 46, 46, 50, 44, 42, 42, 44])
PEOPLE_HOURS = np.append(_PEOPLE, [48, 54, 60, 62, 58, 44, 22]).astype(float)
LOCAL = 8 * 3600
_NEVER = 1 << 40


@dataclass(frozen=True)
class Where:
    """Where each of some accounts is: its address, access point and position."""

    ip: Ints
    wifi: Ints
    latitude: Floats
    longitude: Floats


class World:
    """All that has been made so far. Populations read it, claim accounts, add events.

    Accounts 0 to `existing` - 1 are established, the others are newcomers.
    """

    def __init__(self, settings: "WorldSettings") -> None:
        self.settings = settings
        self.start = settings.start_second
        self.end = self.start + settings.days * DAY
        self.existing = settings.existing
        self.accounts = settings.existing + settings.new
        self.design = settings.world_design
        self.geography = Geography(
            self.rng("geography"), self.accounts, self.design.towns
        )
        sellers = self.design.farms.sellers
        self.market = (
            Market.opened(self.rng("market"), self.geography, sellers)
            if sellers
            else None
        )
        self.columns: dict[str, list[dict[str, npt.NDArray[np.generic]]]] = {}
        self._next = {"devices": self.accounts, "wifi": 0, "teams": 0}
        self._claimed_new = self.existing
        count = self.accounts
        zeros = np.zeros(count, dtype=np.int64)
        self.registered_at = zeros.copy()
        self.days_behind = np.zeros(count)
        self.phone_prefix = zeros.copy()
        self.registration_ip = zeros.copy()
        self.registration_wifi = zeros.copy()
        self.system = zeros.copy()
        self.nickname = np.zeros((count, 3), dtype=np.int64)
        self.region = zeros.copy()
        self.named = np.zeros(count, dtype=bool)
        self.pays = np.zeros(count, dtype=bool)
        self.city = zeros.copy()
        self.carrier = zeros.copy()
        self.latitude = np.zeros(count)
        self.longitude = np.zeros(count)
        self.home_ip = zeros.copy()
        self.home_wifi = zeros.copy()
        self.device = np.arange(count, dtype=np.int64)
        self.login_device = self.device.copy()
        # When an account is handed over, to which device and address, how busy it is
        # there, and when it comes back.
        self.moved_at = np.full(count, _NEVER)
        self.moved_until = np.full(count, _NEVER)
        self.moved_to = self.device.copy()
        self.moved_ip = zeros - 1
        self.moved_wifi = zeros - 1
        self.moved_zeal = np.zeros(count)
        self.role = np.full(count, -1, dtype=np.int8)
        self.kind = np.full(count, -1, dtype=np.int8)
        self.busy = np.zeros(count, dtype=bool)
        self.zeal = np.zeros(count)
        self.acceptance = np.zeros(count)
        self.harm = np.zeros(count)
        self.wakes = np.zeros(count)
        self._queue = Groups.of([zeros])
        self._turn = zeros
        self.family = np.zeros((0, 2), dtype=np.int64)
        self.kinds: list[str] = []
        self.team_kinds: list[str] = []
        self._members: list[tuple[Ints, int]] = []
        self.stalls: list[tuple[Ints, Ints]] = []
        self.models: list[Ints] = []
        self.device_flags: list[Ints] = []

    def rng(self, name: str) -> np.random.Generator:
        """Return the random numbers of one population: others do not disturb them."""
        return np.random.default_rng([self.settings.seed, zlib.crc32(name.encode())])

    def median(self, kind: str, usual: float) -> float:
        """Return the median size of the groups of a look-alike in this design."""
        return self.design.sizes.get(kind, usual)

    # -- accounts -----------------------------------------------------------------
    def claim_new(self, count: int) -> Ints:
        """Take the next newcomers for a population."""
        first = self._claimed_new
        self._claimed_new = min(first + count, self.accounts)
        return np.arange(first, self._claimed_new, dtype=np.int64)

    @property
    def unclaimed(self) -> int:
        """Newcomers that no population has taken yet."""
        return self.accounts - self._claimed_new

    def claim_established(self, rng: np.random.Generator, city: Ints) -> Ints:
        """Take established accounts that may help, of these cities, for a part to play.

        Where a city has no more, others are taken; all differ, so that fewer may be
        returned than asked for, but never none.
        """
        taken = self.helpers_from(rng, city, again=0.0)
        fresh = np.unique(taken[~self.busy[taken]])
        missing = len(city) - len(fresh)
        if missing:
            free = np.flatnonzero(self.may_help & ~self.busy[: self.existing])
            free = np.setdiff1d(free, fresh)
            more = rng.choice(free, min(missing, len(free)), replace=False)
            fresh = np.concatenate([fresh, more])
        if len(city) and not len(fresh):
            fresh = np.unique(taken)
        self.busy[fresh] = True
        return rng.permutation(fresh)

    def helpers_from(
        self, rng: np.random.Generator, city: Ints, *, again: float | None = None
    ) -> Ints:
        """Choose an established account of each city to help somebody.

        Each is chosen once, until all were; but a share of `again` is anybody (None: as
        many as the design has).
        """
        again = self.design.people.helps_again if again is None else again
        queue = self._queue
        asked = np.bincount(city, minlength=self.geography.cities)
        order = np.argsort(city, kind="stable")
        rank = np.empty(len(city), dtype=np.int64)
        rank[order] = np.arange(len(city)) - np.repeat(np.cumsum(asked) - asked, asked)
        turn = (self._turn[city] + rank) % queue.count[city]
        self._turn += asked
        chosen = queue.values[queue.first[city] + turn]
        anybody = queue.draw(rng, city)
        other = (rng.random(len(city)) < again) & ~self.busy[anybody]
        found: Ints = np.where(other | self.busy[chosen], anybody, chosen)
        return found

    def neighbours(self, rng: np.random.Generator, city: Ints) -> Ints:
        """Draw an established account of each city, any number of times."""
        return self._queue.draw(rng, city)

    def line_up(self) -> None:
        """Line up, city by city, the established accounts that may help."""
        rng = self.rng("line of helpers")
        able = np.flatnonzero(self.may_help)
        able = rng.permutation(able if len(able) else np.arange(self.existing))
        cities = np.unique(self.city[able])
        # In a very small world a city without anybody borrows another's people.
        people = Groups.by(self.city[able], able, self.geography.cities)
        lender = rng.choice(cities, self.geography.cities)
        self._queue = Groups.of(
            [
                people.of_group(number if people.count[number] else lender[number])
                for number in range(self.geography.cities)
            ]
        )
        self._turn = np.zeros(self.geography.cities, dtype=np.int64)

    @property
    def may_help(self) -> Bools:
        """Established accounts that are six months old and can pay."""
        young = self.registered_at[: self.existing] > self.start - 183 * DAY
        able: Bools = ~young & self.pays[: self.existing]
        return able

    def new_devices(
        self,
        count: int,
        model: Ints,
        *,
        emulator: Bools | None = None,
        rooted: Bools | None = None,
    ) -> Ints:
        """Make devices of these models; accounts' own devices are there already."""
        first = self._next["devices"]
        self._next["devices"] += count
        no = np.zeros(count, dtype=bool)
        flags = (no if emulator is None else emulator) * 1 + (
            no if rooted is None else rooted
        ) * 2
        self.models.append(model)
        self.device_flags.append(flags.astype(np.int64))
        return np.arange(first, first + count, dtype=np.int64)

    def new_ids(self, table: str, count: int) -> Ints:
        """Give numbers to the next rows of a table, or to access points (`wifi`)."""
        first = self._next.setdefault(table, 0)
        self._next[table] += count
        return np.arange(first, first + count, dtype=np.int64)

    def made(self, table: str) -> int:
        """How many rows of a table were numbered so far."""
        return self._next.get(table, 0)

    # -- teams --------------------------------------------------------------------
    def new_team(self, kind: str) -> int:
        """Give a number to a new team of this kind."""
        self.team_kinds.append(kind)
        return len(self.team_kinds) - 1

    def join(
        self, team: int, accounts: Ints, role: str, *, keeps_role: bool = False
    ) -> None:
        """Record in the truth that accounts play a role in a team.

        Who `keeps_role` has one already from another team, and stays that.
        """
        free = self.role[accounts] < 0 if keeps_role else np.ones(len(accounts), bool)
        self.role[accounts[free]] = ROLES.index(role)
        self._members.append((np.unique(accounts), team))

    def innocent(self, accounts: Ints, kind: str) -> None:
        """Record in the truth which look-alikes accounts are."""
        if kind not in self.kinds:
            self.kinds.append(kind)
        self.kind[accounts] = self.kinds.index(kind)

    def members(self) -> tuple[Ints, Ints]:
        """All (account, team) pairs, sorted, each once."""
        if not self._members:
            empty = np.zeros(0, dtype=np.int64)
            return empty, empty
        pairs = np.concatenate(
            [
                np.column_stack([who, np.full(len(who), team)])
                for who, team in self._members
            ]
        )
        pairs = np.unique(pairs, axis=0)
        return pairs[:, 0], pairs[:, 1]

    # -- events -------------------------------------------------------------------
    def add(self, table: str, **columns: npt.NDArray[np.generic]) -> None:
        """Add rows to an event table; columns left out are null."""
        self.columns.setdefault(table, []).append(dict(columns))

    def away(self, accounts: Ints, when: Ints) -> Bools:
        """Which accounts are in other hands at these times."""
        gone: Bools = when >= self.moved_at[accounts]
        gone &= when < self.moved_until[accounts]
        return gone

    def device_at(self, accounts: Ints, when: Ints) -> Ints:
        """Return the device that each account is used on at these times."""
        gone = self.away(accounts, when)
        return np.where(gone, self.moved_to[accounts], self.login_device[accounts])

    # -- time and place -----------------------------------------------------------
    def moments(
        self,
        rng: np.random.Generator,
        count: int,
        *,
        first: float = 0.0,
        last: float = 1.0,
    ) -> Ints:
        """Draw seconds of the window, or of a part of it, at people's hours."""
        days = self.settings.days
        day = (first + rng.random(count) * (last - first)) * days
        hour = np.searchsorted(
            np.cumsum(PEOPLE_HOURS) / PEOPLE_HOURS.sum(), rng.random(count)
        )
        second = np.floor(day) * DAY + hour * 3600 + rng.integers(0, 3600, count)
        return self.start + ((second - LOCAL) % (days * DAY)).astype(np.int64)

    def whereabouts(
        self,
        rng: np.random.Generator,
        accounts: Ints,
        *,
        at_home: float | None = None,
    ) -> Where:
        """Where accounts usually are: at home, or about the town on mobile data."""
        at_home = self.design.people.at_home if at_home is None else at_home
        home = rng.random(len(accounts)) < at_home
        city = self.city[accounts]
        mobile = self.geography.mobile_address(rng, city, self.carrier[accounts])
        out = blur(rng, self.latitude[accounts], self.longitude[accounts], 2_500)
        near = blur(rng, self.latitude[accounts], self.longitude[accounts], 18)
        return Where(
            np.where(home, self.home_ip[accounts], mobile),
            np.where(home, self.home_wifi[accounts], -1),
            np.where(home, near[0], out[0]),
            np.where(home, near[1], out[1]),
        )

    def settle(self, rng: np.random.Generator, accounts: Ints, city: Ints) -> None:
        """Let accounts live in a city, each in a home of its own."""
        count = len(accounts)
        self.city[accounts] = city
        self.latitude[accounts], self.longitude[accounts] = self.geography.scatter(
            rng, city, self.design.towns.spread
        )
        self.home_ip[accounts] = self.geography.home_address(rng, city)
        self.phone_prefix[accounts] = self.geography.segment.draw(rng, city, tilt=1.3)
        local = rng.random(count) < 0.85
        self.region[accounts] = np.where(local, city, self.region[accounts])
        where = self.whereabouts(rng, accounts)
        self.registration_ip[accounts] = where.ip
        self.registration_wifi[accounts] = where.wifi


def lognormal(
    rng: np.random.Generator, count: int, median: float, spread: float
) -> Floats:
    """Draw positive numbers around a median; spread is that of their logarithm."""
    return median * np.exp(rng.normal(0.0, spread, count))


def seconds(rng: np.random.Generator, count: int, median: float, spread: float) -> Ints:
    """Draw whole seconds around a median, one at least."""
    drawn: Ints = np.maximum(1, lognormal(rng, count, median, spread)).astype(np.int64)
    return drawn


def any_cities(world: World, rng: np.random.Generator, count: int) -> Ints:
    """Draw cities as people live in them."""
    return rng.choice(world.geography.cities, count, p=world.geography.share)


def group_sizes(
    rng: np.random.Generator, total: int, *, median: float, spread: float, largest: int
) -> Ints:
    """Split a number of accounts over groups of heavy-tailed sizes, two or more each.

    >>> int(group_sizes(np.random.default_rng(1), 99, median=9, spread=1, largest=40)
    ...     .sum())
    99
    """
    if total <= 0:
        return np.zeros(0, dtype=np.int64)
    drawn = np.clip(lognormal(rng, total // 2 + 1, median, spread), 2, largest)
    size: Ints = drawn.astype(np.int64)
    groups = int(np.searchsorted(np.cumsum(size), total)) + 1
    size = size[:groups]
    size[-1] -= size.sum() - total
    return size
