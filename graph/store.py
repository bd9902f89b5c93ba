"""The event store: one DuckDB database, and the one way in which tables are made.

Every relational step goes through `Store.materialise(name, sql)`, so that a step is a
name and a statement and nothing else, and another engine can run the same statements.
Statements keep to what gives the same answer on every engine: integers instead of
floats in sums, no order inside aggregates, no approximate functions.
"""

import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pandas as pd
import pyarrow as pa

from graph.errors import InputError

AT_ONE_TIME = 2
"""Statements that work at one time where each has one processor: see `Store.each`."""

MOST_THREADS = 256
"""More than any machine this runs on has; a typing error beyond that."""


_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT])(i?)B?\s*", re.IGNORECASE)

LEAST_BYTES, MOST_BYTES = 1e6, 1e18
"""Less no statement can do with; more no machine has."""


def bytes_of(memory: str) -> float:
    """Return how many bytes a size such as 3GB is; in GiB they are powers of two.

    Raises InputError when it is no size, or one that makes no sense.

    >>> bytes_of("1.5GB"), bytes_of("2 MiB")
    (1500000000.0, 2097152.0)
    """
    found = _SIZE.fullmatch(memory)
    if not found:
        raise InputError(f"memory {memory!r} is no size: give one such as 3GB")
    number, unit, binary = found.groups()
    power: int = "KMGT".index(unit.upper()) + 1
    size = float(number) * float((1024 if binary else 1000) ** power)
    if size < LEAST_BYTES:
        raise InputError(
            f"memory {memory!r} is too little for anything: give more, such as 3GB"
        )
    if size > MOST_BYTES:
        raise InputError(
            f"memory {memory!r} is more than any machine has: give less, such as 3GB"
        )
    return size


Work = Callable[[pa.Table], pa.Table]
"""A pure function of rows, for `Store.by_component`."""


class Store:
    """A DuckDB database, in memory or in a file.

    >>> with Store() as store:
    ...     store.materialise("pairs", "SELECT 1 AS a, 2 AS b")
    ...     store.rows("SELECT a + b FROM pairs")
    [(3,)]
    """

    spreads = False
    """Whether `by_component` spreads its work: then components must be told apart."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        threads: int | None = None,
        memory: str | None = None,
        read_only: bool = False,
        spill: Path | None = None,
        profile: Path | None = None,
    ) -> None:
        """Open the database; `memory` is a size such as '3GB', beyond it is spilled.

        What is spilled goes into the folder `spill`. Into the folder `profile` goes the
        plan of each statement that makes a table, with times and rows, as JSON.
        """
        if threads is not None and not 1 <= threads <= MOST_THREADS:
            raise InputError(f"{threads} threads: give 1 to {MOST_THREADS}")
        config: dict[str, Any] = {"preserve_insertion_order": False}
        if not read_only:
            config["temp_directory"] = str(
                spill or Path(tempfile.gettempdir(), "scanring")
            )
        if threads is not None:
            config["threads"] = threads
        if memory is not None:
            config["memory_limit"] = f"{bytes_of(memory):.0f}B"
        self.connection = duckdb.connect(
            str(path) if path else ":memory:", read_only=read_only, config=config
        )
        self.connection.execute("SET TimeZone = 'UTC'")
        # In a notebook without ipywidgets the bar is off, and touching it is an error.
        if self.rows("SELECT current_setting('enable_progress_bar')")[0][0]:
            self.connection.execute("SET enable_progress_bar = false")
        self._profile, self._statements = profile, 0
        self._read_only = read_only
        self._side_by_side = path is None and threads != 1
        if profile is not None:
            profile.mkdir(parents=True, exist_ok=True)
            self.connection.execute("SET enable_profiling = 'json'")

    def materialise(self, name: str, sql: str) -> None:
        """Make the table `name` from a SELECT, replacing one of the same name."""
        self._note_plan(name)
        self.connection.execute(f'CREATE OR REPLACE TABLE "{name}" AS {sql}')

    def create(self, name: str, columns: str) -> None:
        """Make the table `name` without rows, replacing one of the same name.

        `columns` are names with types, such as `team INTEGER, id VARCHAR`.
        """
        self.connection.execute(f'CREATE OR REPLACE TABLE "{name}" ({columns})')

    def insert(self, name: str, sql: str, *, by_name: bool = False) -> None:
        """Add the rows of a SELECT to the table `name`.

        Its columns are those of the table in their order or, `by_name`, some of them in
        any order; the others are null then.
        """
        self._note_plan(name)
        named = " BY NAME" if by_name else ""
        self.connection.execute(f'INSERT INTO "{name}"{named} {sql}')

    def _note_plan(self, name: str) -> None:
        """Have the plan of the next statement written down, if plans are wanted."""
        if self._profile is None:
            return
        self._statements += 1
        path = str(self._profile / f"{self._statements:03}-{name.strip('_')}.json")
        quoted = path.replace(chr(39), chr(39) * 2)
        self.connection.execute(f"SET profiling_output = '{quoted}'")

    def put(self, name: str, table: pa.Table) -> None:
        """Make the table `name` from an Arrow table."""
        self.connection.register("_incoming", table)
        try:
            self.materialise(name, "SELECT * FROM _incoming")
        finally:
            self.connection.unregister("_incoming")

    def append(self, name: str, table: pa.Table) -> None:
        """Add the rows of an Arrow table, whose columns are those of the table."""
        self.connection.register("_incoming", table)
        try:
            self.connection.execute(f'INSERT INTO "{name}" SELECT * FROM _incoming')
        finally:
            self.connection.unregister("_incoming")

    def put_aside(self, name: str, sql: str) -> None:
        """Make a table for the time being; drop it when it is no longer needed.

        A store that is only read holds it as a temporary one.
        """
        kind = "TEMP TABLE" if self._read_only else "TABLE"
        self.connection.execute(f'CREATE OR REPLACE {kind} "{name}" AS {sql}')

    def each(self, statements: Iterable[str]) -> Iterator[pa.Table]:
        """Give the rows of each statement in turn, while the next ones are at work.

        With one thread they work one after the other, and in a store in a file, too:
        other connections may not see its tables, be they temporary or of a transaction
        that has not ended.
        """
        if not self._side_by_side:
            yield from map(self.arrow, statements)
            return
        with ThreadPoolExecutor(AT_ONE_TIME) as workers:
            begun: deque[Future[pa.Table]] = deque()
            try:
                for sql in statements:
                    begun.append(workers.submit(self._beside, sql))
                    if len(begun) > AT_ONE_TIME:
                        yield begun.popleft().result()
                while begun:
                    yield begun.popleft().result()
            finally:
                for unfinished in begun:
                    unfinished.cancel()

    def _beside(self, sql: str) -> pa.Table:
        with self.connection.cursor() as cursor:
            return cursor.sql(sql).to_arrow_table()

    def by_component(self, name: str, sql: str, work: Work, gives: pa.Schema) -> None:
        """Make the table `name` of what `work` makes of the rows of a statement.

        `work` is called with whole components, one or many, each all rows that are
        equal in the column `component`, in any order; for none it gives none. What it
        gives for a component must be the same whichever others are there, and have the
        schema `gives`. This store does all in one call, and components need not be told
        apart; one that `spreads` sends them to its processes, some at a time.
        """
        made = work(self.arrow(sql))
        assert made.schema == gives, f"{name}: {made.schema}"
        self.put(name, made)

    def frame(self, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return the rows of a statement as a pandas frame."""
        return self.connection.execute(sql, parameters or {}).df()

    def arrow(self, sql: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        """Return the rows of a statement as an Arrow table."""
        return self.connection.sql(sql, params=parameters or {}).to_arrow_table()

    def rows(
        self, sql: str, parameters: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement as tuples."""
        return self.connection.execute(sql, parameters or {}).fetchall()

    def count(self, name: str) -> int:
        """Return how many rows a table has."""
        return int(self.rows(f'SELECT count(*) FROM "{name}"')[0][0])

    def has(self, name: str) -> bool:
        """Tell whether there is a table or view of this name."""
        found = self.rows(
            "SELECT count(*) FROM information_schema.tables WHERE table_name = $name",
            {"name": name},
        )
        return bool(found[0][0])

    def drop(self, *names: str) -> None:
        """Remove tables that are no longer needed."""
        for name in names:
            self.connection.execute(f'DROP TABLE IF EXISTS "{name}"')

    def save(self, path: Path, names: Sequence[str]) -> None:
        """Write tables and views into a database file of their own."""
        with self.saving(path) as saved:
            saved.add(names)

    @contextmanager
    def saving(self, path: Path) -> Iterator["Saved"]:
        """Give a database file to which tables are added; it is complete at the end."""
        saved = Saved(self.connection, path)
        try:
            yield saved
            saved.wait()
        finally:
            saved.stop()

    @contextmanager
    def attached(self, path: Path, name: str) -> Iterator[None]:
        """Let statements read the tables of a database file as `name.TABLE`.

        Raises InputError when the file cannot be opened.
        """
        quoted = str(path).replace(chr(39), chr(39) * 2)
        try:
            self.connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
        except duckdb.Error as error:
            first_line = str(error).splitlines()[0]
            raise InputError(f"{path} cannot be opened: {first_line}") from error
        try:
            yield
        finally:
            self.connection.execute(f"DETACH {name}")

    def load(self, path: Path) -> None:
        """Copy all tables of a database file that `save` wrote."""
        with self.attached(path, "saved"):
            names = self.rows(
                """SELECT table_name FROM duckdb_tables()
                   WHERE database_name = 'saved' ORDER BY table_name"""
            )
            for (name,) in names:
                self.connection.execute(
                    f'CREATE OR REPLACE TABLE main."{name}" AS '
                    f'SELECT * FROM saved."{name}"'
                )

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Saved:
    """A database file that is being written; tables may be added beside other work."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Write the file `path` through connections of its own beside this one."""
        self._connection = connection
        self._path = str(path).replace(chr(39), chr(39) * 2)
        self._worker = ThreadPoolExecutor(1)
        self._begun: list[Future[None]] = []

    def add(self, names: Sequence[str]) -> None:
        """Begin to write these tables; they must not be changed until `wait`."""
        self._begun.append(self._worker.submit(self._write, tuple(names)))

    def _write(self, names: tuple[str, ...]) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(f"ATTACH '{self._path}' AS saved")
            try:
                for name in names:
                    cursor.execute(
                        f'CREATE TABLE saved."{name}" AS SELECT * FROM main."{name}"'
                    )
            finally:
                cursor.execute("DETACH saved")  # or its blocks stay in memory

    def wait(self) -> None:
        """Wait until all is written; raise what went wrong."""
        for begun in self._begun:
            begun.result()
        self._begun.clear()

    def stop(self) -> None:
        """Begin nothing more."""
        self._worker.shutdown(cancel_futures=True)
