"""A run as CSV files for `neo4j-admin database import full`, and the command for it."""

from pathlib import Path

from graph.cypher.neo4j_push import MARK, PUSH
from graph.cypher.rows import (
    SQL_TYPES,
    Kind,
    columns_of,
    kinds,
    name_of,
    prepare,
    select,
)
from graph.errors import OutputError
from graph.property_graph import NodeKind
from graph.store import Store

CSV_TYPES = {"STRING": "string", "INT64": "long", "DOUBLE": "double", "BOOL": "boolean"}
"""The name that the importer has for each type."""

COMMAND_FILE = "import.sh"


def export(
    store: Store, run_id: str, folder: Path, *, database: str = "neo4j"
) -> dict[str, int]:
    """Write CSV files and `import.sh` into a new folder; return rows per kind.

    The importer only fills a database that is new. The nodes get the marks of a push,
    so that a later push of the same run finds them. Raises OutputError when the folder
    is there and not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} is there already: name a folder that is new")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    prepare(store)
    rows = {}
    for kind in kinds():
        path = folder / f"{name_of(kind)}.csv"
        quoted = str(path).replace("'", "''")
        store.connection.execute(
            f"COPY (SELECT {', '.join(_headed(kind))} FROM ({select(kind)}) AS r) "
            f"TO '{quoted}' (FORMAT csv, HEADER, FORCE_QUOTE *, NULLSTR '')"
        )
        (rows[name_of(kind)],) = store.rows(f"SELECT count(*) FROM ({select(kind)})")[0]
    note = folder / f"{PUSH}.csv"
    note.write_text(f'one:boolean,run,complete:boolean\ntrue,"{run_id}",true\n')
    command = folder / COMMAND_FILE
    command.write_text(command_text(database), encoding="utf-8")
    for path in folder.iterdir():
        path.chmod(0o700 if path == command else 0o600)
    return rows


def command_text(database: str) -> str:
    """Return a shell script that imports the files into a new, stopped database."""
    lines = [
        "#!/bin/sh",
        "# Fills a new database: the server must not have it open.",
        'cd "$(dirname "$0")" || exit 1',
        f"neo4j-admin database import full '{database}' --multiline-fields=true \\",
        "  --id-type=string \\",
        f"  --nodes={PUSH}={PUSH}.csv \\",
    ]
    for kind in kinds():
        name = name_of(kind)
        if isinstance(kind, NodeKind):
            lines.append(f"  --nodes={name}:{MARK}={name}.csv \\")
        else:
            lines.append(f"  --relationships={name}={name}.csv \\")
    lines[-1] = lines[-1].removesuffix(" \\")
    return "\n".join(lines) + "\n"


def _headed(kind: Kind) -> list[str]:
    """Return the columns as the importer wants them named.

    A node's id is told twice: as a property, and to join by within its kind.
    """
    named = []
    for column in columns_of(kind):
        name = f"{column.name}:{CSV_TYPES[column.type]}"
        if not isinstance(kind, NodeKind) and column.name == "source":
            name = f":START_ID({kind.source})"
        elif not isinstance(kind, NodeKind) and column.name == "target":
            name = f":END_ID({kind.target})"
        elif isinstance(kind, NodeKind) and column.name == "id":
            name = f"id:ID({kind.label})"
        named.append(f'"{column.name}" AS "{name}"')
    assert all(column.type in SQL_TYPES for column in columns_of(kind))
    return named
