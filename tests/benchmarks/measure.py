"""Measure a run on sample worlds whose seeds are drawn now, so that none is chosen.

    python tests/benchmarks/measure.py [--seeds N] [--public FOLDER] [SEED ...]

Prints the seeds, then the figures of each world beside plain methods, the helpers by
role, who was wrongly listed, and, where the public records are there, the mean
best-match F1 on them. A seed given on the command line repeats a measurement.
"""

import argparse
import os
import secrets
import tempfile
import time
from pathlib import Path

from analyses.evaluation.baselines import beside_baselines, beside_towns
from analyses.evaluation.evaluate import evaluate
from analyses.pipeline import run
from analyses.reporting.report_tables import Evaluation, Section
from loaders.simulator import WorldSettings, simulate

ROOT = Path(__file__).resolve().parents[2]
MAPPINGS = ROOT / "loaders" / "mappings"
PUBLIC = Path(os.environ.get("SCANRING_DATA", ROOT.parent / "shared" / "data"))

SHOWN = (
    "Batch-registered accounts",
    "Teams",
    "Helps",
    "Roles",
    "Repeat helpers",
    "Innocent accounts",
    "Reliability",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("seed", nargs="*", type=int, help="repeat these seeds")
    parser.add_argument("--seeds", type=int, default=3, help="how many to draw")
    parser.add_argument("--public", type=Path, default=PUBLIC)
    wanted = parser.parse_args()
    seeds = wanted.seed or [secrets.randbelow(10**6) for _ in range(wanted.seeds)]
    print("seeds:", *seeds)
    for seed in seeds:
        measure_world(WorldSettings(seed=seed))
    for seed in seeds:
        measure_world(WorldSettings(seed=seed, farmed=0.02))
    for seed in seeds:
        measure_world(WorldSettings(seed=seed, style="careful"))
    measure_public(wanted.public)


def measure_world(settings: WorldSettings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world, out = Path(folder, "world"), Path(folder, "run")
        simulate(world, settings)
        began = time.perf_counter()
        run(world, out)
        seconds = time.perf_counter() - began
        title = f"SAMPLE WORLD seed {settings.seed}, {settings.farmed:.1%} farmed"
        if settings.style != "mixed":
            title += f", {settings.style} farms only"
        print(f"\n{title}, run in {seconds:.1f} s\n{'=' * len(title)}")
        truth = world / "truth"
        show(
            evaluate(out, truth), beside_baselines(out, truth), beside_towns(out, truth)
        )


def show(evaluation: Evaluation, *beside: Section) -> None:
    for section in beside:
        print(f"\n{section.text()}")
    for section in evaluation.sections:
        if section.title.startswith(SHOWN):
            print(f"\n{section.text()}")


def measure_public(data: Path) -> None:
    for name, truth in (("hop", "groups.parquet"), ("layerzero", "clusters.parquet")):
        if not (data / name / truth).is_file():
            print(f"\n{name}: not measured, {data / name} is not there")
            continue
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "run")
            run(data / name, out, mapping=MAPPINGS / f"{name}.toml")
            print(f"\nPUBLIC RECORD {name}")
            print(evaluate(out, data / name / truth).text())


if __name__ == "__main__":
    main()
