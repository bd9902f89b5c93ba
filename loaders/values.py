"""How a written value becomes a stored one: one rule for each kind of column.

Each rule is SQL over a column as its file has it. Where the file's own type fits, no
text is made on the way. A value that cannot be read becomes NULL here and is rejected
by the check beside it; an empty text is a missing value, in every file format alike.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Literal

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from graph.schema import Column

Unit = Literal["iso", "s", "ms", "us", "degrees", "microdegrees", "fen", "yuan"]

FIRST_SECOND = 0
LAST_SECOND = 7_289_654_400
"""Times are taken from the years 1970 to 2200: [FIRST_SECOND, LAST_SECOND)."""

FIRST_DATE, LAST_DATE = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The microseconds since 1970 of the years 1 to 9999."""

ID_BYTES = 256
IP_FUNCTION = "scanring_ip"

_INTEGERS = frozenset(
    ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"]
)
_WIDE = frozenset(("UBIGINT", "HUGEINT", "UHUGEINT"))
_FLOATS = frozenset(("FLOAT", "DOUBLE"))
_STAMPS = frozenset(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"))
_ZONED = "TIMESTAMP WITH TIME ZONE"
_ZONE = r"(Z|z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
_TIME = rf"\d{{4}}-\d{{2}}-\d{{2}}([T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?{_ZONE}?)?"
_OFFSET = rf".*:\d{{2}}(\.\d+)?{_ZONE}"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?"
_WHOLE = r"[+-]?\d{1,18}(\.0*)?"
_MAPPED = bytes(10) + b"\xff\xff"
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"({_OCTET}\.){{3}}{_OCTET}"


@dataclass(frozen=True)
class Written:
    """A column as a source has it: SQL, its DuckDB type, and how to understand it."""

    sql: str
    type: str
    unit: Unit | None = None
    zone: str | None = None
    words: tuple[tuple[str, str], ...] = ()
    lowercase: bool = False


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def iso(sql: str) -> str:
    """Return SQL that writes seconds as `2026-03-01T08:00:00Z`."""
    return f"strftime(make_timestamp({sql} * 1000000), '%Y-%m-%dT%H:%M:%SZ')"


def text_of(written: Written) -> str:
    """Return SQL for the value as text, NULL when it is empty or not text at all."""
    if written.type == "VARCHAR":
        return f"nullif({written.sql}, '')"
    if written.type == "BLOB":
        return f"nullif(TRY(decode({written.sql})), '')"
    if written.type in _FLOATS:
        whole = f"{written.sql} = floor({written.sql}) AND abs({written.sql}) < 1e18"
        return (
            f"CASE WHEN {whole} THEN CAST(CAST({written.sql} AS BIGINT) AS VARCHAR) "
            f"ELSE CAST({written.sql} AS VARCHAR) END"
        )
    if written.type in _STAMPS:
        return stamp_text(written.sql)
    if is_nested(written.type):
        return "CAST(NULL AS VARCHAR)"
    return f"CAST({written.sql} AS VARCHAR)"


def is_nested(kind: str) -> bool:
    """Tell whether a DuckDB type holds several values."""
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))


def stamp_text(sql: str) -> str:
    """Return SQL for a time without zone as text.

    A plain cast fails, even when tried, for times beyond all dates; their number since
    1970 is written instead.
    """
    text = f"strftime({_dated(sql)}, '%Y-%m-%d %H:%M:%S.%f')"
    written = rf"regexp_replace({text}, '\.?0*$', '')"
    beyond = f"CASE WHEN {sql} IS NOT NULL THEN 'infinity' END"
    return f"coalesce({written}, CAST(epoch_us({sql}) AS VARCHAR), {beyond})"


def _dated(sql: str) -> str:
    """Return SQL for a time, NULL when it is beyond all dates."""
    inside = f"epoch_us({sql}) BETWEEN {FIRST_DATE} AND {LAST_DATE}"
    return f"make_timestamp(CASE WHEN {inside} THEN epoch_us({sql}) END)"


def understood(written: Written) -> Written:
    """Return the column after its words were translated and its case was folded."""
    if not written.words and not written.lowercase:
        return written
    text = text_of(written)
    if written.words:
        cases = " ".join(
            f"WHEN {literal(theirs)} THEN {literal(ours)}"
            for theirs, ours in written.words
        )
        text = f"CASE {text} {cases} ELSE {text} END"
    if written.lowercase:
        text = f"lower({text})"
    return Written(text, "VARCHAR", written.unit, written.zone)


def stored(column: Column, written: Written) -> str:
    """Return SQL for the value as it is stored, NULL when it cannot be read."""
    if column.kind == "time":
        return _time(written)
    if column.kind == "date":
        return _date(written)
    if column.kind == "bool":
        return _bool(written)
    if column.kind == "integer":
        return _integer(written)
    if column.kind == "degrees":
        return _degrees(written, 90 if column.name == "latitude" else 180)
    if column.kind == "ip":
        text = text_of(written)
        return (
            f"CASE WHEN {text} IS NULL THEN NULL "
            f"WHEN regexp_full_match({text}, '{_IPV4}') THEN {text} "
            f"ELSE {IP_FUNCTION}({text}) END"
        )
    if column.kind == "seconds_list":
        return _seconds_list(written)
    return text_of(written)


def register_ip(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the function that writes an address in its one normal form."""
    connection.create_function(
        IP_FUNCTION,
        _normal_addresses,
        ["VARCHAR"],
        "VARCHAR",
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


def normal_address(text: str) -> str | None:
    """Return an IPv4 or IPv6 address in its normal form, None when it is neither.

    >>> normal_address("2001:DB8:0:0::1"), normal_address("::ffff:10.0.0.1")
    ('2001:db8::1', '10.0.0.1')
    >>> normal_address("10.0.0.256") is None
    True
    """
    try:
        packed = socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        return _normal_ipv4(text)
    if packed.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    if packed.startswith(bytes(6)):
        # Systems differ in how they write these few; Python's own way is one.
        return str(ipaddress.IPv6Address(packed))
    return socket.inet_ntop(socket.AF_INET6, packed)


def _normal_ipv4(text: str) -> str | None:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        return None


def _normal_addresses(texts: pa.ChunkedArray) -> pa.Array:
    known: dict[str | None, str | None] = {None: None}
    values = texts.to_pylist()
    for text in values:
        if text not in known:
            known[text] = normal_address(text)
    return pa.array([known[text] for text in values], pa.string())


def _time(written: Written) -> str:
    sql, unit = written.sql, written.unit
    if unit in ("s", "ms", "us"):
        per_second = {"s": 1, "ms": 1000, "us": 1_000_000}[unit]
        return f"({_number_floor(written)}) // {per_second}"
    if written.type == "DATE":
        return _seconds(_local(f"TRY_CAST({sql} AS TIMESTAMP)", written.zone))
    if written.type in _STAMPS:
        stamp = sql if written.type == "TIMESTAMP" else f"CAST({sql} AS TIMESTAMP)"
        return _seconds(_local(stamp, written.zone))
    if written.type == _ZONED:
        return _seconds(sql)
    if written.type not in ("VARCHAR", "BLOB"):
        return "CAST(NULL AS BIGINT)"
    text = text_of(written)
    moment = f"TRY_CAST({text} AS TIMESTAMPTZ)"
    if written.zone:
        local = _local(f"TRY_CAST({text} AS TIMESTAMP)", written.zone)
        moment = (
            f"CASE WHEN regexp_full_match({text}, '{_OFFSET}') "
            f"THEN {moment} ELSE {local} END"
        )
    return f"CASE WHEN regexp_full_match({text}, '{_TIME}') THEN {_seconds(moment)} END"


def _local(stamp: str, zone: str | None) -> str:
    return f"timezone({literal(zone)}, {_dated(stamp)})" if zone else stamp


def _seconds(stamp: str) -> str:
    return f"epoch_us({stamp}) // 1000000"


def _date(written: Written) -> str:
    seconds = _time(written)
    return f"CASE WHEN ({seconds}) % 86400 = 0 THEN {seconds} END"


def _bool(written: Written) -> str:
    if written.type == "BOOLEAN":
        return written.sql
    text = f"lower({text_of(written)})"
    return (
        f"CASE WHEN {text} IN ('true', '1') THEN true "
        f"WHEN {text} IN ('false', '0') THEN false END"
    )


def _integer(written: Written) -> str:
    if written.unit == "yuan":
        return _yuan(written)
    if written.type in _INTEGERS:
        return f"CAST({written.sql} AS BIGINT)"
    if written.type in _WIDE:
        return f"TRY_CAST({written.sql} AS BIGINT)"
    if written.type in _FLOATS or written.type.startswith("DECIMAL"):
        whole = f"{written.sql} = floor({written.sql})"
        return f"CASE WHEN {whole} THEN TRY_CAST({written.sql} AS BIGINT) END"
    if written.type not in ("VARCHAR", "BLOB"):
        return "CAST(NULL AS BIGINT)"
    text = text_of(written)
    return (
        f"CASE WHEN regexp_full_match({text}, '{_WHOLE}') "
        f"THEN TRY_CAST({text} AS BIGINT) END"
    )


def _number_floor(written: Written) -> str:
    """Give SQL for a number without what stands behind its point."""
    if written.type in _INTEGERS:
        return f"CAST({written.sql} AS BIGINT)"
    if written.type in _WIDE:
        return f"TRY_CAST({written.sql} AS BIGINT)"
    if written.type in _FLOATS or written.type.startswith("DECIMAL"):
        return f"TRY_CAST(floor({written.sql}) AS BIGINT)"
    if written.type not in ("VARCHAR", "BLOB"):
        return "CAST(NULL AS BIGINT)"
    text = text_of(written)
    return (
        rf"CASE WHEN regexp_full_match({text}, '\d{{1,18}}(\.\d*)?') "
        f"THEN TRY_CAST(split_part({text}, '.', 1) AS BIGINT) END"
    )


def _yuan(written: Written) -> str:
    """Give SQL for yuan as whole fen; a third digit behind the point is not money."""
    text = f"CAST({text_of(written)} AS VARCHAR)"
    return (
        rf"CASE WHEN regexp_full_match({text}, '[+-]?\d{{1,15}}(\.\d{{0,2}}0*)?') "
        f"THEN CAST(TRY_CAST({text} AS DECIMAL(18, 2)) * 100 AS BIGINT) END"
    )


def _degrees(written: Written, limit: int) -> str:
    if written.unit == "microdegrees":
        micro = _integer(Written(written.sql, written.type))
    else:
        if written.type in ("VARCHAR", "BLOB"):
            text = text_of(written)
            number = (
                f"CASE WHEN regexp_full_match({text}, '{_NUMBER}') "
                f"THEN TRY_CAST({text} AS DOUBLE) END"
            )
        elif written.type in _INTEGERS | _WIDE | _FLOATS or written.type.startswith(
            "DECIMAL"
        ):
            number = f"CAST({written.sql} AS DOUBLE)"
        else:
            return "CAST(NULL AS BIGINT)"
        micro = f"TRY_CAST(round(({number}) * 1000000) AS BIGINT)"
    return f"CASE WHEN abs({micro}) <= {limit * 1_000_000} THEN {micro} END"


def _seconds_list(written: Written) -> str:
    if written.type.endswith("[]"):
        numbers = f"TRY_CAST({written.sql} AS DOUBLE[])"
    elif written.type in ("VARCHAR", "BLOB"):
        text = text_of(written)
        numbers = (
            rf"CASE WHEN regexp_full_match({text}, '\[[-+0-9.eE, ]*\]') "
            f"THEN TRY_CAST({text} AS DOUBLE[]) END"
        )
    else:
        return "CAST(NULL AS VARCHAR)"
    finite = f"list_filter({numbers}, lambda x: x >= 0 AND isfinite(x))"
    return (
        f"CASE WHEN len({finite}) = len({numbers}) "
        f"THEN '[' || array_to_string(CAST({numbers} AS VARCHAR[]), ', ') || ']' END"
    )
