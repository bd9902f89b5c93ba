"""A patient reader of CSV, for files in which DuckDB meets a line it cannot read.

Rows are split as DuckDB splits them, but a broken one costs itself only: after an
unfinished quote, reading goes on with the next line. Row 1 is the first after the
header; empty lines are no rows (in a table of one column they are empty values).
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from graph.errors import InputError

MOST_LINES = 1000
"""A value in quotes that goes on for longer than this is an unfinished quote."""
HEADER_BYTES = 1_000_000

_FIELD = re.compile(rb' *"((?:[^"]|"")*)" *(,|\Z)|((?! *")[^,]*)(,|\Z)', re.DOTALL)


@dataclass(frozen=True)
class BrokenRow:
    """A row that cannot be read: its number in the file, its text and the reason."""

    row: int
    text: str
    reason: str


def is_packed(path: Path) -> bool:
    """Tell whether a file is compressed with gzip."""
    return path.name.lower().endswith(".gz")


def header(path: Path) -> list[str]:
    """Return the column names in the first line of a CSV file; none when it is empty.

    Raises InputError when the file cannot be opened or the line is no text.
    """
    for fields, raw in _records(_content(path, HEADER_BYTES)):
        if fields is None:
            raise InputError(f"{path}: the first line is no CSV header: {_shown(raw)}")
        try:
            names = [field.decode() for field in fields]
        except UnicodeDecodeError:
            raise InputError(
                f"{path}: the header is not UTF-8; save the file as UTF-8"
            ) from None
        return names[:-1] if len(names) > 1 and not names[-1] else names
    return []


def read_rows(path: Path, width: int) -> tuple[pa.Table, list[BrokenRow]]:
    """Return the rows of a CSV file as `row, c0, c1, …` and those that are broken."""
    rows: list[int] = []
    columns: list[list[str | None]] = [[] for _ in range(width)]
    broken: list[BrokenRow] = []
    number = 0
    records = _records(_content(path), width)
    next(records, None)
    for fields, raw in records:
        if fields == [b""] and width > 1:
            continue
        number += 1
        if fields is None:
            reason = "a quote is not closed, or stands inside a value"
            broken.append(BrokenRow(number, _shown(raw), reason))
            continue
        if len(fields) == width + 1 and not fields[-1]:
            fields.pop()
        if len(fields) != width:
            reason = f"its values number {len(fields)}, the header's {width}"
            broken.append(BrokenRow(number, _shown(raw), reason))
            continue
        try:
            values = [field.decode() or None for field in fields]
        except UnicodeDecodeError:
            broken.append(BrokenRow(number, _shown(raw), "not UTF-8"))
            continue
        rows.append(number)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    table = pa.table(
        {
            "row": pa.array(rows, pa.int64()),
            **{
                f"c{index}": pa.array(column, pa.large_string())
                for index, column in enumerate(columns)
            },
        }
    )
    return table, broken


def _content(path: Path, limit: int = -1) -> bytes:
    try:
        with gzip.open(path) if is_packed(path) else path.open("rb") as file:
            content: bytes = file.read(limit)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    return content.removeprefix(b"\xef\xbb\xbf")


def _records(
    content: bytes, width: int | None = None
) -> Iterator[tuple[list[bytes] | None, bytes]]:
    """Give each record as its fields and its text; no fields when it is broken."""
    lines = content.splitlines(keepends=True)
    at = 0
    while at < len(lines):
        line = lines[at]
        if b'"' not in line:
            yield line.rstrip(b"\r\n").split(b","), line
            at += 1
            continue
        fields, used = _quoted_record(lines, at)
        if used > 1 and fields is not None and width is not None:
            whole = len(fields) in (width, width + 1)
            fields, used = (fields, used) if whole else (None, 1)
        yield fields, b"".join(lines[at : at + used])
        at += used


def _quoted_record(lines: list[bytes], at: int) -> tuple[list[bytes] | None, int]:
    text = b""
    for used, line in enumerate(lines[at : at + MOST_LINES], start=1):
        text += line
        if text.count(b'"') % 2 and used < MOST_LINES:
            # A quote is open, or stands alone inside a value: the next line tells.
            fields = _fields(text.rstrip(b"\r\n"))
            if fields is not None:
                return fields, used
            continue
        fields = _fields(text.rstrip(b"\r\n"))
        return (fields, used) if fields is not None else (None, 1)
    return None, 1


def _fields(text: bytes) -> list[bytes] | None:
    fields = []
    at = 0
    while True:
        match = _FIELD.match(text, at)
        if match is None:
            return None
        inside, after, plain, after_plain = match.groups()
        if inside is None:
            fields.append(plain)
        else:
            fields.append(inside.replace(b'""', b'"'))
        at = match.end()
        if not (after or after_plain):
            return fields


def _shown(raw: bytes) -> str:
    return raw.rstrip(b"\r\n").decode(errors="backslashreplace")
