"""Answers to questions as text: a table for people, CSV, or JSON lines.

A table shows times, the columns that end in `_at`, as dates in UTC, and every text made
visible (`safe_text`); CSV does not run anything when a spreadsheet opens it. CSV and
JSON lines keep times as seconds since 1970.
"""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analyses.reporting.report_tables import Cell, table_lines
from analyses.reporting.safe_text import safe_cell, visible
from graph.errors import InputError

FORMATS = ("table", "csv", "jsonl")


def written(frame: pd.DataFrame, form: str) -> str:
    """Return an answer as text in one of `FORMATS`; InputError for another."""
    if form == "table":
        return _table(frame)
    if form == "csv":
        return _csv(frame)
    if form == "jsonl":
        return _json_lines(frame)
    raise InputError(f"there is no format {form!r}: {', '.join(FORMATS)}")


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    columns = [
        [None if _is_null(value) else _plain(value) for value in frame.iloc[:, place]]
        for place in range(frame.shape[1])
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    """Return a value as Python has it: pandas hands out numbers of numpy."""
    return value.item() if hasattr(value, "item") else value


def _is_null(value: Any) -> bool:
    return (
        value is None or value is pd.NA or (isinstance(value, float) and value != value)
    )


def _table(frame: pd.DataFrame) -> str:
    names = [visible(str(name)) for name in frame.columns]
    rows = [
        [_cell(name, value) for name, value in zip(names, row, strict=True)]
        for row in _rows(frame)
    ]
    count = f"{len(rows):,} row{'s' * (len(rows) != 1)}"
    if not rows:
        return f"no rows; columns: {', '.join(names)}"
    return "\n".join([*table_lines(names, rows, indent=""), "", count])


def _cell(name: str, value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_at") and isinstance(value, int) and abs(value) < 253_402_300_800:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) else value
    return visible(value if isinstance(value, str) else _json(value))


def _csv(frame: pd.DataFrame) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([safe_cell(str(name)) for name in frame.columns])
    for row in _rows(frame):
        writer.writerow(
            [
                safe_cell(value if isinstance(value, str) else _json(value))
                if isinstance(value, str | list | dict)
                else value
                for value in row
            ]
        )
    return out.getvalue().removesuffix("\n")


def _json_lines(frame: pd.DataFrame) -> str:
    names = [str(name) for name in frame.columns]
    return "\n".join(_json(dict(zip(names, row, strict=True))) for row in _rows(frame))


def _json(value: Any) -> str:
    # ASCII: whatever steers a terminal is written as its code.
    return json.dumps(value, default=str)
