"""The table of what tells a crew or a platform from an honest gathering or office.

A crew and a platform give helps. Each signal is a share of their helps, helpers or
orders, and two Beta distributions say how that share is spread among collusive givers
and among innocent ones (a first day on campus, an agency's counter, friends who help
each other). The weight is the beta-binomial likelihood ratio, in bits.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from analyses.detection.signals import Remark

SIGNAL_CAP = 5.0
"""The most bits that one share may count for."""


@dataclass(frozen=True)
class GiverSignal:
    """One share: what it is a share of, and how it is spread among the two sorts.

    `collusive` and `innocent` are the two parameters of a Beta distribution: as many
    helps with and without had been seen before. `least` is the most that a low share
    may speak against, in bits: less than the usual where a careful or young team may
    not show it, and more where without it there is no team.
    """

    code: str
    question: str
    for_: str
    against: str
    collusive: tuple[float, float]
    innocent: tuple[float, float]
    least: float = -SIGNAL_CAP


def _table(*signals: GiverSignal) -> dict[str, GiverSignal]:
    return {signal.code: signal for signal in signals}


CREW_SIGNALS = _table(
    GiverSignal(
        "stall_pace",
        "How many scans were confirmed within ten seconds?",
        "scans are confirmed in seconds, as at a stall",
        "many scans are confirmed at leisure",
        (9.0, 1.0),
        (4.0, 4.0),
    ),
    GiverSignal(
        "stall_endings",
        "How many of those helped look batch-registered?",
        "those helped look batch-registered",
        "many of those helped look innocent, or are of a farm not seen yet",
        (3.0, 0.5),
        (0.2, 0.6),
        least=-8.0,
    ),
)
"""What speaks for a push-code-scanning crew.

That codes are relayed, helpers come once and know nobody is asked before: what does not
look so is no session. Among those that do, none of the three tells a crew from a
festival or a fan club. Those let in at an honest gathering look bad all together or not
at all, for a mistake about one is a mistake about his like.
"""

PLATFORM_SIGNALS = _table(
    GiverSignal(
        "order_races",
        "How many orders did several workers race for?",
        "several strangers race for one code",
        "few codes are scanned by more than one account",
        (3.0, 1.0),
        (0.5, 1.0),
    ),
    GiverSignal(
        "workers_return",
        "How many workers helped or tried more than once?",
        "the same workers come back again and again",
        "most of its helpers helped once",
        (5.0, 2.0),
        (2.0, 5.0),
        least=-2.0,
    ),
    GiverSignal(
        "order_distance",
        "How many helps were given from afar?",
        "workers are far from those they help",
        "many helpers are near those they help",
        (6.0, 1.0),
        (1.0, 2.0),
        least=-2.0,
    ),
)
"""What speaks for an online profit platform."""

CREW_PRIOR_BITS = 0.0
"""Log2 odds that a gathering which looks like a stall at first is a crew's."""

PLATFORM_PRIOR_BITS = 1.0
"""Log2 odds that a pool of seeming workers is a platform's."""

GIVER_WORDS: dict[str, Remark] = {
    code: Remark(code, signal.for_, signal.against)
    for code, signal in (CREW_SIGNALS | PLATFORM_SIGNALS).items()
}


def share_bits(
    signal: GiverSignal, shares: np.ndarray, known: np.ndarray, *, at_most: float = 40.0
) -> np.ndarray:
    """Return the bits of each giver: `shares` of `known` helps show it.

    >>> import numpy as np
    >>> signal = CREW_SIGNALS["stall_pace"]
    >>> share_bits(signal, np.array([1.0, 0.0]), np.array([10, 10])).round(1).tolist()
    [5.0, -5.0]
    """
    number = np.minimum(known, at_most)
    yes, no = shares * number, (1 - shares) * number
    (a, b), (c, d) = signal.collusive, signal.innocent
    bits = (
        betaln(yes + a, no + b) - betaln(a, b) - betaln(yes + c, no + d) + betaln(c, d)
    ) / np.log(2)
    return np.asarray(np.clip(bits, signal.least, SIGNAL_CAP))
