"""The people to be told how they were used: whom, when, where, and by which crew.

Nothing in this list accuses: it has no role and no risk, and not the account helped.
"""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from analyses.reporting.event_lines import utc
from analyses.reporting.sheets import Cell
from analyses.reporting.stalls import stall_numbers
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import EDUCATE
from analyses.run import Run

EDUCATE_COLUMNS = {
    "account_id": "the account of the person",
    "nickname": "as its holder wrote it",
    "team_id": "the crew whose stall it probably was; empty when it is not known",
    "help_id": "the help that the person gave",
    "day": "the day of the scan, UTC",
    "time": "its time, UTC",
    "place": "where the code was scanned, as far as is known",
    "what_to_tell": "what to explain; nothing is held against the person",
    "stall": "which stall of the crew it was, as on its card; empty: not known",
}
"""The columns of educate-list.csv and what they mean."""


def educate_rows(run: Run, texts: Texts = ENGLISH) -> list[tuple[Cell, ...]]:
    """Return a row for each help of each account with the action `educate`.

    Where the run knows which of its helps were scanned at a crew's stall, only those.
    """
    chosen = run.accounts[run.accounts["action"].eq("educate")]
    if chosen.empty:
        return []
    helps = run.store.frame(
        """SELECT n.account_id, h.help_id, a.nickname, s.latitude, s.longitude,
              s.wifi, s.ip, coalesce(s.scanned_at, h.helped_at) AS at
           FROM helps AS h JOIN account_names AS n ON n.account = h.helper
           LEFT JOIN accounts AS a ON a.account = h.helper
           LEFT JOIN scans AS s ON s.scan_id = h.scan_id
           WHERE n.account_id IN (SELECT unnest($ids))""",
        {"ids": chosen["account_id"].tolist()},
    )
    crews = set(run.teams.loc[run.teams["kind"].eq("scanning_crew"), "team_id"])
    stalls = run.helps[run.helps["team_id"].isin(crews)]
    helps["team_id"] = helps["help_id"].map(
        stalls.drop_duplicates("help_id").set_index("help_id")["team_id"]
    )
    helps["stall"] = helps["help_id"].map(stall_numbers(run))
    at_stall = helps["team_id"].notna()
    known = at_stall.groupby(helps["account_id"]).transform("any")
    helps = helps[at_stall | ~known].sort_values(["account_id", "at", "help_id"])
    return [_row(row, texts) for row in helps.to_dict("records")]


def _row(row: dict[Hashable, Any], texts: Texts) -> tuple[Cell, ...]:
    at = row["at"]
    day, _, time = ("", "", "") if pd.isna(at) else utc(int(at)).partition(" ")
    return (
        str(row["account_id"]),
        _text(row["nickname"]),
        _text(row["team_id"]),
        str(row["help_id"]),
        day,
        time,
        _place(row, texts),
        texts(EDUCATE),
        None if pd.isna(row["stall"]) else int(row["stall"]),
    )


def _place(row: dict[Hashable, Any], texts: Texts) -> str:
    latitude, longitude = row["latitude"], row["longitude"]
    if not (pd.isna(latitude) or pd.isna(longitude)):
        return position(latitude, longitude)
    if _text(row["wifi"]):
        return texts("access point {wifi}", wifi=row["wifi"])
    return texts("address {ip}", ip=row["ip"]) if _text(row["ip"]) else ""


def position(latitude: float, longitude: float) -> str:
    """Return a position in degrees; the numbers are millionths of a degree.

    >>> position(31_230_416, 121_473_701)
    '31.2304, 121.4737'
    """
    return f"{latitude / 1e6:.4f}, {longitude / 1e6:.4f}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
