"""The embedded store: a ladybug database in a folder, no server needed.

The folder appears whole or not at all. It is built beside its place and renamed; what a
killed build leaves is cleared away by the next. `made_of.json` in it says what it was
made of, so that a store of other findings or of an older schema is made anew.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ladybug

from graph.cypher.rows import Kind, columns_of, kinds, name_of, prepare, select
from graph.cypher.rows import write_rows as _write_rows
from graph.cypher.statements import Answer, QueryError, TimedOutError, told_by
from graph.errors import InputError, OutputError
from graph.property_graph import NodeKind
from graph.store import Store

DATABASE = "graph.lbug"
MADE_OF = "made_of.json"

Progress = Callable[[str, int, int], None]
"""Told what is worked on now: its name, its number, and how many there are."""


def ddl(kind: Kind) -> str:
    """Return the statement that makes ladybug's table of a kind.

    >>> from graph.property_graph import NODES, RELATIONSHIPS
    >>> ddl(NODES["AccessPoint"])
    'CREATE NODE TABLE AccessPoint(`id` STRING, `what` STRING, PRIMARY KEY(`id`))'
    >>> ddl(RELATIONSHIPS["STOOD_AT"])
    'CREATE REL TABLE STOOD_AT(FROM Team TO Gathering, `id` STRING, `helps` INT64)'
    """
    if isinstance(kind, NodeKind):
        columns = ", ".join(f"`{each.name}` {each.type}" for each in kind.columns)
        return f"CREATE NODE TABLE {kind.label}({columns}, PRIMARY KEY(`id`))"
    columns = "".join(f", `{each.name}` {each.type}" for each in kind.all_properties)
    return f"CREATE REL TABLE {kind.type}(FROM {kind.source} TO {kind.target}{columns})"


def schema_hash() -> str:
    """Return a hash of the schema, the SELECTs among it."""
    text = "\n".join(f"{ddl(kind)}\n{select(kind)}" for kind in kinds())
    return hashlib.sha256(text.encode()).hexdigest()


def ensure(
    place: Path,
    run_id: str,
    sources: Callable[[], Store],
    *,
    progress: Progress | None = None,
) -> bool:
    """Make the store in the folder `place` unless it is there; tell whether it was.

    `run_id` names what it is made of; `sources` opens the tables that `graph.cypher.
    rows` needs, and is called only when something must be made. Two that ask at once
    do not build twice. Raises OutputError when the folder cannot be written.
    """
    made_of = {"run": run_id, "schema": schema_hash(), "ladybug": ladybug.__version__}
    if place.exists() and not place.is_dir():
        raise OutputError(
            f"{place} is a file, and the folder of the Cypher store belongs there: "
            "move it away"
        )
    if _made_of(place) == made_of:
        return False
    try:
        with _only_one(place.parent):
            if _made_of(place) == made_of:
                return False
            building = place.with_name(f".{place.name}.building")
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(mode=0o700)
            try:
                with sources() as store:
                    _build(store, building, progress or (lambda name, at, of: None))
                said = made_of | {"bytes": (building / DATABASE).stat().st_size}
                (building / MADE_OF).write_text(json.dumps(said, indent=2) + "\n")
                for path in building.iterdir():
                    path.chmod(0o600)
                _replace(building, place)
            finally:
                shutil.rmtree(building, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"{place} cannot be written: {error.strerror}; the Cypher store of a run "
            "is kept in its folder: copy the run to where it may be written, or make "
            "the store with it (scanring run --cypher)"
        ) from error
    return True


def _made_of(place: Path) -> Any:
    """Return what the store in a folder was made of; None if it is not whole."""
    try:
        said = json.loads((place / MADE_OF).read_text(encoding="utf-8"))
        whole = said.pop("bytes") == (place / DATABASE).stat().st_size
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    return said if whole else None


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Let only one at a time build in a folder; the others wait."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _build(store: Store, folder: Path, progress: Progress) -> None:
    prepare(store)
    every = kinds()
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="rows") as rows,
        ladybug.Database(folder / DATABASE) as database,
        ladybug.Connection(database) as connection,
    ):
        for at, kind in enumerate(every):
            progress(name_of(kind), at, len(every))
            connection.execute(ddl(kind))
            path, count = _write_rows(store, kind, Path(rows))
            if count:
                columns = [each.name for each in columns_of(kind)]
                listed = ", ".join(f"`{name}`" for name in columns)
                named = f"({listed})" if isinstance(kind, NodeKind) else ""
                quoted = str(path).replace("\\", "\\\\").replace("'", "\\'")
                connection.execute(f"COPY {name_of(kind)}{named} FROM '{quoted}'")
            path.unlink()
        connection.execute("CHECKPOINT")


def _replace(building: Path, place: Path) -> None:
    """Put the finished store into its place, where an older one may be."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    building.rename(place)
    shutil.rmtree(old, ignore_errors=True)


class LadybugStore:
    """A store opened for reading. Use it in a `with` block, or close it.

    Several may be open at the same place.
    """

    def __init__(self, place: Path) -> None:
        """Open the store in a folder; InputError when it cannot be opened."""
        try:
            self._database = ladybug.Database(place / DATABASE, read_only=True)
        except RuntimeError as error:
            raise InputError(
                f"{place} is damaged ({_first(error)}): remove that folder, it is "
                "made anew when asked for"
            ) from error
        self._connection = ladybug.Connection(self._database)

    def ask(
        self, text: str, parameters: dict[str, Any], *, timeout: float | None = None
    ) -> Answer:
        """Run a reading statement and return its columns and rows.

        `text` must have passed `statements.check`. Raises QueryError when ladybug does
        not understand it, TimedOutError after `timeout` seconds.
        """
        self._connection.set_query_timeout(round((timeout or 0) * 1000))
        try:
            result = self._connection.execute(text, parameters)
            assert isinstance(result, ladybug.QueryResult), "one statement"
            with result:
                return Answer(tuple(result.get_column_names()), result.get_all())
        except RuntimeError as error:
            if "Interrupted" in str(error) and timeout:
                raise TimedOutError.after(timeout) from error
            raise QueryError(told_by("ladybug", str(error))) from error

    def close(self) -> None:
        """Close the store."""
        self._connection.close()
        self._database.close()


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else "no reason"
