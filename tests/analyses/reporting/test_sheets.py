import csv
import json
import stat

import openpyxl
import pytest

from analyses.reporting.sheets import (
    Page,
    split_notes,
    write_csv,
    write_json_lines,
    write_xlsx,
)
from graph.errors import OutputError

COLUMNS = {"name": "who", "risk": "how sure", "listed": "is it"}
HOSTILE = '=HYPERLINK("http://x")'
ROWS = [("Anna", 0.5, True), (HOSTILE, 1, False), (None, None, None)]


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def read_xlsx(path):
    book = openpyxl.load_workbook(path)
    try:
        return {
            sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
            for sheet in book
        }
    finally:
        book.close()


def test_a_csv_holds_the_rows_and_no_formula(tmp_path):
    assert write_csv(tmp_path / "a.csv", tuple(COLUMNS), ROWS) == []
    assert read_csv(tmp_path / "a.csv") == [
        ["name", "risk", "listed"],
        ["Anna", "0.5", "true"],
        [f"'{HOSTILE}", "1", "false"],
        ["", "", ""],
    ]


def test_headings_stand_in_place_of_names_and_the_file_says_that_it_is_utf_8(tmp_path):
    said = ["谁", "风险", "是否"]
    write_csv(tmp_path / "a.csv", tuple(COLUMNS), ROWS, headings=said)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == said


def test_a_workbook_has_a_sheet_for_each_page(tmp_path):
    below = Page(
        "words", {"word": "word", "n": "how often"}, [("a", 1)], below=[("x",)]
    )
    notes = write_xlsx(tmp_path / "a.xlsx", [Page("list", COLUMNS, ROWS), below])
    sheets = read_xlsx(tmp_path / "a.xlsx")
    assert notes == []
    assert sheets == {
        "list": [
            ["who", "how sure", "is it"],
            ["Anna", 0.5, True],
            [f"'{HOSTILE}", 1, False],
        ],
        "words": [["word", "how often"], ["a", 1], [None, None], ["x", None]],
    }


def test_a_workbook_has_no_formula_no_link_and_a_frozen_header_on_each_sheet(tmp_path):
    rows = [("=1+1", 1, True), ("http://x", 1, True), ("{=1}", 1, True)]
    pages = [Page(name, COLUMNS, rows, below=[("=2",)]) for name in ("list", "more")]
    write_xlsx(tmp_path / "a.xlsx", pages)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    for sheet in book:
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == "A1:C4"
    book.close()


def test_a_workbook_wraps_long_cells(tmp_path):
    page = Page("list", COLUMNS, ROWS, widths={"name": 70}, wrapped=("name",))
    write_xlsx(tmp_path / "a.xlsx", [page])
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book["list"]
    assert sheet["A2"].alignment.wrap_text
    assert not sheet["B2"].alignment.wrap_text
    assert sheet.column_dimensions["A"].width == pytest.approx(70, abs=1)
    assert sheet.column_dimensions["B"].width == pytest.approx(22, abs=1)
    book.close()


def test_more_rows_than_a_sheet_holds_are_split_and_said(tmp_path):
    rows = [(str(number), number, True) for number in range(5)]
    said = write_csv(tmp_path / "a.csv", tuple(COLUMNS), rows, rows_per_sheet=3)
    assert said == [
        "a.csv: 5 rows are more than the 2 that a sheet holds under its header; "
        "they go on in a-2.csv, a-3.csv"
    ]
    names = ["a.csv", "a-2.csv", "a-3.csv"]
    assert [len(read_csv(tmp_path / name)) for name in names] == [3, 3, 2]
    page = Page("a long name of this very sheet", COLUMNS, rows, below=[("end",)])
    said = write_xlsx(tmp_path / "a.xlsx", [page], rows_per_sheet=3)
    assert split_notes(tmp_path / "a.xlsx", [page], rows_per_sheet=3) == said
    sheets = read_xlsx(tmp_path / "a.xlsx")
    cut = "a long name of this very shee"
    assert list(sheets) == [page.title, f"{cut} 2", f"{cut} 3"]
    assert [len(rows) for rows in sheets.values()] == [3, 3, 4]
    assert all(name in said[0] for name in list(sheets)[1:])


def test_a_cell_that_is_too_long_is_cut_and_says_so(tmp_path):
    rows = [("x" * 40_000, 1, True)]
    write_xlsx(tmp_path / "a.xlsx", [Page("list", COLUMNS, rows)])
    cell = read_xlsx(tmp_path / "a.xlsx")["list"][1][0]
    assert len(cell) == 32_767
    assert cell.endswith("whole in the JSON lines)")


def test_json_lines_hold_exact_values(tmp_path):
    values = [HOSTILE, "a,=1", 'b";=1', "\x1b[31m", "moc.\u202egnp", "王", "\\=1", "-x"]
    records = [{"name": value, "bits": [-1.5, -2]} for value in values]
    write_json_lines(tmp_path / "a.jsonl", records)
    text = (tmp_path / "a.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == records
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "王" in text


def test_a_line_of_json_is_no_formula_wherever_it_is_split(tmp_path):
    values = [HOSTILE, "a,=1", 'b";=1', "a|@x", "a; +1"]
    write_json_lines(tmp_path / "a.jsonl", [{"name": value} for value in values])
    text = (tmp_path / "a.jsonl").read_text(encoding="utf-8")
    for separator in ',;|"':
        text = text.replace(separator, "\n")
    assert not [
        piece
        for piece in text.splitlines()
        if piece.strip().startswith(("=", "+", "@"))
    ]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_xlsx(tmp_path / f"{name}.xlsx", [Page("list", COLUMNS, ROWS)])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_nothing_is_overwritten_unless_asked_for(tmp_path, kind):
    path = tmp_path / f"a.{kind}"

    def write(**options):
        if kind == "csv":
            return write_csv(path, tuple(COLUMNS), ROWS, **options)
        if kind == "xlsx":
            return write_xlsx(path, [Page("list", COLUMNS, ROWS)], **options)
        return write_json_lines(path, [{"name": "Anna"}], **options)

    path.write_text("old")
    with pytest.raises(OutputError, match="is there already"):
        write()
    assert path.read_text() == "old"
    write(overwrite=True)
    assert path.read_bytes() != b"old"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_csv(tmp_path / "no" / "a.csv", ("a",), [])
