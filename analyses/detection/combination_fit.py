"""Fit the weights with which all evidence on an account is summed up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from analyses.detection.belief import Beliefs, probability
from analyses.detection.combination import FREE, Weights, parts, parts_of_links
from graph.lockstep import Lockstep

SHRINKAGE = 3e-4
"""How much a large weight costs beside the loss of an account on average."""


ONE_IN = 8
"""Of the innocent accounts of a world one in so many is looked at, and stands for all.
"""


@dataclass(frozen=True)
class Example:
    """A world with known truth: its parts (accounts × names) and who is farmed.

    `beliefs` and `lockstep` are what the parts were made of.
    """

    design: str
    names: tuple[str, ...]
    table: np.ndarray
    farmed: np.ndarray
    beliefs: Beliefs
    lockstep: Lockstep

    @property
    def chosen(self) -> np.ndarray:
        """Return which accounts the fit looks at: the farmed, and some others."""
        return np.asarray(self.farmed | (np.arange(len(self.farmed)) % ONE_IN == 0))

    @property
    def weight(self) -> np.ndarray:
        """Return what each of the chosen counts for; their sum is near one."""
        counts = np.where(self.farmed[self.chosen], 1.0, float(ONE_IN))
        return np.asarray(counts / len(self.farmed))

    def summed(self, weights: Mapping[str, float]) -> np.ndarray:
        """Return the risk of all accounts by one sum."""
        each = np.array([weights.get(name, 0.0) for name in self.names])
        return probability(weights["intercept"] + self.table.astype(np.float64) @ each)

    def believing(self, risk: np.ndarray) -> "Example":
        """Return the world with parts that believe this of the others at a key."""
        table = self.table.copy()
        for part in parts_of_links(self.beliefs, self.lockstep, risk):
            table[:, self.names.index(part.name)] = part.value
        return replace(self, table=table)

    def without(self, code: str) -> "Example":
        """Return the world without all parts that a signal gives to the sum."""
        kept = [n for n, name in enumerate(self.names) if name.split()[-1] != code]
        names = tuple(self.names[n] for n in kept)
        return replace(self, names=names, table=self.table[:, kept])

    def risk(self, weights: Weights) -> np.ndarray:
        """Return the risk of all accounts, as `combine` does."""
        return self.believing(self.summed(weights.first)).summed(weights.second)


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
        beliefs,
        lockstep,
    )


def fit(examples: Sequence[Example]) -> Weights:
    """Return the weights of the first sum, and then those of the second.

    The second is fitted with what the first says of the others at a key.
    """
    first = fit_sum(examples)
    again = [one.believing(one.summed(first)) for one in examples]
    return Weights(first, fit_sum(again))


def fit_sum(examples: Sequence[Example]) -> dict[str, float]:
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
    spread = table.std(axis=0)
    scale = np.where(spread > 1e-9, spread, np.inf)  # what never varies tells nothing
    middle = counts @ table / scale
    table = np.column_stack([np.ones(len(table)), table / scale - middle])
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
        options={"maxiter": 20_000, "maxfun": 20_000, "ftol": 1e-14, "gtol": 1e-6},
    ).x / np.log(2)
    weights = dict(zip(names, found[1:] / scale, strict=True))
    kept = {name: each for name, each in weights.items() if abs(each) >= 1e-4}
    intercept = found[0] - found[1:] @ middle
    return {
        name: round(float(weight), 6)
        for name, weight in sorted([*kept.items(), ("intercept", intercept)])
    }
