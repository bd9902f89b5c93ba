"""A run under other names, for what leaves the team.

Three levels: `none` is the run as it is; with `ids` every id, address, number and
nickname is a pseudonym that is drawn anew for each document, so that two of them cannot
be joined; with `all` there is no nickname, region, place or contact either. Ids of
teams stay, so that an answer can be brought back to its case.

The run is copied under other names, and the document is made from the copy. So nothing
can be forgotten in the making of a document.
"""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analyses.reporting.outputs import OUTPUTS
from analyses.reporting.run_folder import MANIFEST
from analyses.run import Run
from analyses.run_events import STORE_FILE
from graph.errors import InputError
from graph.numbering import address_block
from graph.store import Store
from loaders import Pseudonyms
from loaders.pseudonyms import function_of
from loaders.values import quoted

LEVELS = ("none", "ids", "all")

LEFT_OUT = frozenset(
    {"nickname", "profile_region", "claimed_region", "latitude", "longitude"}
    | {"organisation", "licence", "rule", "diversion_target"}
)
"""Columns that are empty with `all`."""

IDS = frozenset(("wifi", "registration_wifi", "access_point"))
ADDRESSES = frozenset(("ip", "registration_ip"))
BLOCKS = frozenset(("address_block", "registration_block"))
TEAM_IDS = frozenset(("team_id", "team_a", "team_b"))


@contextmanager
def redacted(folder: Path, level: str) -> Iterator[Run]:
    """Open a run under other names; InputError for a level that there is none of."""
    if level not in LEVELS:
        raise InputError(f"--redact {level!r} is none of {', '.join(LEVELS)}")
    if level == "none":
        with Run.open(folder) as opened:
            yield opened
        return
    names = Pseudonyms(secrets.token_bytes(32))
    with tempfile.TemporaryDirectory(prefix="scanring") as place:
        copy = Path(place)
        (copy / MANIFEST).write_bytes((folder / MANIFEST).read_bytes())
        for output in OUTPUTS.values():
            _copy_table(folder / output.file_name, copy, names)
        _copy_store(folder, copy, names, level)
        with Run.open(copy) as opened:
            yield opened


def name_in(run: Run, folder: Path, asked: str) -> str:
    """Return the name that an account has in a redacted run; teams keep theirs."""
    with Run.open(folder) as plain:
        found = plain.store.rows(
            "SELECT account FROM account_names WHERE account_id = $id", {"id": asked}
        )
    if not found:
        return asked
    rows = run.store.rows(
        "SELECT account_id FROM account_names WHERE account = $account",
        {"account": found[0][0]},
    )
    return str(rows[0][0])


def _copy_table(path: Path, copy: Path, names: Pseudonyms) -> None:
    """Copy an output table with other ids; sorted anew, as the contract has it."""
    table = pq.read_table(path, partitioning=None)
    rows = [
        {key: _renamed(key, value, names) for key, value in row.items()}
        for row in table.to_pylist()
    ]
    new = pa.Table.from_pylist(rows, table.schema)
    keys = [(key, "ascending") for key in OUTPUTS[path.stem].key]
    pq.write_table(new.sort_by(keys), copy / path.name)


def _renamed(column: str, value: Any, names: Pseudonyms) -> Any:
    if column in ("account_id", "help_id") and value is not None:
        return names.name(value)
    if column == "events" and isinstance(value, list):
        return [{**event, "id": _event(event["id"], names)} for event in value]
    return value


def _event(row: str, names: Pseudonyms) -> str:
    """Return the name of an event's row: its own id, or its account's and a time."""
    owner, at, time = row.rpartition("@")
    if at and (not time or time.lstrip("-").isdigit()):
        return f"{names.name(owner)}@{time}"
    return names.name(row)


def _copy_store(folder: Path, copy: Path, names: Pseudonyms, level: str) -> None:
    with Store() as store, names.functions(store.connection):
        store.load(folder / STORE_FILE)
        tables = [
            str(row[0])
            for row in store.rows(
                "SELECT table_name FROM duckdb_tables() ORDER BY table_name"
            )
        ]
        for table in tables:
            columns = {
                str(row[0]): str(row[1]) for row in store.rows(f'DESCRIBE "{table}"')
            }
            changed = [
                f"{sql} AS {quoted(column)}"
                for column, kind in columns.items()
                if (sql := _sql(table, column, kind, level))
            ]
            if changed:
                store.materialise(
                    table, f'SELECT * REPLACE ({", ".join(changed)}) FROM "{table}"'
                )
        store.save(copy / STORE_FILE, tables)


def _sql(table: str, column: str, kind: str, level: str) -> str | None:
    """Return SQL for what stands in a column of the copy, None when it is the same."""
    name = quoted(column)
    if level == "all" and column in LEFT_OUT:
        return f"CAST(NULL AS {kind})"
    if kind != "VARCHAR" or column in TEAM_IDS:
        return None
    if (table, column) in (("shared_keys", "value"), ("declared", "value")):
        block = address_block(f"pseudonym_address(split_part({name}, '/', 1))")
        return (
            f"CASE WHEN {name} LIKE '%/24' OR {name} LIKE '%/48' THEN {block} "
            "WHEN kind IN ('phone segment', 'phone_segment', 'phone_prefix') "
            f"THEN pseudonym_phone({name}) "
            f"WHEN kind = 'ip' THEN pseudonym_address({name}) "
            f"WHEN '{table}' = 'shared_keys' AND regexp_full_match({name}, '[0-9]+') "
            f"THEN {name} ELSE pseudonym_name({name}) END"
        )
    if column in BLOCKS:
        return address_block(f"pseudonym_address(split_part({name}, '/', 1))")
    if column in ADDRESSES:
        return f"pseudonym_address({name})"
    if column in IDS or column.endswith("_id"):
        return f"pseudonym_name({name})"
    function = function_of(column, "text")
    return f"{function}({name})" if function else None
