"""The statements of an embedded run, and each of them alone on Spark.

`recorded(store)` notes each statement that an analysis runs, with the tables that it
reads as they are at that moment and what it gives. `difference` runs one of them on
Spark over the same tables, and says in what the rows differ.
"""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from graph.spark_sql import tables_of
from graph.store import Store
from tests.conftest import without

JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"

SPARK_SETTINGS = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "4",
    "spark.default.parallelism": "2",
    "spark.ui.enabled": "false",
    "spark.sql.ui.explainMode": "simple",  # each plan is written out for the page
    # Hundreds of statements over little data: what makes one fast would take longest.
    "spark.driver.extraJavaOptions": JAVA,
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
}
"""Enough for small worlds on two cores."""

CLUSTER = "local-cluster[2,1,1024]"
"""A master and two workers, whose executors are processes of one core and 1 GB each."""

CLUSTER_SETTINGS = SPARK_SETTINGS | {
    "spark.executor.extraJavaOptions": JAVA,
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.locality.wait": "0",
    "spark.sql.shuffle.partitions": "2",  # one for each executor
    "spark.sql.files.minPartitionNum": "1",
}


@dataclass(frozen=True)
class Statement:
    """A statement, the tables that it read, and the rows that it gave."""

    number: int
    phase: str
    makes: str
    sql: str
    parameters: dict[str, Any]
    reads: dict[str, tuple[int, pa.Table]]
    gave: pa.Table

    @property
    def title(self) -> str:
        """Its number, its phase, and the table that it makes or how it begins."""
        words = " ".join(self.sql.split())
        return f"{self.number} {self.phase}: {self.makes or words[:90]}"


@dataclass
class Recorder(Store):
    """An embedded store that notes its statements."""

    phase: str = ""
    statements: list[Statement] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    seen: dict[tuple[str, int], pa.Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Store.__init__(self, threads=1)

    def materialise(self, name: str, sql: str) -> None:
        """Note a statement that makes a table."""
        self._note(sql, {}, name)
        super().materialise(name, sql)
        self._changed(name)

    def insert(self, name: str, sql: str, *, by_name: bool = False) -> None:
        """Note a statement that adds rows."""
        self._note(sql, {}, name)
        super().insert(name, sql, by_name=by_name)
        self._changed(name)

    def create(self, name: str, columns: str) -> None:
        """Note that a table is new."""
        super().create(name, columns)
        self._changed(name)

    def append(self, name: str, table: pa.Table) -> None:
        """Note that a table has more rows."""
        super().append(name, table)
        self._changed(name)

    def put(self, name: str, table: pa.Table) -> None:
        """Note that a table is new; this runs on one engine alone."""
        self.connection.register("_incoming", table)
        super().materialise(name, "SELECT * FROM _incoming")
        self.connection.unregister("_incoming")
        self._changed(name)

    def frame(self, sql: str, parameters: dict[str, Any] | None = None) -> Any:
        """Note a statement that gives rows."""
        self._note(sql, parameters or {}, "")
        return super().frame(sql, parameters)

    def arrow(self, sql: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        """Note a statement that gives rows."""
        self._note(sql, parameters or {}, "")
        return super().arrow(sql, parameters)

    def rows(
        self, sql: str, parameters: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Note a statement that gives rows, unless it asks about DuckDB itself."""
        if not any(word in sql for word in ("current_setting", "information_schema")):
            self._note(sql, parameters or {}, "")
        return super().rows(sql, parameters)

    def _changed(self, name: str) -> None:
        self.versions[name] = self.versions.get(name, 0) + 1

    def _note(self, sql: str, parameters: dict[str, Any], makes: str) -> None:
        if not self.phase:
            return
        reads = {}
        for name in tables_of(sql):
            version = self.versions.get(name, 0)
            if (name, version) not in self.seen:
                table = super().arrow(f'SELECT * FROM "{name}"')
                self.seen[name, version] = table
            reads[name] = version, self.seen[name, version]
        statement = Statement(
            len(self.statements) + 1,
            self.phase,
            makes,
            sql,
            parameters,
            reads,
            super().arrow(sql, parameters),
        )
        self.statements.append(statement)


@contextmanager
def spark_for_tests(master: str = "local[2]") -> Iterator[Any]:
    """Give a session on this machine; without Spark or Java the test is skipped."""
    from graph.errors import InputError
    from graph.spark_session import spark_session

    try:
        with spark_session(master, SPARK_SETTINGS) as session:
            session.sparkContext.setLogLevel("ERROR")
            yield session
    except InputError as error:
        without("spark", str(error))


def difference(statement: Statement, store: Any, shown: dict[str, int]) -> str:
    """Say in what a statement's rows differ on Spark; an empty text: in nothing.

    `store` is a `SparkStore`; `shown` has the version of each table that is in it.
    """
    for name, (version, table) in statement.reads.items():
        if shown.get(name) != version:
            store.show(name, store.session.createDataFrame(plain(table)))
            shown[name] = version
    try:
        there = store.arrow(statement.sql, statement.parameters)
    except Exception as error:
        return f"{statement.title}\n  fails: {str(error)[:600]}"
    here = statement.gave
    for mine, theirs in zip(here.column_names, there.column_names, strict=True):
        if mine.isidentifier() and mine != theirs:  # else it has no name to be found by
            return f"{statement.title}\n  the column {mine} became {theirs}"
    expected, found = Counter(rows_of(here)), Counter(rows_of(there))
    if expected == found:
        return ""
    lost, new = list((expected - found).items()), list((found - expected).items())
    return (
        f"{statement.title}\n  of {here.num_rows} rows {len(lost)} are not there, such "
        f"as {lost[:2]}\n  but of {there.num_rows} there are {new[:2]}"
    )


def plain(table: pa.Table) -> pa.Table:
    """Return a table in the types that both engines have: no integer of 128 bits."""
    for at, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):
            whole = table[at].cast(pa.int64())
            table = table.set_column(at, column.name, whole)
    return table


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """Return rows as values that can be compared exactly."""
    columns = [[_value(value) for value in column.to_pylist()] for column in table]
    return list(zip(*columns, strict=True)) if columns else []


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _value(each)) for name, each in value.items())
    if isinstance(value, list):
        return tuple(_value(each) for each in value)
    if isinstance(value, Decimal) and value == int(value):
        return int(value)
    if isinstance(value, float) and math.isnan(value):
        return "not a number"
    return value
