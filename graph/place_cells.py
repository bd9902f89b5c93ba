"""Events are cut into components that cannot be near each other, by statements alone.

Each event has a box around it, half as far to each side as is near; boxes of events
that are near each other overlap. A cell is at least as large as two boxes, so where two
boxes overlap they have a cell in common that holds a corner of each. Cells with corners
of one box are linked, and what hangs together is a component.
"""

from graph.components import find_components
from graph.density import Closeness
from graph.store import Store

SMALLEST_METRES, SMALLEST_SECONDS = 100, 600
"""Cells are no smaller, so that their numbers fit into 64 bits."""

LARGEST_METRES = 10_000
"""Beyond this all places are one cell."""

DEGREE = 1_000_000
WHOLE = 360 * DEGREE
LONG_AGO = 10**11
"""Added to moments, so that none is below 0."""


def cut_apart(store: Store, name: str, events: str, near: Closeness) -> None:
    """Make `name(event, component)`: events of two components cannot be near.

    `events` has `event`, `moment`, `latitude` and `longitude`, or else `network`. On a
    network, whose place is not known, a component is a stretch of time without a gap
    that is too long.
    """
    cells = _Cells(near)
    store.materialise(
        "_cells",
        f"""SELECT e.event, e.moment, e.latitude, e.longitude,
              {cells.of("e.latitude", "e.longitude", "e.moment")} AS cell
            FROM ({events}) AS e WHERE e.network IS NULL""",
    )
    sides = "(SELECT -1 AS side UNION ALL SELECT 1)"
    corner = cells.of(
        f"(c.latitude + y.side * {cells.north})",
        f"(c.longitude + x.side * {_by_latitude('c.latitude', 59.5, cells.east)})",
        f"(c.moment + t.side * {cells.late})",
    )
    find_components(
        store,
        "_linked_cells",
        f"""SELECT c.cell AS a, {corner} AS b FROM _cells AS c
            CROSS JOIN {sides} AS x CROSS JOIN {sides} AS y CROSS JOIN {sides} AS t""",
    )
    store.materialise(
        name,
        f"""WITH gaps AS (
              SELECT e.event, e.network, e.moment,
                CASE WHEN e.moment - lag(e.moment) OVER (
                    PARTITION BY e.network ORDER BY e.moment, e.event)
                  > {near.seconds} THEN 1 ELSE 0 END AS gap
              FROM ({events}) AS e WHERE e.network IS NOT NULL)
            SELECT c.event,
              CAST(coalesce(l.component, c.cell) AS VARCHAR) AS component
            FROM _cells AS c LEFT JOIN _linked_cells AS l ON l.node = c.cell
            UNION ALL
            SELECT event, network || ' ' || CAST(CAST(sum(gap) OVER (
                PARTITION BY network ORDER BY moment, event
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT)
              AS VARCHAR) FROM gaps""",
    )
    store.drop("_cells", "_linked_cells")


class _Cells:
    """Cells of latitude, longitude and time, as one whole number.

    A box reaches `north`, `east` and `late` to each side (millionths of a degree,
    seconds). Ten of the millionths are more than a metre, with room for what the chord
    between two places is shorter than the way. To the east they are as many as at the
    far end of each of two zones, and beyond them every cell goes round the earth. A row
    of cells belongs to one zone, and its cells are wide enough for all boxes that reach
    into it: zones of boxes begin half a degree nearer to the pole than those of rows.
    """

    def __init__(self, near: Closeness) -> None:
        reach = 10 * max(near.metres, SMALLEST_METRES)
        time = max(near.seconds, SMALLEST_SECONDS)
        self.anywhere = near.metres > LARGEST_METRES
        self.north, self.late = reach // 2 + 1, time // 2 + 1
        self.east = (2 * self.north, 6 * self.north, 0)  # 1 / cos 60°, 80°
        self.rows, self.slots = 4 * self.north, 4 * self.late
        self.columns = tuple(WHOLE // (4 * east) if east else 1 for east in self.east)

    def of(self, latitude: str, longitude: str, moment: str) -> str:
        """Return the number of the cell that a point is in, as an expression."""
        slot = f"(({moment} + {LONG_AGO}) // {self.slots})"
        if self.anywhere:
            return f"CAST({slot} AS BIGINT)"
        south = 90 * DEGREE + self.rows
        row = f"(({latitude} + {south}) // {self.rows})"
        columns = _by_latitude(f"{row} * {self.rows} - {south}", 59, self.columns)
        east_of = f"(({longitude} + {WHOLE + WHOLE // 2}) % {WHOLE})"
        column = f"(CAST({east_of} AS BIGINT) * {columns} // {WHOLE})"
        return f"(CAST({slot} AS BIGINT) * {2**17} + {row}) * {2**17} + {column}"


def _by_latitude(latitude: str, end: float, values: tuple[int, ...]) -> str:
    """Return a value by zone: up to the degree `end`, up to 20 more, and beyond."""
    first, second = int(end * DEGREE), int((end + 20) * DEGREE)
    return (
        f"(CASE WHEN abs({latitude}) < {first} THEN {values[0]} "
        f"WHEN abs({latitude}) < {second} THEN {values[1]} ELSE {values[2]} END)"
    )
