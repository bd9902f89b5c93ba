import gzip

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from loaders import csv_rows
from loaders.csv_rows import ends_in_a_long_row, header, read_rows


def whole(batches):
    tables, broken = zip(*batches, strict=True)
    return pa.concat_tables(tables), [row for some in broken for row in some]


@pytest.fixture
def rows(tmp_path):
    def read(content: bytes, width: int = 2):
        path = tmp_path / "t.csv"
        path.write_bytes(content)
        table, broken = whole(read_rows(path, width))
        values = [tuple(row.values()) for row in table.to_pylist()]
        return values, [(row.row, row.text) for row in broken]

    return read


def test_quotes_and_lines_within_a_value(rows):
    assert rows(b'a,b\n1,"x, ""y""\nz"\n2,p"q\n') == (
        [(1, "1", 'x, "y"\nz'), (2, "2", 'p"q')],
        [],
    )


def test_a_broken_row_costs_itself_only(rows):
    assert rows(b'a,b\n1,"x\n2,y\n3,"z"w\n4,y\n') == (
        [(2, "2", "y"), (4, "4", "y")],
        [(1, '1,"x'), (3, '3,"z"w')],
    )


def test_line_ends_and_empty_lines(rows):
    expected = [(1, "1", "x"), (2, "2", None)]
    assert rows(b"\xef\xbb\xbfa,b\r\n1,x\n\n2,\r\n")[0] == expected
    assert rows(b"a,b\r1,x\r2,\r")[0] == expected


def test_bytes_that_are_no_text(rows):
    assert rows(b"a,b\n1,\xff\n2,y\0\n") == ([(2, "2", "y\0")], [(1, "1,\\xff")])


def test_rows_come_in_batches(rows, monkeypatch):
    monkeypatch.setattr(csv_rows, "BATCH_ROWS", 2)
    assert rows(b"a,b\n1,x\n2\n3,x\n4,x\n5,x\n") == (
        [(1, "1", "x"), (3, "3", "x"), (4, "4", "x"), (5, "5", "x")],
        [(2, "2")],
    )


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_where_a_chunk_ends_changes_nothing(rows, monkeypatch, chunk):
    content = b'\xef\xbb\xbfa,b\r\n1,"x\r\ny"\r\n\r\n2,"z\n3,""\r4,5\r\n'
    expected = rows(content)
    monkeypatch.setattr(csv_rows, "CHUNK_BYTES", chunk)
    assert rows(content) == expected


@pytest.mark.parametrize("end", [b"", b"\n2,y\n", b"\r\n2,y"])
def test_a_row_that_is_too_long_costs_itself_only(rows, monkeypatch, end):
    monkeypatch.setattr(csv_rows, "MOST_BYTES", 20)
    monkeypatch.setattr(csv_rows, "CHUNK_BYTES", 8)
    read, broken = rows(b"a,b\n0,y\n1," + b"x" * 50 + end)
    assert [row[1] for row in read] == (["0", "2"] if end else ["0"])
    assert [number for number, _ in broken] == [2]


@pytest.mark.parametrize(("length", "drops"), [(20_000_000, True), (100, False)])
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_a_long_row_at_the_end_is_seen(tmp_path, name, length, drops):
    content = b"a,b\n" + b"1,2\n" * 1_000_000 + b"3," + b"x" * length + b"\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(content, 1) if name.endswith("gz") else content)
    assert ends_in_a_long_row(path) == drops


def test_header_that_is_no_text(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("a,b".encode("utf-16"))
    with pytest.raises(InputError, match="not UTF-8"):
        header(path)


def test_file_that_is_no_gzip(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(InputError, match="cannot be read"):
        header(path)


@given(
    st.lists(
        st.lists(st.text('ab",\n é', max_size=5), min_size=2, max_size=2), min_size=1
    )
)
def test_reads_well_formed_rows_as_duckdb_does(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    quoted = [[cell.replace('"', '""') for cell in row] for row in cells]
    lines = ["a,b", *(f'"{one}","{two}"' for one, two in quoted)]
    path.write_bytes("\n".join(lines).encode())
    table, broken = whole(read_rows(path, 2))
    expected = duckdb.execute(
        f"SELECT * FROM read_csv('{path}', header = true, auto_detect = false, "
        "delim = ',', quote = '\"', escape = '\"', nullstr = '', "
        "columns = {'a': 'VARCHAR', 'b': 'VARCHAR'})"
    ).fetchall()
    assert broken == []
    assert [(row["c0"], row["c1"]) for row in table.to_pylist()] == expected


@pytest.mark.parametrize("end", [b"\x0b", "\u2028".encode(), b"\x0c"])
def test_what_is_said_of_a_broken_header_holds_no_value(end, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(end.join([b'"id","name"', b'"a1","Anna"', b'"a2","Bo"']))
    with pytest.raises(InputError, match="is no CSV header") as told:
        header(path)
    assert "Anna" not in str(told.value)
    assert "a1" not in str(told.value).removeprefix(str(path))
