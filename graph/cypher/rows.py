"""The rows of the property graph, from the tables of a run.

Both stores are filled with what stands here, so that they cannot differ: per kind one
Parquet file, with the columns in the order of the schema and the rows sorted.
"""

from pathlib import Path

from graph.property_graph import (
    HELPERS,
    NODES,
    RELATIONSHIPS,
    NodeKind,
    Property,
    RelationshipKind,
)
from graph.store import Store

Kind = NodeKind | RelationshipKind

SQL_TYPES = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "DOUBLE": "DOUBLE",
    "BOOL": "BOOLEAN",
}
"""The DuckDB type of each type of property."""

NOT_ALWAYS_THERE = {
    "help_facts": "help_id VARCHAR, helper INTEGER, helped INTEGER, moment BIGINT, "
    "tied BOOLEAN",
    "gatherings": "help_id VARCHAR, gathering INTEGER, latitude BIGINT, "
    "longitude BIGINT",
    "relayed_gatherings": "gathering INTEGER",
    "shared_keys": '"key" INTEGER, kind VARCHAR',
    "key_holders": '"key" INTEGER, account INTEGER',
}
"""Tables that an older run did not keep; without them what needs them is left out."""


def prepare(store: Store) -> None:
    """Make the views that the rows of several kinds come from.

    `store` has a run's event tables, and the views named in `graph.property_graph`. It
    may be open for reading only: all views are temporary.
    """
    for name, columns in NOT_ALWAYS_THERE.items():
        if not store.has(name):
            store.connection.execute(f'CREATE TEMP TABLE "{name}" ({columns})')
    for name, sql in HELPERS.items():
        store.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {sql}")


def columns_of(kind: Kind) -> tuple[Property, ...]:
    """Return the columns of a kind's rows: for a relationship its two ends first."""
    if isinstance(kind, NodeKind):
        return kind.columns
    ends = (Property("source", "STRING"), Property("target", "STRING"))
    return ends + kind.all_properties


def name_of(kind: Kind) -> str:
    """Return the label or the type."""
    return kind.label if isinstance(kind, NodeKind) else kind.type


def kinds() -> tuple[Kind, ...]:
    """Return all kinds, those of nodes first."""
    return (*NODES.values(), *RELATIONSHIPS.values())


def select(kind: Kind) -> str:
    """Return the SELECT of a kind's rows, typed and sorted by `id`."""
    given = kind.rows
    if isinstance(kind, NodeKind):
        given = f"SELECT *, '{kind.what}' AS what FROM ({given}) AS g"
    columns = ", ".join(
        f'CAST("{column.name}" AS {SQL_TYPES[column.type]}) AS "{column.name}"'
        for column in columns_of(kind)
    )
    return f"SELECT {columns} FROM ({given}) AS r ORDER BY id"


def write_rows(store: Store, kind: Kind, folder: Path) -> tuple[Path, int]:
    """Write a kind's rows as a Parquet file into a folder; return it and their number.

    Call `prepare` first.
    """
    path = folder / f"{name_of(kind)}.parquet"
    quoted = str(path).replace("'", "''")
    store.connection.execute(
        f"COPY ({select(kind)}) TO '{quoted}' (FORMAT parquet, COMPRESSION snappy)"
    )
    (written,) = store.rows(
        "SELECT count(*) FROM read_parquet($path)", {"path": str(path)}
    )[0]
    return path, int(written)
