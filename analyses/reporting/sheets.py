"""Lists as CSV, XLSX and JSON lines that open in a spreadsheet without running a thing.

Every text goes through `safe_text.safe_cell`. A list of more rows than a sheet holds is
split, and the notes returned say so. The same rows give the same bytes.
"""

import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter

from analyses.reporting.filled_sheets import Cell as Cell
from analyses.reporting.filled_sheets import Look, Rows, fill_sheets, sheet_rows
from analyses.reporting.safe_text import FORMULA_STARTS, safe_cell, steering
from graph.errors import OutputError

ROWS_PER_SHEET = 1_048_576
"""What a sheet holds, the header among them."""

CHARACTERS_PER_CELL = 32_767
CUT = " … (cut here; whole in the JSON lines)"
MADE = datetime(2000, 1, 1)
"""Stands in every workbook as its date, so that equal lists are equal files."""

USUAL_WIDTH = 22
LONGEST_NAME = 31
"""Characters of the name of a sheet."""

_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_STARTS = re.compile(
    rf"""(^"\s*|[,;|'”“«»]\s*|\\"\s*)([{re.escape(FORMULA_STARTS)}])"""
)
_MAYBE_START = re.compile(rf"""["',;|”“«»]\s*[{re.escape(FORMULA_STARTS)}]""")

# Most cells of a list are one of a few sentences.
_safe_cell = lru_cache(maxsize=1024)(safe_cell)


class SafeRows(Protocol):
    """Rows whose texts are harmless already and fit into a cell."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        ...

    def csv_lines(
        self, columns: Sequence[str], first: int, last: int
    ) -> Iterator[bytes]:
        """Give the rows from `first` on, `last` left out, as lines of CSV in UTF-8."""
        ...

    def sheet_rows(
        self, columns: Sequence[str], looks: Sequence[Look], first: int, last: int
    ) -> Iterator[bytes]:
        """Give the same rows in the XML of a sheet, from its second row on."""
        ...


@dataclass(frozen=True)
class PlainRows:
    """Rows in memory, made harmless while they are written; they have all columns."""

    rows: Sequence[Sequence[Cell]]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def csv_lines(
        self, columns: Sequence[str], first: int, last: int
    ) -> Iterator[bytes]:
        """Give the rows from `first` on, `last` left out, as lines of CSV in UTF-8."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        for row in self.rows[first:last]:
            writer.writerow([_csv_cell(_fitting_cell(cell)) for cell in row])
        yield text.getvalue().encode()

    def sheet_rows(
        self, columns: Sequence[str], looks: Sequence[Look], first: int, last: int
    ) -> Iterator[bytes]:
        """Give the same rows in the XML of a sheet, from its second row on."""
        rows = ([_fitting_cell(cell) for cell in row] for row in self.rows[first:last])
        yield sheet_rows(rows, looks)


def write_csv(
    path: Path,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]] | SafeRows,
    *,
    headings: Sequence[str] | None = None,
    overwrite: bool = False,
    rows_per_sheet: int = ROWS_PER_SHEET,
) -> list[str]:
    """Write rows as CSV in UTF-8; return notes, such as on a list that was split.

    A list that is longer than a sheet goes on in `NAME-2.csv`, `NAME-3.csv` …, each
    with its header. `headings` are written instead of the names of the columns; then
    the file begins with the mark by which spreadsheets know UTF-8. Raises OutputError
    when a file is there, unless `overwrite`.
    """
    source = _safe_rows(rows)
    parts = _parts(len(source), rows_per_sheet - 1)
    paths = [path.with_stem(_numbered(path.stem, n)) for n in range(len(parts))]
    encoding = "utf-8" if headings is None else "utf-8-sig"
    for part_path, (first, last) in zip(paths, parts, strict=True):
        with (
            placed(part_path, overwrite=overwrite) as temporary,
            temporary.open("wb") as file,
        ):
            head = io.StringIO(newline="")
            csv.writer(head, quoting=csv.QUOTE_ALL).writerow(headings or columns)
            file.write(head.getvalue().encode(encoding))
            for part in source.csv_lines(columns, first, last):
                file.write(part)
    return _split_note(path, len(source), rows_per_sheet, [part.name for part in paths])


@dataclass(frozen=True)
class Page:
    """A sheet of a workbook: title, columns with their headings, rows, and looks.

    `widths` are in characters, where a column's is not the usual one; `wrapped` are the
    columns whose long texts go on in the next line of the cell. The lines `below` stand
    under the rows, and a filter leaves them where they are.
    """

    title: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Cell]] | SafeRows
    widths: Mapping[str, int] = field(default_factory=dict)
    wrapped: tuple[str, ...] = ()
    below: Sequence[Sequence[Cell]] = ()


def split_notes(
    path: Path, pages: Sequence[Page], *, rows_per_sheet: int = ROWS_PER_SHEET
) -> list[str]:
    """Return a note on each page that is longer than a sheet and will be split."""
    notes = []
    for page in pages:
        parts = _parts(len(page.rows), rows_per_sheet - 1)
        names = [_sheet_name(page.title, n) for n in range(len(parts))]
        notes += _split_note(path, len(page.rows), rows_per_sheet, names)
    return notes


def write_xlsx(
    path: Path,
    pages: Sequence[Page],
    *,
    title: str = "",
    overwrite: bool = False,
    rows_per_sheet: int = ROWS_PER_SHEET,
) -> list[str]:
    """Write pages as a workbook; return notes, such as on a page that was split.

    Each page is a sheet whose header is frozen and has filters. A page that is longer
    goes on in further sheets. Raises OutputError when the file is there, unless
    `overwrite`.
    """
    with (
        placed(path, overwrite=overwrite) as temporary,
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".sheets.") as folder,
    ):
        frame = Path(folder, "frame.xlsx")
        book = xlsxwriter.Workbook(
            frame,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                "tmpdir": folder,
            },
        )
        book.set_properties({"title": title, "created": MADE})
        bold = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
        sheets: list[tuple[int, Rows]] = []
        for page in pages:
            source = _safe_rows(page.rows)
            parts = _parts(len(source), rows_per_sheet - 1)
            for number, (first, last) in enumerate(parts):
                name = _sheet_name(page.title, number)
                _add_sheet(book, name, page, last - first, bold)
                below = _below(page) if number == len(parts) - 1 else []
                sheets.append(
                    (
                        last - first + len(below),
                        partial(
                            _sheet, source, tuple(page.columns), first, last, below
                        ),
                    )
                )
        book.close()
        fill_sheets(frame, temporary, sheets)
    return split_notes(path, pages, rows_per_sheet=rows_per_sheet)


def _sheet(
    source: SafeRows,
    columns: tuple[str, ...],
    first: int,
    last: int,
    below: Sequence[Sequence[Cell]],
    looks: Sequence[Look],
) -> Iterator[bytes]:
    """Give the XML of a sheet's rows, and of the lines below them."""
    yield from source.sheet_rows(columns, looks, first, last)
    yield sheet_rows(below, looks, last - first + 2)


def _below(page: Page) -> list[tuple[Cell, ...]]:
    """Return the lines under the rows of a page, an empty one first."""
    if not page.below:
        return []
    width = len(page.columns)
    lines: list[tuple[Cell, ...]] = [(), *(tuple(line) for line in page.below)]
    return [
        tuple(_fitting_cell(cell) for cell in (*line, *[None] * (width - len(line))))
        for line in lines
    ]


def _add_sheet(
    book: xlsxwriter.Workbook,
    name: str,
    page: Page,
    rows: int,
    bold: Any,
) -> None:
    """Add a sheet: its header, and a row of empty cells as a pattern."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    top = book.add_format({"valign": "top"})
    wrap = book.add_format({"valign": "top", "text_wrap": True})
    sheet.autofilter(0, 0, max(rows, 1), len(page.columns) - 1)
    for place, (column, heading) in enumerate(page.columns.items()):
        sheet.set_column(place, place, page.widths.get(column, USUAL_WIDTH))
        sheet.write_string(0, place, fitting_cell(heading), bold)
    for place, column in enumerate(page.columns):
        sheet.write_blank(1, place, None, wrap if column in page.wrapped else top)


def write_json_lines(
    path: Path,
    records: Iterable[Mapping[str, Any] | bytes],
    *,
    overwrite: bool = False,
) -> list[str]:
    """Write one JSON object per line, with the exact values; there are no notes.

    Steering characters, and what could begin a formula where a spreadsheet splits the
    line, are written as JSON escapes, so that a reader of JSON gets them unchanged.
    Bytes among the records are lines that have been made so.
    """
    with (
        placed(path, overwrite=overwrite) as temporary,
        temporary.open("wb") as file,
    ):
        file.writelines(
            record
            if isinstance(record, bytes)
            else safe_json_line(json.dumps(record, ensure_ascii=False)).encode() + b"\n"
            for record in records
        )
    return []


def safe_json_line(line: str) -> str:
    """Return a line of JSON of the same value in which nothing steers or is run."""
    if _MAYBE_START.search(line):  # seldom, and what follows takes long
        line = _JSON_TEXT.sub(lambda text: _STARTS.sub(_escaped_start, text[0]), line)
    if line.isprintable():
        return line
    codes = {code: json.dumps(chr(code))[1:-1] for code in steering(line)}
    return line.translate(codes)


def _escaped_start(found: re.Match[str]) -> str:
    return f"{found[1]}\\u{ord(found[2]):04x}"


def fitting_cell(text: str) -> str:
    """Return a text as a cell that is never run, cut where a cell ends."""
    return _fitting(_safe_cell(text))


def _fitting_cell(cell: Cell) -> Cell:
    return fitting_cell(cell) if isinstance(cell, str) else cell


def _fitting(text: str) -> str:
    if len(text) <= CHARACTERS_PER_CELL:
        return text
    return text[: CHARACTERS_PER_CELL - len(CUT)] + CUT


def _csv_cell(cell: Cell) -> Cell:
    return ("true" if cell else "false") if isinstance(cell, bool) else cell


def _safe_rows(rows: Sequence[Sequence[Cell]] | SafeRows) -> SafeRows:
    return PlainRows(rows) if isinstance(rows, Sequence) else rows


def _parts(rows: int, most: int) -> list[tuple[int, int]]:
    return [(at, min(at + most, rows)) for at in range(0, max(rows, 1), most)]


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number + 1}" if number else name


def _sheet_name(title: str, number: int) -> str:
    more = f" {number + 1}" if number else ""
    return title[: LONGEST_NAME - len(more)] + more


def _split_note(path: Path, rows: int, most: int, names: Sequence[str]) -> list[str]:
    if len(names) == 1:
        return []
    return [
        f"{path.name}: {rows:,} rows are more than the {most - 1:,} that a sheet holds "
        f"under its header; they go on in {', '.join(names[1:])}"
    ]


@contextmanager
def placed(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary file beside `path`; it takes its place when all went well.

    Without `overwrite` a file that is there is never replaced, not even one that
    appeared in the meantime. Only the owner can read the file.
    """
    refusal = f"{path} is there already: name another file, or add --overwrite"
    if path.exists() and not overwrite:
        raise OutputError(refusal)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        if overwrite:
            temporary.replace(path)
        else:
            os.link(temporary, path)
    except FileExistsError as error:
        raise OutputError(refusal) from error
    finally:
        temporary.unlink(missing_ok=True)
