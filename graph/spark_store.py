"""The event store on Apache Spark: the same statements over tables in a folder.

A `SparkStore` is what an analysis sees of a `Store`, and no more. Each table is a
folder of Parquet files in the work folder, which every worker must reach. It is written
before the next statement begins: a plan never reaches back beyond the last table, and
an executor that is lost takes nothing with it but the task that it was at.

Statements are for DuckDB and written anew for Spark (`graph.spark_sql`). What they give
back as rows, frames or Arrow tables comes to the driver whole. What this process has to
put there it writes itself, and a table without rows has no files: a job costs as much
for no rows as for a thousand.
"""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot

from graph.errors import InputError
from graph.spark_session import NO_PANDAS
from graph.spark_sql import to_spark
from graph.store import Saved, Store, Work

ROWS_PER_TASK = 200_000
"""Rows that a task of `SparkStore.by_component` has about; it holds them in memory."""

MARK_OF_SUCCESS = "mapreduce.fileoutputcommitter.marksuccessfuljobs"
"""Whether a folder of files has one more that says that it is whole: nobody asks."""

NO_ROWS_AT_MOST = 64_000
"""Bytes of a Parquet file beyond which it is not asked whether it has rows."""

ROWS_PER_GROUP = 250_000
"""Rows of a row group in files that this process writes; a task reads whole ones."""

HERE = "file://"
"""So begin the names of folders and files of this machine."""


@dataclass
class Table:
    """A table on Spark: its schema, and the folders that hold its rows."""

    schema: Any
    folders: list[str] = field(default_factory=list)


class SparkStore(Store):
    """A store whose tables are Parquet folders and whose engine is Spark.

    `work` is the folder of the tables: a path on this machine, or the URI of one that
    Spark can write to (`hdfs://…`, `s3a://…`). With more machines than one it must be
    the same for all of them.
    """

    spreads = True

    def __init__(
        self,
        session: Any,
        work: str | Path,
        *,
        passing: Path | None = None,
        rows_per_task: int = ROWS_PER_TASK,
    ) -> None:
        """Keep the tables in the folder `work`, which `close` removes.

        Files on their way to a folder that is not of this machine are in `passing`
        (None: where the system keeps temporary files).
        """
        self.session = session
        self.passing = passing
        self.rows_per_task = rows_per_task
        # Spark takes a name as it is, where a URI would have %20 for a space.
        self.work = f"{HERE}{work.absolute()}" if isinstance(work, Path) else work
        self._tables: dict[str, Table] = {}
        self._stale: set[str] = set()  # those whose files Spark has not listed yet
        self._written = 0
        # What comes back takes the types that the embedded store would give.
        self._returned = duckdb.connect(":memory:")

    def materialise(self, name: str, sql: str) -> None:
        """Make the table `name` from a SELECT, replacing one of the same name."""
        self._replace(name, self._asked(sql, ordered=False))

    def create(self, name: str, columns: str) -> None:
        """Make the table `name` without rows, replacing one of the same name."""
        made = sqlglot.parse_one(f"CREATE TABLE made ({columns})", read="duckdb")
        written = [column.sql(dialect="spark") for column in made.this.expressions]
        empty = self.session.createDataFrame([], ", ".join(written))
        self._keep(name, Table(empty.schema))  # it has files when it has rows

    def insert(self, name: str, sql: str, *, by_name: bool = False) -> None:
        """Add the rows of a SELECT to the table `name`, in the types of its columns."""
        from pyspark.sql import functions

        rows, table = self._asked(sql, ordered=False), self._tables[name]
        names = [column.name for column in table.schema]
        if not by_name and rows.columns != names:
            rows = rows.toDF(*names)
        unknown = sorted(set(rows.columns) - set(names))
        if unknown:
            raise InputError(f"the table {name} has no column {unknown[0]!r}")
        if _plain(rows.schema) != _plain(table.schema):
            chosen = [
                (
                    functions.col(f"`{column.name}`")
                    if column.name in rows.columns
                    else functions.lit(None)
                )
                .cast(column.dataType)
                .alias(column.name)
                for column in table.schema
            ]
            rows = rows.select(*chosen)
        table.folders += self._write(name, rows).folders
        self._stale.add(name)

    def put(self, name: str, table: pa.Table) -> None:
        """Make the table `name` from an Arrow table."""
        from pyspark.sql.pandas.types import from_arrow_schema

        kinds = [_stored(column.type) for column in table.schema]
        typed = table.cast(pa.schema(zip(table.column_names, kinds, strict=True)))
        folders = [self._written_here(name, typed)] if typed.num_rows else []
        self._keep(name, Table(from_arrow_schema(typed.schema), folders))

    def append(self, name: str, table: pa.Table) -> None:
        """Add the rows of an Arrow table, whose columns are those of the table."""
        from pyspark.sql.pandas.types import to_arrow_schema

        there = self._tables[name]
        kinds = [column.type for column in to_arrow_schema(there.schema)]
        typed = table.cast(pa.schema(zip(table.column_names, kinds, strict=True)))
        typed = typed.rename_columns([column.name for column in there.schema])
        if typed.num_rows:
            there.folders.append(self._written_here(name, typed))
            self._stale.add(name)

    def put_aside(self, name: str, sql: str) -> None:
        """Make a table for the time being; drop it when it is no longer needed."""
        self.materialise(name, sql)

    def each(self, statements: Iterable[str]) -> Iterator[pa.Table]:
        """Give the rows of each statement in turn."""
        yield from map(self.arrow, statements)

    def by_component(self, name: str, sql: str, work: Work, gives: pa.Schema) -> None:
        """Make the table `name` of what `work` makes of components, some a task.

        It runs in Python processes beside the executors, which need this package.
        """
        from pyspark.sql import functions
        from pyspark.sql.pandas.types import from_arrow_schema

        def checked(rows: pa.Table) -> pa.Table:
            made = work(rows)
            assert made.schema == gives, f"{name}: {made.schema}"
            return made

        self.materialise("_by_component", sql)
        tasks = -(-self.count("_by_component") // self.rows_per_task) or 1
        task = functions.pmod(functions.xxhash64("component"), functions.lit(tasks))
        rows = self._table("_by_component").groupBy(task)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", NO_PANDAS)
            made = rows.applyInArrow(checked, from_arrow_schema(gives))
        self._replace(name, made)
        self.drop("_by_component")

    def take(self, name: str, file: Path) -> None:
        """Make the table `name` of a Parquet file of this machine, which is moved."""
        from pyspark.sql.pandas.types import from_arrow_schema

        # Spark would begin a job to learn it.
        schema = from_arrow_schema(pq.read_schema(file))
        folder = self._folder(name)
        self._move(file, folder)
        self._keep(name, Table(schema, [folder]))

    def _written_here(self, name: str, table: pa.Table) -> str:
        """Write an Arrow table from this process; return the folder that has it.

        It is here anyway: a job of Spark would send it through all its processes.
        """
        folder = self._folder(name)
        if folder.startswith(HERE):
            here = Path(folder.removeprefix(HERE))
            here.mkdir(parents=True)
            _write_rows(table, here / "rows.parquet")
        else:
            with TemporaryDirectory(dir=self.passing) as passing:
                _write_rows(table, Path(passing, "rows.parquet"))
                self._move(Path(passing, "rows.parquet"), folder)
        return folder

    def _move(self, file: Path, folder: str) -> None:
        """Move a file of this machine into a folder of the work folder."""
        place = self._place(folder)
        place.getFileSystem(self._hadoop).mkdirs(place)
        place.getFileSystem(self._hadoop).copyFromLocalFile(
            True, True, self._place(f"{HERE}{file.absolute()}"), place
        )

    def give(self, name: str, folder: Path) -> list[Path]:
        """Copy the Parquet files of a table into a folder of this machine.

        Returns them in order; those that are on this machine stay where they are.
        """
        files: list[Path] = []
        for number, written in enumerate(self._tables[name].folders):
            place = self._place(written)
            if written.startswith(HERE):
                here = Path(written.removeprefix(HERE))
            else:
                here = folder / str(number)
                place.getFileSystem(self._hadoop).copyToLocalFile(
                    False, place, self._place(f"{HERE}{here.absolute()}"), True
                )
            files += sorted(here.glob("*.parquet"))
        if not files:  # it never had a row
            from pyspark.sql.pandas.types import to_arrow_schema

            files = [folder / "empty.parquet"]
            schema = to_arrow_schema(self._tables[name].schema)
            pq.write_table(schema.empty_table(), files[0])
        return files

    def show(self, name: str, rows: Any) -> None:
        """Let statements read a Spark frame as the table `name`; it is not written."""
        self._tables[name] = Table(rows.schema)
        self._stale.discard(name)
        rows.createOrReplaceTempView(f"`{name}`")

    def frame(self, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return the rows of a statement as a pandas frame."""
        returned = self._returned.from_arrow(self.arrow(sql, parameters))
        frame: pd.DataFrame = returned.df()
        return frame

    def arrow(self, sql: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        """Return the rows of a statement as an Arrow table."""
        return self._asked(sql, parameters).toArrow()

    def rows(
        self, sql: str, parameters: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement as tuples."""
        return self._returned.from_arrow(self.arrow(sql, parameters)).fetchall()

    def count(self, name: str) -> int:
        """Return how many rows a table has."""
        return int(self._table(name).count())

    def has(self, name: str) -> bool:
        """Tell whether there is a table of this name."""
        return name in self._tables

    def drop(self, *names: str) -> None:
        """Remove tables that are no longer needed, and their files."""
        for name in names:
            table = self._tables.pop(name, None)
            if table is not None:
                self._stale.discard(name)
                self.session.catalog.dropTempView(name)
                self._remove(table.folders)

    def names(self) -> list[str]:
        """Return the names of all tables, sorted."""
        return sorted(self._tables)

    def columns(self, name: str) -> list[str]:
        """Return the names of a table's columns, in order."""
        return [column.name for column in self._tables[name].schema]

    def close(self) -> None:
        """Remove all tables, and the folder that they were in."""
        self.drop(*self.names())
        self._remove([self.work])
        self._returned.close()

    def save(self, path: Path, names: Sequence[str]) -> NoReturn:
        """Raise: a database file is made by the embedded store."""
        self._only_embedded()

    @contextmanager
    def saving(self, path: Path) -> Iterator[Saved]:
        """Raise: a database file is made by the embedded store."""
        self._only_embedded()
        yield

    @contextmanager
    def attached(self, path: Path, name: str) -> Iterator[None]:
        """Raise: a database file is read by the embedded store."""
        self._only_embedded()
        yield

    def load(self, path: Path) -> NoReturn:
        """Raise: a database file is read by the embedded store."""
        self._only_embedded()

    def _only_embedded(self) -> NoReturn:
        raise NotImplementedError("database files belong to the embedded store")

    def _asked(
        self,
        sql: str,
        parameters: dict[str, Any] | None = None,
        *,
        ordered: bool = True,
    ) -> Any:
        """Return what a statement gives, as a Spark frame that is not computed yet."""
        written = to_spark(sql, self.columns, parameters, ordered=ordered)
        for name in [each for each in self._stale if each.lower() in sql.lower()]:
            self._view(name)
        return self.session.sql(written)

    def _table(self, name: str) -> Any:
        if name in self._stale:
            self._view(name)
        return self.session.table(f"`{name}`")

    def _replace(self, name: str, rows: Any) -> None:
        self._keep(name, self._write(name, rows))

    def _keep(self, name: str, table: Table) -> None:
        """Let this be the table `name`; the files that it had before are removed."""
        before = self._tables.get(name)
        self._tables[name] = table
        self._stale.add(name)
        if before is not None:
            self._remove(before.folders)

    def _write(self, name: str, rows: Any) -> Table:
        from pyspark.sql import functions

        for column in rows.schema:
            kind = _typed(column.dataType)
            if kind != column.dataType:
                typed = functions.col(f"`{column.name}`").cast(kind)
                rows = rows.withColumn(column.name, typed)
        folder = self._folder(name)
        rows.write.option(MARK_OF_SUCCESS, "false").mode("overwrite").parquet(folder)
        if self._is_empty(folder):
            self._remove([folder])
            return Table(rows.schema)
        return Table(rows.schema, [folder])

    def _is_empty(self, folder: str) -> bool:
        """Tell whether there is no row in what Spark has written into a folder.

        Then it is one small file. What is known to have no rows costs no job, and a
        network of which there is no trace hardly anything.
        """
        place = self._place(folder)
        files = place.getFileSystem(self._hadoop)
        written = [
            each
            for each in files.listStatus(place)
            if each.getPath().getName().endswith(".parquet")
        ]
        if len(written) != 1 or written[0].getLen() > NO_ROWS_AT_MOST:
            return False
        stream = files.open(written[0].getPath())
        try:
            content = pa.BufferReader(stream.readAllBytes())
        finally:
            stream.close()
        return bool(pq.read_metadata(content).num_rows == 0)

    def _folder(self, name: str) -> str:
        """Return a new folder for rows of this table."""
        self._written += 1
        return f"{self.work}/{self._written:05}-{name.strip('_')}"

    def _view(self, name: str) -> None:
        """Let statements read a table by its name."""
        table = self._tables[name]
        if table.folders:
            rows = self.session.read.schema(table.schema).parquet(*table.folders)
        else:
            # So Spark knows that there are none, and begins no job to see it.
            rows = self.session.createDataFrame([], table.schema).where("false")
        self._stale.discard(name)
        rows.createOrReplaceTempView(f"`{name}`")

    def _remove(self, folders: Sequence[str]) -> None:
        for folder in folders:
            place = self._place(folder)
            place.getFileSystem(self._hadoop).delete(place, True)

    @property
    def _hadoop(self) -> Any:
        return self.session._jsc.hadoopConfiguration()

    def _place(self, name: str) -> Any:
        """Return a folder or file as the one whom Spark asks for files names it."""
        return self.session._jvm.org.apache.hadoop.fs.Path(name)


def _write_rows(table: pa.Table, file: Path) -> None:
    pq.write_table(table, file, compression="zstd", row_group_size=ROWS_PER_GROUP)


def _plain(schema: Any) -> list[tuple[str, str]]:
    """Return names and types of columns; whether they may be null says nothing."""
    return [(column.name, column.dataType.simpleString()) for column in schema]


def _stored(kind: pa.DataType) -> pa.DataType:
    """Return a type of Arrow that files can have, as `_typed` does those of Spark."""
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_dictionary(kind):
        return _stored(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_stored(kind.value_type))
    return kind


def _typed(kind: Any) -> Any:
    """Return a type that files can have: nulls become texts, which compare with all."""
    from pyspark.sql import types

    if isinstance(kind, types.NullType):
        return types.StringType()
    if isinstance(kind, types.ArrayType):
        return types.ArrayType(_typed(kind.elementType))
    return kind
