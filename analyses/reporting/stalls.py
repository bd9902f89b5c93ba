"""The stalls of the crews of a run: one session after the other."""

from dataclasses import dataclass

from analyses.run import Run

DAY = 86_400


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
    for team_id, first, last, latitude, longitude, helps, placed_by in store.rows(
        """SELECT team_id, "first", "last", latitude, longitude, helps, placed_by
           FROM crew_sessions ORDER BY team_id, "first", session"""
    ):
        mine = result.setdefault(team_id, [])
        number = len(mine) + 1
        place = placed_by or ""
        mine.append(Session(number, first, last, latitude, longitude, helps, place))
    return result


def stall_numbers_sql(run: Run) -> str:
    """Give SQL for (help_id, stall): at which stall of its crew a help was."""
    tables = "SELECT table_name FROM duckdb_tables()"
    there = {name for (name,) in run.store.rows(tables)}
    if not {"gatherings", "crew_sessions"} <= there:
        return "SELECT CAST(NULL AS VARCHAR) AS help_id, 0 AS stall WHERE false"
    return """SELECT g.help_id, s.stall FROM gatherings AS g
              JOIN (SELECT session, row_number() OVER (
                      PARTITION BY team_id ORDER BY "first", session) AS stall
                    FROM crew_sessions) AS s ON s.session = g.gathering"""
