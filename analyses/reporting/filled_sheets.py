"""Large sheets of a workbook: rows are streamed into the frame that xlsxwriter made.

A cell at a time takes half a minute for a hundred thousand accounts. So a sheet is made
with its header and one row of empty cells, which has the looks of each column, and the
rows are written after that pattern into the sheet's XML (ECMA-376, part 1, 18.3).
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TypeAlias

Cell: TypeAlias = str | int | float | bool | None

Look: TypeAlias = tuple[str, str]
"""The letter of a column and the style of its cells."""

Rows: TypeAlias = Callable[[Sequence[Look]], Iterator[bytes]]
"""Gives the rows of a sheet from the second on, as XML, for the looks of columns."""

PACKING = 1
"""How hard a workbook is packed, 1 to 9: more takes longer than it saves."""

ESCAPE_LIKE = "_(x[0-9a-fA-F]{4})"
"""What a spreadsheet would read as one character (ECMA-376, part 1, 22.9.2.19)."""

ESCAPED = r"_x005F_\1"
"""What it reads as that text, as it stands."""

_PATTERN_ROW = re.compile(rb'<row r="2".*?</row>', re.DOTALL)
_LOOKS = re.compile(rb'<c r="([A-Z]+)2" s="(\d+)"/>')
_SIZE = re.compile(rb'<dimension ref="A1:([A-Z]+)2"/>')
_NEVER_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def fill_sheets(frame: Path, out: Path, sheets: list[tuple[int, Rows]]) -> None:
    """Write the workbook `frame` to `out` with rows in its first sheets.

    `sheets` has, for each of them, how many rows there are, and the rows. Texts are
    written as they are: what must not be run has been changed before.
    """
    with (
        zipfile.ZipFile(frame) as made,
        zipfile.ZipFile(
            out, "w", zipfile.ZIP_DEFLATED, compresslevel=PACKING
        ) as filled,
    ):
        parts = {f"xl/worksheets/sheet{n}.xml": s for n, s in enumerate(sheets, 1)}
        for entry in made.infolist():
            content = made.read(entry)
            info = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            if entry.filename not in parts:
                filled.writestr(info, content, compresslevel=PACKING)
                continue
            with filled.open(info, "w", force_zip64=True) as file:
                _fill(file, content, *parts[entry.filename])


def _fill(file: IO[bytes], sheet: bytes, count: int, rows: Rows) -> None:
    pattern = _PATTERN_ROW.search(sheet)
    assert pattern, "a sheet has a row that shows how its cells look"
    looks = [
        (name.decode(), style.decode()) for name, style in _LOOKS.findall(pattern[0])
    ]
    size = rb'<dimension ref="A1:\g<1>%d"/>' % (count + 1)
    file.write(_SIZE.sub(size, sheet[: pattern.start()]))
    for part in rows(looks):
        file.write(part)
    file.write(sheet[pattern.end() :])


def sheet_rows(
    rows: Iterable[Sequence[Cell]], looks: Sequence[Look], number: int = 2
) -> bytes:
    """Return rows of cells as the XML of a sheet, the first at row `number`."""
    return "".join(_row(n, row, looks) for n, row in enumerate(rows, number)).encode()


def _row(number: int, row: Sequence[Cell], looks: Sequence[Look]) -> str:
    cells = [f'<row r="{number}">']
    for value, (column, style) in zip(row, looks, strict=True):
        place = f'<c r="{column}{number}" s="{style}"'
        if isinstance(value, bool):
            cells.append(f'{place} t="b"><v>{value:d}</v></c>')
        elif isinstance(value, int | float):
            cells.append(f"{place}><v>{value!r}</v></c>")
        elif value:
            cells.append(
                f'{place} t="inlineStr"><is><t xml:space="preserve">'
                f"{_escaped(value)}</t></is></c>"
            )
    cells.append("</row>")
    return "".join(cells)


def _escaped(text: str) -> str:
    text = re.sub(ESCAPE_LIKE, ESCAPED, text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _NEVER_IN_XML.sub("", text) if not text.isprintable() else text
