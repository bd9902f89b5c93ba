"""What the case file says first: how many, of which kind, where and when."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyses.reporting.page.changes import Changes, changes_of
from analyses.reporting.page.tracks import DAY, Track
from analyses.run import Run

BANDS = 10


@dataclass(frozen=True)
class Overview:
    """Counts of a run; `risks` has per kind of team how many fall into each tenth."""

    listed: int
    watched: int
    told: int
    teams: int
    likely: int
    actions: dict[str, int]
    roles: dict[str, int]
    risks: dict[str, tuple[int, ...]]
    stalls: Sequence[tuple[int, int, int]]
    tracks: Sequence[Track]
    not_analysed: Sequence[str]
    changes: Changes | None = None


def overview(run: Run) -> Overview:
    """Return what the run found, in numbers."""
    accounts, teams = run.accounts, run.teams
    listed = accounts[accounts["listed"].eq(True)]
    risks = {}
    for kind, group in teams.groupby("kind"):
        bands = (group["risk"] * BANDS).astype(int).clip(0, BANDS - 1)
        risks[str(kind)] = tuple(int((bands == band).sum()) for band in range(BANDS))
    return Overview(
        listed=len(listed),
        watched=int(accounts["action"].eq("watch").sum()),
        told=int(accounts["action"].eq("educate").sum()),
        teams=len(teams),
        likely=int((teams["risk"] >= 0.5).sum()),
        actions=_counted(listed["action"]),
        roles=_counted(listed["role"]),
        risks=risks,
        stalls=_stalls(run),
        tracks=_tracks(run),
        not_analysed=run.manifest.get("not_analysed", []),
        changes=changes_of(run),
    )


def _counted(column: object) -> dict[str, int]:
    counts = column.value_counts()  # type: ignore[attr-defined]
    return dict(
        sorted(
            ((str(code), int(count)) for code, count in counts.items()),
            key=lambda item: (-item[1], item[0]),
        )
    )


def _stalls(run: Run) -> list[tuple[int, int, int]]:
    store = run.store
    if not store.rows(
        "SELECT 1 FROM duckdb_tables() WHERE table_name = 'crew_sessions'"
    ):
        return []
    return [
        (int(latitude), int(longitude), int(helps))
        for latitude, longitude, helps in store.rows(
            """SELECT latitude, longitude, helps FROM crew_sessions
               WHERE latitude IS NOT NULL AND longitude IS NOT NULL
               ORDER BY latitude, longitude, helps"""
        )
    ]


def _tracks(run: Run) -> list[Track]:
    """Return registrations of listed accounts, and the helps of teams, by day."""
    listed = run.accounts[run.accounts["listed"].eq(True)]["account_id"].tolist()
    counted = {
        "registrations": run.store.rows(
            f"""SELECT registered_at // {DAY} AS day, count(*) FROM accounts
                WHERE is_new AND account_id IN (SELECT unnest($ids))
                GROUP BY day ORDER BY day""",
            {"ids": listed},
        ),
        "helps_given": run.store.rows(
            f"""SELECT helped_at // {DAY} AS day, count(*) FROM helps
                WHERE help_id IN (SELECT unnest($ids)) AND helped_at IS NOT NULL
                GROUP BY day ORDER BY day""",
            {"ids": sorted(set(run.helps["help_id"]))},
        ),
        "complaints": run.store.rows(
            f"""SELECT filed_at // {DAY} AS day, count(*) FROM complaints AS c
                JOIN account_names AS n ON n.account = c.account
                WHERE n.account_id IN (SELECT unnest($ids)) AND filed_at IS NOT NULL
                GROUP BY day ORDER BY day""",
            {"ids": listed},
        ),
    }
    return [
        Track(code, tuple((int(day), int(count)) for day, count in days))
        for code, days in counted.items()
        if days
    ]
