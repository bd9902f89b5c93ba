"""Where things are: cities, public places, network addresses and phone segments.

All kinds of address block come out of one shuffled space, and all phone segments out
of another, so that the digits of an address or a number say nothing about its owner.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loaders.simulator.habits import Towns

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ABROAD = ("Vietnam", "Myanmar", "Russia", "Pakistan", "Nigeria", "France", "Korea")
"""What else a profile may name as its region."""

_FIRST_OCTETS = np.array(
    [36, 39, 42, 49, 58, 59, 60, 61, 101, 106, *range(110, 126), 139, 171, 175]
    + [180, 182, 183, 202, 210, 211, *range(218, 224)]
)
_ORDINARY: tuple[int, ...] = (
    130,
    131,
    132,
    133,
    135,
    136,
    137,
    138,
    139,
    150,
    151,
    152,
    153,
    155,
)
_ORDINARY += (156, 157, 158, 159, 177, 178, 180, 181, 185, 186, 187, 188, 189, 199)
_VIRTUAL = (162, 165, 167, 170, 171)
CARRIERS = 3
V6 = 1 << 60
"""Added to an address that is IPv6: 32 bits of /48 block, then 16 of subnet."""


@dataclass(frozen=True)
class Groups:
    """Values in groups that lie one after another; a random one can be drawn of each.

    >>> groups = Groups.of([np.array([7]), np.array([8, 9])])
    >>> groups.draw(np.random.default_rng(1), np.array([0, 0])).tolist()
    [7, 7]
    """

    values: Ints
    first: Ints
    count: Ints

    @classmethod
    def of(cls, parts: list[Ints]) -> "Groups":
        """Join the groups."""
        count = np.array([len(part) for part in parts], dtype=np.int64)
        return cls(np.concatenate(parts), np.cumsum(count) - count, count)

    @classmethod
    def by(cls, group: Ints, values: Ints, groups: int) -> "Groups":
        """Group the values by a number from 0 to groups - 1."""
        count = np.bincount(group, minlength=groups).astype(np.int64)
        order = np.argsort(group, kind="stable")
        return cls(values[order], np.cumsum(count) - count, count)

    def draw(self, rng: np.random.Generator, group: Ints, *, tilt: float = 1.0) -> Ints:
        """Draw a value of each group asked for; tilt > 1 prefers the first ones."""
        place = rng.random(len(group)) ** tilt
        return self.values[
            self.first[group] + (place * self.count[group]).astype(np.int64)
        ]

    def of_group(self, group: int) -> Ints:
        """All values of one group."""
        return self.values[self.first[group] : self.first[group] + self.count[group]]


class Geography:
    """The cities of a world with their places, address blocks and phone segments."""

    def __init__(self, rng: np.random.Generator, people: int, towns: Towns) -> None:
        self.towns = towns
        weight = np.array([city[3] for city in towns.cities])
        self.latitude = np.array([city[1] for city in towns.cities])
        self.longitude = np.array([city[2] for city in towns.cities])
        self.share = weight / weight.sum()
        self.cities = len(towns.cities)
        self.regions = tuple(city[0] for city in towns.cities) + ABROAD
        # Thirty-nine first octets of 65,536 blocks each; a stride that shares no
        # factor with their number visits every block once.
        self._space = len(_FIRST_OCTETS) * 65536
        self._stride = 1_000_003
        self._at = int(rng.integers(self._space))
        expected = self.share * people
        blocks = np.ceil(expected / towns.block_people).astype(np.int64) + 3
        self.home = Groups.of([self.take_blocks(int(n)) for n in blocks])
        exits = np.maximum(1, expected * 0.4 / CARRIERS / 600).astype(np.int64)
        self.nat = Groups.of(
            [
                self.take_blocks(1)[0] * 256 + rng.choice(254, n, replace=n > 254) + 1
                for n in np.repeat(exits, CARRIERS)
            ]
        )
        self.v6 = rng.integers(0, 1 << 32, self.cities * CARRIERS)
        count = 30 + people // 2500
        self.proxies = self._hosts(rng, self.take_blocks(count // 12 + 2), count)
        self._segments(rng, expected, people)
        self._places(rng)

    def take_blocks(self, count: int) -> Ints:
        """Give out address blocks (/24) nobody has yet, as their first 24 bits."""
        at = (self._at + np.arange(count, dtype=np.int64)) % self._space
        self._at += count
        at = at * self._stride % self._space
        block: Ints = _FIRST_OCTETS[at >> 16].astype(np.int64) * 65536 + (at & 65535)
        return block

    @staticmethod
    def _hosts(rng: np.random.Generator, blocks: Ints, count: int) -> Ints:
        hosts: Ints = rng.choice(blocks, count) * 256 + rng.integers(1, 255, count)
        return hosts

    def _segments(
        self, rng: np.random.Generator, expected: Floats, people: int
    ) -> None:
        area = rng.permutation(len(_ORDINARY) * 10_000)
        numbers = np.array(_ORDINARY)[area // 10_000] * 10_000 + area % 10_000
        each = np.maximum(8, expected / self.towns.segment_people)
        each = np.floor(each * min(1.0, 0.9 * len(numbers) / each.sum()))
        ends = np.cumsum(each.astype(np.int64))
        self.segment = Groups.of(np.split(numbers[: ends[-1]], ends[:-1]))
        spare = numbers[ends[-1] :]
        count = 60 + people // 900
        area = rng.permutation(len(_VIRTUAL) * 10_000)[:count]
        virtual = np.array(_VIRTUAL)[area // 10_000] * 10_000 + area % 10_000
        self.sim_batches = rng.permutation(np.concatenate([virtual, spare[:count]]))

    def _places(self, rng: np.random.Generator) -> None:
        """Lay out streets, malls and stations where stalls and events are held."""
        count = 6 + (self.share * 300).astype(np.int64)
        city = np.repeat(np.arange(self.cities), count)
        self.place = Groups.by(city, np.arange(len(city)), self.cities)
        self.place_city = city
        self.place_latitude, self.place_longitude = self.scatter(
            rng, city, self.towns.spread * 4 / 7
        )
        self.place_ip = self.home_address(rng, city)

    def scatter(
        self, rng: np.random.Generator, city: Ints, metres: float
    ) -> tuple[Floats, Floats]:
        """Points around the middle of each city."""
        return blur(rng, self.latitude[city], self.longitude[city], metres)

    def home_address(self, rng: np.random.Generator, city: Ints) -> Ints:
        """Give an address of a household's line."""
        return self.home.draw(rng, city) * 256 + rng.integers(1, 255, len(city))

    def mobile_address(
        self, rng: np.random.Generator, city: Ints, carrier: Ints
    ) -> Ints:
        """Give the address that a phone on mobile data is seen with."""
        group = city * CARRIERS + carrier
        four = self.nat.draw(rng, group)
        six = V6 | (self.v6[group] << 16) | rng.integers(0, 65536, len(city))
        return np.where(rng.random(len(city)) < self.towns.ipv6, six, four)


def blur(
    rng: np.random.Generator, latitude: Floats, longitude: Floats, metres: float
) -> tuple[Floats, Floats]:
    """Move points by a normal error of so many metres."""
    north = rng.normal(0.0, metres, len(latitude)) / 111_320
    east = rng.normal(0.0, metres, len(latitude)) / (
        111_320 * np.cos(np.radians(latitude))
    )
    return latitude + north, longitude + east
