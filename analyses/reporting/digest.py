r"""One hash per output table, the same for the same answer.

The hash of a table is the SHA-256, in hexadecimal, of its rows as lines of UTF-8, each
line followed by a line feed, sorted by their bytes. Only the contract's columns count,
in the contract's order, and a row is a JSON list of them, without spaces:

| value | written as |
|---|---|
| null | `null` |
| text | JSON text; escaped is only what must be: `\"`, `\\`, control characters |
| double | rounded to nine digits after the point: `0.250000000`, never `-0.000000000` |
| double that is not a number, or infinite | `NaN`, `Infinity`, `-Infinity` |
| whole number | `12` |
| bool | `true`, `false` |
| time | whole seconds since 1970 in UTC, rounded down; one without a zone is UTC |
| list | JSON list, in its order |
| table and id of an event | JSON list of the two |

So row order, files, encodings, row groups, units of time and further columns do not
matter. Rejects, manifest and event store are not part of it.
"""

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from analyses.reporting.outputs import OUTPUTS, OutputTable, read_output

# One encoder for all: making one per value would take most of the time.
_text: Callable[[Any], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode


def digest(run: Path) -> dict[str, str]:
    """Return the hash of each output table of a run folder, by the table's name.

    Raises InputError when one of the tables, or a column of it, is not there.
    """
    return {
        name: table_digest(read_output(run, name), output)
        for name, output in OUTPUTS.items()
    }


def table_digest(table: pa.Table, output: OutputTable) -> str:
    """Return the hash of one output table.

    >>> empty = OUTPUTS["links"].schema.empty_table()
    >>> table_digest(empty, OUTPUTS["links"])[:8]
    'e3b0c442'
    """
    columns = [_written(table[column.name], column.type) for column in output.columns]
    lines = sorted(
        f"[{','.join(row)}]\n".encode() for row in zip(*columns, strict=True)
    )
    total = hashlib.sha256()
    for line in lines:
        total.update(line)
    return total.hexdigest()


def _written(column: pa.ChunkedArray, kind: pa.DataType) -> list[str]:
    """Write every value of a column."""
    if pa.types.is_timestamp(kind):
        if pa.types.is_timestamp(column.type):
            per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
            unit = per_second[column.type.unit]
            return [
                "null" if value is None else str(value // unit)
                for value in column.cast(pa.int64()).to_pylist()
            ]
        kind = pa.int64()
    writer = _writer(kind)
    return [
        "null" if value is None else writer(value)
        for value in column.cast(kind).to_pylist()
    ]


def _writer(kind: pa.DataType) -> Callable[[Any], str]:
    """Return the function that writes one value, which is not null, of this type."""
    if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
        return lambda events: _text([[e["table"], e["id"]] for e in events])
    if pa.types.is_floating(kind):
        return _double
    return _text


def _double(value: float) -> str:
    if not math.isfinite(value):
        return json.dumps(value)
    written = f"{value:.9f}"
    return "0.000000000" if written == "-0.000000000" else written
