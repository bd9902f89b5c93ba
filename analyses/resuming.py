"""What finished phases left is kept on the disk, so that an interrupted run goes on.

- The tables are in a DuckDB file instead of in memory, and each phase is one
  transaction: a phase that is killed has changed nothing. What a phase hands on that is
  no table is a file beside it, complete on the disk before the transaction ends.
- Reading is the exception: it recovers from errors that would end a transaction. What a
  killed reading has left is thrown away.
- The mark of a run is a hash of its inputs, its parameters but those of the machine,
  all that it recalls, and the program with its libraries. A run of another mark begins
  anew.
- It all lies in the staging folder, which only its owner can read and which is locked,
  so that pickle reads nothing that somebody else wrote.
"""

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from analyses.phases import PHASES, Clock, Phase
from graph.store import Store

Result = TypeVar("Result")

MARK, TABLES = "mark.json", "tables.duckdb"


class Kept:
    """The folder in which finished phases are kept, for a run of one mark."""

    def __init__(self, folder: Path, mark: str) -> None:
        """Look at what is there; what is of another mark, or no phase's, is removed."""
        self.folder = folder
        self.finished: tuple[str, ...] = ()
        if _read_mark(folder) == mark:
            with Store(folder / TABLES) as store:
                self.finished = _finished(store)
        self.resumed_after = self.finished[-1] if self.finished else None
        if not self.finished:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            with Store(folder / TABLES) as store:
                store.materialise("_finished", "SELECT '' AS phase LIMIT 0")
            _write(folder / MARK, json.dumps({"mark": mark}).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove it when not even one phase has finished."""
        if not self.finished:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def tables(self) -> Path:
        """The database file with the tables."""
        return self.folder / TABLES

    def file(self, name: str, phase: str) -> Path:
        """Return where a phase writes a file; what a killed one left is removed."""
        path = self.folder / name
        if phase not in self.finished:
            for each in self.folder.glob(f"{name}*"):
                each.unlink()
        return path

    def read(self, phase: str) -> tuple[dict[str, Any], Any]:
        """Return what was measured of a finished phase, and what it handed on."""
        content = (self.folder / phase).read_bytes()
        record, result = pickle.loads(content)
        return record, result

    def finish(
        self, store: Store, phase: str, record: Mapping[str, Any], result: object
    ) -> None:
        """Keep what a phase hands on, and end its transaction."""
        _write(self.folder / phase, pickle.dumps((dict(record), result), protocol=5))
        store.connection.execute("INSERT INTO _finished VALUES ($1)", [phase])
        if phase != PHASES[0]:
            store.connection.commit()
        self.finished = (*self.finished, phase)


class Steps:
    """The phases of a run, one after the other; those that are kept are not repeated.

    Without `kept` nothing is written, and each phase is what it is.
    """

    def __init__(self, store: Store, clock: Clock, kept: Kept | None = None) -> None:
        """Measure with `clock`; the tables are in `store`."""
        self.store, self.clock, self.kept = store, clock, kept

    def do(self, name: str, work: Callable[[Phase], Result]) -> Result:
        """Return what the phase hands on; `work` does it, and says its rows."""
        if self.kept is not None and name in self.kept.finished:
            record, result = self.kept.read(name)
            self.clock.phases.append(record)
            kept: Result = result
            return kept
        with self.clock.phase(name) as phase:
            if self.kept is not None and name != PHASES[0]:
                self.store.connection.begin()
            made = work(phase)
        if self.kept is not None and name != PHASES[-1]:
            self.kept.finish(self.store, name, self.clock.phases[-1], made)
        return made


def mark_of(*said: object) -> str:
    """Return a hash of what is said, as JSON, and of the program's own files."""
    total = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode())
    for package in ("graph", "loaders", "analyses"):
        spec = find_spec(package)
        assert spec is not None
        for place in spec.submodule_search_locations or ():
            for path in sorted(Path(place).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _read_mark(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / MARK).read_bytes())["mark"])
    except (OSError, ValueError, KeyError):
        return None


def _finished(store: Store) -> tuple[str, ...]:
    there = {phase for (phase,) in store.rows("SELECT phase FROM _finished")}
    return tuple(phase for phase in PHASES if phase in there)


def _write(path: Path, content: bytes) -> None:
    """Write a file that is complete on the disk, or not there."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
