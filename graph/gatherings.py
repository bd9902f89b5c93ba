"""Gatherings: helps that were scanned close to each other in place and time.

They are dense together (`graph.density`). What kind of gathering it is, a stall or a
family party, is not decided here; but where people gather for something else and codes
from elsewhere are scanned among them, these are a gathering of their own.
"""

from graph.density import Closeness, find_dense
from graph.help_facts import NEARBY_METRES
from graph.open_gatherings import (
    DAY,
    PASSER_HELPS,
    find_open,
    move_into,
    place_blocks,
)
from graph.place_cells import cut_apart
from graph.store import Store

ACCESS_POINT_SPREAD = 3_000
"""An access point whose scans lie further apart (millionths of a degree) moves.

One that moves, such as the hotspot of a stall's own phone, is where it was that day.
"""

UNFINISHED = ("quota_refused", "expired", "cancelled")
"""Results of tries that came to nothing, though nobody else was faster."""

IN_ORDER = ("moment", "helper", "helped", "event")
"""What says which of two helps is the earlier."""


def find_gatherings(store: Store, closeness: Closeness | None = None) -> None:
    """Make `gatherings`, `passing_gatherings` and `relayed_gatherings(gathering)`.

    `gatherings` has help_id, gathering, latitude, longitude and `placed_by`: position,
    access point or address. Where a scan has no position, its access point is its
    place, or else its address. An access point that moves has a place a day (UTC).

    All from `help_facts`; friends who help each other in the same place do not count.
    Gatherings are numbered in the order of their first help. In a *passing* gathering
    those who helped were there once and most had no tie to whom they helped. It is
    *relayed* when those who were helped were not there: neither on the same network
    nor, as far as their network or region tells, in the same part of the country; where
    neither has a place, the same region as the helper's is the same part. (Not every
    tie is a friendship: some are made for a help's sake.)

    A stall puts itself where people are. So of a gathering that is not relayed, helps
    for strangers who are not known to have been there are taken out where they are
    dense enough by themselves. Such a gathering is `picked`: that its codes are from
    elsewhere says nothing any more, so it does not count as relayed.

    What passers-by did without a position, in the town of a relayed gathering while it
    was open, for strangers not known to have been there, is of that gathering, placed
    by `town` (`graph.open_gatherings`).
    """
    closeness = closeness or Closeness()
    _placed_helps(store)
    if store.spreads:
        cut_apart(store, "_apart", "SELECT * FROM _placed_helps", closeness)
        placed = """SELECT p.*, a.component FROM _placed_helps AS p
            JOIN _apart AS a ON a.event = p.event"""
    else:
        placed = "SELECT p.*, '' AS component FROM _placed_helps AS p"
    find_dense(store, "_dense", placed, closeness, order=IN_ORDER)
    store.materialise("_among", "SELECT event, first FROM _dense LIMIT 0")
    _put_gatherings(store)
    find_dense(
        store,
        "_among",
        f"""SELECT p.* FROM ({placed}) AS p
            JOIN gatherings AS g ON g.help_id = p.event
            LEFT JOIN passing_gatherings AS r
              ON r.gathering = g.gathering AND r.relayed
            WHERE p.far AND r.gathering IS NULL""",
        closeness,
        order=IN_ORDER,
    )
    if store.count("_among"):
        _put_gatherings(store)
    store.materialise(
        "relayed_gatherings",
        "SELECT gathering FROM passing_gatherings WHERE relayed AND NOT picked",
    )
    _add_unplaced(store)
    store.drop("_placed_helps", "_apart", "_dense", "_among", "_whereabouts")


def _add_unplaced(store: Store) -> None:
    """Add helps without a position to the relayed gathering that was open in town."""
    place_blocks(store)
    find_open(
        store,
        "_open",
        f"""SELECT f.help_id, f.moment, b.latitude AS y, b.longitude AS x
            FROM help_facts AS f
            JOIN _whereabouts AS w ON w.help_id = f.help_id
            JOIN block_places AS b ON b.address_block = f.address_block
            JOIN (SELECT helper FROM help_facts WHERE kind = 'registration'
                  GROUP BY helper HAVING count(*) <= {PASSER_HELPS}) AS p
              ON p.helper = f.helper
            LEFT JOIN gatherings AS g ON g.help_id = f.help_id
            LEFT JOIN relayed_gatherings AS r ON r.gathering = g.gathering
            WHERE f.kind = 'registration' AND g.latitude IS NULL
              AND r.gathering IS NULL
              AND (f.latitude IS NULL OR f.longitude IS NULL)
              AND coalesce(f.takers, 1) = 1 AND NOT coalesce(f.tied, false)
              AND NOT coalesce(f.together, false) AND NOT coalesce(w.here, false)""",
        "SELECT gathering FROM relayed_gatherings",
    )
    move_into(store, "_open")
    store.drop("_open", "block_places")


def _placed_helps(store: Store) -> None:
    """Make `_placed_helps`, those that have a place, and `_whereabouts(help_id, here)`.

    `here` is whether the one helped was in that part of the country; null: not known.
    `far` are helps for strangers who are not known to have been there.
    """
    _place_access_points(store)
    store.materialise(
        "_whereabouts",
        f"""SELECT f.help_id,
              CASE WHEN f.away IS NOT NULL THEN f.away < {NEARBY_METRES}
                   WHEN n.profile_region IS NOT NULL THEN
                     n.profile_region = o.profile_region END AS here
            FROM help_facts AS f
            LEFT JOIN accounts AS n ON n.account = f.helped
            LEFT JOIN accounts AS o ON o.account = f.helper""",
    )
    store.materialise(
        "_placed_helps",
        f"""SELECT f.help_id AS event, f.moment, f.helper, f.helped,
              coalesce(f.latitude, p.latitude, d.latitude) AS latitude,
              coalesce(f.longitude, p.longitude, d.longitude) AS longitude,
              CASE WHEN f.latitude IS NOT NULL AND f.longitude IS NOT NULL
                     OR coalesce(p.latitude, d.latitude) IS NOT NULL THEN NULL
                   WHEN f.access_point IS NOT NULL THEN 'wifi ' || f.access_point
                   ELSE 'ip ' || f.ip END AS network,
              CASE WHEN f.latitude IS NOT NULL AND f.longitude IS NOT NULL
                     THEN 'position'
                   WHEN f.access_point IS NOT NULL THEN 'access point'
                   ELSE 'address' END AS placed_by,
              NOT (coalesce(w.here, false) OR coalesce(f.together, false)
                   OR coalesce(f.tied, false)) AS far
            FROM help_facts AS f
            JOIN _whereabouts AS w ON w.help_id = f.help_id
            LEFT JOIN access_point_places AS p ON p.access_point = f.access_point
            LEFT JOIN access_point_days AS d ON d.access_point = f.access_point
              AND d.day = f.moment // {DAY}
            WHERE f.moment IS NOT NULL
              AND NOT (coalesce(tied, false)
                       AND coalesce(together OR away < {NEARBY_METRES}, false))
              AND (f.latitude IS NOT NULL AND f.longitude IS NOT NULL
                   OR f.access_point IS NOT NULL OR f.ip IS NOT NULL)""",
    )
    store.drop("access_point_places", "access_point_days")


def _put_gatherings(store: Store) -> None:
    """Make `gatherings`, and `passing_gatherings(gathering, relayed, picked)`.

    Of `_dense`, and of `_among`, the picked ones in their midst. Who comes again and
    again is no passer-by; but tries that came to nothing, such as an operator's of one
    code after the other, are one try.
    """
    store.materialise(
        "_gathered",
        """WITH d AS (
             SELECT d.event, m.event IS NOT NULL AS picked,
               coalesce(m.first, d.first) AS first
             FROM _dense AS d LEFT JOIN _among AS m ON m.event = d.event),
           ordered AS (
             SELECT d.event, d.picked, d.first, p.latitude, p.longitude, p.placed_by,
               row_number() OVER (ORDER BY p.moment, p.helper, p.helped, p.event)
                 AS place
             FROM d JOIN _placed_helps AS p ON p.event = d.event),
           named AS (
             SELECT event, picked, latitude, longitude, placed_by,
               min(place) OVER (PARTITION BY picked, first) AS earliest
             FROM ordered)
           SELECT event AS help_id, latitude, longitude, placed_by,
             CAST(dense_rank() OVER (ORDER BY earliest) - 1 AS INTEGER) AS gathering,
             picked
           FROM named""",
    )
    store.materialise(
        "gatherings",
        """SELECT help_id, latitude, longitude, placed_by, gathering
           FROM _gathered""",
    )
    store.materialise(
        "passing_gatherings",
        f"""SELECT g.gathering,
              count(*) FILTER (w.here) * 5 <= count(w.here) * 2 AS relayed,
              max(CASE WHEN g.picked THEN 1 ELSE 0 END) = 1 AS picked
            FROM _gathered AS g
            JOIN help_facts AS f ON f.help_id = g.help_id
            JOIN _whereabouts AS w ON w.help_id = g.help_id
            GROUP BY g.gathering
            HAVING count(DISTINCT f.helper) * 10 >= 7 * count(DISTINCT
                     CAST(f.helper AS BIGINT) * {1 << 32}
                       + CASE WHEN f.result IN {UNFINISHED} THEN -1
                           ELSE f.helped END)
               AND count(*) FILTER (f.together) * 5 <= count(*)
               AND count(*) FILTER (w.here) * 4 <= count(w.here) * 3
               AND count(*) FILTER (f.tied) * 5 <= count(*) * 2""",
    )
    store.drop("_gathered")


def _place_access_points(store: Store) -> None:
    """Learn from all scans with a position where an access point is.

    `access_point_places` has those that stand, `access_point_days` the days on which
    one was at one place.
    """
    for name, keys, columns in (
        ("access_point_places", "wifi", "wifi AS access_point"),
        (
            "access_point_days",
            f"wifi, scanned_at // {DAY}",
            f"wifi AS access_point, scanned_at // {DAY} AS day",
        ),
    ):
        store.materialise(
            name,
            f"""SELECT {columns},
                  CAST(sum(latitude) AS BIGINT) // count(*) AS latitude,
                  CAST(sum(longitude) AS BIGINT) // count(*) AS longitude
                FROM scans WHERE wifi IS NOT NULL AND latitude IS NOT NULL
                  AND longitude IS NOT NULL
                GROUP BY {keys}
                HAVING max(latitude) - min(latitude) < {ACCESS_POINT_SPREAD}
                   AND max(longitude) - min(longitude) < {ACCESS_POINT_SPREAD}""",
        )
