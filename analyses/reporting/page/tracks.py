"""When things happened in a team: how many of each kind on each day."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from analyses.run import Run

DAY = 86_400


@dataclass(frozen=True)
class Track:
    """One kind of event of a team: its code, and (day, how many) in order of days.

    A day is a number of days since 1970 in UTC.
    """

    code: str
    days: tuple[tuple[int, int], ...]

    @property
    def total(self) -> int:
        """How many events there are."""
        return sum(count for _, count in self.days)

    @property
    def busiest(self) -> tuple[int, int]:
        """The day with most events, and how many; the earliest of several."""
        return max(self.days, key=lambda day: (day[1], -day[0]))


TRACKS = {
    "registrations": """SELECT account, registered_at // {day} AS day, count(*) AS n
        FROM accounts WHERE is_new GROUP BY ALL""",
    "scans": """SELECT scanner AS account, scanned_at // {day} AS day, count(*) AS n
        FROM scans GROUP BY ALL""",
    "helps_given": """SELECT helper AS account, helped_at // {day} AS day,
        count(*) AS n FROM helps GROUP BY ALL""",
    "helps_received": """SELECT helped AS account, helped_at // {day} AS day,
        count(*) AS n FROM helps GROUP BY ALL""",
    "complaints": """SELECT account, filed_at // {day} AS day, count(*) AS n
        FROM complaints GROUP BY ALL""",
    "sanctions": """SELECT account, applied_at // {day} AS day, count(*) AS n
        FROM sanctions GROUP BY ALL""",
}
"""The kinds of events on a time line, in the order in which they are shown."""

TRACK_NAMES = {
    "registrations": "registrations",
    "scans": "scans",
    "helps_given": "helps given",
    "helps_received": "helps received",
    "complaints": "complaints",
    "sanctions": "sanctions",
}


def tracks(run: Run, members: pd.DataFrame) -> dict[str, list[Track]]:
    """Return the tracks of each team that have events.

    `members` has team_id and account_id. Nothing before the first new account counts.
    """
    if members.empty:
        return {}
    asked = pa.array(sorted(set(members["account_id"])), pa.string())
    result: dict[str, list[Track]] = {}
    for code, sql in TRACKS.items():
        counted = run.store.frame(
            f"""SELECT a.account_id, t.day, t.n FROM ({sql.format(day=DAY)}) AS t
                JOIN account_names AS a ON a.account = t.account
                WHERE a.account_id IN (SELECT unnest($ids)) AND t.day IS NOT NULL
                  AND t.day >= (SELECT min(registered_at) // {DAY}
                                FROM accounts WHERE is_new)""",
            {"ids": asked.to_pylist()},
        )
        if counted.empty:
            continue
        both = members[["team_id", "account_id"]].merge(counted, on="account_id")
        days: Any = both.groupby(["team_id", "day"])["n"].sum()
        mine: dict[str, list[tuple[int, int]]] = {}
        for (team_id, day), count in days.items():
            mine.setdefault(str(team_id), []).append((int(day), int(count)))
        for team_id, counts in mine.items():
            result.setdefault(team_id, []).append(Track(code, tuple(sorted(counts))))
    return result
