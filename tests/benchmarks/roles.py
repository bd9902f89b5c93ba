"""Measure crews, platforms and roles on sample worlds, against their bars.

    python -m tests.benchmarks.roles                     # three seeds drawn now, kept
    python -m tests.benchmarks.roles --world NAME …      # these worlds, only shown

A whole measurement draws three seeds and makes of each the sample world at 10 % farmed
and at 2 %; its figures replace `docs/roles.jsonl`, of which the table in
docs/quality.md is made. Exits with 1 when a bar is missed at 10 %.
"""

import argparse
import json
import secrets
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analyses.evaluation.baselines import beside_towns
from analyses.evaluation.comparison import compare
from analyses.pipeline import run
from analyses.reporting.report_tables import Section
from loaders.simulator import simulate
from tests.benchmarks.quality_pages import markdown
from tests.benchmarks.quality_worlds import WorldName, figures_of, rounded

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "roles.jsonl"
SHARES = (0.1, 0.02)
"""Of the new accounts farmed. The bars are for the first; the other is reported."""

SEEDS = 3
TOWNS = "one_town_one_crew.bcubed_f1"
TIME = "time_share"


@dataclass(frozen=True)
class Bar:
    """What is asked of one figure; with `most` it is an upper limit."""

    says: str
    figure: str
    bar: float | None
    most: bool = False

    def holds(self, value: float | None) -> bool:
        """Whether the figure keeps it; without a bar it does."""
        if self.bar is None:
            return True
        if value is None:
            return False
        return value <= self.bar if self.most else round(value, 3) >= self.bar


BARS = (
    Bar("stall helps, precision", "helps.stall.precision", 0.95),
    Bar("stall helps, recall", "helps.stall.recall", 0.90),
    Bar("crews, BCubed F1", "scanning_crew.bcubed_f1", 0.70),
    Bar("one town = one crew, told which helps, BCubed F1", TOWNS, None),
    Bar("lured helpers, precision", "roles.lured_helper.precision", 0.95),
    Bar("lured helpers, recall", "roles.lured_helper.recall", 0.90),
    Bar("lured helpers listed", "lured_helper.listed", 0, most=True),
    Bar("platform workers, precision", "roles.platform_worker.precision", 0.80),
    Bar("platform workers, recall", "roles.platform_worker.recall", 0.80),
    Bar("owned helpers, precision", "roles.owned_helper.precision", 0.95),
    Bar("owned helpers, recall", "roles.owned_helper.recall", 0.85),
    Bar("operators, precision", "roles.operator.precision", 0.60),
    Bar("operators, recall", "roles.operator.recall", 0.60),
    Bar("repeat helpers, average precision", "repeat_helpers.average_precision", 0.70),
    Bar("helpers and crews, share of the run's time", TIME, 0.25, most=True),
)
"""What is asked of the sample world at 10 % farmed, as a mean."""

Results = Sequence[Mapping[str, Any]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--world", type=WorldName.read, nargs="+", metavar="NAME")
    chosen = options.parse_args().world
    worlds = chosen or draw_worlds()
    print("worlds:", *worlds, flush=True)
    found = []
    for name in worlds:
        found.append(measure(name))
        print(found[-1], flush=True)
    if not chosen:
        lines = "".join(json.dumps(each) + "\n" for each in found)
        RESULTS.write_text(lines, encoding="utf-8")
    print(table(found).text())
    sys.exit(1 if missed(found) else 0)


def draw_worlds() -> list[WorldName]:
    """Return the sample world of three seeds drawn now, at each share farmed."""
    seeds = [secrets.randbelow(10**6) for _ in range(SEEDS)]
    return [
        WorldName("nationwide", farmed, "mixed", seed)
        for farmed in SHARES
        for seed in seeds
    ]


def measure(name: WorldName) -> dict[str, Any]:
    """Make the world, analyse it, and return the figures of `BARS`."""
    with tempfile.TemporaryDirectory() as folder:
        world, out = Path(folder, "world"), Path(folder, "run")
        simulate(world, name.settings())
        run(world, out).close()
        figures = figures_of(compare(out, world / "truth"))
        beside = beside_towns(out, world / "truth")
        (towns,) = [row[-1] for row in beside.rows if row[0] == "one town = one crew"]
        assert isinstance(towns, float)
        figures[TOWNS] = rounded(towns)
        figures[TIME] = rounded(time_share(out))
        return {
            "world": str(name),
            "measured_on": datetime.now(UTC).date().isoformat(),
            **{bar.figure: figures.get(bar.figure) for bar in BARS},
        }


def time_share(out: Path) -> float:
    """Return what part of a run's time its phases `helpers` and `crews` took.

    Of the processor's time, which other programs on the machine do not change.
    """
    phases = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["phases"]
    seconds = {phase["phase"]: float(phase["cpu_seconds"]) for phase in phases}
    return (seconds["helpers"] + seconds["crews"]) / sum(seconds.values())


def read_results(path: Path = RESULTS) -> list[dict[str, Any]]:
    """Return the figures that are kept, a world each."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def table(worlds: Results) -> Section:
    """Return the bars with the mean and the range at each share farmed."""
    kinds = {
        farmed: [
            each for each in worlds if WorldName.read(each["world"]).farmed == farmed
        ]
        for farmed in SHARES
    }
    return Section(
        "Crews, platforms and roles",
        ("what", "bar", *(f"{100 * farmed:g} %" for farmed in SHARES)),
        tuple(
            (bar.says, _bar(bar), *(_mean_and_range(bar, kinds[f]) for f in SHARES))
            for bar in BARS
        ),
    )


def part(path: Path = RESULTS) -> str:
    """Return the part of docs/quality.md that is written from what is kept."""
    worlds = read_results(path)
    names = ", ".join(f"`{each['world']}`" for each in worlds)
    days = " and ".join(sorted({str(each["measured_on"]) for each in worlds}))
    return f"Measured on {days}. Worlds: {names}.\n\n{markdown(table(worlds))}"


def missed(worlds: Results) -> list[str]:
    """Return the bars that the mean of the worlds at 10 % misses."""
    chosen = [e for e in worlds if WorldName.read(e["world"]).farmed == SHARES[0]]
    return [bar.says for bar in BARS if chosen and not bar.holds(_mean(bar, chosen))]


def _values(bar: Bar, worlds: Results) -> list[float]:
    return [each[bar.figure] for each in worlds if each[bar.figure] is not None]


def _mean(bar: Bar, worlds: Results) -> float | None:
    values = _values(bar, worlds)
    return sum(values) / len(values) if values else None


def _bar(bar: Bar) -> str:
    if bar.bar is None:
        return ""
    return f"at most {bar.bar:g}" if bar.most else f"{bar.bar:.2f}"


def _mean_and_range(bar: Bar, worlds: Results) -> str:
    mean, values = _mean(bar, worlds), _values(bar, worlds)
    if mean is None:
        return "none found" if worlds else "not measured"
    if bar.figure == "lured_helper.listed":
        return str(int(sum(values)))
    short = "" if bar.holds(mean) else ", below the bar"
    unknown = len(worlds) - len(values)
    none = f", none found in {unknown}" if unknown else ""
    return f"{mean:.3f} ({min(values):.3f} to {max(values):.3f}{none}){short}"


if __name__ == "__main__":
    main()
