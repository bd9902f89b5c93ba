"""Measure the detector on sample worlds that it has never seen, against the goals.

    python tests/benchmarks/quality.py                      # all, seeds drawn now
    python tests/benchmarks/quality.py --world NAME …       # only these worlds
    python tests/benchmarks/quality.py --report             # the table of what is there

Each world's figures become a file in the folder of results, so that a long measurement
can be made in parts; a world that is there is not measured again. The table counts
every world in the folder. Exits with 1 when a line falls below the first trial.
"""

import argparse
import json
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from loaders.simulator import ATTACKS, DESIGNS
from tests.benchmarks import quality_table as tables
from tests.benchmarks.ablation import ablations
from tests.benchmarks.public_records import (
    PUBLIC,
    RECORDS,
    measure_public,
    public_sections,
)
from tests.benchmarks.quality_lines import KINDS
from tests.benchmarks.quality_worlds import WorldName, measure_world

ROOT = Path(__file__).resolve().parents[2]
EACH_KIND = len(DESIGNS)
"""Worlds of each kind in a whole measurement: one of each design."""


def main() -> None:
    wanted = _arguments()
    folder: Path = wanted.folder
    if wanted.publish:
        publish(folder)
    elif not wanted.report:
        worlds = wanted.world or draw_worlds(wanted.each)
        print("worlds:", *worlds, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        print(tables.compact_head(), flush=True)
        for name in worlds:
            path = folder / name.file_name
            if not path.exists():
                write(path, measure_world(name, beside=not wanted.alone))
            print(tables.compact_line(read(path)), flush=True)
        for record in () if wanted.world else RECORDS:
            write(folder / f"public_{record}.json", measure_public(record, PUBLIC))
    sys.exit(report(folder))


def report(folder: Path) -> int:
    """Print the tables of a folder of results; return 1 when a line is below the trial.

    With nothing measured every line is.
    """
    worlds = results(folder)
    measured = [
        line for line in tables.measured_lines(worlds) if line.worlds or not worlds
    ]
    print("\nmeasured on:", *(each["world"] for each in worlds))
    print("\n" + tables.table(measured).text())
    for farmed, style in KINDS:
        print("\n" + tables.methods_table(worlds, farmed, style).text())
    for section in public_sections(public(folder)):
        print("\n" + section.text())
    below = [line.line.says for line in measured if line.below_trial]
    if below:
        print("\nbelow the trial: " + "; ".join(below))
    return 1 if below else 0


def publish(folder: Path) -> None:
    """Put all results of a folder, ablations too, into docs/quality.jsonl."""
    found = [*results(folder), *public(folder), *ablations(folder)]
    lines = [json.dumps(each) + "\n" for each in found]
    (ROOT / "docs" / "quality.jsonl").write_text("".join(lines), encoding="utf-8")


def draw_worlds(each_kind: int) -> list[WorldName]:
    """Return the worlds of a whole measurement, with seeds drawn now.

    So many of each kind, the designs in turn, and each kind begins with another one;
    then one world with every attack, and the same without.
    """
    designs = list(DESIGNS)
    worlds = [
        WorldName(
            designs[(turn + place) % len(designs)],
            farmed,
            style,
            secrets.randbelow(10**6),
        )
        for turn in range(each_kind)
        for place, (farmed, style) in enumerate(KINDS)
    ]
    attacked = worlds[0]
    return worlds + [replace(attacked, attacks=(attack,)) for attack in ATTACKS]


def results(folder: Path) -> list[dict[str, Any]]:
    """Return the figures of the worlds in a folder, sorted by name."""
    found = [read(path) for path in folder.glob("*.json")]
    worlds = [each for each in found if "world" in each and "parts" not in each]
    return sorted(worlds, key=lambda each: WorldName.read(each["world"]))


def public(folder: Path) -> list[dict[str, Any]]:
    """Return the figures of the public records in a folder."""
    found = [read(path) for path in sorted(folder.glob("public_*.json"))]
    return [each for each in found if "record" in each]


def read(path: Path) -> dict[str, Any]:
    """Read a file of figures."""
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return figures


def write(path: Path, figures: dict[str, Any]) -> None:
    """Write a file of figures; it is there whole or not at all."""
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    unfinished.replace(path)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "quality")
    parser.add_argument(
        "--world",
        action="append",
        type=WorldName.read,
        help="design:farmed:style:seed[:attacks]; may be given several times",
    )
    parser.add_argument(
        "--each", type=int, default=EACH_KIND, help="worlds of each kind"
    )
    parser.add_argument("--alone", action="store_true", help="without other methods")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    parser.add_argument(
        "--publish",
        action="store_true",
        help="measure nothing; put the results into docs/quality.jsonl",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
