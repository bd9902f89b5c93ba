"""Which gatherings are sessions of a stall: decided before anybody there is judged."""

import pandas as pd
import pyarrow as pa

from analyses.detection.giver_shares import crew_bits, session_bits
from analyses.detection.returning_sessions import add_returning_sessions
from analyses.detection.town_sessions import add_town_sessions
from graph.help_facts import NEARBY_METRES
from graph.store import Store

BAD = 0.6
"""Risk from which an account looks batch-registered."""

RELAYED_BITS = -3.0
"""Log2 odds from which a gathering with relayed codes is believed to be a session."""

IN_TOWN_BITS = 1.0
"""The same where the codes came from the same town."""

PICKED_BITS = 0.0
"""The same of what was picked out of a larger gathering."""


def believe_sessions(store: Store) -> None:
    """Make `stall_sessions(gathering, believed, again)`: what looks like a crew's.

    Their codes are relayed from elsewhere or, where a farm sits in the stall's own
    town, are nearly all of accounts that look batch-registered. Those
    with relayed codes are kept even where little else speaks for a stall; what is not
    believed says nothing of who was there. Of what was picked out of a larger
    gathering it counts in full how those end who were helped. Where a stall was
    before, less is enough (`returning_sessions`); where scans have no place, sessions
    are found by town (`town_sessions`). Reads `help_facts`, the gatherings and
    `account_group`.
    """
    _look_at_codes(store)
    given = """SELECT c.gathering AS team_id, f.help_id, f.helper, f.helped
               FROM session_codes AS c JOIN gatherings AS g ON g.gathering = c.gathering
               JOIN help_facts AS f ON f.help_id = g.help_id """
    bits = pd.concat(
        [
            session_bits(store, given + "WHERE NOT c.picked AND (c.relayed OR c.bad)"),
            crew_bits(store, given + "WHERE c.picked"),
        ]
    )
    odds = bits.groupby("team_id")["bits"].sum()
    codes = store.rows("SELECT gathering, relayed, picked FROM session_codes")
    relayed = {g for g, elsewhere, picked in codes if elsewhere and not picked}
    needed = {gathering: IN_TOWN_BITS for gathering, _, _ in codes}
    needed |= dict.fromkeys(relayed, RELAYED_BITS)
    needed |= {gathering: PICKED_BITS for gathering, _, picked in codes if picked}
    store.drop("session_codes")
    kept = [
        (gathering, odd >= needed[gathering])
        for gathering, odd in zip(odds.index.tolist(), odds.tolist(), strict=True)
        if gathering in relayed or odd >= needed[gathering]
    ]
    store.put(
        "stall_sessions",
        pa.table(
            {
                "gathering": pa.array([g for g, _ in kept], pa.int32()),
                "believed": pa.array([b for _, b in kept], pa.bool_()),
            }
        ),
    )
    add_returning_sessions(store)
    add_town_sessions(store)


def _look_at_codes(store: Store) -> None:
    """Make `session_codes(gathering, relayed, bad, picked)` of passers' gatherings.

    `relayed`: the codes come from elsewhere, by distance or, where that is not known,
    by the regions that the two accounts name. An address alone is a weak place, for a
    carrier's customers share it: there most codes must be bad as well.
    """
    store.materialise(
        "session_codes",
        f"""WITH h AS (
              SELECT p.gathering, p.relayed, p.picked, g.placed_by, a.risk,
                     CASE WHEN f.together OR f.away < {NEARBY_METRES} THEN 1
                          WHEN f.away IS NOT NULL THEN 0
                          WHEN n.profile_region = o.profile_region THEN 1
                          WHEN n.profile_region <> o.profile_region THEN 0
                          WHEN f.together IS NOT NULL THEN 0 END AS here
              FROM passing_gatherings AS p
              JOIN gatherings AS g ON g.gathering = p.gathering
              JOIN help_facts AS f ON f.help_id = g.help_id
              LEFT JOIN account_group AS a ON a.account = f.helped
              LEFT JOIN accounts AS n ON n.account = f.helped
              LEFT JOIN accounts AS o ON o.account = f.helper)
            SELECT gathering, picked,
                   relayed AND count(*) FILTER (here = 1) * 5 <= count(here) * 2
                     AND (max(placed_by) <> 'address'
                          OR count(*) FILTER (risk >= {BAD}) * 2 >= count(risk))
                     AS relayed,
                   count(*) FILTER (risk >= {BAD}) * 10 >= count(risk) * 7
                     AND count(risk) > 0
                     AND count(*) FILTER (here = 1) * 4 <= count(here) * 3 AS bad
            FROM h GROUP BY gathering, relayed, picked""",
    )
