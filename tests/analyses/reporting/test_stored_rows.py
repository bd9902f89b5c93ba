"""What the database writes out is what Python would have written, cell by cell."""

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.reporting.safe_text import MAYBE_UNSAFE, safe_cell
from analyses.reporting.sheets import PlainRows
from analyses.reporting.stored_rows import filled, put_aside
from graph.store import Store

COLUMNS = ("name", "count")
LOOKS = [("A", "1"), ("B", "2")]


def put(store, rows):
    names, counts = zip(*rows, strict=True) if rows else ((), ())
    store.put(
        "things",
        pa.table(
            {
                "row_at": pa.array(range(len(rows)), pa.int64()),
                "name": pa.array(names, pa.string()),
                "count": pa.array(counts, pa.int64()),
            }
        ),
    )
    return put_aside(store, "_kept", "FROM things", COLUMNS, numbers=COLUMNS[1:])


def test_two_rows_as_csv_and_as_the_rows_of_a_sheet():
    with Store() as store, put(store, [('a"b<', 3), ("=1+1", None)]) as rows:
        assert b"".join(rows.csv_lines(COLUMNS, 0, 2)) == (
            b'"a""b<","3"\r\n"\'=1+1",""\r\n'
        )
        assert b"".join(rows.sheet_rows(COLUMNS, LOOKS, 1, 2)) == (
            b'<row r="2"><c r="A2" s="1" t="inlineStr"><is>'
            b'<t xml:space="preserve">\'=1+1</t></is></c></row>'
        )


def test_a_spreadsheet_reads_what_looks_like_an_escape_as_it_stands():
    name = "_x0041_x0042_ _x41_"
    with Store() as store, put(store, [(name, 1)]) as rows:
        (sheet,) = rows.sheet_rows(COLUMNS, LOOKS, 0, 1)
    (text,) = re.findall(r"<t [^>]*>(.*)</t>", sheet.decode())
    assert text == "_x005F_x0041_x005F_x0042_ _x41_"
    read = re.sub("_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text)
    assert read == name


def test_the_database_lets_no_character_pass_that_python_would_change():
    """Whatever year its own tables of Unicode are of."""
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    changed = {text for text in every if safe_cell(text) != text}
    with Store() as store:
        store.put("every", pa.table({"text": every}))
        pattern = MAYBE_UNSAFE.replace("'", "''")
        passed = store.rows(
            f"SELECT text FROM every WHERE NOT regexp_matches(text, '{pattern}')"
        )
    kept = {text for (text,) in passed}
    assert not kept & changed
    assert len(kept) > 50_000, "most of the first plane"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8"), max_size=9)
            | st.sampled_from(
                ["", "=", "a;-1", "\x1b[2J", "\ufffe", "x" * 40_000, "_x0041_x0042_"]
            ),
            st.none() | st.integers(0, 10**12),
        ),
        max_size=6,
    )
)
def test_they_are_as_python_writes_them(cells):
    plain = PlainRows(cells)
    with Store() as store, put(store, cells) as rows:
        for first, last in ((0, len(cells)), (1, max(len(cells) - 1, 1))):
            csv = b"".join(plain.csv_lines(COLUMNS, first, last))
            assert b"".join(rows.csv_lines(COLUMNS, first, last)) == csv
            sheet = b"".join(plain.sheet_rows(COLUMNS, LOOKS, first, last))
            assert b"".join(rows.sheet_rows(COLUMNS, LOOKS, first, last)) == sheet


@pytest.mark.parametrize("name", ["it's", "", "{n} {n}"])
def test_a_text_with_places_is_filled_in_by_the_database(name):
    with Store() as store:
        ((found,),) = store.rows(
            f"SELECT {filled('{n} more', n='$name')}", {"name": name}
        )
    assert found == f"{name} more"
