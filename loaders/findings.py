"""The rejects in short: one line for each kind of problem in each column."""

from graph.schema import TABLES
from graph.store import Store
from loaders.checks import ADVICE, WORDS
from loaders.references import outside
from loaders.report import Finding, LoadReport, TableReport, left_out
from loaders.values import literal

MOST_WORDS_SHOWN = 5

TOLD_BY_RULE: dict[str, tuple[str, str]] = {
    "duplicate": ("the same row again", "one is loaded"),
    "conflict": (
        "the same key with other content",
        "the one that sorts first is loaded; find out which is right",
    ),
    "broken": ("cannot be read as CSV", "quote values with commas, quotes or newlines"),
    "encoding": ("cannot be read as CSV", "save the file as UTF-8"),
    "itself": ("", "a row needs two different accounts"),
    "required": ("", "fill it, or derive it in a mapping"),
}
"""What is said of a rule, and what to try; without words its reason is said."""


def report_of(
    store: Store,
    tables: tuple[TableReport, ...],
    said: list[Finding],
    *,
    count_outside: bool = True,
) -> LoadReport:
    """Return the whole report; `said` is what was found before any row was read."""
    missing = {table.name: table.missing for table in tables}
    absent = {table.name for table in tables if table.absent}
    empty = {table.name for table in tables if not table.loaded} - absent
    return LoadReport(
        tables=tables,
        findings=(*said, *_missing_required(missing), *_rejected(store, missing)),
        outside=tuple(outside(store, set(TABLES) - absent)) if count_outside else (),
        not_analysed=left_out(missing, absent, empty),
        blocking=tuple(_blocking(tables)),
    )


def _blocking(tables: tuple[TableReport, ...]) -> list[str]:
    loaded = {table.name: table.loaded for table in tables}
    lines = []
    if not loaded["accounts"]:
        lines.append("accounts: no row could be loaded")
    if not loaded["helps"] and not loaded["scans"]:
        lines.append("helps, scans: no row of either could be loaded")
    return lines


def _missing_required(missing: dict[str, tuple[str, ...]]) -> list[Finding]:
    return [
        Finding(
            name,
            column,
            0,
            "the column is missing but required; no row can be loaded",
            advice="add it, or derive it in a mapping",
        )
        for name, columns in missing.items()
        for column in columns
        if TABLES[name].column(column).required
    ]


def _rejected(store: Store, missing: dict[str, tuple[str, ...]]) -> list[Finding]:
    rows = store.rows(
        f"""
        SELECT table_name, "column", rule, word, rows, example.path, example.row,
            example.value, example.reason
        FROM (
            SELECT table_name, "column", rule, count(*) AS rows,
                CASE WHEN rule = {literal(WORDS)} THEN value END AS word,
                min({{'path': path, 'row': row, 'value': value, 'reason': reason}})
                    AS example
            FROM _rejects JOIN _files USING (file) GROUP BY ALL
        )
        ORDER BY table_name, "column", rule, rows DESC, word
        """
    )
    order = list(TABLES)
    rows.sort(key=lambda row: order.index(row[0]))
    findings = []
    words: dict[tuple[str, str], int] = {}
    for table, column, rule, _, count, path, row, value, reason in rows:
        if rule == "required" and column in missing[table]:
            continue
        if rule == WORDS:
            words[table, column] = words.get((table, column), 0) + 1
            if words[table, column] > MOST_WORDS_SHOWN:
                continue
        findings.append(
            _finding(table, column, rule, count, (path, row, value, reason))
        )
    findings += [
        Finding(table, column, 0, f"{number - MOST_WORDS_SHOWN:,} more wrong words")
        for (table, column), number in words.items()
        if number > MOST_WORDS_SHOWN
    ]
    return findings


def _finding(
    table: str,
    column: str,
    rule: str,
    count: int,
    example: tuple[str, int, str | None, str],
) -> Finding:
    path, row, value, reason = example
    place = f"e.g. {path} row {row}"
    shown = "" if value is None else f": {_short(value)}"
    says, advice = TOLD_BY_RULE.get(rule, ("", ""))
    if rule.startswith("impossible time"):
        says, advice = rule, "check the clocks and time zones of both"
    if says:
        place = f"{place}{shown} {reason}"
    elif rule == WORDS:
        says, advice = f"{_short(value or '')} {reason}", ADVICE[WORDS]
    else:
        kind = TABLES[table].column(column).kind
        says, place = reason, place + shown
        advice = advice or ADVICE.get(kind, "")
    return Finding(table, column, count, says, place, advice, rejected=True)


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:57] + "…")
