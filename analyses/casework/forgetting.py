"""A person is deleted from finished runs and from the decisions, and that is proved.

- In every table of a run and of its store, the rows that name the account go. What
  evidence names the account's events loses these events.
- The lists, the case file, the rejects and the Cypher store are removed; all but the
  rejects can be made again.
- The decisions about the account are emptied (`decisions.forget_subject`).
- The manifest keeps the fact: how many rows went, and not whose.
- Then every file is searched for the id. Where it is found, nothing is replaced.

Each run is replaced as a whole (`staged`): one that is killed leaves the old run.
The input is not touched, and the next run over it finds the account again; nor is a
Neo4j server, to which the run has to be pushed again with `--replace`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analyses.casework.decisions import DELETED, LEAST_LETTERS
from analyses.reporting.run_folder import (
    MANIFEST,
    read_manifest,
    staged,
    write_manifest,
)
from analyses.run_events import STORE_FILE, open_store
from graph.errors import NotFoundError, OutputError
from graph.schema import TABLES

REMOVED = ("risk-list", "watch-list", "educate-list", "report", "rejects", "cypher")
"""What names accounts in words, by how the names begin; it can be made again."""

OWN = {
    table.name: [
        column.name.removesuffix("_id")
        for column in table.columns
        if column.refers_to == "accounts"
    ]
    for table in TABLES.values()
}
"""The columns of the store's tables that name accounts, as numbers."""

FURTHER = {
    "account_names": ["account"],
    "accounts": ["account"],
    "key_holders": ["account"],
    "help_facts": ["helper", "helped"],
}


@dataclass(frozen=True)
class Forgotten:
    """What was removed from one run: rows by table, files, and files searched."""

    run: Path
    rows: dict[str, int]
    files: tuple[str, ...]
    searched: int


def forget(run: Path, account_id: str) -> Forgotten:
    """Delete an account from a run; return what was removed.

    Raises NotFoundError when the run does not know it, OutputError when it is found
    afterwards, and then the run stands as it was.
    """
    manifest = read_manifest(run)
    known = _has(run, account_id)
    if not known:
        raise NotFoundError(f"{run} has no such account: nothing was deleted")
    with staged(run, overwrite=True) as folder:
        files = _copy(run, folder)
        helps = _helps_of(run, account_id)
        rows = _clean_store(folder / STORE_FILE, account_id)
        for path in sorted(folder.glob("*.parquet")):
            gone_here = _clean_table(path, account_id, helps)
            if gone_here:
                rows[path.name] = gone_here
        gone = {key: value for key, value in manifest.items() if key != "files"}
        gone["deletions"] = [*manifest.get("deletions", []), _fact(rows)]
        searched = prove(folder, account_id)
        write_manifest(folder, gone)
    return Forgotten(run, rows, files, searched)


def prove(folder: Path, account_id: str) -> int:
    """Search all files below a folder for an id; return how many were searched.

    Parquet and the store are searched value by value, as they are packed; everything
    else byte by byte. Raises OutputError with the files in which the id stands.
    """
    found, count = [], 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        count += 1
        if _stands_in(path, account_id):
            found.append(path.name)
    if found:
        raise OutputError(
            f"the account still stands in {', '.join(found)}: nothing was deleted"
        )
    return count


def prove_file(path: Path, account_id: str) -> None:
    """Search one file, such as the decisions; raise OutputError where the id stands."""
    if path.is_file() and _stands_in(path, account_id):
        raise OutputError(f"the account still stands in {path}: look at its notes")


def _fact(rows: dict[str, int]) -> dict[str, int]:
    return {"accounts": 1, "rows": sum(rows.values())}


def _copy(run: Path, folder: Path) -> tuple[str, ...]:
    """Copy what stays; return the names of what does not."""
    gone = []
    for entry in sorted(run.iterdir()):
        if entry.name.startswith(REMOVED) or entry.name.startswith("."):
            gone.append(entry.name)
        elif entry.is_file() and entry.name != MANIFEST:
            shutil.copyfile(entry, folder / entry.name)
    return tuple(gone)


def _has(run: Path, account_id: str) -> bool:
    with open_store(run) as opened:
        store = opened.connection
        found = store.execute(
            "SELECT count(*) FROM account_names WHERE account_id = $id",
            {"id": account_id},
        ).fetchall()
    return bool(found[0][0])


def _clean_store(path: Path, account_id: str) -> dict[str, int]:
    """Write the store anew without the account; deleted rows would stay in pages."""
    rows: dict[str, int] = {}
    clean = path.with_name(f"{path.name}.clean")
    with duckdb.connect() as memory:
        for name, file in (("old", path), ("new", clean)):
            quoted = str(file).replace("'", "''")
            memory.execute(f"ATTACH '{quoted}' AS {name}")
        memory.execute(
            "CREATE TEMP TABLE gone AS SELECT account FROM old.account_names "
            "WHERE account_id = $id",
            {"id": account_id},
        )
        names = memory.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' "
            "ORDER BY table_name"
        ).fetchall()
        for (name,) in names:
            columns = FURTHER.get(name) or OWN.get(name, [])
            here = " OR ".join(f"{c} IN (SELECT account FROM gone)" for c in columns)
            if name == "declared":
                here = "kind = 'account' AND value = $id"
            elif name == "gatherings":
                here = (
                    "help_id IN (SELECT help_id FROM old.helps JOIN gone "
                    "ON account IN (helper, helped))"
                )
            elif name == "stall_scans":
                here = (
                    "scan_id IN (SELECT scan_id FROM old.scans JOIN gone "
                    "ON account = scanner)"
                )
            kept = f"WHERE NOT coalesce({here}, false)" if here else ""
            given = {"id": account_id} if "$id" in kept else {}
            memory.execute(
                f'CREATE TABLE new."{name}" AS SELECT * FROM old."{name}" {kept}', given
            )
            before, after = (
                memory.execute(f'SELECT count(*) FROM {where}."{name}"').fetchall()[0][
                    0
                ]
                for where in ("old", "new")
            )
            if before > after:
                rows[name] = before - after
        memory.execute("DETACH new")
        memory.execute("DETACH old")
    clean.replace(path)
    return rows


def _helps_of(run: Path, account_id: str) -> frozenset[str]:
    """Return the ids of the helps, scans and complaints of an account."""
    parts = {
        "helps": ("help_id", ("helper", "helped")),
        "scans": ("scan_id", ("scanner",)),
        "complaints": ("complaint_id", ("account", "complainant")),
    }
    asked = " UNION ALL ".join(
        f"SELECT {key} FROM {table} AS t JOIN account_names AS n "
        f"ON n.account IN ({', '.join(f't.{column}' for column in columns)}) "
        "WHERE n.account_id = $id"
        for table, (key, columns) in parts.items()
    )
    with open_store(run) as store:
        return frozenset(str(row[0]) for row in store.rows(asked, {"id": account_id}))


def _clean_table(path: Path, account_id: str, events: frozenset[str]) -> int:
    """Write a Parquet table anew without the account; return how many rows went."""
    table = pq.read_table(path, partitioning=None)
    rows = table.to_pylist()
    kept = [
        {key: _without(value, account_id, events) for key, value in row.items()}
        for row in rows
        if not any(_names(value, account_id) for value in row.values())
        and row.get("help_id") not in events
    ]
    if kept != rows:
        pq.write_table(
            pa.Table.from_pylist(kept, table.schema), path, compression="zstd"
        )
    return len(rows) - len(kept)


def _names(value: Any, account_id: str) -> bool:
    """Tell whether a value is the id, or the id of a row that is named after it."""
    return isinstance(value, str) and (
        value == account_id or value.startswith(f"{account_id}@")
    )


def _without(value: Any, account_id: str, events: frozenset[str]) -> Any:
    """Return a value of a table without what names the account."""
    if isinstance(value, list):
        return [
            _without(one, account_id, events)
            for one in value
            if not _names(one, account_id)
            and not (
                isinstance(one, dict)
                and (_names(one.get("id"), account_id) or one.get("id") in events)
            )
        ]
    if isinstance(value, str) and len(account_id) >= LEAST_LETTERS:
        return value.replace(account_id, DELETED)
    return value


def _stands_in(path: Path, account_id: str) -> bool:
    if path.suffix == ".parquet":
        values = pq.read_table(path, partitioning=None).to_pylist()
        return any(_found(value, account_id) for value in values)
    if path.name == STORE_FILE:
        with open_store(path.parent) as store:
            names = store.rows("SELECT table_name FROM duckdb_tables()")
            for (name,) in names:
                texts = [
                    f'"{column}" = $id OR starts_with("{column}", $id || \'@\')'
                    for column, kind, *_ in store.rows(f'DESCRIBE "{name}"')
                    if kind == "VARCHAR"
                ]
                if texts and store.rows(
                    f'SELECT 1 FROM "{name}" WHERE {" OR ".join(texts)} LIMIT 1',
                    {"id": account_id},
                ):
                    return True
    if len(account_id) < LEAST_LETTERS:
        return False
    return account_id.encode() in path.read_bytes()


def _found(value: Any, account_id: str) -> bool:
    if isinstance(value, dict):
        return any(_found(one, account_id) for one in value.values())
    if isinstance(value, list):
        return any(_found(one, account_id) for one in value)
    return _names(value, account_id) or (
        isinstance(value, str)
        and len(account_id) >= LEAST_LETTERS
        and account_id in value
    )
