"""The rows that are not loaded: every one, with its place, its value and the reason.

This file protects an invariant: for each table, rows read = rows loaded + rejected.
A row leaves a staged table only by `reject` or `reject_bad`, which write it down.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from graph.errors import OutputError, did_you_mean
from graph.schema import TABLES
from graph.store import Store
from loaders.checks import WORDS
from loaders.csv_rows import NOT_UTF8
from loaders.staging import Staged
from loaders.values import literal

MOST_WORDS = 1000
"""So many wrong words of a column get a `did you mean`; a source may hold millions."""

HEADER = ("table", "file", "row", "column", "value", "reason")


def open_rejects(store: Store) -> None:
    """Make the empty table of rejects."""
    store.materialise(
        "_rejects",
        "SELECT '' AS table_name, 0 AS file, CAST(0 AS BIGINT) AS row, "
        "'' AS \"column\", '' AS value, '' AS reason, '' AS rule WHERE false",
    )


def reject_broken(store: Store, table: str, sources: Sequence[str]) -> int:
    """Reject the rows of a table's sources that cannot be read; return how many."""
    total = 0
    for source in sources:
        total += int(
            store.rows(
                f"SELECT count(*) FROM _broken WHERE source = {literal(source)}"
            )[0][0]
        )
        store.connection.execute(
            f"INSERT INTO _rejects SELECT {literal(table)}, file, row, '', text, "
            f"'cannot be read as CSV: ' || reason, "
            f"CASE WHEN reason = {literal(NOT_UTF8)} THEN 'encoding' ELSE 'broken' END "
            f"FROM _broken WHERE source = {literal(source)}"
        )
    return total


def reject(store: Store, table: str, select: str) -> None:
    """Move rows of a staged table to the rejects.

    `select` gives `which` (the rowid), `"column"`, `value`, `reason` and `rule`, and no
    row twice.
    """
    staged = f"_staged_{table}"
    store.materialise("_leaving", select)
    if store.rows("SELECT count(*) FROM _leaving")[0][0]:
        store.connection.execute(
            f"INSERT INTO _rejects SELECT {literal(table)}, _file, _row, "
            '_leaving."column", _leaving.value, _leaving.reason, _leaving.rule '
            "FROM _leaving "
            f"JOIN {staged} ON {staged}.rowid = _leaving.which"
        )
        store.connection.execute(
            f"DELETE FROM {staged} WHERE rowid IN (SELECT which FROM _leaving)"
        )
    store.drop("_leaving")


def reject_bad(store: Store, staged: Staged) -> None:
    """Reject the rows of a staged table that a check found bad."""
    if not store.rows(f"SELECT count(_bad) FROM {staged.name}")[0][0]:
        return
    _explain_words(store, staged)
    checks = ", ".join(
        f"({number}, {literal(check.column)}, {literal(check.rule)})"
        for number, check in enumerate(staged.checks, start=1)
    )
    reject(
        store,
        staged.table.name,
        f"""
        SELECT staged.rowid AS which, checks.name AS "column", _value AS value,
            coalesce(word.reason, _reason) AS reason, checks.rule AS rule
        FROM {staged.name} AS staged
        JOIN (VALUES {checks}) AS checks(number, name, rule) ON checks.number = _bad
        LEFT JOIN _words AS word ON word.number = _bad AND word.value = _value
        """,
    )
    store.drop("_words")


def finish_rejects(store: Store) -> None:
    """Make the table `rejects` that the store keeps, in a fixed order."""
    store.materialise(
        "rejects",
        'SELECT table_name, path AS file, row, "column", value, reason '
        "FROM _rejects JOIN _files USING (file) ORDER BY ALL",
    )


def write_rejects(store: Store, folder: Path) -> tuple[Path, ...]:
    """Write `folder/NAME.csv` for each table that has rejects; return the files.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    Raises OutputError when a file cannot be written.
    """
    written = []
    for name in TABLES:
        rows = store.connection.execute(
            'SELECT table_name, file, row, "column", value, reason FROM rejects '
            f'WHERE table_name = {literal(name)} ORDER BY file, row, "column", reason'
        )
        some = rows.fetchmany(10_000)
        if not some:
            continue
        path = folder / f"{name}.csv"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(HEADER)
                while some:
                    writer.writerows([_safe(cell) for cell in row] for row in some)
                    some = rows.fetchmany(10_000)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from None
        written.append(path)
    return tuple(written)


def _safe(cell: object) -> object:
    if not isinstance(cell, str):
        return "" if cell is None else cell
    text = cell.replace("\0", "\\x00")
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def _explain_words(store: Store, staged: Staged) -> None:
    """Make `_words`: the reason for each wrong word, with what may have been meant."""
    store.materialise(
        "_words", "SELECT 0 AS number, '' AS value, '' AS reason WHERE false"
    )
    for number, check in enumerate(staged.checks, start=1):
        if check.rule != WORDS:
            continue
        allowed = staged.table.column(check.column).values
        reason = f"is not one of {', '.join(allowed)}"
        store.connection.execute(
            f"INSERT INTO _words SELECT {number}, _value, "
            f"{literal(reason)} "
            f"FROM {staged.name} WHERE _bad = {number} GROUP BY ALL"
        )
        common = store.rows(
            f"SELECT _value FROM {staged.name} WHERE _bad = {number} GROUP BY ALL "
            f"ORDER BY count(*) DESC, _value LIMIT {MOST_WORDS}"
        )
        hints = [(value, did_you_mean(value[:64], allowed)) for (value,) in common]
        for value, hint in hints:
            if hint:
                store.connection.execute(
                    "UPDATE _words SET reason = reason || $hint "
                    "WHERE number = $number AND value = $value",
                    {"hint": hint, "number": number, "value": value},
                )
