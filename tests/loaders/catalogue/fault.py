"""What a fault is: files that are wrong, and what a reader of them must be told.

A fault writes a folder of event tables. Unless it says otherwise, `accounts` (ann, bob)
and `helps` (one) stand there whole, so that the fault is the only thing wrong.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import InputError
from graph.schema import TABLES
from graph.store import Store
from loaders import load
from loaders.report import printable

Content = Any
"""What a file has: text, bytes, an Arrow table or a function that makes the file.

None: the file is not there.
"""

WHOLE: dict[str, str] = {
    "accounts.csv": "account_id,registered_at\n"
    "ann,2026-03-01T08:00:00Z\nbob,2026-03-01T09:00:00Z\n",
    "helps.csv": "help_id,helper_id,helped_id,kind,helped_at\n"
    "h1,ann,bob,registration,2026-03-01T09:00:00Z\n",
}


@dataclass(frozen=True)
class Fault:
    """One thing that can be wrong, and how many of the rows are loaded and rejected.

    Counted are the tables that the fault writes itself. Where the whole folder is
    refused, `loaded` is None.
    """

    what: str
    files: Mapping[str, Content]
    loaded: int | None = 0
    rejected: int = 0
    mapping: str | None = None

    def write(self, folder: Path) -> None:
        """Write the folder of tables."""
        folder.mkdir(exist_ok=True)
        for name, content in {**WHOLE, **self.files}.items():
            if content is not None:
                write(folder / name, content)

    @property
    def tables(self) -> set[str]:
        """The tables that the fault writes."""
        names = {name.split("/")[0].split(".")[0] for name in self.files}
        return names & TABLES.keys()


@dataclass(frozen=True)
class Seen:
    """What came of a fault: rows loaded and rejected, and the lines that were said."""

    loaded: int | None
    rejected: int
    lines: tuple[str, ...]
    rejects: tuple[str, ...] = field(default=(), compare=False)


def write(path: Path, content: Content) -> None:
    """Write one file as its content says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if callable(content):
        content(path)
    elif isinstance(content, pa.Table):
        pq.write_table(content, path)
    elif isinstance(content, str | bytes):
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def observe(fault: Fault, place: Path) -> Seen:
    """Load the folder of a fault; say what came of it, without the folder's name."""
    data = place / "DATA"
    fault.write(data)
    mapping = None
    if fault.mapping is not None:
        mapping = place / "mapping.toml"
        mapping.write_text(fault.mapping, encoding="utf-8")
    with Store(threads=1) as store:
        try:
            report = load(data, store, mapping=mapping)
        except InputError as error:
            return Seen(None, 0, (_without(place, str(error)),))
        told = [report.table(name) for name in sorted(fault.tables)]
        kept = sum(store.count(f"loaded_{table.name}") for table in told)
        gone = store.rows(
            "SELECT reason FROM rejects WHERE table_name IN "
            "(SELECT unnest($names)) ORDER BY ALL",
            {"names": sorted(fault.tables)},
        )
    for table in told:
        assert table.read == table.loaded + table.rejected
    assert kept == sum(table.loaded for table in told)
    outside = [entry for entry in report.outside if entry.table in fault.tables]
    lines = (*report.blocking, *map(str, report.findings), *map(str, outside))
    return Seen(
        kept,
        len(gone),
        tuple(_without(place, line) for line in lines),
        tuple(str(reason) for (reason,) in gone),
    )


def _without(place: Path, line: str) -> str:
    return printable(line.replace(f"{place}/", ""))
