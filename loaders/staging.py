"""From a source's parts to one staged table: stored values, and the first rule broken.

A staged table `_staged_NAME` has the contract's columns in their stored types, then
`_file`, `_row`, `_bad` (the number of the check that failed, NULL when none),
`_value` and `_reason`. One pass over the files makes it.
"""

from dataclasses import dataclass

from graph.schema import STORED, Column, Table
from graph.store import Store
from loaders.checks import Check, column_checks, required_check, row_checks
from loaders.mapping import ColumnFrom, Mapping, TableFrom, Times
from loaders.reading import Part, Reader
from loaders.values import (
    Written,
    literal,
    quoted,
    stamp_text,
    stored,
    text_of,
    understood,
)

NEVER_UNREAD = frozenset({("id", "VARCHAR"), ("text", "VARCHAR"), ("bool", "BOOLEAN")})


@dataclass(frozen=True)
class Staged:
    """A table after its rows were read and checked one by one.

    `rows` is smaller than `source_rows` where a mapping made one row of several;
    `present` are the columns that some part has.
    """

    table: Table
    name: str
    checks: tuple[Check, ...]
    source_rows: int
    rows: int
    present: frozenset[str]


def stage(table: Table, mapping: Mapping, reader: Reader) -> Staged:
    """Make the staged table of one table of the contract."""
    plan = mapping.table(table.name)
    merged = bool(plan.one_row_per or plan.otherwise)
    checks = _checks(table, required=not merged)
    selects = [
        _select(table, part, columns, mapping.times, checks)
        for source, columns in plan.origins(table.name)
        for part in reader.parts(source)
    ]
    name = f"_staged_{table.name}"
    store = reader.store
    store.materialise(name, " UNION ALL ".join(selects or [_empty(table)]))
    source_rows = rows = _count(store, name)
    if merged:
        later = [required_check(column) for column in table.columns if column.required]
        later += row_checks(table)
        _merge(store, table, plan, later, first=len(checks) + 1)
        checks += later
        rows = _count(store, name)
    key = table.key[0]
    if any(
        key in columns and columns[key].id_of for _, columns in plan.origins(table.name)
    ):
        _number_same_ids(store, table)
    present = {
        column
        for source, columns in plan.origins(table.name)
        for part in reader.parts(source)
        for column in written_columns(table, part, columns, mapping.times)
    }
    return Staged(
        table,
        name,
        tuple(checks),
        source_rows,
        rows,
        frozenset(present | set(plan.otherwise)),
    )


def written_columns(
    table: Table, part: Part, columns: dict[str, ColumnFrom], times: Times
) -> dict[str, Written]:
    """Return the columns of the contract that a part has, as it has them."""
    found: dict[str, Written] = {}
    for column in table.columns:
        origin = columns.get(column.name, ColumnFrom(column=column.name))
        if origin.constant is not None:
            found[column.name] = _constant(origin.constant)
        elif origin.id_of is not None:
            if all(name in part.columns for name in origin.id_of):
                found[column.name] = _id_of(
                    [part.columns[name] for name in origin.id_of]
                )
        elif origin.column in part.columns:
            source = part.columns[origin.column]
            shared = times if column.kind == "time" else Times()
            unit = origin.unit or shared.unit
            zone = origin.zone or shared.zone
            found[column.name] = Written(
                source.sql,
                source.type,
                unit,
                zone,
                tuple(origin.words.items()),
                origin.lowercase,
            )
    return found


def _count(store: Store, name: str) -> int:
    return int(store.rows(f"SELECT count(*) FROM {name}")[0][0])


def _checks(table: Table, *, required: bool) -> list[Check]:
    checks: list[Check] = []
    for column in table.columns:
        checks += column_checks(column)
        if column.required and required:
            checks.append(required_check(column))
    return checks + row_checks(table) if required else checks


def _select(
    table: Table,
    part: Part,
    columns: dict[str, ColumnFrom],
    times: Times,
    checks: list[Check],
) -> str:
    """Give SQL for the rows of one part, with the first check that each fails."""
    found = written_columns(table, part, columns, times)
    names = ", ".join(quoted(column.name) for column in table.columns)
    values, types = [], {}
    for column in table.columns:
        written = found.get(column.name, Written("NULL", "VARCHAR"))
        types[column.name] = written.type
        values.append(_values(column, written))
    texts = [
        check.value or _raw_text(check.column, types[check.column]) for check in checks
    ]
    read = (
        f"SELECT file AS _file, row AS _row, {', '.join(values)} FROM {part.relation}"
    )
    judged = f"SELECT *, {_first([c.condition for c in checks])} AS _bad FROM ({read})"
    return (
        f"SELECT {names}, _file, _row, _bad, {_chosen(texts)} AS _value, "
        f"{_chosen([check.reason for check in checks])} AS _reason FROM ({judged})"
    )


def _values(column: Column, written: Written) -> str:
    """Give SQL for a value as stored and as written, and for whether one is there."""
    value = f"CAST({stored(column, understood(written))} AS {STORED[column.kind]})"
    there = f"{written.sql} IS NOT NULL"
    if (column.kind, written.type) in NEVER_UNREAD:
        there = "false"
    elif written.type == "VARCHAR":
        there = f"{written.sql} <> ''"
    elif written.type == "BLOB":
        there = f"octet_length({written.sql}) > 0"
    return (
        f"{value} AS {quoted(column.name)}, {there} AS {quoted(f'there {column.name}')}"
        f", {written.sql} AS {quoted(f'raw {column.name}')}"
    )


def _raw_text(column: str, kind: str) -> str:
    raw = quoted(f"raw {column}")
    return stamp_text(raw) if kind == "TIMESTAMP" else f"CAST({raw} AS VARCHAR)"


def _first(conditions: list[str], first: int = 1) -> str:
    """Give SQL for the number of the first condition that holds."""
    cases = "".join(
        f" WHEN {condition} THEN {number}"
        for number, condition in enumerate(conditions, start=first)
    )
    return f"CAST(CASE{cases} END AS SMALLINT)"


def _chosen(values: list[str], first: int = 1) -> str:
    """Give SQL for the value that belongs to the number in `_bad`."""
    cases = "".join(
        f" WHEN {number} THEN {value}"
        for number, value in enumerate(values, start=first)
    )
    return f"CAST(CASE _bad{cases} END AS VARCHAR)"


def _empty(table: Table) -> str:
    columns = ", ".join(
        f"CAST(NULL AS {STORED[column.kind]}) AS {quoted(column.name)}"
        for column in table.columns
    )
    return (
        f"SELECT {columns}, 0 AS _file, CAST(0 AS BIGINT) AS _row, "
        "CAST(NULL AS SMALLINT) AS _bad, CAST(NULL AS VARCHAR) AS _value, "
        "CAST(NULL AS VARCHAR) AS _reason WHERE false"
    )


def _merge(
    store: Store, table: Table, plan: TableFrom, later: list[Check], *, first: int
) -> None:
    """Make one row of several, fill what is missing, then check what was put off."""
    name = f"_staged_{table.name}"
    columns = [column.name for column in table.columns]
    keys = [quoted(column) for column in plan.one_row_per]
    rows = f"SELECT * FROM {name} WHERE _bad IS NULL"
    if keys:
        smallest = ", ".join(
            quoted(column)
            if column in plan.one_row_per
            else f"min({quoted(column)}) AS {quoted(column)}"
            for column in columns
        )
        rows = (
            f"SELECT {smallest}, min({{'f': _file, 'r': _row}}) AS _at "
            f"FROM {name} WHERE _bad IS NULL GROUP BY {', '.join(keys)}"
        )
        rows = f"SELECT *, _at.f AS _file, _at.r AS _row FROM ({rows})"
    filled = ", ".join(_filled(column, plan) for column in table.columns)
    judged = (
        f"SELECT *, {_first([c.condition for c in later], first)} AS _bad "
        f"FROM (SELECT {filled}, _file, _row FROM ({rows}))"
    )
    names = ", ".join(quoted(column) for column in columns)
    texts = [check.value or "NULL" for check in later]
    store.materialise(
        "_merged",
        f"SELECT {names}, _file, _row, _bad, {_chosen(texts, first)} AS _value, "
        f"{_chosen([check.reason for check in later], first)} AS _reason "
        f"FROM ({judged}) UNION ALL SELECT * FROM {name} WHERE _bad IS NOT NULL",
    )
    store.drop(name)
    store.connection.execute(f"ALTER TABLE _merged RENAME TO {name}")


def _filled(column: Column, plan: TableFrom) -> str:
    name = quoted(column.name)
    if column.name not in plan.otherwise:
        return name
    value = stored(column, _constant(plan.otherwise[column.name]))
    return f"coalesce({name}, CAST({value} AS {STORED[column.kind]})) AS {name}"


def _number_same_ids(store: Store, table: Table) -> None:
    """Tell rows with the same made id apart: a running number in content order."""
    name, key = f"_staged_{table.name}", quoted(table.key[0])
    content = ", ".join(quoted(column.name) for column in table.columns)
    store.connection.execute(
        f"UPDATE {name} SET {key} = {key} || '-' || _same.number FROM ("
        f"SELECT rowid AS which, row_number() OVER (PARTITION BY {key} "
        f"ORDER BY {content}, _file, _row) AS number FROM {name} "
        f"WHERE _bad IS NULL AND {key} IN (SELECT {key} FROM {name} "
        f"WHERE _bad IS NULL GROUP BY 1 HAVING count(*) > 1)"
        f") AS _same WHERE {name}.rowid = _same.which AND _same.number > 1"
    )


def _constant(value: str | bool | int) -> Written:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return Written(literal(text), "VARCHAR")


def _id_of(columns: list[Written]) -> Written:
    """Give SQL for an id of columns' content; each text stands behind its length."""
    texts = ", ".join(
        f"coalesce(strlen({text}) || ':' || {text}, '-')"
        for text in (text_of(column) for column in columns)
    )
    return Written(f"md5(concat({texts}))", "VARCHAR")
