"""The public records measured: groups that nobody here wrote.

They are not in the project. `SCANRING_DATA` leads to them, or they are in
`shared/data` beside the checkout; without them they are named as not measured.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from analyses.evaluation.evaluate import evaluate
from analyses.pipeline import run

ROOT = Path(__file__).resolve().parents[2]
MAPPINGS = ROOT / "loaders" / "mappings"
PUBLIC = Path(os.environ.get("SCANRING_DATA", ROOT.parent / "shared" / "data"))
RECORDS = {"hop": "groups.parquet", "layerzero": "clusters.parquet"}
"""The records, and the file of each that has its groups."""


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
