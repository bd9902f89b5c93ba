"""One sample world measured: what is named in `quality_table`, as plain numbers.

A world is named `design:farmed:style:seed`, with `:attack` or `:one+other` behind it
where farms know the method: `harbour:0.02:mixed:4711:drip`. The same name gives the
same figures.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from analyses.detection import combination
from analyses.evaluation.baselines import Rival, own_result, rivals_of
from analyses.evaluation.comparison import Comparison, compare
from analyses.evaluation.evaluate import evaluate_world
from analyses.evaluation.expected_errors import (
    THRESHOLDS,
    kinds_of,
    wrongly_listed,
)
from analyses.evaluation.metrics import Score, average_precision
from analyses.pipeline import run
from analyses.reporting.outputs import COLLUSION_ROLES
from analyses.run_events import open_store
from loaders.simulator import WorldSettings, simulate
from tests.benchmarks.labelled_trees import tree_scores

SAID = (0.9, 0.97)
"""The risks over which the trial was over-confident."""

RISK_STEPS = 100
"""Into so many equal ranges the risk is counted for the picture of reliability."""

Figures = dict[str, Any]


@dataclass(frozen=True, order=True)
class WorldName:
    """Which world: its design, the share farmed, the farms' style, seed and attacks.

    >>> WorldName.read("harbour:0.02:mixed:7").attacks
    ()
    >>> str(WorldName.read("harbour:0.02:mixed:7:drip+spread"))
    'harbour:0.02:mixed:7:drip+spread'
    """

    design: str
    farmed: float
    style: str
    seed: int
    attacks: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> "WorldName":
        """Read a name; ValueError when it is none."""
        design, farmed, style, seed, *attacks = text.split(":")
        names = tuple("+".join(attacks).split("+")) if attacks else ()
        return cls(design, float(farmed), style, int(seed), names)

    def __str__(self) -> str:
        parts = [self.design, f"{self.farmed:g}", self.style, str(self.seed)]
        return ":".join(parts + (["+".join(self.attacks)] if self.attacks else []))

    @property
    def file_name(self) -> str:
        """Name of the file of its figures."""
        return f"{str(self).replace(':', '_')}.json"

    @property
    def kind(self) -> tuple[float, str]:
        """The kind of world: share farmed, and style."""
        return self.farmed, self.style

    def without_attacks(self) -> "WorldName":
        """Return the same world with farms that do not know the method."""
        return replace(self, attacks=())

    def settings(self) -> WorldSettings:
        """Return the options of the world."""
        return WorldSettings(
            seed=self.seed,
            design=self.design,
            farmed=self.farmed,
            style=self.style,  # type: ignore[arg-type]  # checked by WorldSettings
            attacks=self.attacks,
        )


def measure_world(name: WorldName, *, beside: bool = True) -> Figures:
    """Make the world, analyse it, and return its figures; it leaves nothing behind.

    The weights of all evidence are those fitted on the *other* designs. With `beside`,
    other methods and trees with labels are asked as well.
    """
    with tempfile.TemporaryDirectory() as folder:
        world, out = Path(folder, "world"), Path(folder, "run")
        simulate(world, name.settings())
        began, worked = time.perf_counter(), time.process_time()
        with weights_without(name.design):
            run(world, out)
        figures: Figures = {
            "world": str(name),
            "measured_on": datetime.now(UTC).date().isoformat(),
            "seconds": round(time.perf_counter() - began, 1),
            "processor_seconds": round(time.process_time() - worked, 1),
        }
        compared = compare(out, world / "truth")
        figures |= figures_of(compared)
        if beside:
            rivals = [own_result(compared), *rivals_of(out, world / "truth")]
            figures["methods"] = {rival.method: _row(rival) for rival in rivals}
            figures["framed"] = _framed(compared, rivals)
            if not name.attacks:
                figures["methods"]["trees with labels"] = _trees(out, compared)
        return figures


@contextmanager
def weights_without(design: str) -> Iterator[None]:
    """Weigh evidence as if the design had not been there when weights were fitted."""
    fitted = Path(__file__).with_name("weights_left_out.json")
    weights = combination.read_weights(
        json.loads(fitted.read_text(encoding="utf-8"))[design]
    )
    kept = combination.fitted_weights
    combination.fitted_weights = lambda: weights  # type: ignore[assignment]
    try:
        yield
    finally:
        combination.fitted_weights = kept


def figures_of(compared: Comparison) -> Figures:
    """Return the figures of the data contract, and those that only the table names."""
    found: Figures = dict(evaluate_world(compared).figures)
    both = compared.both
    lured = both["true_role"] == "lured_helper"
    found["lured_helper.listed"] = int((lured & both["listed"]).sum())
    said, right = said_and_true(compared)
    inside = (said >= SAID[0]) & (said <= SAID[1])
    found["said.accounts"] = int(inside.sum())
    found["said.mean"] = float(said[inside].mean()) if inside.any() else None
    found["said.true"] = float(right[inside].mean()) if inside.any() else None
    figures: Figures = {name: rounded(value) for name, value in sorted(found.items())}
    figures["risk_steps"] = _steps(said, right)
    innocent = both[~both["true_role"].isin(COLLUSION_ROLES)]
    figures["innocents"] = kinds_of(innocent).value_counts().sort_index().to_dict()
    figures["wrongly_listed"] = {
        f"{threshold:g}": wrongly_listed(compared, threshold)
        for threshold in THRESHOLDS
    }
    return figures


def said_and_true(compared: Comparison) -> tuple[np.ndarray, np.ndarray]:
    """Return the risk of every account with a role, and whether that came true."""
    both = compared.both[compared.both["role"] != ""]
    right = both["role"].isin(COLLUSION_ROLES) & (both["role"] == both["true_role"])
    return both["risk"].to_numpy(np.float64), right.to_numpy()


def _steps(said: np.ndarray, right: np.ndarray) -> list[list[float]]:
    """Return accounts, sum of risks, and how many came true, by range of risk."""
    step = np.minimum((said * RISK_STEPS).astype(np.int64), RISK_STEPS - 1)
    counts = np.bincount(step, minlength=RISK_STEPS).tolist()
    sums = np.bincount(step, said, minlength=RISK_STEPS).round(4).tolist()
    came_true = np.bincount(step, right, minlength=RISK_STEPS).astype(int).tolist()
    return [list(row) for row in zip(counts, sums, came_true, strict=True)]


def _framed(compared: Comparison, rivals: list[Rival]) -> dict[str, int]:
    """Return how many innocents farms framed, and how many of these each method finds.

    Of the run those count that are listed.
    """
    both = compared.both
    framed = set(both.loc[both["innocent_kind"] == "framed", "account_id"])
    listed = set(both.loc[both["listed"], "account_id"])
    found = {rival.method: len(framed & rival.found) for rival in rivals}
    return {"accounts": len(framed), "listed": len(framed & listed)} | found


def _row(rival: Rival) -> list[float | None]:
    score = rival.score
    cells = (score.precision, score.recall, score.f1, rival.farms)
    return [rounded(cell) for cell in cells]


def _trees(out: Path, compared: Comparison) -> list[float | None]:
    both = compared.both
    bad = set(both.loc[both["true_role"] == "batch_registered", "account_id"])
    with open_store(out) as store:
        names = store.frame(
            "SELECT account_id FROM accounts WHERE is_new ORDER BY account"
        )["account_id"]
        true = names.isin(bad).to_numpy()
        scores = tree_scores(store, true)
    found = scores >= 0.5
    score = Score(int(true.sum()), int(found.sum()), int((true & found).sum()))
    told = (score.precision, score.recall, score.f1, None)
    return [*map(rounded, told), rounded(average_precision(scores, true))]


def rounded(value: float | None) -> float | None:
    """Return a figure with the digits that are worth keeping."""
    return round(value, 4) if isinstance(value, float) else value
