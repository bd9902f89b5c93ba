"""One sample world measured: what is named in `quality_table`, as plain numbers.

A world is named `design:farmed:style:seed`, with `:attack` behind it where farms know
the method: `plain:0.02:mixed:4711`. The same name gives the same figures.
"""

import dataclasses
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

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

DEFAULT_DESIGN = "plain"
NO_ATTACK = "none"
SAID = (0.9, 0.97)
"""The risks over which the trial was over-confident."""

RISK_STEPS = 100
"""Into so many equal ranges the risk is counted for the picture of reliability."""

Figures = dict[str, Any]


@dataclass(frozen=True, order=True)
class WorldName:
    """Which world: its design, the share farmed, the farms' style, seed and attack.

    >>> WorldName.read("plain:0.02:mixed:7")
    WorldName(design='plain', farmed=0.02, style='mixed', seed=7, attack='none')
    >>> str(WorldName.read("plain:0.02:mixed:7"))
    'plain:0.02:mixed:7'
    """

    design: str
    farmed: float
    style: str
    seed: int
    attack: str = NO_ATTACK

    @classmethod
    def read(cls, text: str) -> "WorldName":
        """Read a name; ValueError when it is none."""
        design, farmed, style, seed, *attack = text.split(":")
        return cls(design, float(farmed), style, int(seed), *attack)

    def __str__(self) -> str:
        attack = "" if self.attack == NO_ATTACK else f":{self.attack}"
        return f"{self.design}:{self.farmed:g}:{self.style}:{self.seed}{attack}"

    @property
    def file_name(self) -> str:
        """Name of the file of its figures."""
        return f"{str(self).replace(':', '_')}.json"

    def settings(self, **more: Any) -> WorldSettings:
        """Return the options of the world; `more` are others than those in the name."""
        known = {field.name for field in dataclasses.fields(WorldSettings)}
        named = {"design": self.design, "attack": self.attack}
        usual = {"design": DEFAULT_DESIGN, "attack": NO_ATTACK}
        for option, value in named.items():
            if option in known:
                more[option] = value
            elif value != usual[option]:
                raise ValueError(f"there is no {option} but {usual[option]!r} yet")
        return WorldSettings(
            seed=self.seed,
            farmed=self.farmed,
            style=self.style,  # type: ignore[arg-type]  # checked by WorldSettings
            **more,
        )


def measure_world(name: WorldName, *, beside: bool = True, **settings: Any) -> Figures:
    """Make the world, analyse it, and return its figures; it leaves nothing behind.

    With `beside`, other methods and trees with labels are asked as well.
    """
    with tempfile.TemporaryDirectory() as folder:
        world, out = Path(folder, "world"), Path(folder, "run")
        simulate(world, name.settings(**settings))
        began, worked = time.perf_counter(), time.process_time()
        run(world, out)
        figures: Figures = {
            "world": str(name),
            "measured_on": datetime.now(UTC).date().isoformat(),
            "seconds": round(time.perf_counter() - began, 1),
            "processor_seconds": round(time.process_time() - worked, 1),
        }
        compared = compare(out, world / "truth")
        figures |= figures_of(compared)
        farmed = (compared.both["true_role"] == "batch_registered").sum()
        figures["farmed_a_day"] = round(int(farmed) / name.settings(**settings).days, 1)
        if beside:
            rivals = [own_result(compared), *rivals_of(out, world / "truth")]
            figures["methods"] = {rival.method: _row(rival) for rival in rivals}
            figures["methods"]["trees with labels"] = _trees(out, compared)
        return figures


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
