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
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from analyses.reporting.outputs import OUTPUTS, OutputTable, output_batches
from graph.store import Store

MEMORY = "1GB"
"""What sorting the lines of a large run may hold; beyond it they go to the disk."""

AT_ONCE = 50_000
"""Rows that are written as lines at once."""

# One encoder for all: making one per value would take most of the time.
_text: Callable[[Any], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode


def digest(run: Path) -> dict[str, str]:
    """Return the hash of each output table of a run folder, by the table's name.

    Raises InputError when one of the tables, or a column of it, is not there.
    """
    return {
        name: _digest(output_batches(run, name, rows=AT_ONCE), output)
        for name, output in OUTPUTS.items()
    }


def table_digest(table: pa.Table, output: OutputTable) -> str:
    """Return the hash of one output table.

    >>> empty = OUTPUTS["links"].schema.empty_table()
    >>> table_digest(empty, OUTPUTS["links"])[:8]
    'e3b0c442'
    """
    return _digest(table.to_batches(max_chunksize=AT_ONCE), output)


def _digest(batches: Iterable[pa.RecordBatch], output: OutputTable) -> str:
    """Hash the sorted lines; those of many rows are sorted on the disk."""
    batches = iter(batches)
    first = _lines(next(batches, None), output)
    second = next(batches, None)
    total = hashlib.sha256()
    if second is None:
        total.update(b"".join(sorted(first)))
        return total.hexdigest()
    with (
        TemporaryDirectory(prefix="scanring-digest-") as spill,
        Store(memory=MEMORY, spill=Path(spill)) as store,
    ):
        store.create("lines", "line BLOB")
        _keep(store, first)
        while second is not None:
            _keep(store, _lines(second, output))
            second = next(batches, None)
        found = store.connection.execute("SELECT line FROM lines ORDER BY line")
        while lines := found.fetchmany(AT_ONCE):
            total.update(b"".join(line for (line,) in lines))
    return total.hexdigest()


def _keep(store: Store, lines: list[bytes]) -> None:
    store.connection.register(
        "written", pa.table({"line": pa.array(lines, pa.binary())})
    )
    store.insert("lines", "SELECT line FROM written")
    store.connection.unregister("written")


def _lines(rows: pa.RecordBatch | None, output: OutputTable) -> list[bytes]:
    """Write each row as a line."""
    if rows is None:
        return []
    columns = [_written(rows[column.name], column.type) for column in output.columns]
    return [f"[{','.join(row)}]\n".encode() for row in zip(*columns, strict=True)]


def _written(column: pa.Array, kind: pa.DataType) -> list[str]:
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
