"""From files to relations: every row with its file, its row number and its columns.

DuckDB reads the files. Parquet stays where it is and is selected from, so that only
the columns asked for are read, in their own types. CSV is read once into a table of
text; a file with a line that DuckDB refuses is read again by `csv_rows`, row by row.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graph.errors import InputError
from graph.store import Store
from loaders import csv_rows
from loaders.files import Sources
from loaders.values import Written, literal, quoted


@dataclass(frozen=True)
class Part:
    """Rows of files that have the same form; `relation` has the columns file and row.

    `columns` are the source's columns: name → SQL and DuckDB type.
    """

    relation: str
    columns: dict[str, Written]


@dataclass
class Reader:
    """Opens the sources of a folder one by one, and numbers their files.

    A source that several tables are made from is read once. What cannot be read at
    all is collected in `problems`; broken rows stand in the table `_broken`.
    """

    store: Store
    sources: Sources
    files: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    opened: dict[str, list[Part]] = field(default_factory=dict)
    tables: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store.connection.execute(
            "CREATE OR REPLACE TEMP TABLE _broken "
            "(source VARCHAR, file INTEGER, row BIGINT, text VARCHAR, reason VARCHAR)"
        )

    def parts(self, source: str) -> list[Part]:
        """Return the parts of a source; none when it is not there."""
        if source not in self.opened:
            self.opened[source] = self._open(source)
        return self.opened[source]

    def columns(self, source: str) -> set[str]:
        """Return the names of all columns that a source has in any of its parts."""
        return {name for part in self.parts(source) for name in part.columns}

    def close(self) -> None:
        """Drop the tables that were made on the way."""
        for source in list(self.tables):
            self.release(source)
        self.store.drop("_broken")

    def release(self, source: str) -> None:
        """Drop the tables that hold a source's rows, when no more are read from it."""
        self.store.drop(*self.tables.pop(source, []))

    def _open(self, source: str) -> list[Part]:
        parts: list[Part] = []
        forms: dict[tuple[tuple[str, str], ...], list[Path]] = {}
        for path in self.sources.files.get(source, ()):
            try:
                if path.name.lower().endswith(".parquet"):
                    forms.setdefault(self._form(path), []).append(path)
                else:
                    parts += self._csv(source, path)
            except InputError as error:
                self.problems.append(str(error))
        for form, paths in forms.items():
            parts += self._parquet(form, paths)
        return parts

    def _form(self, path: Path) -> tuple[tuple[str, str], ...]:
        """Return the columns and types of a Parquet file."""
        try:
            rows = self.store.rows(f"DESCRIBE SELECT * FROM {_scan([path])}")
        except duckdb.Error as error:
            raise InputError(
                f"{path}: cannot be read as Parquet: {why_unreadable(error)}"
            ) from None
        names = [str(row[0]) for row in rows]
        _refuse_twice(path, names)
        return tuple(zip(names, (str(row[1]) for row in rows), strict=True))

    def _number(self, paths: Iterable[Path]) -> int:
        first = len(self.files)
        self.files.extend(paths)
        return first

    def _parquet(
        self, form: tuple[tuple[str, str], ...], paths: list[Path]
    ) -> list[Part]:
        first = self._number(paths)
        columns = {name: Written(quoted(name), kind) for name, kind in form}
        numbers = (
            f"CAST(file_index AS INTEGER) + {first} AS file, file_row_number + 1 AS row"
        )
        return [Part(f"(SELECT {numbers}, * FROM {_scan(paths)})", columns)]

    def _csv(self, source: str, path: Path) -> list[Part]:
        names = csv_rows.header(path)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(
                f"{path}: the column {twice[0]!r} is there twice; rename one of them"
            )
        if not names:
            return []
        number = self._number([path])
        table = f"_csv_{number}"
        self.tables.setdefault(source, []).append(table)
        columns = {
            name: Written(f"c{index}", "VARCHAR") for index, name in enumerate(names)
        }
        if not self._read_fast(path, table, len(names)):
            for rows, broken in csv_rows.read_rows(path, len(names)):
                add = self.store.append if self.store.has(table) else self.store.put
                add(table, rows)
                self._keep_broken(source, number, broken)
        return [Part(f"(SELECT {number} AS file, * FROM {table})", columns)]

    def _read_fast(self, path: Path, table: str, width: int) -> bool:
        """Have DuckDB read a CSV file; tell whether it could read every row."""
        if csv_rows.ends_in_a_long_row(path):
            return False
        try:
            self.store.materialise(table, _csv_select(path, width))
        except duckdb.Error:
            self.store.drop(table)
            return False
        return True

    def _keep_broken(
        self, source: str, number: int, broken: list[csv_rows.BrokenRow]
    ) -> None:
        rows = pa.table(
            {
                "source": pa.array([source] * len(broken), pa.string()),
                "file": pa.array([number] * len(broken), pa.int32()),
                "row": pa.array([row.row for row in broken], pa.int64()),
                "text": pa.array([row.text for row in broken], pa.string()),
                "reason": pa.array([row.reason for row in broken], pa.string()),
            }
        )
        self.store.put("_newly_broken", rows)
        self.store.connection.execute("INSERT INTO _broken FROM _newly_broken")
        self.store.drop("_newly_broken")

    def read_anew(self, source: str) -> list[Part]:
        """Open a source again for what DuckDB does not take in Parquet.

        Texts, which may not be UTF-8, become bytes; times beyond all dates texts.
        """
        parts = [
            part for part in self.parts(source) if "read_parquet" not in part.relation
        ]
        for path in self.sources.files[source]:
            if path.name.lower().endswith(".parquet"):
                number = self._number([path])
                name = f"_parquet_{number}"
                self.store.put(name, _readable(path))
                self.tables.setdefault(source, []).append(name)
                columns = {
                    str(row[0]): Written(quoted(str(row[0])), str(row[1]))
                    for row in self.store.rows(f"DESCRIBE {name}")
                    if row[0] != "_row"
                }
                relation = f"(SELECT {number} AS file, _row AS row, * FROM {name})"
                parts.append(Part(relation, columns))
        self.opened[source] = parts
        return parts


CUT_OFF = "it is cut off, empty or no Parquet file"

_WHY = {
    "No magic bytes": CUT_OFF,
    "too small": CUT_OFF,
    "Footer length": CUT_OFF,
    "encryption_config": "it is encrypted",
    "non-root column": "it has no columns",
    "TProtocolException": "it is damaged",
    "don't know what type": "it is damaged",
}
"""What DuckDB says of a file that it cannot read, and what it means."""


def why_unreadable(error: Exception) -> str:
    """Return in one line why DuckDB could not read a file."""
    line = str(error).splitlines()[0]
    for said, means in _WHY.items():
        if said in line:
            return means
    return _KIND.sub("", line)


_KIND = re.compile(r"^[A-Za-z ]+ Error: ")
_NUMBERED = re.compile(r"(.*)_\d+")


def _refuse_twice(path: Path, names: list[str]) -> None:
    """Raise InputError for a column that is there twice: DuckDB numbers the second."""
    folded = {name.lower() for name in names}
    numbered = [_NUMBERED.fullmatch(name) for name in names]
    if not any(match and match[1].lower() in folded for match in numbered):
        return
    try:
        written = pq.read_schema(path).names
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"{path}: cannot be read as Parquet: {why_unreadable(error)}"
        ) from None
    twice = [name for name in names if name not in written]
    if twice:
        first = twice[0].rpartition("_")[0]
        raise InputError(
            f"{path}: the column {first!r} is there twice, in whatever case; rename "
            "one of them"
        )


def _readable(path: Path) -> pa.Table:
    """Return a Parquet file's rows as DuckDB takes them, numbered in `_row`."""
    try:
        table = pq.read_table(path, partitioning=None)
        columns = [_readable_column(column) for column in table.columns]
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"{path}: cannot be read as Parquet: {why_unreadable(error)}"
        ) from None
    row = pa.array(range(1, table.num_rows + 1), pa.int64())
    return pa.table([row, *columns], names=["_row", *table.column_names])


def _readable_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.cast(pa.large_binary())
    if not pa.types.is_timestamp(column.type) or column.type.unit not in ("s", "ms"):
        return column
    try:
        return column.cast(pa.timestamp("us", column.type.tz))
    except pa.ArrowInvalid:
        return _as_text(column)


def _as_text(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write times as text; those that are beyond all dates as the number they are."""
    unit = {"s": 1, "ms": 1000}[times.type.unit]
    zone = "" if times.type.tz is None else "Z"
    numbers = times.cast(pa.int64())
    inside = pc.and_(
        pc.greater_equal(numbers, FIRST_DATE * unit),
        pc.less(numbers, LAST_DATE * unit),
    )
    dates = pc.if_else(inside, numbers, None).cast(pa.timestamp(times.type.unit))
    written = pc.strftime(dates, format=f"%Y-%m-%dT%H:%M:%S{zone}")
    return pc.coalesce(written, numbers.cast(pa.string()))


FIRST_DATE, LAST_DATE = -62_135_596_800, 253_402_300_800
"""The seconds since 1970 of the years 1 and 10000."""


def _scan(paths: list[Path]) -> str:
    names = ", ".join(literal(_no_pattern(path)) for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false)"


def _no_pattern(path: Path) -> str:
    """Return a path in which DuckDB sees no pattern that stands for other files."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))


def _csv_select(path: Path, width: int) -> str:
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
    packed = "gzip" if csv_rows.is_packed(path) else "none"
    return (
        "SELECT row_number() OVER () AS row, * "
        f"FROM read_csv({literal(_no_pattern(path))}, header = true, "
        "auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
        f"nullstr = '', compression = '{packed}', columns = {{{columns}}})"
    )
