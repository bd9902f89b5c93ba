"""A window replayed day by day: what a run as of each night would have said.

The tables are read once; every night is then a run of its own over the events until
that night, with the same start of the window. What is asked of the nights: how long
before the first harm was each team found, what share of its harm came after, and how
much the list churned.

A team is one of the last night, at a risk of 0.5 or more. It was *found* on the first
night on which five of its members that take part in collusion (or all, where it has
fewer) were in teams of that risk. Its *harm* is the complaints about these members and
the sanctions against them, in the whole window.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analyses.analysis import Settings, analyse
from analyses.phases import Clock
from analyses.reporting.outputs import COLLUSION_ROLES
from analyses.reporting.report_tables import Section
from graph.errors import InputError
from graph.numbering import Window, find_window, number
from graph.store import Store
from loaders import load

DAY = 86_400
FOUND_AT = 0.5
FOUND_WITH = 5
"""Members that must be in teams before a team counts as found."""

MOST_NIGHTS = 1_000
"""More nights than this are a wrong time in the data, or nobody would wait for them."""


@dataclass(frozen=True)
class Night:
    """What a run as of one night says: who is listed, and who is in a likely team."""

    as_of: int
    listed: frozenset[str]
    in_teams: frozenset[str]


@dataclass(frozen=True)
class Backtest:
    """The nights in order, the teams of the last one with their harm, and the cost.

    `teams` has team_id, kind, members, found (seconds, NaN when only part of it was in
    teams), harm, first_harm (seconds, NaN without harm) and harm_after, the harm after
    the night on which it was found.
    """

    nights: tuple[Night, ...]
    teams: pd.DataFrame
    reading_seconds: float
    night_seconds: float

    def text(self) -> str:
        """Return the backtest as tables to read."""
        first, last = (_day(self.nights[place].as_of) for place in (0, -1))
        cost = (
            f"{len(self.nights)} nights, {first} to {last}: read once in "
            f"{self.reading_seconds:.0f} s, then {self.night_seconds:.1f} s a night"
        )
        sections = by_kind(self.teams), team_rows(self.teams), churn(self.nights)
        return "\n\n".join([cost, *(section.text() for section in sections)])


def backtest(
    data: Path,
    *,
    mapping: Path | None = None,
    settings: Settings | None = None,
    every: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
) -> Backtest:
    """Replay a folder of event tables every so many days.

    Raises InputError when the data cannot be read or the window has no two nights.
    """
    settings = settings or Settings()
    began = time.perf_counter()
    with Store(threads=settings.threads, memory=settings.memory) as store:
        report = load(data, store, mapping=mapping)
        if report.blocking:
            raise InputError(
                f"{'; '.join(report.blocking)}: scanring check {data} says why"
            )
        window = find_window(store, new_since=settings.new_since, as_of=settings.as_of)
        read = time.perf_counter()
        ends = night_ends(window, every)
        nights = []
        for place, as_of in enumerate(ends):
            if progress:
                progress(f"night of {_day(as_of)}", place, len(ends))
            nights.append(_night(store, window, as_of, settings))
        members, harm = _members(store), _harm(store, window)
    done = time.perf_counter()
    return Backtest(
        nights=tuple(nights),
        teams=teams_in_time(members, harm, nights),
        reading_seconds=read - began,
        night_seconds=(done - read) / len(ends),
    )


def night_ends(window: Window, every: int) -> list[int]:
    """Return the last second of each night: midnights in UTC, then the window's end.

    >>> night_ends(Window(new_since=10, as_of=2 * DAY + 5), 1)
    [86400, 172800, 172805]
    """
    if every < 1:
        raise InputError(f"every {every} days: give 1 or more")
    first = (window.new_since // DAY + 1) * DAY
    ends = [*range(first, window.as_of, every * DAY), window.as_of]
    if len(ends) < 2:
        raise InputError("the window has no night to look back at: it ends on one day")
    if len(ends) > MOST_NIGHTS:
        raise InputError(
            f"{len(ends):,} nights from {_day(ends[0])} to {_day(ends[-1])}, "
            f"{MOST_NIGHTS:,} at most: give --every more days, or an earlier --as-of"
        )
    return ends


def teams_in_time(
    members: pd.DataFrame, harm: pd.DataFrame, nights: Sequence[Night]
) -> pd.DataFrame:
    """Return the teams of the last night with when they were found, and their harm.

    `members` has team_id, kind and account_id; `harm` account_id and at (seconds).
    """
    first: dict[str, int] = {}
    for night in nights:
        for account in night.in_teams:
            first.setdefault(account, night.as_of)
    rows = []
    for (team_id, kind), part in members.groupby(["team_id", "kind"], sort=True):
        accounts = sorted(set(part["account_id"]))
        seen = sorted(first[name] for name in accounts if name in first)
        needed = min(FOUND_WITH, len(accounts))
        found = seen[needed - 1] if len(seen) >= needed else np.nan
        when = harm.loc[harm["account_id"].isin(accounts), "at"]
        rows.append(
            {
                "team_id": team_id,
                "kind": kind,
                "members": len(accounts),
                "found": found,
                "harm": len(when),
                "first_harm": when.min() if len(when) else np.nan,
                "harm_after": int((when > found).sum()),
            }
        )
    columns = ("found", "harm", "first_harm", "harm_after")
    return pd.DataFrame(rows, columns=["team_id", "kind", "members", *columns])


def by_kind(teams: pd.DataFrame) -> Section:
    """Return per kind of team: how early it was found, and what harm came after."""
    rows = []
    for kind, part in teams.groupby("kind", sort=True):
        harmed = part[part["harm"] > 0]
        lead = (harmed["first_harm"] - harmed["found"]) / DAY
        harm = int(harmed["harm"].sum())
        rows.append(
            (
                str(kind),
                len(part),
                len(harmed),
                int((lead > 0).sum()),
                float(lead.median()) if lead.notna().any() else None,
                harm,
                int(harmed["harm_after"].sum()) / harm if harm else None,
            )
        )
    return Section(
        "Found before or after the first harm",
        (
            *("kind", "teams", "with harm", "found before it"),
            *("days before it, median", "harm", "share of harm after"),
        ),
        tuple(rows),
    )


def team_rows(teams: pd.DataFrame, *, most: int = 20) -> Section:
    """Return the teams with the most harm, each with its dates."""
    chosen = teams[teams["harm"] > 0].sort_values(
        ["harm", "team_id"], ascending=[False, True]
    )
    return Section(
        f"Teams with the most harm, {min(most, len(chosen))} of {len(chosen)}",
        (
            *("team", "kind", "members", "found", "first harm"),
            *("days before it", "harm", "share after"),
        ),
        tuple(
            (
                str(row["team_id"]),
                str(row["kind"]),
                int(row["members"]),
                _day(row["found"]),
                _day(row["first_harm"]),
                f"{(row['first_harm'] - row['found']) / DAY:.1f}",
                int(row["harm"]),
                int(row["harm_after"]) / int(row["harm"]),
            )
            for row in chosen.head(most).to_dict("records")
        ),
    )


def churn(nights: Sequence[Night], *, rows: int = 15) -> Section:
    """Return how the list changed from night to night, for some nights and in all.

    The share that left is that of the night before; who left and was listed again on a
    later night came back.
    """
    changes = []
    left_once: set[str] = set()
    back = left = listed = 0
    for before, night in zip(nights, nights[1:], strict=False):
        gone, come = before.listed - night.listed, night.listed - before.listed
        back += len(come & left_once)
        left += len(gone)
        listed += len(before.listed)
        left_once |= gone
        changes.append((night, len(come), len(gone), len(before.listed)))
    step = max(1, -(-len(changes) // rows))
    shown = changes[::-1][::step][::-1]
    return Section(
        "The list from one night to the next",
        ("night", "listed", "came", "left", "share that left"),
        tuple(
            (
                _day(night.as_of),
                len(night.listed),
                come,
                gone,
                gone / listed_before if listed_before else None,
            )
            for night, come, gone, listed_before in shown
        ),
        (
            ("share of the list that left a night", left / listed if listed else None),
            ("left in all", left),
            ("of these came back", back),
        ),
    )


def _night(store: Store, window: Window, as_of: int, settings: Settings) -> Night:
    number(store, Window(new_since=window.new_since, as_of=as_of))
    analyse(store, settings, Clock())
    listed = store.rows("SELECT account_id FROM out_accounts WHERE listed")
    in_teams = store.rows(
        f"""SELECT DISTINCT m.account_id FROM out_members AS m
            JOIN out_teams AS t ON t.team_id = m.team_id
            WHERE t.risk >= {FOUND_AT}"""
    )
    return Night(
        as_of,
        frozenset(account for (account,) in listed),
        frozenset(account for (account,) in in_teams),
    )


def _members(store: Store) -> pd.DataFrame:
    roles = ", ".join(f"'{role}'" for role in COLLUSION_ROLES)
    return store.frame(
        f"""SELECT m.team_id, t.kind, m.account_id FROM out_members AS m
            JOIN out_teams AS t ON t.team_id = m.team_id
            WHERE t.risk >= {FOUND_AT} AND m.role IN ({roles})
            ORDER BY m.team_id, m.account_id"""
    )


def _harm(store: Store, window: Window) -> pd.DataFrame:
    return store.frame(
        f"""SELECT account_id, filed_at AS "at" FROM loaded_complaints
            WHERE filed_at <= {window.as_of}
            UNION ALL SELECT account_id, applied_at FROM loaded_sanctions
            WHERE action <> 'unsealed' AND applied_at <= {window.as_of}"""
    )


def _day(seconds: float) -> str:
    return "" if np.isnan(seconds) else str(pd.Timestamp(int(seconds), unit="s").date())
