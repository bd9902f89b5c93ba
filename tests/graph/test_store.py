import duckdb
import pyarrow as pa
import pytest

from graph.errors import InputError
from graph.store import Store, bytes_of


@pytest.fixture
def store():
    with Store() as opened:
        yield opened


def test_a_statement_becomes_a_table(store):
    store.materialise("pairs", "SELECT 1 AS a, 'x' AS b")
    assert store.rows("SELECT a, b FROM pairs") == [(1, "x")]


def test_a_table_of_the_same_name_is_replaced(store):
    store.materialise("pairs", "SELECT 1 AS a")
    store.materialise("pairs", "SELECT a + 1 AS a FROM pairs")
    assert store.rows("SELECT * FROM pairs") == [(2,)]


def test_rows_are_added_in_the_order_of_the_columns_or_by_their_names(store):
    store.create("people", "name VARCHAR, age INTEGER")
    assert store.rows("SELECT * FROM people") == []
    store.insert("people", "SELECT 'ann', 3")
    store.insert("people", "SELECT 4 AS age", by_name=True)
    assert store.rows("SELECT name, age FROM people ORDER BY age") == [
        ("ann", 3),
        (None, 4),
    ]
    with pytest.raises(duckdb.Error):
        store.insert("people", "SELECT 'ben' AS nickname", by_name=True)


def test_an_arrow_table_is_put_and_nothing_else_stays(store):
    store.put("people", pa.table({"name": ["ann", None], "age": [3, 4]}))
    assert store.rows("SELECT * FROM people ORDER BY age") == [("ann", 3), (None, 4)]
    assert store.rows("SELECT table_name FROM information_schema.tables") == [
        ("people",)
    ]


def test_parameters_are_values_and_never_sql(store):
    hostile = "x'; DROP TABLE people; --"
    store.put("people", pa.table({"name": ["ann", hostile]}))
    asked = "SELECT name FROM people WHERE name = $name"
    assert store.rows(asked, {"name": hostile}) == [(hostile,)]
    assert store.frame(asked, {"name": hostile})["name"].tolist() == [hostile]
    assert store.arrow(asked, {"name": hostile})["name"].to_pylist() == [hostile]


def test_times_are_utc_whatever_the_machine(store):
    told = "SELECT epoch(TIMESTAMPTZ '2026-03-01 08:00:00+00')"
    assert store.rows(told) == [(1_772_352_000,)]
    assert store.rows("SELECT current_setting('TimeZone')") == [("UTC",)]


def test_tables_are_there_until_they_are_dropped(store):
    store.materialise("here", "SELECT 1")
    assert store.has("here")
    store.drop("here", "never_was")
    assert not store.has("here")


def test_what_is_saved_can_be_read_elsewhere(store, tmp_path):
    path = tmp_path / "an analyst's store.duckdb"
    store.materialise("kept", "SELECT 7 AS n")
    store.materialise("forgotten", "SELECT 8 AS n")
    store.save(path, ["kept"])
    with Store(path, read_only=True) as saved:
        assert saved.rows("SELECT n FROM kept") == [(7,)]
        assert not saved.has("forgotten")
        with pytest.raises(duckdb.Error):
            saved.materialise("kept", "SELECT 9 AS n")


def test_a_save_that_fails_can_be_tried_again(store, tmp_path):
    with pytest.raises(duckdb.Error):
        store.save(tmp_path / "a.duckdb", ["missing"])
    store.materialise("there", "SELECT 1")
    store.save(tmp_path / "b.duckdb", ["there"])


def test_a_closed_store_answers_no_more():
    with Store() as store:
        pass
    with pytest.raises(duckdb.Error):
        store.rows("SELECT 1")


def test_statements_side_by_side_give_their_rows_in_turn(store):
    store.put_aside("aside", "SELECT range AS n FROM range(10000)")
    asked = (f"SELECT n FROM aside WHERE n // 100 = {part}" for part in range(100))
    found = [sorted(table["n"].to_pylist()) for table in store.each(asked)]
    assert found == [[*range(at, at + 100)] for at in range(0, 10_000, 100)]


def test_a_wrong_statement_among_them_is_told(store):
    given = store.each(["SELECT 1 AS n", "SELECT n FROM nowhere", "SELECT 3 AS n"])
    assert next(given)["n"].to_pylist() == [1]
    with pytest.raises(duckdb.CatalogException, match="nowhere"):
        list(given)


@pytest.mark.parametrize("read_only", [True, False])
def test_they_see_what_was_put_aside_in_a_file_too(store, tmp_path, read_only):
    store.materialise("saved", "SELECT 1 AS n")
    store.save(tmp_path / "file.duckdb", ["saved"])
    with Store(tmp_path / "file.duckdb", read_only=read_only) as other:
        if not read_only:
            other.connection.begin()
        other.put_aside("aside", "SELECT n + 1 AS n FROM saved")
        found = [table["n"].to_pylist() for table in other.each(["FROM aside"] * 4)]
    assert found == [[2]] * 4


def test_a_damaged_database_file_is_told_in_one_line(store, tmp_path):
    file = tmp_path / "saved.duckdb"
    file.write_bytes(b"no database " * 2000)
    with (
        pytest.raises(InputError, match=r"saved\.duckdb cannot be opened") as told,
        store.attached(file, "saved"),
    ):
        pass
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("memory", "problem"),
    [
        ("abc", "'abc' is no size: give one such as 3GB"),
        ("-1GB", "is no size"),
        ("50%", "is no size"),
        ("3", "is no size"),
        ("0GB", "is too little"),
        ("1KB", "is too little for anything: give more, such as 3GB"),
        ("99999999999TB", "is more than any machine has: give less, such as 3GB"),
    ],
)
def test_a_memory_that_is_no_size_is_refused(memory, problem):
    with pytest.raises(InputError, match=problem):
        Store(memory=memory)


@pytest.mark.parametrize("memory", ["64MB", "64 mb", "64M", "0.064GB", "0.0000640 TB"])
def test_a_size_may_be_written_in_several_ways(memory):
    with Store(memory=memory) as store:
        assert bytes_of(memory) == 64e6
        assert store.rows("SELECT current_setting('memory_limit')") == [("61.0 MiB",)]
