"""Whether one crew held two sessions: what they have in common, and what that weighs.

Pairs of sessions are compared as records are linked (Fellegi and Sunter, *A theory for
record linkage*, 1969): each comparison has an answer, and how often two sessions of one
crew and of two crews answer so says what it weighs. Crews differ in what they keep to:
in one region each has its hours, in another its spots or a hotspot of its own. So the
table is where a run starts, and its own pairs of sessions tell the rest (by expectation
maximisation, as Winkler does it). No comparison teaches itself: which pairs are one
crew's is told by the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

ROUNDS = 4
"""After this many nothing changes that matters."""

PRIOR_SESSIONS = 500
"""What the table counts for, in sessions."""

ONE_CREW = 0.1
"""The share of pairs that are one crew's, at first."""

SURE = 0.5
"""Pairs that are one crew's by less than this say nothing of what one crew does.

There are so many of them that they would drown those that are.
"""


@dataclass(frozen=True)
class PairAnswer:
    """What two sessions have in common; how often, with one crew and with two."""

    sentence: str
    one_crew: float
    two_crews: float


@dataclass(frozen=True)
class PairSignal:
    """A comparison of two sessions. The answer is a position in `answers`, or -1.

    `least` is the most that an answer speaks against, in bits, where what is asked for
    need not show.
    """

    code: str
    question: str
    answers: tuple[PairAnswer, ...]
    least: float = -5.0


PAIR_SIGNALS = {
    signal.code: signal
    for signal in (
        PairSignal(
            "same_farms",
            "Do they serve the same farms, in the same shares?",
            (
                PairAnswer("none or hardly any in common", 0.50, 0.85),
                PairAnswer("a few in common", 0.15, 0.10),
                PairAnswer("many in common", 0.20, 0.04),
                PairAnswer("mostly the same", 0.15, 0.01),
            ),
            least=-0.4,
        ),
        PairSignal(
            "same_hours",
            "How far apart are their middles on the clock?",
            (
                PairAnswer("less than an hour", 0.60, 0.20),
                PairAnswer("one to two hours", 0.20, 0.20),
                PairAnswer("two to three hours", 0.10, 0.20),
                PairAnswer("three hours or more", 0.10, 0.40),
            ),
        ),
        PairSignal(
            "same_place",
            "How far apart are their places?",
            (
                PairAnswer("on one spot", 0.15, 0.02),
                PairAnswer("in one town", 0.45, 0.20),
                PairAnswer("in two towns", 0.40, 0.78),
            ),
        ),
        PairSignal(
            "same_company",
            "How many helpers, or networks that move, were at both?",
            (
                PairAnswer("none", 0.700, 0.970),
                PairAnswer("one", 0.200, 0.025),
                PairAnswer("two or more", 0.100, 0.005),
            ),
            least=-0.25,
        ),
    )
}
"""What is asked of two sessions; the shares are where a run starts."""

FARMS_ALIKE = (0.05, 0.2, 0.5)
"""Cosines of what two sessions serve from which the next answer is given."""

HOURS_APART = (3600, 7200, 10_800)
"""Seconds from which the next answer is given."""


@dataclass(frozen=True)
class PairModel:
    """How often pairs answer so: an array of shares for each comparison."""

    one_crew: Mapping[str, np.ndarray]
    two_crews: Mapping[str, np.ndarray]

    def bits(self, code: str) -> np.ndarray:
        """Return what each answer weighs, and at last 0 for none."""
        odds = np.log2(self.one_crew[code] / self.two_crews[code])
        return np.append(np.maximum(odds, PAIR_SIGNALS[code].least), 0.0)


def table_model() -> PairModel:
    """Return the model that a run starts from.

    >>> table_model().bits("same_company").round(1).tolist()
    [-0.2, 3.0, 4.3, 0.0]
    """
    shares = [
        {
            code: _shares([getattr(answer, which) for answer in signal.answers])
            for code, signal in PAIR_SIGNALS.items()
        }
        for which in ("one_crew", "two_crews")
    ]
    return PairModel(*shares)


def _shares(counts: list[float]) -> np.ndarray:
    return np.array(counts) / sum(counts)


@dataclass(frozen=True)
class Patterns:
    """What pairs of sessions answer, each pattern of answers once.

    `pairs` has how many pairs answer so. `answers` has one number a pattern for each
    comparison, and `impossible` tells the pairs that cannot be one crew's.
    """

    answers: Mapping[str, np.ndarray]
    impossible: np.ndarray
    pairs: np.ndarray

    def bits(self, model: PairModel) -> np.ndarray:
        """Return what each pattern weighs; what is impossible minus infinity.

        >>> pattern = {code: np.array([0]) for code in PAIR_SIGNALS}
        >>> once = Patterns(pattern, np.array([False]), np.array([1]))
        >>> once.bits(table_model()).round(1)
        array([3.8])
        """
        bits = np.where(self.impossible, -np.inf, 0.0)
        for code, answer in self.answers.items():
            bits = bits + model.bits(code)[answer]
        return bits


_SIZES = tuple(len(signal.answers) + 1 for signal in PAIR_SIGNALS.values())
"""How many answers each comparison has, with none."""

PATTERNS = 2 * prod(_SIZES)
"""How many patterns of answers there are."""


def pattern_numbers(
    answers: Mapping[str, np.ndarray], impossible: np.ndarray
) -> np.ndarray:
    """Return the pattern of each pair as a number below `PATTERNS`, of 16 bits.

    >>> none = {code: np.array([-1]) for code in PAIR_SIGNALS}
    >>> pattern_numbers(none, np.array([False, True])).tolist()
    [0, 1]
    """
    number = np.zeros(impossible.shape, dtype=np.uint16)
    for code, size in zip(PAIR_SIGNALS, _SIZES, strict=True):
        number *= np.uint16(size)
        number += (answers[code] + 1).astype(np.uint16)
    return np.asarray(2 * number + impossible, dtype=np.uint16)


def all_patterns(pairs: np.ndarray) -> Patterns:
    """Return every pattern in the order of its number, with how many pairs have it."""
    *digits, impossible = np.unravel_index(np.arange(PATTERNS), (*_SIZES, 2))
    answers = {
        code: digit - 1 for code, digit in zip(PAIR_SIGNALS, digits, strict=True)
    }
    return Patterns(answers, impossible.astype(bool), pairs)


def learn_pairs(patterns: Patterns, sessions: int) -> PairModel:
    """Return how pairs answer, learned from pairs that nobody has judged.

    In each round a pair counts for one crew as much as all *other* comparisons say, if
    that is more likely than not. Pairs of the same sessions repeat each other, so all
    of them together count for no more than there are sessions.
    """
    answers, impossible = patterns.answers, patterns.impossible
    many = patterns.pairs.sum()
    table = model = table_model()
    prior = ONE_CREW
    for _ in range(ROUNDS):
        weighed = {code: model.bits(code)[answer] for code, answer in answers.items()}
        total = sum(weighed.values(), np.full(len(impossible), _log_odds(prior)))
        one_crew: dict[str, np.ndarray] = {}
        two_crews: dict[str, np.ndarray] = {}
        for code, answer in answers.items():
            chance = _chances(total - weighed[code], impossible)
            given = answer >= 0
            for shares, start, weight in (
                (one_crew, table.one_crew, np.where(chance >= SURE, chance, 0.0)),
                (two_crews, table.two_crews, 1 - chance),
            ):
                millionths = np.rint(1e6 * weight[given])  # whole: sums are exact
                millionths *= patterns.pairs[given]
                counts = np.bincount(answer[given], millionths, len(start[code])) / 1e6
                counts *= min(1.0, sessions / max(counts.sum(), 1.0))
                whole = counts.sum() + PRIOR_SESSIONS
                shares[code] = (counts + PRIOR_SESSIONS * start[code]) / whole
        millionths = np.rint(1e6 * _chances(total, impossible)) * patterns.pairs
        seen = min(sessions, many)
        share = millionths.sum() / 1e6 / max(many, 1)
        prior = (share * seen + ONE_CREW * PRIOR_SESSIONS) / (seen + PRIOR_SESSIONS)
        model = PairModel(one_crew, two_crews)
    return model


def _chances(bits: np.ndarray, impossible: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(impossible, 0.0, 1 / (1 + np.exp2(-bits))))


def _log_odds(share: float) -> float:
    return float(np.log2(share / (1 - share)))
