"""Rows of a list that stand in the database: it writes them out as text by itself.

A list may hold a hundred thousand accounts, and each cell that becomes a Python object
costs more than all that is written. So statements make whole lines: of CSV, and of the
XML of a sheet; Python passes them on.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import PythonUDFType

from analyses.reporting.filled_sheets import ESCAPE_LIKE, ESCAPED, Cell, Look
from analyses.reporting.safe_text import MAYBE_UNSAFE
from analyses.reporting.sheets import CHARACTERS_PER_CELL, fitting_cell
from graph.store import Store

SAFE_CELL = "scanring_safe_cell"
"""The name of `fitting_cell` in the database."""

BATCH = 5_000
"""Rows that are in memory as text at one time."""


@dataclass(frozen=True)
class StoredRows:
    """The rows of a table, or those of one of its parts, in the order of `place`.

    `cells` gives SQL for the harmless text of each column, or for its number if it is
    one of the `numbers`. `place` counts from 0; `condition` chooses the part. Rows
    lie in the order of their places, or each batch would look at the whole table.
    """

    store: Store
    table: str
    count: int
    cells: Mapping[str, str]
    numbers: frozenset[str]
    place: str = "place"
    condition: str = "TRUE"

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self.count

    def csv_lines(
        self, columns: Sequence[str], first: int, last: int
    ) -> Iterator[bytes]:
        """Give the rows from `first` on, `last` left out, as lines of CSV in UTF-8."""
        cells = " || ',' || ".join(self._quoted(column) for column in columns)
        yield from self.lines(f"{cells} || chr(13) || chr(10)", first, last)

    def sheet_rows(
        self, columns: Sequence[str], looks: Sequence[Look], first: int, last: int
    ) -> Iterator[bytes]:
        """Give the same rows in the XML of a sheet, from its second row on."""
        number = f"CAST({self.place} - {first} + 2 AS VARCHAR)"
        cells = " || ".join(
            self._in_sheet(column, look, number)
            for column, look in zip(columns, looks, strict=True)
        )
        row = f"""'<row r="' || {number} || '">' || {cells} || '</row>'"""
        yield from self.lines(row, first, last)

    def lines(self, sql: str, first: int, last: int) -> Iterator[bytes]:
        """Give the text of an expression for each row, joined, a batch at a time."""
        statements = (
            f"""SELECT {sql} AS line FROM {self.table}
                WHERE {self.condition} AND {self.place} >= {at}
                  AND {self.place} < {min(at + BATCH, last)}
                ORDER BY {self.place}"""
            for at in range(first, last, BATCH)
        )
        for found in self.store.each(statements):
            for chunk in found["line"].chunks:
                every = pa.ListArray.from_arrays(pa.array([0, len(chunk)]), chunk)
                yield pc.binary_join(every, "")[0].as_buffer().to_pybytes()

    def tuples(self, columns: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
        """Give all rows as cells."""
        cells = ", ".join(self.cells[column] for column in columns)
        for at in range(0, self.count, BATCH):
            yield from self.store.rows(
                f"""SELECT {cells} FROM {self.table}
                    WHERE {self.condition} AND {self.place} >= {at}
                      AND {self.place} < {at + BATCH} ORDER BY {self.place}"""
            )

    def _quoted(self, column: str) -> str:
        cell = self.cells[column]
        if column in self.numbers:
            return f"""coalesce('"' || CAST({cell} AS VARCHAR) || '"', '""')"""
        return f"""coalesce('"' || replace({cell}, '"', '""') || '"', '""')"""

    def _in_sheet(self, column: str, look: Look, number: str) -> str:
        cell, (letter, style) = self.cells[column], look
        place = f"""'<c r="{letter}' || {number} || '" s="{style}"'"""
        if column in self.numbers:
            sql = f"{place} || '><v>' || CAST({cell} AS VARCHAR) || '</v></c>'"
            return f"coalesce({sql}, '')"
        plain = (
            f"CASE WHEN contains({cell}, '_x') THEN regexp_replace({cell}, "
            f"'{ESCAPE_LIKE}', '{ESCAPED}', 'g') ELSE {cell} END"
        )
        escaped = (
            f"replace(replace(replace({plain}, '&', '&amp;'), '<', '&lt;'), "
            "'>', '&gt;')"
        )
        return (
            f"CASE WHEN {cell} <> '' THEN {place} || "
            f"""' t="inlineStr"><is><t xml:space="preserve">' || {escaped} || """
            "'</t></is></c>' ELSE '' END"
        )


@contextmanager
def put_aside(
    store: Store, name: str, sql: str, columns: Sequence[str], *, numbers: Sequence[str]
) -> Iterator[StoredRows]:
    """Give the rows of a SELECT, kept in a temporary table meanwhile.

    Its columns are `columns`, those of `numbers` as numbers and the others as texts of
    any kind, which are made harmless; and `row_at`, their number from 0 on.
    """
    connection = store.connection
    register(store, SAFE_CELL, fitting_cell)
    cells = ", ".join(
        column if column in numbers else made_safe(column) for column in columns
    )
    try:
        store.put_aside(
            name, f"SELECT row_at, {cells} FROM ({sql}) AS r ORDER BY row_at"
        )
        count = int(store.rows(f"SELECT count(*) FROM {name}")[0][0])
        named = {c: c if c in numbers else f"safe_{c}" for c in columns}
        yield StoredRows(store, name, count, named, frozenset(numbers), "row_at")
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.remove_function(SAFE_CELL)


def register(store: Store, name: str, function: Callable[[str], str]) -> None:
    """Give statements a function of a text; null stays null."""

    def every(texts: pa.ChunkedArray) -> pa.Array:
        found = [None if text is None else function(text) for text in texts.to_pylist()]
        return pa.array(found, pa.string())

    store.connection.create_function(
        name, every, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW
    )


def quoted(text: str) -> str:
    """Give SQL for a text."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def made_safe(column: str) -> str:
    """Give SQL for a column as harmless text that fits into a cell."""
    return (
        f"CASE WHEN regexp_matches({column}, {quoted(MAYBE_UNSAFE)}) "
        f"OR length({column}) > {CHARACTERS_PER_CELL} "
        f"THEN {SAFE_CELL}({column}) ELSE {column} END AS safe_{column}"
    )


def filled(template: str, **values: str) -> str:
    """Give SQL for a text with places, such as `{n} more`, filled in by expressions.

    >>> filled("{n} more", n="len(x)")
    "len(x) || ' more'"
    """
    parts = re.split(r"\{(\w+)\}", template)
    return " || ".join(
        values[part] if number % 2 else quoted(part)
        for number, part in enumerate(parts)
        if part
    )
