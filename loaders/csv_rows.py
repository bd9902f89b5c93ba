"""A patient reader of CSV, for files in which DuckDB meets a line it cannot read.

Rows are split as DuckDB splits them, but a broken one costs itself only: after an
unfinished quote, reading goes on with the next line. Row 1 is the first after the
header; empty lines are no rows (in a table of one column they are empty values).
"""

import gzip
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import pyarrow as pa

from graph.errors import InputError

MOST_LINES = 1000
"""A value in quotes that goes on for longer than this is an unfinished quote."""
MOST_BYTES = 16_000_000
"""A row that is longer than this is broken, so that no row fills the memory."""
MOST_WORK = 200_000_000
"""So many bytes are looked at again for one row, lest quotes be made to cost hours."""
HEADER_BYTES = 1_000_000
MOST_SHOWN = 100_000
"""So many bytes of a broken row are kept with the rejects."""
BATCH_ROWS = 100_000
BATCH_BYTES = 64_000_000
CHUNK_BYTES = 1 << 22

_FIELD = re.compile(rb' *"((?:[^"]++|"")*+)" *(,|\Z)|((?! *")[^,]*+)(,|\Z)', re.DOTALL)
_END = re.compile(rb"[\r\n]")

_NO_CSV = {
    b"PAR1": "is Parquet: name it .parquet",
    b"\x1f\x8b": "is packed with gzip: name it .csv.gz",
    b"PK\x03\x04": "is a zip file or a spreadsheet: save the table as CSV in UTF-8",
    b"\xd0\xcf\x11\xe0": "is a spreadsheet: save the table as CSV in UTF-8",
}
"""The first bytes of files that are no CSV, and what to do with them."""


@dataclass(frozen=True)
class BrokenRow:
    """A row that cannot be read: its number in the file, its text and the reason."""

    row: int
    text: str
    reason: str


Batch = tuple[pa.Table, list[BrokenRow]]
"""Rows as `row, c0, c1, …`, and those between them that are broken."""

NOT_UTF8 = "not UTF-8"


def is_packed(path: Path) -> bool:
    """Tell whether a file is compressed with gzip."""
    return path.name.lower().endswith(".gz")


def header(path: Path) -> list[str]:
    """Return the column names in the first line of a CSV file; none when it is empty.

    Raises InputError when the file cannot be opened or the line is no text.
    """
    for fields, raw in _records(_lines(path, HEADER_BYTES)):
        for start, says in _NO_CSV.items():
            if raw.startswith(start):
                raise InputError(f"{path}: {says}")
        if len(raw) > HEADER_BYTES:
            raise InputError(f"{path}: the header is over {HEADER_BYTES:,} bytes")
        if fields is None:
            raise InputError(
                f"{path}: the first line is no CSV header: a quote in it is not "
                "closed, or the file has other line ends than line feeds"
            )
        try:
            names = [field.decode() for field in fields]
        except UnicodeDecodeError:
            raise InputError(
                f"{path}: the header is not UTF-8; save the file as UTF-8"
            ) from None
        if any("\0" in name for name in names):
            raise InputError(f"{path}: the header is no text; save the file as UTF-8")
        return names[:-1] if len(names) > 1 and not names[-1] else names
    return []


def ends_in_a_long_row(path: Path) -> bool:
    """Tell whether the last line is so long that DuckDB drops it without a word.

    It does so (seen in 2.0) with a last line that fills its buffer of 32 MB.
    """
    length = 0  # of what stands behind the last line feed, the one at the end left out
    try:
        with gzip.open(path) if is_packed(path) else path.open("rb") as file:
            if not is_packed(path):
                file.seek(max(0, path.stat().st_size - 2 * MOST_BYTES))
            while chunk := file.read(CHUNK_BYTES):
                end = chunk[:-1].rfind(b"\n")
                length = length + len(chunk) if end < 0 else len(chunk) - end - 1
    except (OSError, EOFError, zlib.error):
        return True  # the patient reader says what is wrong
    return length > MOST_BYTES


def read_rows(path: Path, width: int) -> Iterator[Batch]:
    """Give the rows of a CSV file, some at a time; at least one batch, maybe empty."""
    batch = _Batch(width)
    number = 0
    records = _records(_lines(path, MOST_BYTES), width)
    next(records, None)
    for fields, raw in records:
        if fields == [b""] and width > 1:
            continue
        number += 1
        batch.add(number, fields, raw)
        if batch.is_full:
            yield batch.done()
            batch = _Batch(width)
    yield batch.done()


class _Batch:
    """Rows that are being collected, and those that are broken."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows: list[int] = []
        self.columns: list[list[str | None]] = [[] for _ in range(width)]
        self.broken: list[BrokenRow] = []
        self.bytes = 0

    @property
    def is_full(self) -> bool:
        rows = len(self.rows) + len(self.broken)
        return rows >= BATCH_ROWS or self.bytes >= BATCH_BYTES

    def add(self, number: int, fields: list[bytes] | None, raw: bytes) -> None:
        """Take a record; one that is not whole is kept as broken."""
        self.bytes += len(raw)
        if fields is not None and len(fields) == self.width + 1 and not fields[-1]:
            fields = fields[:-1]
        if len(raw) > MOST_BYTES:
            reason = f"it is over {MOST_BYTES:,} bytes"
        elif fields is None:
            reason = "a quote is not closed, or stands inside a value"
        elif len(fields) != self.width:
            reason = f"its values number {len(fields)}, the header's {self.width}"
        else:
            try:
                values = [field.decode() or None for field in fields]
            except UnicodeDecodeError:
                reason = NOT_UTF8
            else:
                self.rows.append(number)
                for column, value in zip(self.columns, values, strict=True):
                    column.append(value)
                return
        self.broken.append(BrokenRow(number, _shown(raw), reason))

    def done(self) -> Batch:
        """Return what was collected."""
        columns = {
            f"c{index}": pa.array(column, pa.large_string())
            for index, column in enumerate(self.columns)
        }
        rows = {"row": pa.array(self.rows, pa.int64())}
        return pa.table(rows | columns), self.broken


def _lines(path: Path, longest: int) -> Iterator[bytes]:
    """Give the lines of a file; of one that is longer, its beginning alone."""
    try:
        with gzip.open(path) if is_packed(path) else path.open("rb") as file:
            rest = file.read(3).removeprefix(b"\xef\xbb\xbf")
            while chunk := file.read(CHUNK_BYTES):
                # The last one may go on, or be the first half of a \r\n.
                *lines, rest = (rest + chunk).splitlines(keepends=True)
                yield from (line[: longest + 1] for line in lines)
                if len(rest) > longest and not rest.endswith((b"\n", b"\r")):
                    rest = _end_of_line(rest[: longest + 1], file)
            yield from (line[: longest + 1] for line in rest.splitlines(keepends=True))
    except (OSError, EOFError, zlib.error) as error:
        said = error.strerror if isinstance(error, OSError) else None
        raise InputError(f"{path}: cannot be read: {said or error}") from None


def _end_of_line(beginning: bytes, file: gzip.GzipFile | BufferedReader) -> bytes:
    """Skip what is left of a line; return its beginning with what comes after it."""
    while chunk := file.read(CHUNK_BYTES):
        end = _END.search(chunk)
        if end is not None:
            return beginning + chunk[end.start() :]
    return beginning


Record = tuple[list[bytes] | None, bytes]


def _records(lines: Iterator[bytes], width: int | None = None) -> Iterator[Record]:
    """Give each record as its fields and its text; no fields when it is broken."""
    ahead: deque[bytes] = deque()
    for line in lines:
        ahead.append(line)
        while ahead:
            line = ahead[0]
            if b'"' not in line:
                yield line.rstrip(b"\r\n").split(b","), line
                ahead.popleft()
                continue
            fields, used = _quoted_record(ahead, lines)
            if used > 1 and fields is not None and width is not None:
                whole = len(fields) in (width, width + 1)
                fields, used = (fields, used) if whole else (None, 1)
            yield fields, b"".join(ahead.popleft() for _ in range(used))


def _quoted_record(
    ahead: deque[bytes], lines: Iterator[bytes]
) -> tuple[list[bytes] | None, int]:
    """Return the fields of the first record, and over how many lines it goes.

    More lines are read ahead while a quote is open.
    """
    quotes = size = work = 0
    for used in range(1, MOST_LINES + 1):
        if used > len(ahead):
            further = next(lines, None)
            if further is None:
                return None, 1
            ahead.append(further)
        size += len(ahead[used - 1])
        if size > MOST_BYTES:
            return None, 1
        line = ahead[used - 1]
        quotes += line.count(b'"')
        if used > 1 and b'"' not in line.replace(b'""', b""):
            continue  # a quote that is open stays open
        work += size
        if work > MOST_WORK:
            return None, 1
        text = b"".join(ahead[at] for at in range(used))
        fields = _fields(text.rstrip(b"\r\n"))
        if fields is not None:
            return fields, used
        if quotes % 2 == 0:
            return None, 1
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
    shown = raw[:MOST_SHOWN].rstrip(b"\r\n").decode(errors="backslashreplace")
    return shown + "…" if len(raw) > MOST_SHOWN else shown
