"""Sellers of numbers, proxy exits and dial-up lines: farms and honest people buy there.

A seller's stock moves on with time. So whoever buys of one seller in the same days gets
the same few segments and exits, farms that know nothing of each other among them, and
people with a second number for their parcels.
"""

from dataclasses import dataclass

import numpy as np

from loaders.simulator.geography import Floats, Geography, Groups, Ints


@dataclass(frozen=True)
class Market:
    """The stock of each seller, in the order in which it is sold."""

    sellers: int
    numbers: Groups
    exits: Groups
    lines: Groups

    @classmethod
    def opened(
        cls, rng: np.random.Generator, geography: Geography, sellers: int
    ) -> "Market":
        """Share out SIM batches, proxy exits and some home lines over sellers."""
        towns = rng.integers(0, geography.cities, (sellers, 6))
        lines = [np.unique(geography.home.draw(rng, town)) for town in towns]
        return cls(
            sellers,
            Groups.of(np.array_split(rng.permutation(geography.sim_batches), sellers)),
            Groups.of(np.array_split(rng.permutation(geography.proxies), sellers)),
            Groups.of(lines),
        )


def on_sale(
    rng: np.random.Generator, stock: Groups, seller: Ints, when: Floats, *, width: float
) -> Ints:
    """Sell one thing to each buyer, of what its seller has at that time.

    `when` is the share of the window that has passed, `width` how many things are on
    sale at a time, about.

    >>> stock = Groups.of([np.arange(100), np.arange(100, 110)])
    >>> rng = np.random.default_rng(1)
    >>> when = np.array([0.0, 0.5, 0.0])
    >>> found = on_sale(rng, stock, np.array([0, 0, 1]), when, width=2)
    >>> (found // 10 * 10).tolist()
    [0, 50, 100]
    """
    count = stock.count[seller]
    place = when * count + rng.exponential(width, len(seller))
    return stock.values[stock.first[seller] + place.astype(np.int64) % count]
