"""Fit the weights with which all evidence on an account is summed up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from analyses.detection.belief import Beliefs
from analyses.detection.combination import FREE, parts
from graph.lockstep import Lockstep

SHRINKAGE = 3e-4
"""How much a large weight costs beside the loss of an account on average."""


ONE_IN = 8
"""Of the innocent accounts of a world one in so many is looked at, and stands for all.
"""


@dataclass(frozen=True)
class Example:
    """A world with known truth: its parts (accounts × names) and who is farmed."""

    design: str
    names: tuple[str, ...]
    table: np.ndarray
    farmed: np.ndarray

    @property
    def chosen(self) -> np.ndarray:
        """Return which accounts the fit looks at: the farmed, and some others."""
        return np.asarray(self.farmed | (np.arange(len(self.farmed)) % ONE_IN == 0))

    @property
    def weight(self) -> np.ndarray:
        """Return what each of the chosen counts for; their sum is near one."""
        counts = np.where(self.farmed[self.chosen], 1.0, float(ONE_IN))
        return np.asarray(counts / len(self.farmed))


def example(
    design: str, beliefs: Beliefs, lockstep: Lockstep, farmed: np.ndarray
) -> Example:
    """Return the parts of all accounts of a world, and which of them are farmed."""
    found = list(parts(beliefs, lockstep))
    return Example(
        design,
        tuple(part.name for part in found),
        np.column_stack([part.value for part in found]).astype(np.float32),
        farmed.astype(bool),
    )


def fit(examples: Sequence[Example]) -> dict[str, float]:
    """Return the weights under which the truth of the worlds is likeliest.

    Every world counts the same, whatever its size. Logistic regression with a ridge
    penalty and weights of at least 0, in bits; only the parts named in `FREE` may be
    negative.
    """
    names = examples[0].names
    table = np.concatenate([one.table[one.chosen] for one in examples])
    farmed = np.concatenate([one.farmed[one.chosen] for one in examples])
    counts = np.concatenate([one.weight for one in examples])
    table = table.astype(np.float64)
    counts /= counts.sum()
    scale = np.maximum(table.std(axis=0), 1e-9)
    table = np.column_stack([np.ones(len(table)), table / scale])
    sign = np.where(farmed, 1.0, -1.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = sign * (table @ weights)
        value = counts @ np.logaddexp(0, -odds)
        slope = -(counts * sign / (1 + np.exp(np.clip(odds, -500, 500)))) @ table
        penalty = np.append(0.0, weights[1:])
        return value + SHRINKAGE * (penalty @ penalty), slope + 2 * SHRINKAGE * penalty

    free = [True, *(name in FREE for name in names)]
    found = minimize(
        loss,
        np.zeros(len(free)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None) if each else (0.0, None) for each in free],
        options={"maxiter": 2000},
    ).x / np.log(2)
    weights = dict(zip(names, found[1:] / scale, strict=True))
    weights["intercept"] = found[0]
    return {
        name: round(float(weight), 6)
        for name, weight in sorted(weights.items())
        if abs(weight) >= 1e-4
    }
