"""Rules that look at two tables: ids that point outside, and impossible times."""

from dataclasses import dataclass

from graph.schema import TABLES, Table
from graph.store import Store
from loaders.rejects import reject
from loaders.report import Outside
from loaders.values import iso, literal, quoted

DAY = 86_400


@dataclass(frozen=True)
class NotBefore:
    """An event at `time` cannot be before what `id` names came to be (`since`).

    `slack` is the length of an event in seconds: a day that has begun may go on.
    """

    table: str
    time: str
    id: str
    other: str
    since: str
    says: str
    slack: int = 0


REGISTERED = ("accounts", "registered_at")
ISSUED = ("codes", "issued_at")
ACCOUNT = "the account registered"

IMPOSSIBLE = (
    NotBefore("scans", "scanned_at", "code_id", *ISSUED, "the code was issued"),
    NotBefore(
        "scans", "scanned_at", "scanner_id", *REGISTERED, "the scanner registered"
    ),
    NotBefore("helps", "helped_at", "helper_id", *REGISTERED, "the helper registered"),
    NotBefore(
        "helps", "helped_at", "helped_id", *REGISTERED, "the helped account registered"
    ),
    NotBefore("logins", "logged_in_at", "account_id", *REGISTERED, ACCOUNT),
    NotBefore("activity", "day", "account_id", *REGISTERED, ACCOUNT, DAY - 1),
)
"""Events before which something must have been there."""


def reject_impossible_times(store: Store, table: Table) -> None:
    """Reject the rows of a staged table that happened before they could."""
    for rule in IMPOSSIBLE:
        if rule.table != table.name:
            continue
        key = quoted(TABLES[rule.other].key[0])
        time, since = f"event.{quoted(rule.time)}", f"other.{quoted(rule.since)}"
        reject(
            store,
            table.name,
            f"""
            SELECT event.rowid AS which, {literal(rule.time)} AS "column",
                {iso(time)} AS value,
                {literal(f"is before {rule.says}, at ")} || {iso(since)} AS reason,
                {literal(f"impossible time: before {rule.says}")} AS rule
            FROM _staged_{rule.table} AS event
            JOIN _staged_{rule.other} AS other ON other.{key} = event.{quoted(rule.id)}
            WHERE {time} + {rule.slack} < {since}
            """,
        )


def outside(store: Store, present: set[str]) -> list[Outside]:
    """Count the ids in each loaded table that point to no row of their table."""
    counts = []
    for table in TABLES.values():
        for column in table.columns:
            if not column.refers_to or not {table.name, column.refers_to} <= present:
                continue
            name = quoted(column.name)
            key = quoted(TABLES[column.refers_to].key[0])
            rows, ids = store.rows(
                f"SELECT count(*), count(DISTINCT {name}) FROM loaded_{table.name} "
                f"ANTI JOIN (SELECT {key} AS known FROM loaded_{column.refers_to}) "
                f"ON {name} = known WHERE {name} IS NOT NULL"
            )[0]
            if not rows:
                continue
            filled = store.rows(f"SELECT count({name}) FROM loaded_{table.name}")[0][0]
            counts.append(
                Outside(table.name, column.name, column.refers_to, rows, ids, filled)
            )
    return counts
