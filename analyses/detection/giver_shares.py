"""The shares that the table of crews and platforms weighs, counted from their helps."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analyses.detection.giver_signals import (
    CREW_PRIOR_BITS,
    CREW_SIGNALS,
    PLATFORM_PRIOR_BITS,
    PLATFORM_SIGNALS,
    GiverSignal,
    share_bits,
)
from graph.help_facts import NEARBY_METRES
from graph.store import Store

QUICK_SECONDS = 10
"""Under this from scan to confirmation is a stall's pace (field reports)."""


LEAST_OF_A_SESSION = -2.0
"""The most that endings speak against a single session, in bits: see `session_bits`."""


def crew_bits(store: Store, given: str) -> pd.DataFrame:
    """Return team_id, signal and bits of groups of helps, as of scanning crews.

    `given` is a SELECT of (team_id, help_id, helper, helped), one row a help; reads
    `help_facts` and `account_group` besides. The prior is among the signals.
    """
    return _bits(store, _CREW_SHARES, given, CREW_SIGNALS, CREW_PRIOR_BITS)


def session_bits(store: Store, given: str) -> pd.DataFrame:
    """Return the same of single sessions, whose farm may not be known yet.

    That those helped at one session look innocent says little; that all do whom a crew
    ever helped says that it is none.
    """
    asked = {
        code: replace(signal, least=LEAST_OF_A_SESSION)
        if code == "stall_endings"
        else signal
        for code, signal in CREW_SIGNALS.items()
    }
    return _bits(store, _CREW_SHARES, given, asked, CREW_PRIOR_BITS)


def platform_bits(store: Store, given: str) -> pd.DataFrame:
    """Return team_id, signal and bits of groups of helps, as of helper platforms.

    As `crew_bits` does.
    """
    return _bits(store, _PLATFORM_SHARES, given, PLATFORM_SIGNALS, PLATFORM_PRIOR_BITS)


def _bits(
    store: Store,
    sql: str,
    given: str,
    signals: dict[str, GiverSignal],
    prior: float,
) -> pd.DataFrame:
    facts = store.frame(sql.replace("{given}", given))
    columns = {"prior": np.full(len(facts), prior)}
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


_CREW_SHARES = f"""
    WITH h AS (SELECT g.team_id, f.confirm_gap,
                 CASE WHEN a.risk >= 0.5 THEN 1 WHEN a.risk IS NULL THEN NULL
                      ELSE 0 END AS bad
               FROM ({{given}}) AS g JOIN help_facts AS f ON f.help_id = g.help_id
               LEFT JOIN account_group AS a ON a.account = g.helped)
    SELECT team_id, count(confirm_gap) AS stall_pace_known,
           count(*) FILTER (confirm_gap < {QUICK_SECONDS}) AS stall_pace,
           count(bad) AS stall_endings_known,
           count(*) FILTER (bad = 1) AS stall_endings
    FROM h GROUP BY team_id ORDER BY team_id"""

_PLATFORM_SHARES = f"""
    WITH h AS (SELECT g.team_id, g.helper, f.code_id, f.takers, f.away
               FROM ({{given}}) AS g JOIN help_facts AS f ON f.help_id = g.help_id),
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
           count(away) AS order_distance_known,
           count(*) FILTER (away >= {NEARBY_METRES}) AS order_distance
    FROM h JOIN q ON q.team_id = h.team_id LEFT JOIN o ON o.team_id = h.team_id
    GROUP BY h.team_id ORDER BY h.team_id"""
