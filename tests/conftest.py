"""A world in a few words: `world(accounts=..., helps=...)` is a store with those rows.

A table is a text, its first line the columns, `-` for null, times in seconds:

    world(accounts='''account_id registered_at
                      ann        -5
                      ben        7''')

or a list of dictionaries. Accounts that are not told when they registered are new; one
that registered before 0 is established.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from graph.numbering import Window, number
from graph.schema import STORED, TABLES, Table
from graph.store import Store

Rows = str | list[dict[str, Any]]
ARROW = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_()}
ENDLESS = Window(new_since=0, as_of=10**10)


@pytest.fixture
def world() -> Iterator[Callable[..., Store]]:
    """Make stores of numbered event tables from literal rows; they are closed after."""
    opened = []

    def make(
        *, window: Window = ENDLESS, threads: int | None = None, **tables: Rows
    ) -> Store:
        store = Store(threads=threads)
        opened.append(store)
        assert not tables.keys() - TABLES.keys()
        for table in TABLES.values():
            put_rows(store, table, tables.get(table.name, []))
        number(store, window)
        return store

    yield make
    for store in opened:
        store.close()


def put_rows(store: Store, table: Table, rows: Rows) -> None:
    """Make `loaded_NAME` from literal rows."""
    rows = read_rows(rows) if isinstance(rows, str) else rows
    if table.name == "accounts":
        rows = [{"registered_at": 0} | row for row in rows]
    assert not {name for row in rows for name in row} - {c.name for c in table.columns}
    columns = {
        column.name: pa.array(
            [value_of(row.get(column.name), STORED[column.kind]) for row in rows],
            ARROW[STORED[column.kind]],
        )
        for column in table.columns
    }
    store.put(f"loaded_{table.name}", pa.table(columns))


def read_rows(text: str) -> list[dict[str, Any]]:
    """Read rows of words below a row of column names."""
    head, *lines = (line.split() for line in text.strip().splitlines())
    return [dict(zip(head, line, strict=True)) for line in lines]


def value_of(value: Any, kind: str) -> Any:
    """Return a word as the value that a column keeps."""
    if not isinstance(value, str):
        return value
    if value == "-":
        return None
    if kind == "BIGINT":
        return int(value)
    return value == "true" if kind == "BOOLEAN" else value
