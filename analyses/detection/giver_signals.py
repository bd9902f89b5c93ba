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
        "relayed_codes",
        "How many of those helped were elsewhere?",
        "those whose codes were scanned were elsewhere",
        "those whose codes were scanned were there",
        (9.0, 1.0),
        (1.0, 3.0),
    ),
    GiverSignal(
        "stall_strangers",
        "How many helps were between accounts without a tie?",
        "helpers and helped do not know each other",
        "helpers and helped know each other",
        (9.0, 1.0),
        (2.0, 3.0),
    ),
    GiverSignal(
        "passers_by",
        "How many helpers were there on one day only?",
        "nearly all helpers were there once",
        "the same helpers were there again and again",
        (19.0, 1.0),
        (4.0, 2.0),
        least=-2.0,
    ),
    GiverSignal(
        "stall_pace",
        "How many scans were confirmed within ten seconds?",
        "scans are confirmed in seconds, as at a stall",
        "scans are confirmed at leisure",
        (8.0, 2.0),
        (2.0, 4.0),
        least=-2.0,
    ),
    GiverSignal(
        "stall_endings",
        "How many of those helped look batch-registered?",
        "those helped look batch-registered",
        "those helped look innocent, or are of a farm not seen yet",
        (3.0, 1.0),
        (1.0, 19.0),
        least=-8.0,
    ),
)
"""What speaks for a push-code-scanning crew."""

PLATFORM_SIGNALS = _table(
    GiverSignal(
        "order_races",
        "How many orders did several workers race for?",
        "several strangers race for one code",
        "each code is scanned by one account",
        (2.0, 1.0),
        (1.0, 30.0),
        least=-1.0,
    ),
    GiverSignal(
        "workers_return",
        "How many workers helped or tried more than once?",
        "the same workers come back again and again",
        "its helpers helped once",
        (3.0, 1.0),
        (1.0, 6.0),
    ),
    GiverSignal(
        "order_strangers",
        "How many helps were between accounts without a tie?",
        "workers and helped do not know each other",
        "helpers and helped know each other",
        (9.0, 1.0),
        (2.0, 3.0),
    ),
    GiverSignal(
        "order_distance",
        "How many helps were given from afar?",
        "workers are far from those they help",
        "helpers are near those they help",
        (6.0, 1.0),
        (1.0, 2.0),
        least=-2.0,
    ),
    GiverSignal(
        "order_endings",
        "How many of those helped look batch-registered?",
        "those helped look batch-registered",
        "those helped look innocent, or are of a farm not seen yet",
        (3.0, 1.0),
        (1.0, 19.0),
        least=-1.0,
    ),
)
"""What speaks for an online profit platform."""

GIVER_PRIOR_BITS = -8.0
"""Log2 odds that a group of helps that looks like a team at first is one."""

GIVER_WORDS: dict[str, Remark] = {
    code: Remark(code, signal.for_, signal.against)
    for code, signal in (CREW_SIGNALS | PLATFORM_SIGNALS).items()
}


def share_bits(
    signal: GiverSignal, shares: np.ndarray, known: np.ndarray, *, at_most: float = 40.0
) -> np.ndarray:
    """Return the bits of each giver: `shares` of `known` helps show it.

    >>> import numpy as np
    >>> signal = CREW_SIGNALS["relayed_codes"]
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
