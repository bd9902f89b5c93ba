"""One sample world measured: what is named in `quality_table`, as plain numbers.

A world is named `design:farmed:style:seed`, with `:attack` behind it where farms know
the method: `plain:0.02:mixed:4711`. The same name gives the same figures.
"""

import dataclasses
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyses.evaluation.comparison import Comparison, compare
from analyses.evaluation.evaluate import evaluate_world
from analyses.pipeline import run
from analyses.reporting.outputs import COLLUSION_ROLES
from loaders.simulator import WorldSettings, simulate

DEFAULT_DESIGN = "plain"
NO_ATTACK = "none"
SAID = (0.9, 0.97)
"""The risks over which the trial was over-confident."""

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


def measure_world(name: WorldName, **settings: Any) -> Figures:
    """Make the world, analyse it, and return its figures; it leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        world, out = Path(folder, "world"), Path(folder, "run")
        simulate(world, name.settings(**settings))
        began, worked = time.perf_counter(), time.process_time()
        run(world, out)
        figures: Figures = {
            "world": str(name),
            "seconds": round(time.perf_counter() - began, 1),
            "processor_seconds": round(time.process_time() - worked, 1),
        }
        return figures | figures_of(compare(out, world / "truth"))


def figures_of(compared: Comparison) -> Figures:
    """Return the figures of the data contract, and those that only the table names."""
    found = dict(evaluate_world(compared).figures)
    both = compared.both
    lured = both["true_role"] == "lured_helper"
    found["lured_helper.listed"] = int((lured & both["listed"]).sum())
    said, right = said_and_true(compared)
    inside = (said >= SAID[0]) & (said <= SAID[1])
    found["said.accounts"] = int(inside.sum())
    found["said.mean"] = float(said[inside].mean()) if inside.any() else None
    found["said.true"] = float(right[inside].mean()) if inside.any() else None
    return {name: rounded(value) for name, value in sorted(found.items())}


def said_and_true(compared: Comparison) -> tuple[np.ndarray, np.ndarray]:
    """Return the risk of every account with a role, and whether that came true."""
    both = compared.both[compared.both["role"] != ""]
    right = both["role"].isin(COLLUSION_ROLES) & (both["role"] == both["true_role"])
    return both["risk"].to_numpy(np.float64), right.to_numpy()


def rounded(value: float | None) -> float | None:
    """Return a figure with the digits that are worth keeping."""
    return round(value, 4) if isinstance(value, float) else value
