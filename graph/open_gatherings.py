"""Helps without a position, and the gathering that went on in their town at the time.

Some phones give no position. What is left of such a scan's place is the town of its
address block, and in most towns it is seldom that a stranger is helped from elsewhere;
while a stall stands there, most of those helps are at the stall.
"""

from graph.help_facts import BLOCK_SPREAD, NEARBY_METRES
from graph.store import Store

PAUSE = 20 * 60
"""Seconds before the first and after the last help of a gathering that belong to it."""

PASSER_HELPS = 2
"""Who tried to help in more registrations than this is no passer-by."""

DAY = 86_400


def place_blocks(store: Store) -> None:
    """Make `block_places(address_block, latitude, longitude)` from scans with both."""
    store.materialise(
        "block_places",
        f"""SELECT address_block, CAST(sum(latitude) AS BIGINT) // count(*) AS latitude,
              CAST(sum(longitude) AS BIGINT) // count(*) AS longitude
            FROM scans WHERE address_block IS NOT NULL AND latitude IS NOT NULL
              AND longitude IS NOT NULL
            GROUP BY address_block
            HAVING count(*) >= 3
               AND max(latitude) - min(latitude) < {BLOCK_SPREAD}
               AND max(longitude) - min(longitude) < {BLOCK_SPREAD}""",
    )


def find_open(store: Store, name: str, helps: str, among: str) -> None:
    """Make the table `name(help_id, gathering)`: helps, and what was open for them.

    `helps` is a SELECT of (help_id, moment, y, x), the middle of the town; `among` one
    of (gathering), those that are looked at. Of them a gathering with a place is open
    from a pause before its first help until a pause after its last; of several in the
    town it is the one whose middle is nearest in time. Of one that lasts longer, its
    first and its last day (UTC) are looked at: a stall is there for hours.
    """
    store.materialise(
        "_held",
        f"""SELECT g.gathering, min(f.moment) - {PAUSE} AS opens,
              max(f.moment) + {PAUSE} AS closes,
              CAST(sum(g.latitude) AS BIGINT) // count(*) AS y,
              CAST(sum(g.longitude) AS BIGINT) // count(*) AS x
            FROM gatherings AS g
            JOIN ({among}) AS a ON a.gathering = g.gathering
            JOIN help_facts AS f ON f.help_id = g.help_id
            WHERE g.latitude IS NOT NULL AND g.longitude IS NOT NULL
            GROUP BY g.gathering""",
    )
    store.materialise(
        "_held_days",
        f"""SELECT gathering, opens, closes, y, x, opens // {DAY} AS day FROM _held
            UNION
            SELECT gathering, opens, closes, y, x, closes // {DAY} FROM _held""",
    )
    store.materialise(
        name,
        f"""SELECT help_id, gathering FROM (
              SELECT h.help_id, d.gathering, row_number() OVER (
                  PARTITION BY h.help_id
                  ORDER BY abs(2 * h.moment - d.opens - d.closes),
                           d.gathering) AS choice
              FROM ({helps}) AS h
              JOIN _held_days AS d ON d.day = h.moment // {DAY}
              WHERE h.moment BETWEEN d.opens AND d.closes
                AND {metres("h.y", "h.x", "d.y", "d.x")} < {NEARBY_METRES}) AS c
            WHERE choice = 1""",
    )
    store.drop("_held", "_held_days")


def move_into(store: Store, helps: str) -> None:
    """Put helps into `gatherings` that are there, placed by `town`.

    `helps` is the table of (help_id, gathering); each leaves the gathering it is in.
    """
    store.materialise(
        "gatherings",
        f"""SELECT help_id, latitude, longitude, placed_by, gathering FROM gatherings
            WHERE help_id NOT IN (SELECT help_id FROM {helps})
            UNION ALL
            SELECT help_id, NULL, NULL, 'town', CAST(gathering AS INTEGER) FROM {helps}
            ORDER BY gathering, help_id""",
    )


def metres(y: str, x: str, other_y: str, other_x: str) -> str:
    """Return SQL for the distance of two places in millionths of a degree."""
    return (
        f"111319.5e-6 * sqrt(({y} - {other_y}) * ({y} - {other_y})"
        f" + cos(radians({y} / 1e6)) * cos(radians({y} / 1e6))"
        f" * ({x} - {other_x}) * ({x} - {other_x}))"
    )
