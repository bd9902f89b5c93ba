"""Crews and platforms as teams: their helps, their evidence, and whom they serve."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analyses.detection.crews import Crews, CrewSettings, find_crews
from analyses.detection.giver_signals import (
    CREW_SIGNALS,
    GIVER_PRIOR_BITS,
    PLATFORM_SIGNALS,
    GiverSignal,
    share_bits,
)
from analyses.detection.platforms import PlatformSettings, find_platforms
from analyses.detection.teams import team_id
from graph.gatherings import NEARBY_METRES
from graph.store import Store

QUICK_SECONDS = 10
"""Under this from scan to confirmation is a stall's pace (field reports)."""


@dataclass(frozen=True)
class Givers:
    """The teams that give helps.

    `teams` has one row a team: team_id, kind, risk, first, last. `helps` has help_id,
    helper, helped, team_id and pattern. `bits` has team_id, signal and bits, the prior
    among them: their sum is the log2 odds of the team's risk.
    """

    teams: pd.DataFrame
    helps: pd.DataFrame
    bits: pd.DataFrame


def find_givers(
    store: Store,
    crew_settings: CrewSettings | None = None,
    platform_settings: PlatformSettings | None = None,
) -> Givers:
    """Return the crews and platforms with their evidence.

    Reads `help_facts`, the gatherings, `account_group` and `helper_role`.
    """
    found = find_crews(store, crew_settings)
    crews = found.helps.rename(columns={"crew": "team"})
    orders = find_platforms(store, platform_settings).rename(
        columns={"platform": "team"}
    )
    parts = [
        _named(crews, "crew", "scanning_crew", "stall"),
        _named(orders, "platform", "helper_platform", "platform"),
    ]
    # A help has one giver: what was scanned at a stall is the crew's.
    helps = pd.concat(parts, ignore_index=True).drop_duplicates("help_id")
    helps = helps.sort_values(["team_id", "help_id"], ignore_index=True)
    _put_sessions(store, found, parts[0])
    store.put("giver_helps", pa.Table.from_pandas(helps, preserve_index=False))
    bits = pd.concat(
        [
            _bits(store, _CREW_SHARES, "scanning_crew", CREW_SIGNALS),
            _bits(store, _PLATFORM_SHARES, "helper_platform", PLATFORM_SIGNALS),
        ],
        ignore_index=True,
    )
    odds = bits.groupby("team_id")["bits"].sum()
    teams = (
        helps.groupby(["team_id", "kind"])
        .agg(first=("moment", "min"), last=("moment", "max"))
        .reset_index()
    )
    teams["risk"] = 1 / (1 + np.exp2(-odds.reindex(teams["team_id"]).to_numpy(float)))
    return Givers(teams=teams, helps=helps, bits=bits)


def _named(helps: pd.DataFrame, word: str, kind: str, pattern: str) -> pd.DataFrame:
    """Name each team by its first help, which it keeps from run to run."""
    first = helps.sort_values(["moment", "help_id"]).drop_duplicates("team")
    names = {
        team: team_id(word, help_id)
        for team, help_id in zip(first["team"], first["help_id"], strict=True)
    }
    named = helps[["help_id", "helper", "helped", "moment"]].copy()
    named["team_id"] = helps["team"].map(names).astype(object)
    named["kind"] = kind
    named["pattern"] = pattern
    return named


def _put_sessions(store: Store, found: Crews, named: pd.DataFrame) -> None:
    """Make `crew_sessions`: when and where each crew stood, for its card."""
    names = found.helps[["help_id", "crew"]].merge(named[["help_id", "team_id"]])
    names = names.drop_duplicates("crew")[["crew", "team_id"]]
    sessions = found.sessions.merge(names, on="crew")
    columns = ["team_id", "session", "first", "last", "latitude", "longitude"]
    table = sessions[[*columns, "helps", "placed_by"]].sort_values(
        ["team_id", "first", "session"]
    )
    store.put("_sessions", pa.Table.from_pandas(table, preserve_index=False))
    store.materialise(
        "crew_sessions",
        """SELECT CAST(team_id AS VARCHAR) AS team_id,
             CAST(session AS INTEGER) AS session,
             CAST("first" AS BIGINT) AS "first", CAST("last" AS BIGINT) AS "last",
             CAST(round(latitude) AS BIGINT) AS latitude,
             CAST(round(longitude) AS BIGINT) AS longitude,
             CAST(helps AS BIGINT) AS helps, CAST(placed_by AS VARCHAR) AS placed_by
           FROM _sessions""",
    )
    store.drop("_sessions")


_CREW_SHARES = f"""
    WITH h AS (SELECT g.team_id, g.help_id, g.helper, f.moment, f.tied, f.confirm_gap,
                 CASE WHEN f.together OR f.away < {NEARBY_METRES} THEN 0
                      WHEN f.together IS NULL AND f.away IS NULL THEN NULL
                      ELSE 1 END AS elsewhere,
                 CASE WHEN a.risk >= 0.5 THEN 1 WHEN a.risk IS NULL THEN NULL
                      ELSE 0 END AS bad
               FROM giver_helps AS g JOIN help_facts AS f ON f.help_id = g.help_id
               LEFT JOIN account_group AS a ON a.account = g.helped
               WHERE g.kind = '{{kind}}'),
    p AS (SELECT team_id, helper, count(DISTINCT moment // 86400) AS days
          FROM h GROUP BY team_id, helper),
    q AS (SELECT team_id, count(*) AS helpers,
                 count(*) FILTER (days = 1) AS once FROM p GROUP BY team_id)
    SELECT h.team_id, count(elsewhere) AS relayed_codes_known,
           count(*) FILTER (elsewhere = 1) AS relayed_codes,
           count(tied) AS stall_strangers_known,
           count(*) FILTER (tied = false) AS stall_strangers,
           max(q.helpers) AS passers_by_known, max(q.once) AS passers_by,
           count(confirm_gap) AS stall_pace_known,
           count(*) FILTER (confirm_gap < {QUICK_SECONDS}) AS stall_pace,
           count(bad) AS stall_endings_known,
           count(*) FILTER (bad = 1) AS stall_endings
    FROM h JOIN q ON q.team_id = h.team_id GROUP BY h.team_id ORDER BY h.team_id"""

_PLATFORM_SHARES = f"""
    WITH h AS (SELECT g.team_id, g.helper, f.code_id, f.takers, f.tied, f.away,
                 CASE WHEN a.risk >= 0.5 THEN 1 WHEN a.risk IS NULL THEN NULL
                      ELSE 0 END AS bad
               FROM giver_helps AS g JOIN help_facts AS f ON f.help_id = g.help_id
               LEFT JOIN account_group AS a ON a.account = g.helped
               WHERE g.kind = '{{kind}}'),
    c AS (SELECT team_id, code_id, max(takers) AS takers FROM h
          WHERE code_id IS NOT NULL GROUP BY team_id, code_id),
    o AS (SELECT team_id, count(*) AS orders,
                 count(*) FILTER (takers >= 2) AS races FROM c GROUP BY team_id),
    p AS (SELECT team_id, helper, count(*) AS times FROM h GROUP BY team_id, helper),
    q AS (SELECT team_id, count(*) AS workers,
                 count(*) FILTER (times >= 2) AS again FROM p GROUP BY team_id)
    SELECT h.team_id, coalesce(max(o.orders), 0) AS order_races_known,
           coalesce(max(o.races), 0) AS order_races,
           max(q.workers) AS workers_return_known, max(q.again) AS workers_return,
           count(tied) AS order_strangers_known,
           count(*) FILTER (tied = false) AS order_strangers,
           count(away) AS order_distance_known,
           count(*) FILTER (away >= {NEARBY_METRES}) AS order_distance,
           count(bad) AS order_endings_known,
           count(*) FILTER (bad = 1) AS order_endings
    FROM h JOIN q ON q.team_id = h.team_id LEFT JOIN o ON o.team_id = h.team_id
    GROUP BY h.team_id ORDER BY h.team_id"""


def _bits(
    store: Store, sql: str, kind: str, signals: dict[str, GiverSignal]
) -> pd.DataFrame:
    facts = store.frame(sql.replace("{kind}", kind))
    columns = {"prior": np.full(len(facts), GIVER_PRIOR_BITS)}
    for code, signal in signals.items():
        known = facts[f"{code}_known"].to_numpy(float)
        shares = facts[code].to_numpy(float) / np.maximum(known, 1)
        columns[code] = share_bits(signal, shares, known)
    return pd.concat(
        [
            pd.DataFrame({"team_id": facts["team_id"], "signal": code, "bits": bits})
            for code, bits in columns.items()
        ],
        ignore_index=True,
    )
