"""The rules that one row must meet by itself, as SQL conditions.

Rows that break a rule are *returned* with the reason: `rejects` holds every one.
The first rule broken counts, in the order of the columns, then of the row rules.
"""

from dataclasses import dataclass

from graph.schema import Column, Table
from loaders.values import FIRST_SECOND, ID_BYTES, LAST_SECOND, iso, literal, quoted

WORDS = "wrong word"
"""The rule whose reasons are written later, once for each wrong word."""

EXAMPLES: dict[str, str] = {
    "time": "is not a time such as 2026-03-01T08:00:00Z",
    "date": "is not a date such as 2026-03-01",
    "bool": "is not true, false, 1 or 0",
    "integer": "is not a whole number",
    "ip": "is not an IPv4 or IPv6 address",
    "seconds_list": "is not a list of seconds such as [1.5, 20]",
    "id": "is no text in UTF-8",
    "text": "is no text in UTF-8",
}

ADVICE: dict[str, str] = {
    "time": "seconds since 1970 or local times need a mapping with `unit` or `zone`",
    "date": "write the day alone",
    "bool": "other words need a mapping with `words`",
    "integer": "money is in fen; yuan need a mapping with `unit`",
    "degrees": "other units need a mapping with `unit`",
    "ip": "write one address, without a port or a block",
    WORDS: "other words need a mapping with `words`",
}


@dataclass(frozen=True)
class Check:
    """A row is rejected when `condition` holds; `value` and `reason` are SQL too.

    Without a `value` the rejects show the text that the file has.
    """

    column: str
    rule: str
    condition: str
    reason: str
    advice: str = ""
    value: str | None = None


def column_checks(column: Column) -> list[Check]:
    """Return the checks of one column; `there NAME` tells if one was written."""
    value, there = quoted(column.name), quoted(f"there {column.name}")
    limit = 90 if column.name == "latitude" else 180
    reasons = EXAMPLES | {"degrees": f"is not a number from -{limit} to {limit}"}
    rules = [("value", f"{there} AND {value} IS NULL", reasons[column.kind])]
    if column.kind in ("time", "date"):
        outside = f"{value} NOT BETWEEN {FIRST_SECOND} AND {LAST_SECOND - 1}"
        rules.append(("year", outside, "is outside the years 1970 to 2200"))
    if column.kind == "id":
        long = f"strlen({value}) > {ID_BYTES}"
        rules.append(("long", long, f"is over {ID_BYTES} bytes"))
    if column.values:
        words = ", ".join(literal(word) for word in column.values)
        rules.append((WORDS, f"{value} NOT IN ({words})", ""))
    return [
        Check(
            column.name,
            rule,
            condition,
            literal(reason),
            ADVICE.get(WORDS if rule == WORDS else column.kind, ""),
        )
        for rule, condition, reason in rules
    ]


def required_check(column: Column) -> Check:
    """Return the check that a required value is there."""
    return Check(
        column.name,
        "required",
        f"{quoted(column.name)} IS NULL",
        literal("is empty but required"),
        "fill it, or derive it in a mapping",
        "NULL",
    )


def row_checks(table: Table) -> list[Check]:
    """Return the checks that compare the columns of one row."""
    if table.name == "helps":
        return [_same("helper_id", "helped_id", "helps itself")]
    if table.name == "ties":
        return [_same("account_a", "account_b", "is tied to itself")]
    if table.name == "scans":
        return [
            _before("scanned_at", "code_issued_at", "the code was issued"),
            _before("confirmed_at", "scanned_at", "the scan"),
        ]
    if table.name == "sanctions":
        return [_before("until", "applied_at", "the sanction was applied")]
    return []


def _same(one: str, other: str, reason: str) -> Check:
    return Check(
        other,
        "itself",
        f"{quoted(one)} = {quoted(other)}",
        literal(reason),
        "a row needs two different accounts",
        quoted(other),
    )


def _before(late: str, early: str, what: str) -> Check:
    return Check(
        late,
        f"impossible time: before {what}",
        f"{quoted(late)} < {quoted(early)}",
        f"{literal(f'is before {what} at ')} || {iso(quoted(early))}",
        "check the clocks and time zones of both columns",
        iso(quoted(late)),
    )
