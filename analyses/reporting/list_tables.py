"""The rows of the lists, made where the findings are: one statement for all accounts.

A list may hold a hundred thousand accounts and millions of pieces of evidence. DuckDB
puts their sentences and events into words; Python only sees finished cells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from analyses.reporting.card_parts import decided_text
from analyses.reporting.event_lines import TIMES, WITHOUT_ID
from analyses.reporting.outputs import OUTPUTS
from analyses.reporting.reason_lines import (
    AGAINST_SHOWN,
    EVENTS_NAMED,
    FOR_SHOWN,
    SUMS,
    TEAM_SIGNALS_NAMED,
)
from analyses.reporting.safe_text import MAYBE_UNSAFE
from analyses.reporting.sheets import (
    fitting_cell,
    safe_json_line,
)
from analyses.reporting.stored_rows import (
    SAFE_CELL,
    StoredRows,
    filled,
    made_safe,
    quoted,
    register,
)
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import (
    ACTION_WORDS,
    APPEAL,
    KINDS,
    ROLES,
    TO_VERIFY,
    TO_VERIFY_ELSE,
    Reason,
)
from graph.store import Store

CELLS = (
    "account_id",
    "nickname",
    "role",
    "role_in_words",
    "team_id",
    "team_kind",
    "team_in_short",
    "action",
    "action_in_words",
    "lacks",
    "events",
    "first_seen",
    "last_seen",
    "to_verify",
    "appeal",
)
"""The cells of a list that stand in the JSON lines as they are."""

HOSTILE = ("account_id", "nickname", "reasons_for", "reasons_against")
"""Cells with what others wrote: ids and nicknames; the rest are words of ours."""

SAFE_LINE, SAID = "scanring_safe_line", "scanring_said"

WANTED = {"listed": "listed", "watched": "action = 'watch'"}


_SAFE_CELLS = {cell: cell for cell in CELLS} | {
    "risk": "CAST(round(risk, 4) AS DOUBLE)",
    **{cell: f"safe_{cell}" for cell in HOSTILE},
}

_NUMBERS = frozenset({"risk", "events"})


class ListRows:
    """The accounts of a list, the highest risk first, as cells of harmless text.

    Use it in a `with` block: it keeps a temporary table in the run's store.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        signals: Mapping[str, Reason],
        *,
        chosen: Literal["listed", "watched"],
        texts: Texts = ENGLISH,
    ) -> None:
        """Put the accounts of a run folder's list into words of a language."""
        self.store = store
        self.name = f"_list_{chosen}"
        _register(store, texts)
        _put_words(store, signals, texts)
        safe = ", ".join(made_safe(column) for column in HOSTILE)
        # Only the listed become JSON lines, with all their reasons.
        kept = "*" if chosen == "listed" else "* EXCLUDE (codes, reasons)"
        rows = _rows_sql(folder, WANTED[chosen], texts)
        store.put_aside(
            self.name, f"SELECT {kept}, {safe} FROM ({rows}) AS r ORDER BY place"
        )
        count = int(store.rows(f"SELECT count(*) FROM {self.name}")[0][0])
        self.rows = StoredRows(store, self.name, count, _SAFE_CELLS, _NUMBERS)

    def by_kind(self) -> dict[str, StoredRows]:
        """Return the rows of each kind of team, by its code; "" is no team."""
        counts = self.store.rows(
            f"SELECT kind, count(*) FROM {self.name} GROUP BY kind ORDER BY kind"
        )
        return {
            kind: replace(
                self.rows,
                count=count,
                place="place_in_kind",
                condition=f"kind = {quoted(kind)}",
            )
            for kind, count in counts
        }

    def json_lines(self) -> Iterator[bytes]:
        """Give the accounts with all evidence of their own as lines of JSON."""
        return self.rows.lines(_SAFE_RECORD, 0, len(self.rows))

    def close(self) -> None:
        """Drop what was made on the way."""
        for name in (self.name, "_sentences", "_said"):
            self.store.connection.execute(f"DROP TABLE IF EXISTS {name}")
        for function in (SAFE_CELL, SAFE_LINE, SAID):
            self.store.connection.remove_function(function)

    def __enter__(self) -> "ListRows":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


_RECORD = (
    "to_json({"
    + ", ".join(f"'{cell}': {cell}" for cell in CELLS)
    + """, 'risk': risk, 'reason_codes': codes, 'reasons': list_transform(reasons,
    lambda r: {'code': r.code, 'sentence': r.sentence, 'bits': r.bits,
               'events': r.events})})"""
)


_SAFE_RECORD = (
    f"(SELECT CASE WHEN regexp_matches(line, {quoted(MAYBE_UNSAFE)}) "
    f"THEN {SAFE_LINE}(line) ELSE line END || chr(10) "
    f"FROM (SELECT {_RECORD} AS line))"
)


def _register(store: Store, texts: Texts) -> None:
    register(store, SAFE_CELL, fitting_cell)
    register(store, SAFE_LINE, safe_json_line)
    register(store, SAID, cache(lambda text: decided_text(text, texts)))


def _put_words(store: Store, signals: Mapping[str, Reason], texts: Texts) -> None:
    """Make `_sentences(code, for_, against)` and `_said(what, code, words)`."""
    sentences = [
        (code, texts(s.for_), texts(s.against)) for code, s in sorted(signals.items())
    ]
    said = [
        (what, code, texts(words))
        for what, table in (
            ("role", ROLES),
            ("kind", KINDS),
            ("action", ACTION_WORDS),
            ("verify", TO_VERIFY),
        )
        for code, words in table.items()
    ]
    for name, columns, rows in (
        ("_sentences", ("code", "for_", "against"), sentences),
        ("_said", ("what", "code", "words"), said),
    ):
        table = pa.table(
            {
                column: pa.array([row[at] for row in rows], pa.string())
                for at, column in enumerate(columns)
            }
        )
        store.connection.register("_words_in", table)
        store.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM _words_in"
        )
        store.connection.unregister("_words_in")


def _in_words(what: str, code: str) -> str:
    return (
        f"coalesce((SELECT words FROM _said AS s WHERE s.what = '{what}' "
        f"AND s.code = {code}), replace({code}, '_', ' '), '')"
    )


def _at(event: str) -> str:
    """Give SQL for the seconds at the end of an id such as `anna@1772352000`."""
    return f"TRY_CAST(regexp_extract({event}.id, '@([0-9]+)$', 1) AS BIGINT)"


def _utc(seconds: str) -> str:
    return f"strftime(make_timestamp({seconds} * 1000000), '%Y-%m-%d %H:%M:%S')"


def _short_name(event: str) -> str:
    nameless = ", ".join(f"'{table}'" for table in sorted(WITHOUT_ID))
    return (
        f'CASE WHEN {event}."table" IN ({nameless}) '
        f"THEN {event}.\"table\" || coalesce(' ' || {_utc(_at(event))}, '') "
        f"ELSE {event}.\"table\" || ' ' || {event}.id END"
    )


def _rest(many: str, shown: int, texts: Texts) -> str:
    """Give SQL for a list of one text, that there are more; an empty one if not."""
    more = filled(texts("{n} more"), n=f"(len({many}) - {shown})")
    return f"CASE WHEN len({many}) > {shown} THEN [{more}] ELSE [] END"


def _cell(condition: str, shown: int, texts: Texts) -> str:
    chosen = f"list_filter(l.reasons, lambda r: r.bits {condition})"
    said = f"list_transform({chosen}[1:{shown}], lambda r: r.said)"
    more = _rest(chosen, shown, texts)
    return f"coalesce(array_to_string(list_concat({said}, {more}), ' | '), '')"


def _file(folder: Path, name: str, later: str = "", kind: str = "") -> str:
    """Give SQL for an output table; a run of an older version has no column `later`."""
    path = folder / OUTPUTS[name].file_name
    quoted = str(path).replace("'", "''")
    source = f"read_parquet('{quoted}', hive_partitioning = false)"
    if not later or later in pq.read_schema(path).names:
        return source
    return f"(SELECT *, CAST(NULL AS {kind}) AS {later} FROM {source})"


def _rows_sql(folder: Path, wanted: str, texts: Texts) -> str:
    """Give SQL for the rows of a list, with its reasons as a list of structures."""
    said = "{}" if texts == ENGLISH else f"{SAID}({{}})"
    team = filled(
        texts("{team}, risk {risk}"), team="t.team_id", risk="printf('%.2f', t.risk)"
    )
    sums = ", ".join(f"'{code}'" for code in SUMS)
    short = _short_name("e")
    times = " UNION ALL ".join(
        f"""SELECT o.account_id, t.happened AS moment
            FROM one AS o JOIN ({sql}) AS t ON t.id = o.id
            WHERE o."table" = '{table}'"""
        for table, sql in sorted(TIMES.items())
    )
    accounts = _file(folder, "accounts", "lacks", "VARCHAR[]")
    evidence = _file(folder, "evidence", "says", "VARCHAR")
    dated = ", ".join(f"'{table}'" for table in sorted(TIMES))
    return f"""
    WITH a AS MATERIALIZED (SELECT * FROM {accounts} WHERE {wanted}),
    e AS (SELECT e.*, w.code AS known, w.for_, w.against
          FROM {evidence} AS e
          JOIN a ON a.account_id = e.account_id
            AND coalesce(a.team_id, '') = coalesce(e.team_id, '')
          LEFT JOIN _sentences AS w ON w.code = e.signal),
    own AS MATERIALIZED (SELECT account_id, signal AS code, bits, events,
            CASE WHEN says <> '' THEN {said.format("says")}
                 WHEN known IS NULL THEN replace(signal, '_', ' ')
                 ELSE replace(replace(CASE WHEN bits >= 0 THEN for_ ELSE against END,
                   '{{bits}}', printf('%+.1f', bits)),
                   '{{events}}', CAST(len(events) AS VARCHAR)) END AS sentence
          FROM e),
    lines AS (SELECT account_id, list_sort(list({{
              'weight': -abs(bits), 'code': code, 'bits': bits, 'sentence': sentence,
              'events': events,
              'said': sentence || ' (' || array_to_string(list_concat(
                  [printf('%+.1f', bits)],
                  list_transform(events[1:{EVENTS_NAMED}], lambda e: {short}),
                  {_rest("events", EVENTS_NAMED, texts)}), '; ') || ')'}})) AS reasons
          FROM own WHERE code NOT IN ({sums}) GROUP BY account_id),
    rests AS (SELECT account_id, unnest(list_distinct(flatten(list(events)))) AS event
          FROM own GROUP BY account_id),
    one AS MATERIALIZED (SELECT account_id, event."table", event.id FROM rests),
    happened AS (SELECT account_id, {_at("one")} AS moment FROM one
                 WHERE "table" NOT IN ({dated}) UNION ALL {times}),
    seen AS (SELECT account_id, min(moment) AS first, max(moment) AS last FROM happened
             GROUP BY account_id),
    named AS (SELECT account_id, count(*) AS events FROM one GROUP BY account_id),
    strong AS (SELECT team_id, signal, bits, row_number() OVER (
              PARTITION BY team_id ORDER BY bits DESC, signal) AS n
            FROM {evidence}
            WHERE account_id IS NULL AND bits > 0 AND signal NOT IN ({sums})),
    strongest AS (SELECT team_id, list_sort(list({{'n': n,
              'said': signal || ' ' || printf('%+.1f', bits)}})) AS signals
            FROM strong WHERE n <= {TEAM_SIGNALS_NAMED} GROUP BY team_id),
    teams AS (SELECT t.team_id, t.kind, {team} || coalesce(': ' || array_to_string(
                   list_transform(s.signals, lambda s: s.said), ', '), '') AS short
            FROM {_file(folder, "teams")} AS t
            LEFT JOIN strongest AS s ON s.team_id = t.team_id),
    missing AS (SELECT account_id, string_agg({said.format("lack")}, ' | '
                  ORDER BY n) AS lacks
                FROM (SELECT account_id, unnest(lacks) AS lack,
                        generate_subscripts(lacks, 1) AS n FROM a) AS m
                GROUP BY account_id),
    places AS (SELECT a.account_id, coalesce(t.kind, '') AS kind,
        row_number() OVER (ORDER BY a.risk DESC, a.account_id) - 1 AS place,
        row_number() OVER (PARTITION BY coalesce(t.kind, '')
          ORDER BY a.risk DESC, a.account_id) - 1 AS place_in_kind
      FROM a LEFT JOIN {_file(folder, "teams")} AS t ON t.team_id = a.team_id)
    SELECT p.place, p.place_in_kind, p.kind,
      a.account_id, coalesce(i.nickname, '') AS nickname,
      coalesce(a.role, '') AS role, {_in_words("role", "a.role")} AS role_in_words,
      coalesce(a.team_id, '') AS team_id, {_in_words("kind", "t.kind")} AS team_kind,
      coalesce(t.short, '') AS team_in_short,
      coalesce(a.action, '') AS action,
      {_in_words("action", "a.action")} AS action_in_words,
      coalesce(k.lacks, '') AS lacks,
      coalesce(n.events, 0) AS events,
      coalesce({_utc("s.first")}, '') AS first_seen,
      coalesce({_utc("s.last")}, '') AS last_seen,
      coalesce((SELECT words FROM _said AS v WHERE v.what = 'verify'
                AND v.code = a.role), {quoted(texts(TO_VERIFY_ELSE))})
        AS to_verify,
      {quoted(texts(APPEAL))} AS appeal,
      a.risk, coalesce(a.reasons, []) AS codes, coalesce(l.reasons, []) AS reasons,
      {_cell(">= 0", FOR_SHOWN, texts)} AS reasons_for,
      {_cell("< 0", AGAINST_SHOWN, texts)} AS reasons_against
    FROM a JOIN places AS p ON p.account_id = a.account_id
    LEFT JOIN lines AS l ON l.account_id = a.account_id
    LEFT JOIN named AS n ON n.account_id = a.account_id
    LEFT JOIN seen AS s ON s.account_id = a.account_id
    LEFT JOIN missing AS k ON k.account_id = a.account_id
    LEFT JOIN teams AS t ON t.team_id = a.team_id
    LEFT JOIN accounts AS i ON i.account_id = a.account_id"""
