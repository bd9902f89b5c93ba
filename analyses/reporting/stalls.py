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
    network: str = ""
    """The access point or address by which a stall without a position is known."""


USED = """SELECT g.gathering AS session, min(s.wifi) AS wifi, min(s.ip) AS ip
    FROM gatherings AS g JOIN helps AS h ON h.help_id = g.help_id
    JOIN scans AS s ON s.scan_id = h.scan_id GROUP BY g.gathering"""
"""The network of each session, for those that have no position."""

NOTHING_USED = "SELECT 0 AS session, NULL AS wifi, NULL AS ip WHERE false"


def stalls_of_crews(run: Run) -> dict[str, list[Session]]:
    """Return the stalls of each crew by time; a run of an older version has none."""
    store = run.store
    there = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'crew_sessions'"
    if not store.rows(there):
        return {}
    kept = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'gatherings'"
    used = USED if store.rows(kept) else NOTHING_USED
    result: dict[str, list[Session]] = {}
    for (
        team_id,
        first,
        last,
        latitude,
        longitude,
        helps,
        placed_by,
        network,
    ) in store.rows(
        f"""WITH used AS ({used})
           SELECT c.team_id, c."first", c."last", c.latitude, c.longitude, c.helps,
                  c.placed_by, CASE c.placed_by WHEN 'access point' THEN u.wifi
                                                WHEN 'address' THEN u.ip END
           FROM crew_sessions AS c LEFT JOIN used AS u ON u.session = c.session
           ORDER BY c.team_id, c."first", c.session"""
    ):
        mine = result.setdefault(team_id, [])
        number = len(mine) + 1
        where = (latitude, longitude, helps, placed_by or "", network or "")
        mine.append(Session(number, first, last, *where))
    return result


def lured_scans_sql(run: Run) -> str:
    """Give SQL for (scan_id, team_id, stall): the scans that verified strangers."""
    tables = "SELECT table_name FROM duckdb_tables()"
    there = {name for (name,) in run.store.rows(tables)}
    if not {"stall_scans", "crew_sessions"} <= there:
        nothing = "CAST(NULL AS VARCHAR)"
        return f"SELECT {nothing} AS scan_id, {nothing} AS team_id, 0 AS stall LIMIT 0"
    return """SELECT v.scan_id, v.team_id, s.stall FROM stall_scans AS v
              JOIN (SELECT session, row_number() OVER (
                      PARTITION BY team_id ORDER BY "first", session) AS stall
                    FROM crew_sessions) AS s ON s.session = v.session"""


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


def window_days(run: Run) -> tuple[int, int]:
    """Return the first and the last day of the run's window, as days since 1970."""
    window = run.manifest.get("window")
    if window:
        return int(window["new_since"]) // DAY, int(window["as_of"]) // DAY
    first, last = run.teams["first_seen"].min(), run.teams["last_seen"].max()
    return int(first.timestamp()) // DAY, int(last.timestamp()) // DAY
