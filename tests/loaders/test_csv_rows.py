import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from loaders.csv_rows import header, read_rows


@pytest.fixture
def rows(tmp_path):
    def read(content: bytes, width: int = 2):
        path = tmp_path / "t.csv"
        path.write_bytes(content)
        table, broken = read_rows(path, width)
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
    table, broken = read_rows(path, 2)
    expected = duckdb.execute(
        f"SELECT * FROM read_csv('{path}', header = true, auto_detect = false, "
        "delim = ',', quote = '\"', escape = '\"', nullstr = '', "
        "columns = {'a': 'VARCHAR', 'b': 'VARCHAR'})"
    ).fetchall()
    assert broken == []
    assert [(row["c0"], row["c1"]) for row in table.to_pylist()] == expected
