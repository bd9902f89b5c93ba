"""The output tables of a run: what writer, reader and digest follow.

Each table is one Parquet file in the run folder. Names and types are a contract with
other people's programs; a table may carry further columns after these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import InputError
from graph.store import Store

COLLUSION_ROLES = (
    "batch_registered",
    "operator",
    "platform_worker",
    "owned_helper",
    "unsealed_account",
    "recruiter",
    "seller",
    "broker",
    "rented_account",
    "poster",
    "lender",
    "advertiser",
    "mule",
)
"""Roles that take part in collusion."""

DECEIVED_ROLES = ("lured_helper", "victim")
"""Roles of people who were used; never a reason to act against them."""

SEALING = ("short_block", "long_block", "permanent_block")
"""Sanctions by which an account is sealed."""

ACTIONS = (
    "none",
    "educate",
    "watch",
    "warn",
    "limit",
    "short_block",
    "long_block",
    "re_seal",
    "permanent_block",
)
"""What can be suggested for an account, weakest first."""

ROWS_PER_GROUP = 122_880
"""Rows of a group in the files."""

TIME = pa.timestamp("us")
"""Times are UTC to the second, stored without a zone so that no reader shifts them."""

EVENTS = pa.list_(pa.struct([("table", pa.string()), ("id", pa.string())]))
"""The rows of the event tables that a piece of evidence rests on."""


@dataclass(frozen=True)
class OutputColumn:
    """One column of an output table, its Arrow type and what it means."""

    name: str
    type: pa.DataType
    says: str = ""


@dataclass(frozen=True)
class OutputTable:
    """One output table: its columns, and those that order its rows.

    The `added` ones came later: a run of an earlier version lacks them.

    >>> OUTPUTS["members"].key
    ('team_id', 'account_id')
    >>> OUTPUTS["teams"].file_name
    'teams.parquet'
    """

    name: str
    says: str
    columns: tuple[OutputColumn, ...]
    key: tuple[str, ...]
    added: tuple[OutputColumn, ...] = ()

    @property
    def file_name(self) -> str:
        """Name of the file in the run folder."""
        return f"{self.name}.parquet"

    @property
    def store_name(self) -> str:
        """Name of the table in the event store that the file is written from."""
        return f"out_{self.name}"

    @property
    def schema(self) -> pa.Schema:
        """The contract's columns as an Arrow schema."""
        return pa.schema([(column.name, column.type) for column in self.columns])


_ALL = (
    OutputTable(
        "accounts",
        "an account that the run has something to say about",
        (
            OutputColumn("account_id", pa.string()),
            OutputColumn(
                "risk",
                pa.float64(),
                "the probability that its role is right and is one of collusion",
            ),
            OutputColumn("role", pa.string()),
            OutputColumn("team_id", pa.string(), "the team with the most evidence"),
            OutputColumn("action", pa.string()),
            OutputColumn("listed", pa.bool_(), "the action is warn or stronger"),
            OutputColumn(
                "helper_score",
                pa.float64(),
                "how surely it is a repeat helper of strangers, for ranking; "
                "null when it helped nobody",
            ),
            OutputColumn("reasons", pa.list_(pa.string()), "reason codes"),
        ),
        ("account_id",),
    ),
    OutputTable(
        "teams",
        "a team",
        (
            OutputColumn("team_id", pa.string()),
            OutputColumn("kind", pa.string()),
            OutputColumn("members", pa.int64()),
            OutputColumn("risk", pa.float64()),
            OutputColumn("first_seen", TIME),
            OutputColumn("last_seen", TIME),
        ),
        ("team_id",),
    ),
    OutputTable(
        "members",
        "an account in a team; a lured helper is a member of the crew that lured it",
        (
            OutputColumn("team_id", pa.string()),
            OutputColumn("account_id", pa.string()),
            OutputColumn("role", pa.string()),
            OutputColumn("evidence_bits", pa.float64()),
        ),
        ("team_id", "account_id"),
        (
            OutputColumn(
                "probability",
                pa.float64(),
                "that the account has this role in this team; an account in several "
                "patterns has a row for each",
            ),
        ),
    ),
    OutputTable(
        "helps",
        "a help that belongs to a pattern",
        (
            OutputColumn("help_id", pa.string()),
            OutputColumn("team_id", pa.string(), "the team that gave the help"),
            OutputColumn(
                "pattern", pa.string(), "stall, platform, owned or batch_unsealing"
            ),
        ),
        ("help_id", "team_id", "pattern"),
    ),
    OutputTable(
        "links",
        "two teams that work together",
        (
            OutputColumn("team_a", pa.string()),
            OutputColumn("team_b", pa.string()),
            OutputColumn(
                "kind",
                pa.string(),
                "what team_a does for team_b: serves, supplies_workers_to, controls, "
                "posts_for or pays",
            ),
            OutputColumn("events", pa.int64()),
        ),
        ("team_a", "team_b", "kind"),
    ),
    OutputTable(
        "evidence",
        "a piece of evidence",
        (
            OutputColumn("team_id", pa.string()),
            OutputColumn("account_id", pa.string(), "null: of the team as a whole"),
            OutputColumn("signal", pa.string()),
            OutputColumn("bits", pa.float64(), "negative: speaks against collusion"),
            OutputColumn("events", EVENTS, "the rows that it rests on"),
        ),
        ("team_id", "account_id", "signal", "bits"),
    ),
)

OUTPUTS: dict[str, OutputTable] = {table.name: table for table in _ALL}
"""The output tables by name, in the order of the contract."""


def output_table(store: Store, name: str) -> pa.Table:
    """Return a run's output table from the store: contract types, sorted by its key.

    The store's table `out_NAME` must have the contract's columns, of types that can be
    cast without loss; times may be whole seconds since 1970. Further columns follow.
    """
    output = OUTPUTS[name]
    names = output.schema.names
    there = store.arrow(f"SELECT * FROM {output.store_name} LIMIT 0").column_names
    missing = [name for name in names if name not in there]
    assert not missing, f"{output.store_name} lacks {', '.join(missing)}"
    order = ", ".join(f"{column} NULLS FIRST" for column in output.key)
    found = store.arrow(f"SELECT * FROM {output.store_name} ORDER BY {order}")
    contract = [_cast(found[column.name], column.type) for column in output.columns]
    further = [column for column in found.column_names if column not in names]
    # In one chunk, so that the bytes of the file do not depend on the threads.
    return pa.table(
        contract + [found[column] for column in further], names=names + further
    ).combine_chunks()


SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    TIME: "TIMESTAMP",
    EVENTS: 'STRUCT("table" VARCHAR, id VARCHAR)[]',
    pa.list_(pa.string()): "VARCHAR[]",
}
"""The contract's types as the database names them."""


def write_output(store: Store, name: str, folder: Path) -> None:
    """Write an output table into a folder, as `output_table` describes it.

    The rows go from the database to the file, a group at a time.
    """
    output = OUTPUTS[name]
    there = {
        str(row[0]): str(row[1])
        for row in store.rows(f"DESCRIBE SELECT * FROM {output.store_name}")
    }
    missing = [c.name for c in output.columns if c.name not in there]
    assert not missing, f"{output.store_name} lacks {', '.join(missing)}"
    columns = []
    for column in output.columns:
        sql, kind = f'"{column.name}"', SQL_TYPES[column.type]
        if kind == "TIMESTAMP" and "INT" in there[column.name]:
            sql = f"make_timestamp(CAST({sql} AS BIGINT) * 1000000)"
        columns.append(f'CAST({sql} AS {kind}) AS "{column.name}"')
    columns += [f'"{name}"' for name in there if name not in output.schema.names]
    order = ", ".join(f"{column} NULLS FIRST" for column in output.key)
    path = str(folder / output.file_name).replace("'", "''")
    store.connection.execute(
        f"COPY (SELECT {', '.join(columns)} FROM {output.store_name} ORDER BY {order}) "
        f"TO '{path}' (FORMAT parquet, COMPRESSION zstd, "
        f"ROW_GROUP_SIZE {ROWS_PER_GROUP})"
    )


END_OF_PARQUET = b"PAR1"
"""The last bytes of a whole Parquet file."""


def output_path(folder: Path, name: str) -> Path:
    """Return the file of an output table.

    Raises InputError when it is not there, or is no whole Parquet file.
    """
    path = folder / OUTPUTS[name].file_name
    if not path.is_file():
        raise InputError(
            f"{folder} has no {path.name}: is it the folder of a finished run?"
        )
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(END_OF_PARQUET)))
        if file.read() != END_OF_PARQUET:
            raise InputError(f"{path} is damaged, its end is missing: run it again")
    return path


def read_output(folder: Path, name: str) -> pa.Table:
    """Read one output table of a run folder; further columns are kept.

    Raises InputError when the file or one of the contract's columns is not there.
    """
    path = output_path(folder, name)
    table = pq.read_table(path, partitioning=None)
    _check_columns(path, name, table.column_names)
    return table


def output_batches(folder: Path, name: str, *, rows: int) -> Iterator[pa.RecordBatch]:
    """Read the contract's columns of an output table, so many rows at a time.

    Raises InputError, at the first batch, as `read_output` does.
    """
    path = output_path(folder, name)
    with pq.ParquetFile(path) as file:
        _check_columns(path, name, file.schema_arrow.names)
        columns = [column.name for column in OUTPUTS[name].columns]
        yield from file.iter_batches(batch_size=rows, columns=columns)


def _check_columns(path: Path, name: str, there: Sequence[str]) -> None:
    missing = [c.name for c in OUTPUTS[name].columns if c.name not in there]
    if missing:
        raise InputError(f"{path} lacks the column {', '.join(missing)}")


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Bring a column to the contract's type; integers become times as seconds."""
    if pa.types.is_timestamp(kind) and pa.types.is_integer(column.type):
        column = column.cast(pa.int64()).cast(pa.timestamp("s"))
    return column.cast(kind)
