"""Which gatherings are sessions of a stall: decided before anybody there is judged."""

import pyarrow as pa

from analyses.detection.giver_shares import crew_bits
from graph.store import Store

BAD = 0.6
"""Risk from which an account looks batch-registered."""

RELAYED_BITS = -4.0
"""Log2 odds from which a gathering with relayed codes is believed to be a session."""

IN_TOWN_BITS = 0.0
"""The same where the codes came from the same town."""


def believe_sessions(store: Store) -> None:
    """Make `stall_sessions(gathering, believed)`: gatherings that look like a crew's.

    Their codes are relayed from elsewhere or, where a farm sits in the stall's own
    town, are nearly all of accounts that look batch-registered. Those
    with relayed codes are kept even where little else speaks for a stall; what is not
    believed says nothing of who was there. Reads `help_facts`, the gatherings and
    `account_group`.
    """
    bits = crew_bits(
        store,
        f"""SELECT p.gathering AS team_id, f.help_id, f.helper, f.helped
           FROM (SELECT p.gathering FROM passing_gatherings AS p
                 JOIN gatherings AS g ON g.gathering = p.gathering
                 JOIN help_facts AS f ON f.help_id = g.help_id
                 LEFT JOIN account_group AS a ON a.account = f.helped
                 GROUP BY p.gathering, p.relayed
                 HAVING p.relayed OR count(*) FILTER (a.risk >= {BAD}) * 10
                                     >= count(a.risk) * 7) AS p
           JOIN gatherings AS g ON g.gathering = p.gathering
           JOIN help_facts AS f ON f.help_id = g.help_id""",
    )
    odds = bits.groupby("team_id")["bits"].sum()
    relayed = {g for (g,) in store.rows("SELECT gathering FROM relayed_gatherings")}
    kept = [
        (gathering, odd >= (RELAYED_BITS if gathering in relayed else IN_TOWN_BITS))
        for gathering, odd in zip(odds.index.tolist(), odds.tolist(), strict=True)
        if gathering in relayed or odd >= IN_TOWN_BITS
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
