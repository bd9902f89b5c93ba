"""A run into a Neo4j server: safe to interrupt and to repeat, and nothing else touched.

- Every node that is made gets the label `Scanring`. A database in which a node has one
  of our labels without it is somebody else's, and is refused before anything changes.
- Uniqueness constraints on every kind's `id` come first. Every batch is one
  transaction of MERGE by `id`: what is there already is found again and set again.
- The node `ScanringPush` says which run is being loaded, and whether it is complete. A
  second push of the same run goes over everything again; that of another run is
  refused, or with `replace` first removes what was made, in batches.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import neo4j
import pyarrow.parquet as pq

from graph.cypher.neo4j_store import again, told
from graph.cypher.rows import Kind, kinds, name_of, prepare, write_rows
from graph.errors import OutputError
from graph.property_graph import NODES, RELATIONSHIPS, NodeKind
from graph.store import Store

MARK = "Scanring"
PUSH = "ScanringPush"
BATCH = 10_000

Progress = Callable[[str, int, int], None]
"""Told after each batch: the kind, rows done, rows in all."""


@dataclass(frozen=True)
class Pushed:
    """What a push did or would do: rows per kind, and what was there before."""

    rows: dict[str, int]
    before: str
    """`nothing`, `the same run`, `the same run, in part` or `another run`."""


def constraints() -> list[str]:
    """Return the statements that make the constraints, from the schema."""
    nodes = [
        f"CREATE CONSTRAINT scanring_{kind.label} IF NOT EXISTS "
        f"FOR (n:{kind.label}) REQUIRE n.id IS UNIQUE"
        for kind in NODES.values()
    ]
    relationships = [
        f"CREATE CONSTRAINT scanring_{kind.type} IF NOT EXISTS "
        f"FOR ()-[r:{kind.type}]-() REQUIRE r.id IS UNIQUE"
        for kind in RELATIONSHIPS.values()
    ]
    return [
        f"CREATE CONSTRAINT scanring_push IF NOT EXISTS "
        f"FOR (n:{PUSH}) REQUIRE n.one IS UNIQUE",
        *nodes,
        *relationships,
    ]


def statement(kind: Kind) -> str:
    """Return the statement that loads a batch of a kind's rows.

    >>> print(statement(NODES["AccessPoint"]))
    UNWIND $rows AS row
    MERGE (n:AccessPoint {id: row.id})
    SET n:Scanring, n.what = row.what
    """
    if isinstance(kind, NodeKind):
        found = f"MERGE (n:{kind.label} {{id: row.id}})"
        names = [each.name for each in kind.columns if each.name != "id"]
        owner, marked = "n", [f"n:{MARK}"]
    else:
        found = (
            f"MATCH (a:{kind.source} {{id: row.source}})\n"
            f"MATCH (b:{kind.target} {{id: row.target}})\n"
            f"MERGE (a)-[r:{kind.type} {{id: row.id}}]->(b)"
        )
        names = [each.name for each in kind.properties]
        owner, marked = "r", []
    values = ", ".join([*marked, *(f"{owner}.{name} = row.{name}" for name in names)])
    return f"UNWIND $rows AS row\n{found}" + (f"\nSET {values}" if values else "")


def push(
    store: Store,
    run_id: str,
    driver: neo4j.Driver,
    *,
    database: str,
    replace: bool = False,
    dry_run: bool = False,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> Pushed:
    """Load the property graph of a run into a database of a Neo4j server.

    `store` has the tables that `graph.cypher.rows` needs. Raises OutputError when the
    database holds nodes that no push made, or another run and not `replace`. With
    `dry_run` nothing is changed.
    """
    tell = progress or (lambda name, done, of: None)
    with (
        TemporaryDirectory(prefix="scanring") as folder,
        told(),
        driver.session(database=database) as session,
    ):
        before = again(lambda: _before(session, run_id))
        if before == "another run" and not replace:
            raise OutputError(
                f"the database {database} holds another run: add --replace to remove "
                "it first, or name another with --database"
            )
        prepare(store)
        files = {kind: write_rows(store, kind, Path(folder)) for kind in kinds()}
        rows = {name_of(kind): count for kind, (_, count) in files.items()}
        if dry_run:
            return Pushed(rows, before)
        replaced = before == "another run"
        again(lambda: _load_all(session, run_id, files, replaced, batch, tell))
    return Pushed(rows, before)


def _load_all(
    session: neo4j.Session,
    run_id: str,
    files: dict[Kind, tuple[Path, int]],
    replaced: bool,
    batch: int,
    tell: Progress,
) -> None:
    """Load every row; done twice, when a connection breaks, it is as done once."""
    if replaced:
        remove(session, progress=tell)
    for line in constraints():
        session.run(line).consume()
    _note(session, run_id, complete=False)
    for kind, (path, count) in files.items():
        done = 0
        for part in _batches(path, batch):
            session.execute_write(_load, statement(kind), part)
            done += len(part)
            tell(name_of(kind), done, count)
    _note(session, run_id, complete=True)


def remove(session: neo4j.Session, *, progress: Progress) -> None:
    """Remove all that was ever pushed, in batches; the note of the push goes last."""
    while True:
        found = session.run(
            f"MATCH (n:{MARK}) WITH n LIMIT {BATCH} DETACH DELETE n "
            "RETURN count(*) AS n"
        ).single(strict=True)["n"]
        progress("remove", found, found)
        if not found:
            break
    session.run(f"MATCH (n:{PUSH}) DELETE n").consume()


def _before(session: neo4j.Session, run_id: str) -> str:
    """Return what is in the database; OutputError when some of it is not ours."""
    for label in NODES:
        foreign = session.run(
            f"MATCH (n:{label}) WHERE NOT n:{MARK} RETURN count(*) AS n"
        ).single(strict=True)["n"]
        if foreign:
            raise OutputError(
                f"the database has {foreign:,} nodes {label} that Scanring did not "
                "make: they are not touched; name another database with --database"
            )
    note = session.run(f"MATCH (n:{PUSH}) RETURN n.run AS run, n.complete AS complete")
    there = note.single()
    if there is None:
        return "nothing"
    if there["run"] != run_id:
        return "another run"
    return "the same run" if there["complete"] else "the same run, in part"


def _note(session: neo4j.Session, run_id: str, *, complete: bool) -> None:
    session.run(
        f"MERGE (n:{PUSH} {{one: true}}) SET n.run = $run, n.complete = $complete",
        {"run": run_id, "complete": complete},
    ).consume()


def _load(
    transaction: neo4j.ManagedTransaction, text: str, part: list[dict[str, Any]]
) -> None:
    transaction.run(text, {"rows": part}).consume()


def _batches(path: Path, size: int) -> Iterator[list[dict[str, Any]]]:
    for part in pq.ParquetFile(path).iter_batches(size):
        yield part.to_pylist()
