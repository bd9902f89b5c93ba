"""Statements for DuckDB mean the same on Spark, or are refused."""

import pyarrow as pa
import pytest

from tests.conftest import need_spark

need_spark()

from graph.spark_sql import UntranslatableError, tables_of, to_spark  # noqa: E402
from graph.spark_store import SparkStore  # noqa: E402
from graph.store import Store  # noqa: E402
from tests.engines import rows_of  # noqa: E402

T = pa.table(
    {
        "team": pa.array([1, 1, 1, 2, 2, 3], pa.int32()),
        "name": ["b", None, "a", "c", "c", "d"],
        "day": pa.array([5, 1, 7, -7, None, 2], pa.int64()),
        "x": [0.5, 1.5, -2.5, 2.7, None, 1e-9],
        "steps": ["[1, 2.5]", None, "[]", "[3]", "[0.1, 0.2, 0.3]", "[7]"],
        "yes": [True, False, None, None, True, False],
    }
)

DIFFER = {
    "a list is sorted": """SELECT team, list_sort(list({'a': day, 'n': name})) AS l
        FROM t WHERE day IS NOT NULL AND name IS NOT NULL GROUP BY team""",
    "a list is sorted, then one field is taken": """SELECT team, list_transform(
        list_sort(list({'a': -day, 'n': name})), lambda r: r.n) AS l
        FROM t WHERE day IS NOT NULL AND name IS NOT NULL GROUP BY team""",
    "the first of a list": """SELECT list_slice(list_sort(list(DISTINCT name)), 1, 2)
        AS l FROM t WHERE name IS NOT NULL""",
    "nulls last, up": "SELECT name, day FROM t ORDER BY day LIMIT 5",
    "nulls last, down": "SELECT name, day FROM t ORDER BY day DESC LIMIT 5",
    "nulls last in a window": """SELECT team, day, row_number() OVER (
        PARTITION BY team ORDER BY day DESC, name) AS place FROM t""",
    "whole division of negatives": "SELECT day // 2 AS half, day % 3 AS rest FROM t",
    "a quotient has a fraction": "SELECT day / 2 AS half FROM t",
    "halves are rounded away from nought": """SELECT round(x) AS r,
        CAST(round(x * 3) AS BIGINT) AS w FROM t""",
    "different values in a window": """SELECT team, count(DISTINCT name) OVER (
        PARTITION BY team) AS names FROM t""",
    "where it is least": """SELECT team, arg_min(name, day) AS first,
        arg_max(name, (day, name)) AS last FROM t
        WHERE day IS NOT NULL GROUP BY team""",
    "a quantile that is there": """SELECT quantile_disc(day, 0.5) AS middle,
        quantile_disc(day, 0.95) AS most FROM t""",
    "a list of numbers in a text": """SELECT team, unnest(CAST(steps AS DOUBLE[])) AS s
        FROM t WHERE steps IS NOT NULL""",
    "some rows of a group": """SELECT team, count(*) FILTER (yes) AS yes,
        bool_or(yes) AS any, count(yes) AS known FROM t GROUP BY team""",
    "smallest and largest leave out nulls": """SELECT least(day, 3) AS l,
        greatest(name, 'b') AS g, any_value(yes) OVER () IS NULL AS never FROM t""",
    "numbers in texts": "SELECT 'day ' || day AS a, name || '@' || team AS n FROM t",
    "a pattern everywhere": """SELECT regexp_replace(regexp_replace(name || 'Ab12',
        '[0-9]', '9', 'g'), '[A-Z]', 'A', 'g') AS shape FROM t""",
    "parts of a text": """SELECT split_part('a.b.c', '.', 2) AS b,
        nullif(split_part('a::b', '::', 3), '') AS nothing""",
    "semi and anti": """SELECT name FROM t SEMI JOIN (SELECT 2 AS team) AS s
        ON s.team = t.team UNION ALL SELECT name FROM t
        ANTI JOIN (SELECT 2 AS team) AS a ON a.team = t.team""",
    "rows of a list beside": """SELECT t.team, e.who FROM t,
        LATERAL (SELECT unnest([t.name, 'z']) AS who) AS e""",
    "columns replaced": """SELECT u.* REPLACE (u.day + 1 AS day) FROM t AS u""",
    "columns left out": "SELECT * EXCLUDE (x, steps) FROM t",
    "an empty list of a type": """SELECT coalesce(CASE WHEN yes THEN ['a'] END, []) AS l
        FROM t""",
}
"""What is written otherwise, or differs in other dialects."""


@pytest.fixture(scope="module")
def store(spark, tmp_path_factory):
    with SparkStore(spark, tmp_path_factory.mktemp("tables")) as opened:
        opened.put("t", T)
        yield opened


@pytest.mark.parametrize("sql", DIFFER.values(), ids=DIFFER)
def test_a_statement_gives_the_same_rows_on_both_engines(sql, store, embedded):
    expected = embedded.arrow(sql)
    assert expected.num_rows > 0
    found = store.arrow(sql)
    assert found.column_names == expected.column_names
    ordered = "LIMIT" in sql
    here, there = rows_of(expected), rows_of(found)
    assert (there if ordered else sorted(there, key=repr)) == (
        here if ordered else sorted(here, key=repr)
    )


ORDERED = {
    "by what is given": (
        "SELECT team, count(*) AS n FROM t GROUP BY team ORDER BY n DESC, team",
        True,
    ),
    "by a column of a table that is given": (
        "SELECT t.day, t.name FROM t ORDER BY t.day DESC, t.name",
        True,
    ),
    "by what a column became": ("SELECT -day AS day FROM t ORDER BY day", True),
    "by what is given once": ("SELECT DISTINCT team FROM t ORDER BY team DESC", True),
    "by a group that is not given": (
        """SELECT t.team, count(*) AS n FROM t
           GROUP BY t.team, t.day ORDER BY t.day, t.team""",
        False,
    ),
    "by what a column was": ("SELECT -day AS n FROM t ORDER BY t.day, x", False),
    "by everything": ("SELECT day, name FROM t ORDER BY ALL", False),
    "by an expression": ("SELECT day, x FROM t ORDER BY -day, x", False),
}
"""Statements in an order, and whether one task can sort what they give."""


@pytest.mark.parametrize(("sql", "by_one"), ORDERED.values(), ids=ORDERED)
def test_rows_come_in_the_same_order_from_both_engines(sql, by_one, store, embedded):
    assert ("REPARTITION(1)" in to_spark(sql, store.columns)) == by_one
    assert store.rows(sql) == embedded.rows(sql)


@pytest.fixture
def embedded():
    with Store() as opened:
        opened.put("t", T)
        yield opened


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT list(name ORDER BY day) FROM t", "sort it with list_sort"),
        ("SELECT printf('%.2f', x) FROM t", "printf"),
        ("SELECT hash(name) FROM t", "hash"),
        ("SELECT mode(name) FROM t", "mode"),
        ("SELECT CAST(avg(day) AS BIGINT) FROM t", "rounded here and cut off"),
        ("SELECT CAST(day / 2 AS INTEGER) FROM t", "rounded here and cut off"),
        ("SELECT log(x) FROM t", "log"),
        ("SELECT approx_quantile(day, 0.5) FROM t", "approx_quantile"),
        (
            "SELECT date_diff('day', DATE '2026-01-01', DATE '2026-01-02') FROM t",
            "datediff",
        ),
        ("SELECT 1 AS a UNION ALL BY NAME SELECT 2 AS a", "UNION BY NAME"),
    ],
)
def test_what_would_not_mean_the_same_is_refused(sql, reason):
    with pytest.raises(UntranslatableError, match=reason):
        to_spark(sql, lambda name: [])


def test_parameters_become_values_and_never_sql(store, embedded):
    hostile = "x'; DROP TABLE t; -- \\"
    for sql in ("SELECT $a AS a", "SELECT $a IN (SELECT unnest($b)) AS a"):
        values = {"a": hostile, "b": ["y", hostile]}
        if "$b" not in sql:
            del values["b"]
        assert store.rows(sql, values) == embedded.rows(sql, values)


def test_the_tables_of_a_statement_are_those_it_does_not_make():
    sql = """WITH a AS (SELECT 1 FROM c) SELECT * FROM a, "d e" AS f
             WHERE x IN (SELECT y FROM g)"""
    assert tables_of(sql) == ["c", "d e", "g"]
