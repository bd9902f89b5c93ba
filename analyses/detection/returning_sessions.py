"""Sessions of stalls that came back: where one is known, fewer passers-by are enough.

Crews come back to their spots, and take their networks along. Two strangers who let in
accounts that look batch-registered are chance anywhere else; on the spot of a believed
session, or on the network that believed sessions were held on, they are at the stall.
"""

from graph.density import Closeness
from graph.gatherings import ACCESS_POINT_SPREAD
from graph.help_facts import NEARBY_METRES
from graph.open_gatherings import (
    PASSER_HELPS,
    find_open,
    metres,
    move_into,
    place_blocks,
)
from graph.store import Store

LOOKS_BAD = 0.5
"""Risk from which a helped account counts as one that looks batch-registered."""

PASSERS = 2
"""A session has so many different helpers at least."""

WITHIN = Closeness()
"""How near to a spot is on it, and how long after the last help is the same session."""


def add_returning_sessions(store: Store) -> None:
    """Add sessions to `gatherings` and to `stall_sessions`, there with `again`.

    Each help counts that is in no believed session, of a stranger who helped twice at
    most, without rivals for the code, to an account that is not known to be there; on
    a spot or a network that moves, where a session was believed. Two helpers or more
    make a session, where half of the helped look batch-registered or more. What
    passers-by did in town without a position, while it was open, is of it.

    Reads `help_facts`, `account_group` and what it adds to.
    """
    _put_places(store)
    _put_strangers(store)
    store.materialise(
        "_returned",
        f"""SELECT *,
              sum(CASE WHEN moment - before <= {WITHIN.seconds} THEN 0 ELSE 1 END)
                OVER (PARTITION BY place ORDER BY moment, help_id) AS turn
            FROM (SELECT *, lag(moment) OVER (
                    PARTITION BY place ORDER BY moment, help_id) AS before
                  FROM (SELECT s.*, coalesce(
                            p.place, CASE WHEN n.access_point IS NOT NULL
                              THEN 'network ' || n.access_point END) AS place
                        FROM _strangers AS s
                        LEFT JOIN _on_spots AS p ON p.help_id = s.help_id
                        LEFT JOIN _networks AS n ON n.access_point = s.access_point
                       ) AS h
                  WHERE place IS NOT NULL) AS t""",
    )
    store.materialise(
        "_returns",
        f"""SELECT place, turn,
              CAST((SELECT coalesce(max(gathering), -1) FROM gatherings)
                + row_number() OVER (ORDER BY min(moment), place) AS INTEGER)
                AS gathering
            FROM _returned GROUP BY place, turn
            HAVING count(DISTINCT helper) >= {PASSERS}
               AND count(*) FILTER (risk >= {LOOKS_BAD}) * 2 >= count(*)""",
    )
    store.materialise(
        "gatherings",
        """WITH r AS (
             SELECT h.help_id, h.latitude, h.longitude, s.gathering,
               CASE WHEN h.latitude IS NULL THEN 'access point' ELSE 'position' END
                 AS placed_by
             FROM _returned AS h
             JOIN _returns AS s ON s.place = h.place AND s.turn = h.turn)
           SELECT help_id, latitude, longitude, placed_by, gathering FROM gatherings
           WHERE help_id NOT IN (SELECT help_id FROM r)
           UNION ALL
           SELECT help_id, latitude, longitude, placed_by, gathering FROM r
           ORDER BY gathering, help_id""",
    )
    place_blocks(store)
    find_open(
        store,
        "_open",
        """SELECT s.help_id, s.moment, b.latitude AS y, b.longitude AS x
           FROM _strangers AS s
           JOIN block_places AS b ON b.address_block = s.address_block
           LEFT JOIN _returned AS r ON r.help_id = s.help_id
           LEFT JOIN _returns AS m ON m.place = r.place AND m.turn = r.turn
           WHERE s.latitude IS NULL AND m.gathering IS NULL""",
        "SELECT gathering FROM _returns",
    )
    move_into(store, "_open")
    store.materialise(
        "stall_sessions",
        """SELECT gathering, believed, false AS again FROM stall_sessions
           UNION ALL SELECT gathering, true, true FROM _returns ORDER BY gathering""",
    )
    store.drop(
        "_networks", "_on_spots", "_spots", "_strangers", "_returned", "_returns"
    )
    store.drop("_open", "block_places")


def _put_places(store: Store) -> None:
    """Make `_spots` and `_networks`, where believed sessions were held.

    A network counts that moves, or else it is the spot's.
    """
    store.materialise(
        "_spots",
        """SELECT g.gathering, CAST(sum(g.latitude) AS BIGINT) // count(*) AS y,
             CAST(sum(g.longitude) AS BIGINT) // count(*) AS x
           FROM gatherings AS g
           JOIN stall_sessions AS s ON s.gathering = g.gathering AND s.believed
           WHERE g.latitude IS NOT NULL AND g.longitude IS NOT NULL
           GROUP BY g.gathering""",
    )
    store.materialise(
        "_networks",
        f"""SELECT m.access_point FROM (
              SELECT wifi AS access_point FROM scans
              WHERE wifi IS NOT NULL AND latitude IS NOT NULL AND longitude IS NOT NULL
              GROUP BY wifi
              HAVING max(latitude) - min(latitude) >= {ACCESS_POINT_SPREAD}
                  OR max(longitude) - min(longitude) >= {ACCESS_POINT_SPREAD}) AS m
            JOIN (SELECT f.access_point FROM gatherings AS g
                  JOIN stall_sessions AS s ON s.gathering = g.gathering AND s.believed
                  JOIN help_facts AS f ON f.help_id = g.help_id
                  WHERE g.placed_by <> 'town' AND f.access_point IS NOT NULL
                  GROUP BY f.access_point
                  HAVING count(DISTINCT g.gathering) >= 2) AS t
              ON t.access_point = m.access_point""",
    )


def _put_strangers(store: Store) -> None:
    """Make `_strangers`, helps that may be a stall's, and those `_on_spots`."""
    store.materialise(
        "_strangers",
        f"""SELECT f.help_id, f.moment, f.helper, f.latitude, f.longitude,
              f.access_point, f.address_block, a.risk
            FROM help_facts AS f
            JOIN (SELECT helper FROM help_facts WHERE kind = 'registration'
                  GROUP BY helper HAVING count(*) <= {PASSER_HELPS}) AS t
              ON t.helper = f.helper
            JOIN account_group AS a ON a.account = f.helped
            LEFT JOIN accounts AS n ON n.account = f.helped
            LEFT JOIN accounts AS o ON o.account = f.helper
            LEFT JOIN gatherings AS g ON g.help_id = f.help_id
            LEFT JOIN stall_sessions AS s ON s.gathering = g.gathering
            WHERE f.kind = 'registration' AND f.moment IS NOT NULL
              AND coalesce(f.takers, 1) = 1 AND NOT coalesce(f.tied, false)
              AND NOT coalesce(f.together, false) AND NOT coalesce(s.believed, false)
              AND NOT CASE WHEN f.away IS NOT NULL THEN f.away < {NEARBY_METRES}
                ELSE coalesce(n.profile_region = o.profile_region, false) END""",
    )
    cell = round(WITHIN.metres / 0.1113195)  # metres, in millionths of a degree
    store.materialise(
        "_on_spots",
        f"""SELECT s.help_id, 'spot ' || CAST(min(p.gathering) AS VARCHAR) AS place
            FROM (SELECT *, latitude // {cell} AS band FROM _strangers
                  WHERE latitude IS NOT NULL AND longitude IS NOT NULL) AS s
            JOIN (SELECT p.*, p.y // {cell} + d.step AS band FROM _spots AS p
                  CROSS JOIN (SELECT -1 AS step UNION ALL SELECT 0 UNION ALL SELECT 1)
                    AS d) AS p ON p.band = s.band
            WHERE {metres("p.y", "p.x", "s.latitude", "s.longitude")} < {WITHIN.metres}
            GROUP BY s.help_id""",
    )
