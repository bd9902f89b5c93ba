"""The stalls of the crews of a run: one session after the other."""

from dataclasses import dataclass

from analyses.run import Run


@dataclass(frozen=True)
class Session:
    """A stall of a crew: one gathering, by time and place (None: not known).

    Times are seconds since 1970 in UTC, positions millionths of a degree.
    """

    number: int
    first: int
    last: int
    latitude: int | None
    longitude: int | None
    helps: int
    placed_by: str


def stalls_of_crews(run: Run) -> dict[str, list[Session]]:
    """Return the stalls of each crew by time; a run of an older version has none."""
    store = run.store
    there = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'crew_sessions'"
    if not store.rows(there):
        return {}
    result: dict[str, list[Session]] = {}
    for team_id, *facts, placed_by in store.rows(
        """SELECT team_id, "first", "last", latitude, longitude, helps, placed_by
           FROM crew_sessions ORDER BY team_id, "first", session"""
    ):
        mine = result.setdefault(team_id, [])
        mine.append(Session(len(mine) + 1, *facts, placed_by=placed_by or ""))
    return result
