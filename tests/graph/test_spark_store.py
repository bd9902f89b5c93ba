"""A store on Spark keeps and gives back what the embedded one does."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import need_spark

need_spark()

from pyspark.errors import ArithmeticException  # noqa: E402

from graph.components import find_components  # noqa: E402
from graph.errors import InputError  # noqa: E402
from graph.gatherings import find_gatherings  # noqa: E402
from graph.lockstep_communities import (  # noqa: E402
    LARGEST_COMPONENT,
    find_lockstep_communities,
)
from graph.spark_session import spark_session  # noqa: E402
from graph.spark_store import SparkStore  # noqa: E402
from graph.store import Store  # noqa: E402
from tests.graph.test_lockstep_communities import graph_of, loose_groups  # noqa: E402


@pytest.fixture(params=["embedded", "spark"])
def store(request, tmp_path):
    """Each of the two stores: the same is expected of both."""
    if request.param == "embedded":
        with Store() as opened:
            yield opened
        return
    session = request.getfixturevalue("spark")
    with SparkStore(session, tmp_path / "tables of a run") as opened:
        yield opened
        assert (tmp_path / "tables of a run").is_dir()
    assert not (tmp_path / "tables of a run").exists()


def test_a_table_of_the_same_name_is_replaced_by_one_of_itself(store):
    store.materialise("_pairs", "SELECT 1 AS a")
    store.materialise("_pairs", "SELECT a + 1 AS a FROM _pairs")
    assert store.rows("SELECT * FROM _pairs") == [(2,)]
    assert store.count("_pairs") == 1


def test_rows_are_added_in_the_types_of_the_table(store):
    store.create("people", 'name VARCHAR, age INTEGER, "table" BIGINT')
    assert store.count("people") == 0
    store.insert("people", "SELECT 'ann', CAST(3 AS BIGINT), 4")
    store.insert("people", "SELECT 4 AS age", by_name=True)
    store.append(
        "people", pa.table({"name": ["ben"], "age": [5], "table": pa.array([6])})
    )
    assert store.rows("SELECT * FROM people ORDER BY age") == [
        ("ann", 3, 4),
        (None, 4, None),
        ("ben", 5, 6),
    ]
    assert store.arrow("SELECT age FROM people").schema.field("age").type == pa.int32()


def test_columns_of_nulls_can_be_kept_and_compared(store):
    nothing = pa.array([[], []], pa.list_(pa.null()))
    store.put("empty", pa.table({"a": pa.nulls(2), "b": ["x", "y"], "l": nothing}))
    store.materialise("more", "SELECT a, b, l, NULL AS c FROM empty WHERE a IS NULL")
    assert store.rows("SELECT b, l, a, c FROM more ORDER BY b") == [
        ("x", [], None, None),
        ("y", [], None, None),
    ]
    assert store.rows("SELECT b FROM more WHERE a = b OR c = 7 OR c <> b") == []


def test_lists_of_events_are_kept(store):
    nothing = """CAST([] AS STRUCT("table" VARCHAR, id VARCHAR)[])"""
    store.materialise("said", f"SELECT 'a' AS who, {nothing} AS events LIMIT 0")
    event = """struct_pack("table" := 'helps', id := 'h1')"""
    store.insert("said", f"SELECT 'a', [{event}] UNION ALL SELECT 'b', {nothing}")
    assert store.rows("SELECT who, events FROM said ORDER BY who") == [
        ("a", [{"table": "helps", "id": "h1"}]),
        ("b", []),
    ]


def test_a_frame_has_the_same_types(store):
    store.put("t", pa.table({"a": [1, None], "b": ["x", None], "c": [True, None]}))
    frame = store.frame("SELECT a, b, c, 1.5 * a AS d FROM t ORDER BY a")
    assert [str(kind) for kind in frame.dtypes] == [
        str(kind) for kind in _embedded_frame().dtypes
    ]
    assert frame["a"].tolist()[0] == 1


def _embedded_frame():
    with Store() as store:
        store.put("t", pa.table({"a": [1, None], "b": ["x", None], "c": [True, None]}))
        return store.frame("SELECT a, b, c, 1.5 * a AS d FROM t ORDER BY a")


def test_tables_are_there_until_they_are_dropped(store):
    store.materialise("here", "SELECT 1 AS a")
    assert store.has("here")
    store.drop("here", "never_was")
    assert not store.has("here")


def test_work_by_component_is_the_same_whatever_a_task_has(store):
    if isinstance(store, SparkStore):
        store.rows_per_task = 7

    def first_and_sum(rows):
        total = rows.group_by("component").aggregate([("a", "min"), ("a", "sum")])
        return pa.table(
            [total["component"], total["a_min"], total["a_sum"]], schema=gives
        )

    gives = pa.schema([("c", pa.string()), ("first", pa.int32()), ("sum", pa.int64())])
    numbers = pa.array(range(50), pa.int32())
    store.put("t", pa.table({"a": numbers, "c": [f"c{n % 9}" for n in range(50)]}))
    store.by_component("s", "SELECT a, c AS component FROM t", first_and_sum, gives)
    assert store.rows("SELECT c, first, sum FROM s ORDER BY c") == [
        (f"c{n}", n, sum(range(n, 50, 9))) for n in range(9)
    ]
    nothing = "SELECT a, c AS component FROM t WHERE a < 0"
    store.by_component("s", nothing, first_and_sum, gives)
    assert store.count("s") == 0


def test_components_are_found(store):
    links = [(2, 1), (4, 3), (10, 11), (11, 12), (12, 9), (5, 5), (2**60, 12)]
    ends = (pa.array(end, pa.int64()) for end in zip(*links, strict=True))
    store.put("links", pa.table(dict(zip("ab", ends, strict=True))))
    find_components(store, "parts", "SELECT a, b FROM links")
    found = store.rows("SELECT component, node FROM parts ORDER BY component, node")
    assert found == [(1, 1), (1, 2), (3, 3), (3, 4)] + [
        (9, node) for node in (9, 10, 11, 12, 2**60)
    ]


@pytest.mark.long
def test_gatherings_are_the_same_on_spark(spark, helped_at, tmp_path):
    spots = [
        (5_000 * (n % 4) + 60 * (n % 7), 60 * (n % 3), 900 * (n % 20))
        for n in range(160)
    ]
    with helped_at(spots, latitude=31.2, longitude=121.5) as plain:
        names = plain.rows("SELECT table_name FROM duckdb_tables()")
        events = {name: plain.arrow(f'SELECT * FROM "{name}"') for (name,) in names}
        find_gatherings(plain)
        made = ["gatherings", "passing_gatherings", "relayed_gatherings"]
        expected = [sorted(plain.rows(f"SELECT * FROM {name}")) for name in made]
    assert len({row[-1] for row in expected[0]}) > 3
    with SparkStore(spark, tmp_path / "tables", rows_per_task=30) as store:
        for name, table in events.items():
            store.put(name, table)
        find_gatherings(store)
        found = [sorted(store.rows(f"SELECT * FROM {name}")) for name in made]
        assert found == expected


@pytest.mark.long
@pytest.mark.parametrize("largest", [LARGEST_COMPONENT, 40])
def test_communities_are_the_same_on_spark(spark, tmp_path, largest):
    """Also where a component is too large for a task."""
    holders, weights = loose_groups(3)
    found = []
    with (
        Store() as plain,
        SparkStore(spark, tmp_path / "tables", rows_per_task=100) as there,
    ):
        for store in (plain, there):
            graph = graph_of(store, holders, weights=weights, accounts=400)
            found.append(
                find_lockstep_communities(
                    store, graph, resolution=1e-3, largest=largest
                ).tolist()
            )
    assert found[0] == found[1]


def test_a_column_that_is_not_there_is_refused(spark, tmp_path):
    with SparkStore(spark, tmp_path / "tables") as store:
        store.create("people", "name VARCHAR")
        with pytest.raises(InputError, match="nickname"):
            store.insert("people", "SELECT 'ben' AS nickname", by_name=True)


def test_tables_go_to_spark_and_come_back_as_files(spark, tmp_path):
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", None]}), tmp_path / "t.parquet")
    with SparkStore(spark, tmp_path / "its tables") as store:
        store.take("t", tmp_path / "t.parquet")
        assert not (tmp_path / "t.parquet").exists()
        store.materialise("u", "SELECT a + 1 AS a, b FROM t")
        store.insert("u", "SELECT 7, 'y'")
        assert store.names() == ["t", "u"]
        files = store.give("u", tmp_path / "back")
        back = [row for file in files for row in pq.read_table(file).to_pylist()]
        assert sorted(back, key=str) == [
            {"a": 2, "b": "x"},
            {"a": 3, "b": None},
            {"a": 7, "b": "y"},
        ]


def test_without_java_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="Java 17"), spark_session():
        pass


def test_a_session_that_is_there_is_used_and_left_as_it_was(spark, tmp_path):
    """Such as a notebook's, in which a number that is too large gives a null."""
    was = spark.conf.get("spark.sql.ansi.enabled")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    try:
        settings = {"spark.sql.shuffle.partitions": "3"}
        with spark_session(spark.sparkContext.master, settings) as mine:
            assert mine.sparkContext is spark.sparkContext
            assert mine.conf.get("spark.sql.shuffle.partitions") == "3"
            with SparkStore(mine, tmp_path / "tables") as store:
                store.create("ages", "age INTEGER")
                store.materialise("large", "SELECT 3000000000 AS age")
                assert not spark.catalog.tableExists("large")
                for statement in (
                    "SELECT age FROM large",
                    "SELECT CAST(age AS INTEGER) AS age FROM large",
                ):
                    with pytest.raises(ArithmeticException):
                        store.insert("ages", statement)
                assert store.count("large") == 1
        assert spark.conf.get("spark.sql.shuffle.partitions") == "4"
        assert spark.conf.get("spark.sql.ansi.enabled") == "false"
        assert spark.range(3).count() == 3
    finally:
        spark.conf.set("spark.sql.ansi.enabled", was)


@pytest.mark.parametrize(
    ("master", "settings", "said"),
    [
        ("local[7]", {}, r"local\[7\]: this process has a session at local\[2\]"),
        (None, {"spark.driver.memory": "3g"}, "3g: .* begun with 1g; stop it first"),
        (None, {"spark.executor.cores": "3"}, "3: .* begun with none; stop it first"),
    ],
)
def test_a_session_that_is_there_is_no_other(spark, master, settings, said):
    with pytest.raises(InputError, match=said), spark_session(master, settings):
        pass
    assert spark.range(3).count() == 3


def test_tables_from_here_go_to_a_folder_that_is_not_of_this_machine(spark, tmp_path):
    """The test's is, but by a name that does not say so."""
    work = f"file:{tmp_path / 'tables'}"
    rows = pa.table({"a": [1, 2], "b": pa.nulls(2)})
    (tmp_path / "passing").mkdir()
    with SparkStore(spark, work, passing=tmp_path / "passing") as store:
        store.create("t", "a INTEGER, b VARCHAR")
        store.append("t", rows)
        assert list((tmp_path / "passing").iterdir()) == []
        assert store.rows("SELECT a, b FROM t ORDER BY a") == [(1, None), (2, None)]
        (file,) = store.give("t", tmp_path)
        assert pq.read_schema(file).field("a").type == pa.int32()


def test_a_table_without_rows_comes_back_as_a_file(spark, tmp_path):
    with SparkStore(spark, tmp_path / "tables") as store:
        store.create("t", 'a INTEGER, b VARCHAR, "table" BIGINT')
        (file,) = store.give("t", tmp_path)
        found = pq.read_table(file)
    assert found.num_rows == 0
    assert found.schema.names == ["a", "b", "table"]
    assert found.schema.types == [pa.int32(), pa.string(), pa.int64()]


def test_a_number_that_its_column_cannot_have_is_an_error(store):
    store.put("ages", pa.table({"age": pa.array([3], pa.int32())}))
    with pytest.raises((pa.ArrowInvalid, duckdb.ConversionException)):
        store.append("ages", pa.table({"age": [3_000_000_000]}))
    assert store.count("ages") == 1
