"""Figures that compare what was found with what is true.

Each takes plain arrays or sets and says in its docstring what it returns when a class
is empty: `None`, shown as "none", never a division error.
"""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Score:
    """How many are true, how many were found, how many of those found are right.

    >>> Score.of(found={"a", "b"}, true={"b", "c", "d"})
    Score(true=3, found=2, right=1)
    >>> Score.of(found={"a", "b"}, true={"b", "c", "d"}).precision
    0.5
    """

    true: int
    found: int
    right: int

    @classmethod
    def of(cls, *, found: AbstractSet[str], true: AbstractSet[str]) -> "Score":
        """Compare two sets of ids."""
        return cls(len(true), len(found), len(found & true))

    @property
    def precision(self) -> float | None:
        """Share of the found that are right; None when nothing was found."""
        return _ratio(self.right, self.found)

    @property
    def recall(self) -> float | None:
        """Share of the true that were found; None when nothing is true."""
        return _ratio(self.right, self.true)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None when nothing is true and nothing was found."""
        return _ratio(2 * self.right, self.true + self.found)


@dataclass(frozen=True)
class Grouping:
    """How well found groups agree with true groups over the same items."""

    items: int
    true_groups: int
    found_groups: int
    bcubed_precision: float | None
    bcubed_recall: float | None
    bcubed_f1: float | None
    pairwise_precision: float | None
    pairwise_recall: float | None
    pairwise_f1: float | None


def compare_groups(true: Sequence[str], found: Sequence[str | None]) -> Grouping:
    """Compare the true group of each item with its found group, None = not found.

    An item that was not found stands alone. BCubed precision is the mean over items of
    the share of its found group that is of its true group; recall the mean share of
    its true group that is in its found group (Bagga and Baldwin 1998). Pairwise
    figures count pairs of items in the same group. All None when there are no items;
    a pairwise figure is None when there is no pair to count.

    >>> compare_groups(["x", "x", "y"], ["1", "1", None]).bcubed_f1
    1.0
    """
    labels = [
        ("alone", str(position)) if group is None else ("group", group)
        for position, group in enumerate(found)
    ]
    if not labels:
        return Grouping(0, 0, 0, None, None, None, None, None, None)
    truth = np.unique(np.asarray(true, dtype=object), return_inverse=True)[1]
    numbers = {label: number for number, label in enumerate(sorted(set(labels)))}
    guess = np.array([numbers[label] for label in labels], dtype=np.int64)
    cells, both = np.unique(
        truth.astype(np.int64) * len(numbers) + guess, return_counts=True
    )
    in_true = np.bincount(truth)
    in_found = np.bincount(guess)
    squares = both.astype(np.float64) ** 2
    items = len(labels)
    precision = math.fsum(squares / in_found[cells % len(numbers)]) / items
    recall = math.fsum(squares / in_true[cells // len(numbers)]) / items
    right, said, real = _pairs(both), _pairs(in_found), _pairs(in_true)
    return Grouping(
        items=items,
        true_groups=len(in_true),
        found_groups=sum(1 for label in numbers if label[0] == "group"),
        bcubed_precision=precision,
        bcubed_recall=recall,
        bcubed_f1=2 * precision * recall / (precision + recall),
        pairwise_precision=_ratio(right, said),
        pairwise_recall=_ratio(right, real),
        pairwise_f1=_ratio(2 * right, said + real),
    )


def average_precision(scores: Floats, true: Bools) -> float | None:
    """Return the mean precision over the steps of recall, going down the ranking.

    Items with equal scores are taken together, so that the order of rows is nothing.
    NaN ranks below every score. None when nothing is true.

    >>> average_precision(np.array([0.9, 0.5, 0.5]), np.array([True, True, False]))
    0.8333333333333333
    """
    total = int(true.sum())
    if total == 0:
        return None
    ranked = np.where(np.isnan(scores), -np.inf, scores)
    order = np.argsort(-ranked, kind="stable")
    ranked, hits = ranked[order], np.cumsum(true[order])
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    gained = np.diff(hits[ends], prepend=0)
    return math.fsum(gained / total * hits[ends] / (ends + 1))


def area_under_curve(scores: Floats, true: Bools) -> float | None:
    """Return how often a true item outscores a false one, a tie counting half.

    None when one of the two classes is empty.

    >>> area_under_curve(np.array([0.9, 0.5, 0.5]), np.array([True, True, False]))
    0.75
    """
    high, low = scores[true], np.sort(scores[~true])
    if len(high) == 0 or len(low) == 0:
        return None
    below = np.searchsorted(low, high, side="left")
    not_above = np.searchsorted(low, high, side="right")
    return float((below + not_above).sum() / 2 / (len(high) * len(low)))


def area_interval(
    scores: Floats, true: Bools, *, rounds: int = 2000, seed: int = 1
) -> tuple[float, float] | None:
    """Return the 95 % bootstrap interval of `area_under_curve`.

    Each round draws as many true and as many false items as there are, with
    replacement. None when one of the two classes is empty.
    """
    high, low = np.sort(scores[true]), np.sort(scores[~true])
    if len(high) == 0 or len(low) == 0:
        return None
    random = np.random.default_rng(seed)
    areas = []
    for _ in range(rounds):
        drawn = np.concatenate(
            [random.choice(high, len(high)), random.choice(low, len(low))]
        )
        areas.append(area_under_curve(drawn, np.arange(len(drawn)) < len(high)))
    lower, upper = np.quantile(np.array(areas, dtype=np.float64), [0.025, 0.975])
    return float(lower), float(upper)


@dataclass(frozen=True)
class ReliabilityBin:
    """Accounts whose risk is in one range: what was said, and what share was true."""

    lowest: float
    highest: float
    accounts: int
    said: float | None
    came_true: float | None


def reliability(
    risk: Floats, true: Bools, *, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Return said and true share in equal ranges of risk, the last one closed."""
    position = np.minimum((risk * bins).astype(np.int64), bins - 1)
    rows = []
    for number in range(bins):
        inside = position == number
        count = int(inside.sum())
        rows.append(
            ReliabilityBin(
                number / bins,
                (number + 1) / bins,
                count,
                _ratio(math.fsum(risk[inside]), count),
                _ratio(int(true[inside].sum()), count),
            )
        )
    return tuple(rows)


def calibration_error(
    risk: Floats, true: Bools, *, minimum_risk: float = 0.1, bins: int = 10
) -> float | None:
    """Return the expected calibration error over bins of equally many accounts.

    Only accounts at `minimum_risk` or more count: the mass of harmless accounts would
    hide every error. Equal risks never straddle two bins by chance: within a risk,
    each account counts with the risk's true share. None when no account counts.
    """
    counted = risk >= minimum_risk
    said, inverse = np.unique(risk[counted], return_inverse=True)
    if len(said) == 0:
        return None
    shares = np.bincount(inverse, weights=true[counted]) / np.bincount(inverse)
    order = np.argsort(inverse, kind="stable")
    said_sorted, true_sorted = said[inverse][order], shares[inverse][order]
    gaps = [
        abs(math.fsum(part_said) - math.fsum(part_true))
        for part_said, part_true in zip(
            np.array_split(said_sorted, bins),
            np.array_split(true_sorted, bins),
            strict=True,
        )
    ]
    return math.fsum(gaps) / len(said_sorted)


def _pairs(sizes: npt.NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
