"""The people to be told how they were used: whom, when, where, and by which crew.

Nothing in this list accuses: it has no role and no risk, and not the account helped.
"""

from analyses.reporting.outputs import output_path
from analyses.reporting.sheets import Cell
from analyses.reporting.stalls import lured_scans_sql, stall_numbers_sql
from analyses.reporting.stored_rows import filled, quoted
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import EDUCATE
from analyses.run import Run

EDUCATE_COLUMNS = {
    "account_id": "the account of the person",
    "nickname": "as its holder wrote it",
    "team_id": "the crew whose stall it probably was; empty when it is not known",
    "help_id": "the help that the person gave, or the scan that verified a stranger",
    "day": "the day of the scan, UTC",
    "time": "its time, UTC",
    "place": "where the code was scanned, as far as is known",
    "what_to_tell": "what to explain; nothing is held against the person",
    "stall": "which stall of the crew it was, as on its card; empty: not known",
}
"""The columns of educate-list.csv and what they mean."""


def educate_rows(run: Run, texts: Texts = ENGLISH) -> list[tuple[Cell, ...]]:
    """Return a row for each help of each account with the action `educate`.

    Where the run knows which of its helps were scanned at a crew's stall, only those;
    and of whoever was lured into verifying strangers, the scans at the stalls.
    """
    cells = ", ".join(EDUCATE_COLUMNS)
    return run.store.rows(
        f"SELECT {cells} FROM ({educate_sql(run, texts)}) ORDER BY row_at"
    )


def educate_sql(run: Run, texts: Texts = ENGLISH) -> str:
    """Give SQL for the same rows, with `row_at`, their number."""
    accounts, teams, helps = (
        f"read_parquet({quoted(str(output_path(run.folder, name)))}, "
        "hive_partitioning = false)"
        for name in ("accounts", "teams", "helps")
    )
    degrees = [
        f"printf('%.4f', CAST(h.{axis} AS DOUBLE) / 1e6)"
        for axis in ("latitude", "longitude")
    ]
    access_point = filled(texts("access point {wifi}"), wifi="h.wifi")
    return f"""
    WITH h AS (
      SELECT n.account_id, h.help_id, a.nickname, s.latitude, s.longitude, s.wifi, s.ip,
             coalesce(s.scanned_at, h.helped_at) AS moment, t.team_id, g.stall
      FROM helps AS h JOIN account_names AS n ON n.account = h.helper
      JOIN {accounts} AS e ON e.account_id = n.account_id AND e.action = 'educate'
      LEFT JOIN accounts AS a ON a.account = h.helper
      LEFT JOIN scans AS s ON s.scan_id = h.scan_id
      LEFT JOIN (SELECT help_id, min(team_id) AS team_id FROM {helps}
                 WHERE team_id IN (SELECT team_id FROM {teams}
                                   WHERE kind = 'scanning_crew')
                 GROUP BY help_id) AS t ON t.help_id = h.help_id
      LEFT JOIN ({stall_numbers_sql(run)}) AS g ON g.help_id = h.help_id
      UNION ALL
      SELECT n.account_id, s.scan_id, a.nickname, s.latitude, s.longitude, s.wifi, s.ip,
             s.scanned_at, v.team_id, v.stall
      FROM ({lured_scans_sql(run)}) AS v JOIN scans AS s ON s.scan_id = v.scan_id
      JOIN account_names AS n ON n.account = s.scanner
      JOIN {accounts} AS e ON e.account_id = n.account_id AND e.action = 'educate'
      LEFT JOIN accounts AS a ON a.account = s.scanner),
    known AS (SELECT *, bool_or(team_id IS NOT NULL) OVER (PARTITION BY account_id)
                AS known FROM h)
    SELECT row_number() OVER (ORDER BY account_id, moment NULLS LAST, help_id) - 1
             AS row_at,
           account_id, coalesce(nickname, '') AS nickname,
           coalesce(team_id, '') AS team_id, help_id,
           coalesce(strftime(make_timestamp(moment * 1000000), '%Y-%m-%d'), '') AS day,
           coalesce(strftime(make_timestamp(moment * 1000000), '%H:%M:%S'), '') AS time,
           CASE WHEN latitude IS NOT NULL AND longitude IS NOT NULL
                  THEN {degrees[0]} || ', ' || {degrees[1]}
                WHEN wifi <> '' THEN {access_point}
                WHEN ip <> '' THEN {filled(texts("address {ip}"), ip="h.ip")}
                ELSE '' END AS place,
           {quoted(texts(EDUCATE))} AS what_to_tell, stall
    FROM known AS h WHERE team_id IS NOT NULL OR NOT known"""


def position(latitude: float, longitude: float) -> str:
    """Return a position in degrees; the numbers are millionths of a degree.

    >>> position(31_230_416, 121_473_701)
    '31.2304, 121.4737'
    """
    return f"{latitude / 1e6:.4f}, {longitude / 1e6:.4f}"
