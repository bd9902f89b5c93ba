"""Sessions of stalls whose scans have no place: by town, hour, and what they let in.

Where phones give no position, a stall leaves scans from the mobile addresses of its
town. In a town many help at any hour; but passers-by who one after another, minutes
apart, let in accounts that look batch-registered, are strangers and sit elsewhere, are
lured together.
"""

from graph.help_facts import NEARBY_METRES
from graph.open_gatherings import (
    PASSER_HELPS,
    PAUSE,
    metres,
    move_into,
    place_blocks,
)
from graph.store import Store

LOOKS_BAD = 0.5
"""Risk from which a helped account counts."""

PASSERS = 5
"""A session has so many different helpers at least."""


def add_town_sessions(store: Store) -> None:
    """Add sessions to `gatherings`, placed by `town`, and to `stall_sessions`.

    A scan's town is where its position is or, without one, where the other scans from
    its address block are; if none has a position, the block itself. Each help counts
    that is in no believed session, of a stranger who helped twice at most, without
    rivals for the code, to an account that looks batch-registered and is not known to
    be in that town. Five helpers or more make a session, where helps nearly always have
    a helper and a phone of their own and most codes are known to be from elsewhere.

    The account's looks are needed, so such a session finds no farm that nothing else
    speaks against. Its exact place stays unknown (null). Reads `help_facts`,
    `account_group` and what it adds to.
    """
    _put_towns(store)
    store.materialise(
        "_lured",
        f"""SELECT help_id, moment, helper, device, here, town,
              sum(CASE WHEN moment - before <= {PAUSE} THEN 0 ELSE 1 END) OVER (
                PARTITION BY town ORDER BY moment, help_id) AS turn
            FROM (SELECT *, lag(moment) OVER (
                    PARTITION BY town ORDER BY moment, help_id) AS before
                  FROM _town_helps
                  WHERE tries <= {PASSER_HELPS} AND NOT coalesce(here, false)) AS t""",
    )
    store.materialise(
        "_town_sessions",
        f"""SELECT town, turn,
              (SELECT coalesce(max(gathering), -1) FROM gatherings)
                + row_number() OVER (ORDER BY min(moment), town) AS gathering
            FROM _lured GROUP BY town, turn
            HAVING count(DISTINCT helper) >= {PASSERS}
               AND count(DISTINCT helper) * 10 >= count(*) * 8
               AND count(DISTINCT device) * 10 >= count(device) * 8
               AND count(here) * 2 >= count(*)""",
    )
    store.materialise(
        "_town_gatherings",
        """SELECT l.help_id, CAST(s.gathering AS INTEGER) AS gathering
           FROM _lured AS l
           JOIN _town_sessions AS s ON s.town = l.town AND s.turn = l.turn""",
    )
    move_into(store, "_town_gatherings")
    store.materialise(
        "stall_sessions",
        """SELECT gathering, believed, again FROM stall_sessions
           UNION ALL
           SELECT CAST(gathering AS INTEGER), true, false FROM _town_sessions
           ORDER BY gathering""",
    )
    store.drop(
        "block_places", "_town_helps", "_lured", "_town_sessions", "_town_gatherings"
    )


def _put_towns(store: Store) -> None:
    """Make `_town_helps`, a row a help that may be a lured one, and where it was.

    `here`: whether the helped account registered near; by region if no address tells.
    """
    place_blocks(store)
    store.materialise(
        "_town_helps",
        f"""WITH tries AS (
              SELECT helper, count(*) AS tries FROM help_facts
              WHERE kind = 'registration' GROUP BY helper),
            f AS (
              SELECT f.help_id, f.moment, f.helper, f.device, f.address_block, t.tries,
                     CASE WHEN f.latitude IS NULL OR f.longitude IS NULL
                       THEN p.latitude ELSE f.latitude END AS y,
                     CASE WHEN f.latitude IS NULL OR f.longitude IS NULL
                       THEN p.longitude ELSE f.longitude END AS x,
                     q.latitude AS its_y, q.longitude AS its_x,
                     n.profile_region = o.profile_region AS same_region,
                     coalesce(n.registration_block = f.address_block, false)
                       AS same_block
              FROM help_facts AS f
              JOIN tries AS t ON t.helper = f.helper
              JOIN account_group AS a ON a.account = f.helped
              JOIN accounts AS n ON n.account = f.helped
              LEFT JOIN accounts AS o ON o.account = f.helper
              LEFT JOIN block_places AS p ON p.address_block = f.address_block
              LEFT JOIN block_places AS q ON q.address_block = n.registration_block
              LEFT JOIN gatherings AS g ON g.help_id = f.help_id
              LEFT JOIN stall_sessions AS s ON s.gathering = g.gathering
              WHERE f.kind = 'registration' AND f.scan_id IS NOT NULL
                AND f.moment IS NOT NULL AND f.address_block IS NOT NULL
                AND a.risk >= {LOOKS_BAD} AND NOT coalesce(f.tied, false)
                AND NOT coalesce(f.together, false) AND coalesce(f.takers, 1) = 1
                AND NOT coalesce(s.believed, false))
            SELECT help_id, moment, helper, device, tries,
                   coalesce(round(y / 5e5) || '/' || round(x / 5e5), address_block)
                     AS town,
                   same_block OR coalesce({metres("y", "x", "its_y", "its_x")}
                     < {NEARBY_METRES}, same_region) AS here
            FROM f""",
    )
