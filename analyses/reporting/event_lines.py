"""The events that evidence names, looked up in the event store: when, and what.

An event is a table and an id. Tables whose rows have no id name them by
`account_id@seconds since 1970`; an account's own row is named by its account_id.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from analyses.reporting.safe_text import visible
from graph.numbering import HAPPENS_AT
from graph.schema import TABLES
from graph.store import Store

Event = tuple[str, str]
"""A table and the id of a row."""

TIMES = {
    table.name: f"SELECT {table.key[0]} AS id, {HAPPENS_AT[table.name]} AS happened "
    f"FROM {table.name}"
    for table in TABLES.values()
    if len(table.key) == 1 and table.name in HAPPENS_AT
}
"""Where the time of an event stands; other tables have it in the event's id."""

DETAILS = {
    "accounts": """SELECT account_id AS id, 'account ' || account_id || ' registered'
        || coalesce(' at ' || registration_ip, '') AS says FROM accounts""",
    "helps": """SELECT help_id AS id, coalesce(a.account_id, '?') || ' helped '
        || coalesce(b.account_id, '?') || ' (' || h.kind
        || coalesce(', ' || channel, '') || coalesce(', ' || result, '') || ')' AS says
        FROM helps AS h
        LEFT JOIN account_names AS a ON a.account = h.helper
        LEFT JOIN account_names AS b ON b.account = h.helped""",
    "scans": """SELECT scan_id AS id, coalesce(a.account_id, '?') || ' scanned code '
        || code_id || ' (' || purpose || coalesce(', ' || result, '') || ')' AS says
        FROM scans AS s LEFT JOIN account_names AS a ON a.account = s.scanner""",
    "codes": """SELECT code_id AS id, 'code issued'
        || coalesce(' for ' || a.account_id, '') AS says FROM codes AS c
        LEFT JOIN account_names AS a ON a.account = c.account""",
    "complaints": """SELECT complaint_id AS id, 'complaint about '
        || coalesce(a.account_id, '?') || coalesce(' for ' || category, '')
        || CASE WHEN verified THEN ', verified' ELSE '' END AS says
        FROM complaints AS c LEFT JOIN account_names AS a ON a.account = c.account""",
    "payments": """SELECT payment_id AS id, coalesce(a.account_id, '?') || ' paid '
        || coalesce(b.account_id, '?') || ' ' || amount_fen || ' fen' AS says
        FROM payments AS p LEFT JOIN account_names AS a ON a.account = p.payer
        LEFT JOIN account_names AS b ON b.account = p.payee""",
}
"""What happened, in words, for the tables that a card shows most."""


WITHOUT_ID = {
    "logins": """SELECT n.account_id || '@' || l.logged_in_at AS id,
          n.account_id || ' logged in on device ' || coalesce(d.device_id, '?')
            || coalesce(', by ' || method, '') || coalesce(', from ' || ip, '')
            || coalesce(', at ' || wifi, '') AS says
        FROM logins AS l JOIN owners AS n ON n.account = l.account
        LEFT JOIN devices AS d ON d.device = l.device""",
    "ties": """SELECT n.account_id || '@' || coalesce(CAST(t.since AS VARCHAR), '')
            AS id,
          n.account_id || ' is tied to ' || coalesce(b.account_id, '?')
            || coalesce(' (' || t.kind || ')', '') AS says
        FROM ties AS t JOIN owners AS n ON n.account = t.account_a
        LEFT JOIN account_names AS b ON b.account = t.account_b""",
    "activity": """SELECT n.account_id || '@' || t.day AS id,
          n.account_id || ' on that day: ' || concat_ws(', ',
            friend_requests_sent || ' friend requests sent',
            friend_requests_accepted || ' accepted',
            messages_sent || ' messages sent',
            'to ' || recipients || ' people',
            groups_joined || ' groups joined') AS says
        FROM activity AS t JOIN owners AS n ON n.account = t.account""",
    "sanctions": """SELECT n.account_id || '@' || s.applied_at AS id,
          n.account_id || ': ' || coalesce(replace(s.action, '_', ' '), 'sanction')
            || coalesce(' under rule ' || s.rule, '') AS says
        FROM sanctions AS s JOIN owners AS n ON n.account = s.account""",
}
"""The same for tables whose rows have no id; `owners` are the accounts asked for."""

SAID_TOGETHER = 3
"""Rows of one account at one second are one event: how many of them are told."""


@dataclass(frozen=True)
class EventLine:
    """One event: its table, its id, when it was (None: not known), and what it was."""

    table: str
    id: str
    at: int | None
    says: str

    def text(self) -> str:
        """Return the event as one harmless line."""
        named = self.table if self.says and self.table in WITHOUT_ID else ""
        line = f"{utc(self.at)}  {named or f'{self.table} {self.id}'}"
        return visible(f"{line}: {self.says}" if self.says else line)


def utc(seconds: int | None) -> str:
    """Write a time: seconds since 1970 as `2026-03-01 08:00:00`.

    >>> utc(1772352000), utc(None)
    ('2026-03-01 08:00:00', 'time not known     ')
    """
    if seconds is None:
        return "time not known     "
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def event_lines(store: Store, events: Iterable[Event]) -> list[EventLine]:
    """Look events up; the earliest first, those without a known time last."""
    asked = sorted(set(events))
    says = _says(store, asked)
    lines = [
        EventLine(table, event_id, at, says.get((table, event_id), ""))
        for (table, event_id), at in event_times(store, asked).items()
    ]
    return sorted(lines, key=lambda e: (e.at is None, e.at or 0, e.table, e.id))


def short_name(event: Event) -> str:
    """Return an event's name for a cell: its table, and its id or its time.

    >>> short_name(("helps", "h1")), short_name(("logins", "anna@1772352000"))
    ('helps h1', 'logins 2026-03-01 08:00:00')
    """
    table, event_id = event
    if table not in WITHOUT_ID:
        return f"{table} {event_id}"
    at = _time_in(event_id)
    return table if at is None else f"{table} {utc(at)}"


def event_times(store: Store, events: Iterable[Event]) -> dict[Event, int | None]:
    """Return when each event was; None where that is not known."""
    asked = sorted(set(events))
    times: dict[Event, int | None] = {event: _time_in(event[1]) for event in asked}
    for table in sorted({table for table, _ in asked} & TIMES.keys()):
        ids = [event_id for name, event_id in asked if name == table]
        rows = store.rows(
            f"SELECT id, happened FROM ({TIMES[table]}) AS e "
            "WHERE id IN (SELECT unnest($ids))",
            {"ids": ids},
        )
        times |= {(table, event_id): at for event_id, at in rows}
    return times


def events_per_account(store: Store, evidence: pd.DataFrame) -> pd.DataFrame:
    """Return account_id, events, first_seen, last_seen from accounts' own evidence.

    `events` counts each event once; the times are seconds since 1970, null when none
    of the events has a known time.
    """
    own = evidence[evidence["account_id"].notna()]
    rows = sorted(
        {
            (account_id, event["table"], event["id"])
            for account_id, events in zip(
                own["account_id"].to_numpy(object),
                own["events"].to_numpy(object),
                strict=True,
            )
            for event in events
        }
    )
    times = event_times(store, {(table, event_id) for _, table, event_id in rows})
    frame = pd.DataFrame(
        {
            "account_id": pd.Series([row[0] for row in rows], dtype="str"),
            "at": pd.array([times[row[1], row[2]] for row in rows], dtype="Int64"),
        }
    )
    return frame.groupby("account_id", as_index=False).agg(
        events=("at", "size"), first_seen=("at", "min"), last_seen=("at", "max")
    )


def _says(store: Store, asked: list[Event]) -> dict[Event, str]:
    """Return what each event was, where that is known."""
    says: dict[Event, str] = {}
    for table in sorted({table for table, _ in asked}):
        ids = [event_id for name, event_id in asked if name == table]
        if table in DETAILS:
            rows = store.rows(
                f"SELECT id, says FROM ({DETAILS[table]}) AS e "
                "WHERE id IN (SELECT unnest($ids))",
                {"ids": ids},
            )
        elif table in WITHOUT_ID:
            rows = store.rows(
                f"""WITH owners AS (SELECT account, account_id FROM account_names
                        WHERE account_id IN (SELECT unnest($owners)))
                    SELECT id, CASE WHEN count(*) > {SAID_TOGETHER}
                        THEN list_aggregate(
                               list_slice(list_sort(list(says)), 1, {SAID_TOGETHER}),
                               'string_agg', '; ')
                             || '; ' || (count(*) - {SAID_TOGETHER}) || ' more'
                        ELSE list_aggregate(list_sort(list(says)), 'string_agg', '; ')
                        END
                    FROM ({WITHOUT_ID[table]}) AS e
                    WHERE id IN (SELECT unnest($ids)) GROUP BY id""",
                {"ids": ids, "owners": [id.rpartition("@")[0] for id in ids]},
            )
        else:
            continue
        says |= {(table, event_id): text for event_id, text in rows}
    return says


def _time_in(event_id: str) -> int | None:
    """Read the time at the end of an id such as `anna@1772352000`."""
    _, at, seconds = event_id.rpartition("@")
    return int(seconds) if at and seconds.isascii() and seconds.isdigit() else None
