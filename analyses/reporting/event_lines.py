"""The events that evidence names, looked up in the event store: when, and what.

An event is a table and an id. Tables whose rows have no id name them by
`account_id@seconds since 1970`; an account's own row is named by its account_id.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from analyses.reporting.report_tables import padded
from analyses.reporting.safe_text import visible
from analyses.reporting.tellings import TELLINGS
from analyses.reporting.texts import ENGLISH, Texts
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

WITHOUT_ID = frozenset({"activity", "logins", "sanctions", "ties"})
"""The tables whose rows have no id."""

SAID_TOGETHER = 3
"""Rows of one account at one second are one event: how many of them are told."""


@dataclass(frozen=True)
class EventLine:
    """One event: its table, its id, when it was (None: not known), and what it was."""

    table: str
    id: str
    at: int | None
    says: str

    def text(self, texts: Texts = ENGLISH) -> str:
        """Return the event as one harmless line."""
        named = self.table if self.says and self.table in WITHOUT_ID else ""
        line = f"{utc(self.at, texts)}  {named or f'{self.table} {self.id}'}"
        return visible(f"{line}: {self.says}" if self.says else line)


def utc(seconds: int | None, texts: Texts = ENGLISH) -> str:
    """Write a time: seconds since 1970 as `2026-03-01 08:00:00`.

    >>> utc(1772352000), utc(None)
    ('2026-03-01 08:00:00', 'time not known     ')
    """
    if seconds is None:
        return padded(texts("time not known"), 19)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def event_lines(
    store: Store, events: Iterable[Event], texts: Texts = ENGLISH
) -> list[EventLine]:
    """Look events up; the earliest first, those without a known time last."""
    asked = sorted(set(events))
    says = _says(store, asked, texts)
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


def _says(store: Store, asked: list[Event], texts: Texts) -> dict[Event, str]:
    """Return what each event was, where that is known."""
    says: dict[Event, str] = {}
    for table in sorted({table for table, _ in asked} & TELLINGS.keys()):
        ids = [event_id for name, event_id in asked if name == table]
        rows = store.arrow(
            f"""WITH owners AS (SELECT account, account_id FROM account_names
                    WHERE account_id IN (SELECT unnest($owners)))
                SELECT * FROM ({TELLINGS[table].sql}) AS e
                WHERE id IN (SELECT unnest($ids))""",
            {"ids": ids, "owners": [id.rpartition("@")[0] for id in ids]},
        ).to_pylist()
        told: dict[str, list[str]] = {}
        for row in rows:
            told.setdefault(row["id"], []).append(TELLINGS[table].tell(row, texts))
        for event_id, sentences in told.items():
            shown = sorted(sentences)[:SAID_TOGETHER]
            if len(sentences) > SAID_TOGETHER:
                shown.append(texts("{n} more", n=len(sentences) - SAID_TOGETHER))
            says[table, event_id] = "; ".join(shown)
    return says


def _time_in(event_id: str) -> int | None:
    """Read the time at the end of an id such as `anna@1772352000`."""
    _, at, seconds = event_id.rpartition("@")
    return int(seconds) if at and seconds.isascii() and seconds.isdigit() else None
