"""How long a run will take and how much memory, before it is begun.

The time of a run is a number of *yardsticks*: of a fixed calculation that is made on
the same machine, at the same moment. How many, and how much memory, follows from the
rows; the constants were measured on days of 100,000 and of a million new accounts
(`make benchmark`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from graph.schema import TABLES
from graph.store import bytes_of
from loaders.files import find_sources
from loaders.mapping import Mapping, read_mapping
from loaders.opening import need

START_YARDSTICKS = 80.0
"""What a run takes before it has read a row, in yardsticks."""

YARDSTICKS_PER_MILLION = 170.0
"""What each further million rows takes."""

START_BYTES = 450_000_000
BYTES_PER_ROW = 270
"""Memory of a run without a limit: that of the program, and that of each row."""

LEAST_OF_LIMIT = 0.35
"""What a run needs at least beside and within a limit, as a share of no limit."""

BYTES_PER_TEXT_ROW = {".csv": 90, ".gz": 30}
"""Bytes of a row in files of text, whose rows are not counted."""


@dataclass(frozen=True)
class Estimate:
    """What a run will probably need: each figure within a factor of two."""

    rows: int
    seconds: float
    memory_bytes: int

    def text(self) -> str:
        """Return the estimate as one line.

        >>> Estimate(rows=12, seconds=31.4, memory_bytes=3_600_000_000).text()
        '12 rows: about 31 seconds and 3.6 GB of memory (within a factor of two)'
        """
        if self.seconds < 100:
            lasting = f"{self.seconds:.0f} seconds"
        else:
            lasting = f"{self.seconds / 60:.0f} minutes"
        return (
            f"{self.rows:,} rows: about {lasting} and "
            f"{self.memory_bytes / 1e9:.1f} GB of memory (within a factor of two)"
        )


def estimate(
    data: Path, *, mapping: Path | None = None, memory: str | None = None
) -> Estimate:
    """Return what a run over a folder of event tables will need; nothing is run.

    Rows of Parquet files are counted, those of CSV guessed from the size of the files.
    Raises InputError when the folder, the mapping or the memory is not what was asked
    for.
    """
    sources = find_sources(data)
    plan = read_mapping(mapping) if mapping else Mapping()
    need(sources, plan)
    wanted = {
        source
        for name in TABLES
        for source, _ in plan.table(name).origins(name)
        if source in sources.files
    }
    rows = sum(_rows(path) for name in sorted(wanted) for path in sources.files[name])
    yardsticks = START_YARDSTICKS + YARDSTICKS_PER_MILLION * rows / 1e6
    needed = START_BYTES + BYTES_PER_ROW * rows
    if memory is not None:
        beside = LEAST_OF_LIMIT * needed
        needed = min(needed, round(beside + bytes_of(memory)))
    return Estimate(rows, yardsticks * yardstick(), needed)


def yardstick(clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the seconds of a fixed calculation: hashing, sorting and sums of numbers.

    The least of three times, so that a moment's disturbance counts for little; by a
    `clock` of processor time what else the machine does counts for less still.
    """
    return min(_yardstick(clock) for _ in range(3))


def _yardstick(clock: Callable[[], float]) -> float:
    began = clock()
    numbers = np.arange(1_000_000, dtype=np.uint64)
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)
    order = np.argsort(mixed, kind="stable")
    sums = np.bincount((mixed % np.uint64(4096)).astype(np.int64), order.astype(float))
    assert len(sums) == 4096
    return clock() - began


def _rows(path: Path) -> int:
    if path.suffix.lower() != ".parquet":
        size = path.stat().st_size
        return size // BYTES_PER_TEXT_ROW.get(path.suffix.lower(), 90)
    with duckdb.connect() as database:
        quoted = str(path).replace("'", "''")
        try:
            found = database.execute(
                f"SELECT num_rows FROM parquet_file_metadata('{quoted}')"
            ).fetchall()
        except duckdb.Error:
            return 0  # the run will say what is wrong with it
    return int(found[0][0])
