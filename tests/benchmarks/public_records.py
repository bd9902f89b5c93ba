"""The public records measured: groups that nobody here wrote.

They are not in the project. `SCANRING_DATA` leads to them, or they are in
`shared/data` beside the checkout; without them they are named as not measured.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analyses.evaluation.evaluate import evaluate
from analyses.pipeline import run
from analyses.reporting.report_tables import Cell, Section

ROOT = Path(__file__).resolve().parents[2]
MAPPINGS = ROOT / "loaders" / "mappings"
PUBLIC = Path(os.environ.get("SCANRING_DATA", ROOT.parent / "shared" / "data"))
RECORDS = {"hop": "groups.parquet", "layerzero": "clusters.parquet"}
"""The records, and the file of each that has its groups."""

Figures = Mapping[str, Any]


def measure_public(record: str, data: Path) -> dict[str, Any]:
    """Return the figures of a public record; only its name where it is not there."""
    truth = data / record / RECORDS[record]
    if not truth.is_file():
        print(f"{record}: not measured, {truth} is not there")
        return {"record": record, "figures": {}}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "run")
        run(data / record, out, mapping=MAPPINGS / f"{record}.toml")
        figures = evaluate(out, truth).figures
    return {
        "record": record,
        "figures": {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in sorted(figures.items())
        },
    }


HOP_TRIAL, HOP_GOAL = 0.53, 0.65
"""Mean best-match F1 on Hop's reported groups: of Leiden in the trial, and the goal."""


def public_sections(records: Sequence[Figures]) -> list[Section]:
    """Return the tables of the public records: groups, and operators' areas."""
    groups: list[tuple[Cell, ...]] = []
    areas: list[tuple[Cell, ...]] = []
    for each in records:
        figures = each["figures"]
        if not figures:
            groups.append((each["record"], "not measured: not there", *[""] * 4))
        for name in figures:
            if name.endswith(".best_match_f1"):
                of = name.removesuffix(".best_match_f1")
                source, kind = of.rsplit(".", 1)
                cells = (figures[f"{of}.{what}"] for what in ("groups", "half_or_more"))
                groups.append(
                    (
                        each["record"],
                        source,
                        kind.replace("_", " "),
                        *(str(cell) for cell in cells),
                        f"{figures[name]:.3f}",
                    )
                )
            if name.endswith(".risk_area"):
                bounds = (
                    figures[name],
                    figures[f"{name}_lower"],
                    figures[f"{name}_upper"],
                )
                areas.append((each["record"], name.removesuffix(".risk_area"), *bounds))
    return [
        Section(
            "Public records: true groups against the best-matching team (Hop's "
            f"reported groups: Leiden in the trial {HOP_TRIAL}, goal {HOP_GOAL})",
            (
                *("record", "groups of", "kind", "groups", "F1 0.5 or more"),
                "mean best-match F1",
            ),
            tuple(groups),
        ),
        Section(
            "Public records: risk of the best-matching team, operators against false "
            "alarms",
            ("record", "groups of", "area under the curve", "95 % from", "to"),
            tuple(areas),
        ),
    ]
