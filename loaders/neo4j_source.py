"""Accounts, devices, scans and helps from a Neo4j database, as tables of the contract.

A mapping says which Cypher gives the rows of each table: the statement returns columns
that are named as in `graph.schema`, and whatever the source calls them stands in the
statement. The default reads what `scanring neo4j push` writes. Read access only.

    [tables.helps]
    cypher = "MATCH (a:User)-[h:VOUCHED]->(b:User) RETURN h.no AS help_id, …"
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from graph.cypher.graph import CypherGraph
from graph.cypher.statements import QueryError
from graph.errors import InputError, OutputError, did_you_mean
from graph.schema import TABLES, Column

PUSHED: dict[str, str] = {
    "accounts": """MATCH (a:Account) WHERE a.outside = false
        OPTIONAL MATCH (a)-[:HAS_NUMBER_OF]->(s:PhoneSegment)
        OPTIONAL MATCH (a)-[f:REGISTERED_FROM]->(:AddressBlock)
        OPTIONAL MATCH (a)-[:REGISTERED_AT]->(p:AccessPoint)
        OPTIONAL MATCH (a)-[u:USED]->(d:Device) WHERE u.by = 'registration'
        RETURN a.id AS account_id, a.registered_at AS registered_at,
               s.id AS phone_prefix, f.ip AS registration_ip,
               p.id AS registration_wifi, d.id AS registration_device_id,
               a.app_version AS app_version, a.os_version AS os_version,
               a.nickname AS nickname, a.profile_region AS profile_region,
               a.real_name_verified AS real_name_verified,
               a.pay_enabled AS pay_enabled
        ORDER BY account_id""",
    "devices": """MATCH (d:Device)
        RETURN d.id AS device_id, d.model AS model, d.os AS os,
               d.is_emulator AS is_emulator, d.is_rooted AS is_rooted
        ORDER BY device_id""",
    "scans": """MATCH (a:Account)-[s:SCANNED]->(c:Code)
        RETURN s.id AS scan_id, a.id AS scanner_id, c.id AS code_id,
               s.purpose AS purpose, s.at AS scanned_at, c.issued_at AS code_issued_at,
               s.confirmed_at AS confirmed_at, s.ip AS ip, s.wifi AS wifi,
               s.device_id AS device_id, s.latitude AS latitude,
               s.longitude AS longitude, s.result AS result
        ORDER BY scan_id""",
    "helps": """MATCH (a:Account)-[h:HELPED]->(b:Account)
        RETURN h.id AS help_id, a.id AS helper_id, b.id AS helped_id, h.kind AS kind,
               h.at AS helped_at, h.channel AS channel, h.scan_id AS scan_id,
               h.result AS result
        ORDER BY help_id""",
    "codes": """MATCH (c:Code)
        OPTIONAL MATCH (c)-[:ISSUED_FOR]->(a:Account)
        RETURN c.id AS code_id, a.id AS account_id, c.purpose AS purpose,
               c.issued_at AS issued_at
        ORDER BY code_id""",
    "ties": """MATCH (a:Account)-[t:TIED_TO]->(b:Account)
        RETURN a.id AS account_a, b.id AS account_b, t.kind AS kind, t.since AS since
        ORDER BY account_a, account_b, kind""",
    "sanctions": """MATCH (a:Account)-[:GOT]->(s:Sanction)
        RETURN a.id AS account_id, s.action AS action, s.applied_at AS applied_at,
               s.until AS until, s.rule AS rule
        ORDER BY account_id, applied_at, action""",
    "complaints": """MATCH (c:Complaint)-[:ABOUT]->(a:Account)
        OPTIONAL MATCH (b:Account)-[:FILED]->(c)
        RETURN c.id AS complaint_id, a.id AS account_id, c.category AS category,
               c.filed_at AS filed_at, c.verified AS verified, b.id AS complainant_id
        ORDER BY complaint_id""",
}
"""What gives the rows of each table in a database that `scanring neo4j push` filled."""

_STORED = {
    "time": pa.timestamp("s"),
    "bool": pa.bool_(),
    "integer": pa.int64(),
    "degrees": pa.float64(),
}


def read_queries(path: Path) -> dict[str, str]:
    """Read which Cypher gives the rows of each table from a TOML file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        queries = {
            str(name): str(table["cypher"]) for name, table in content["tables"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} is no mapping for neo4j pull: it needs [tables.NAME] with cypher"
        ) from error
    for name in queries:
        if name not in TABLES:
            raise InputError(f"{path}: no table {name}{did_you_mean(name, TABLES)}")
    return queries


def pull(
    graph: CypherGraph, out: Path, queries: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Write the tables that a Neo4j database gives into a new folder; return rows each.

    The folder appears whole or not at all. Raises InputError for a column that the
    table does not have or a value that is not of its kind, OutputError when the folder
    is there, QueryError for a statement that would write.
    """
    if out.exists():
        raise OutputError(f"{out} is there already: name a folder that is new")
    out.parent.mkdir(parents=True, exist_ok=True)
    rows = {}
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        place = Path(folder) / "tables"
        place.mkdir(mode=0o700)
        for name, text in (queries or PUSHED).items():
            table = _table(graph, name, text)
            if table.num_rows:
                pq.write_table(table, place / f"{name}.parquet", compression="zstd")
            rows[name] = table.num_rows
        place.rename(out)
    return rows


def _table(graph: CypherGraph, name: str, text: str) -> pa.Table:
    try:
        answer = graph.answer(text)
    except QueryError as error:
        raise QueryError(f"{name}: {error}") from error
    contract = TABLES[name]
    known = [column.name for column in contract.columns]
    for asked in answer.columns:
        if asked not in known:
            raise InputError(
                f"{name} has no column {asked}{did_you_mean(asked, known)}: say "
                "RETURN … AS a column of the contract"
            )
    missing = [each for each in contract.required if each not in answer.columns]
    if missing:
        raise InputError(f"the query for {name} gives no {', '.join(missing)}")
    arrays = {}
    for place, column_name in enumerate(answer.columns):
        column = contract.column(column_name)
        values = [row[place] for row in answer.rows]
        try:
            arrays[column_name] = _array(column, values)
        except (pa.ArrowException, ValueError, TypeError, AttributeError) as error:
            raise InputError(
                f"{name}.{column_name}: a value is no {column.kind}: {error}"
            ) from error
    return pa.table(arrays)


def _array(column: Column, values: list[object]) -> pa.Array:
    """Return values as the contract's column; whole degrees are millionths of one."""
    kind = _STORED.get(column.kind, pa.string())
    if column.kind == "time":
        values = [_time(value) for value in values]
    elif column.kind == "degrees":
        values = [v / 1e6 if isinstance(v, int) else v for v in values]
    elif kind == pa.string():
        values = [None if value is None else str(value) for value in values]
    return pa.array(values, kind)


def _time(value: object) -> object:
    """Return a time of Neo4j, or seconds since 1970, as Arrow wants it."""
    if value is None or isinstance(value, int):
        return value
    native = value.to_native()  # type: ignore[attr-defined]  # neo4j.time.DateTime
    return int(native.timestamp()) if native.tzinfo else native
