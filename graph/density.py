"""Events that are dense in place and time, wherever they are computed.

Density-connected (DBSCAN, Ester et al. 1996): every event in a gathering has at least
`minimum_helps - 1` others within `metres` and `seconds`, or is next to one that has.

Who is dense together is near each other, step by step. Where work is spread, events
are first cut into parts that cannot be near each other (`graph.place_cells`), and some
parts are one task; on one machine all are looked at in one call.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from graph.store import Store

EARTH_METRES = 6_378_137.0

FOUND = pa.schema([("event", pa.string()), ("first", pa.string())])
"""What is found: events in a gathering, and the first one of the same gathering."""


@dataclass(frozen=True)
class Closeness:
    """How near helps must be to belong to one gathering."""

    metres: int = 150
    seconds: int = 3 * 3600
    minimum_helps: int = 5


def find_dense(
    store: Store,
    name: str,
    events: str,
    near: Closeness,
    *,
    order: tuple[str, ...] = ("moment", "event"),
) -> None:
    """Make `name(event, first)`: the events in a gathering, and the first one of it.

    `events` is a statement with `event` (a text that is its own), `moment` (seconds),
    `latitude` and `longitude` (millionths of a degree) or else `network`, a text that
    stands for a place of its own, `component` (see `graph.place_cells`), and what
    further columns are named in `order`: it says which of two events is the earlier.
    """
    columns = ", ".join(
        dict.fromkeys(
            ("event", "moment", "latitude", "longitude", "network", "component", *order)
        )
    )
    store.by_component(
        name,
        f"SELECT {columns} FROM ({events}) AS e",
        partial(dense_events, near=near, order=order),
        FOUND,
    )


def dense_events(
    events: pa.Table, *, near: Closeness, order: tuple[str, ...]
) -> pa.Table:
    """Return the events of a gathering with the first of it, in the order asked for.

    The answer for a gathering does not depend on what else is there.
    """
    events = events.sort_by([(name, "ascending") for name in order])
    labels = density_components(
        places_of(events, near), events["moment"].to_numpy(), near
    )
    inside = np.flatnonzero(labels >= 0)
    name = events["event"].take(pa.array(inside))
    _, first, gathering = np.unique(
        labels[inside], return_index=True, return_inverse=True
    )
    return pa.table([name, name.take(pa.array(first[gathering]))], schema=FOUND)


def places_of(helps: pa.Table, near: Closeness) -> np.ndarray:
    """Return the place of each help, in units of the distance allowed.

    Points on a sphere: the chord between two of them is their distance, wherever on
    earth they are. A network whose place is not known is a place of its own, far from
    everything else.
    """
    phi = np.radians(_numbers(helps["latitude"]) / 1e6)
    lam = np.radians(_numbers(helps["longitude"]) / 1e6)
    place = np.column_stack(
        [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
    )
    place *= EARTH_METRES / near.metres
    network = helps["network"].combine_chunks().dictionary_encode()
    alone = np.asarray(network.is_valid())
    number = network.indices.fill_null(0).to_numpy()[alone]
    place[alone] = 0.0
    place[alone, 0] = 10.0 * EARTH_METRES / near.metres + 10.0 * number
    return np.asarray(place)


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column as doubles, 0 for null."""
    return np.asarray(column.fill_null(0).to_numpy(), dtype=np.float64)


def density_components(
    place: np.ndarray, moment: np.ndarray, near: Closeness
) -> np.ndarray:
    """Return a label per help, in the order given; -1 where it is in none."""
    count = len(moment)
    labels = np.full(count, -1, dtype=np.int64)
    if count < near.minimum_helps:
        return labels
    pairs = _close_pairs(place, moment, near)
    core = np.bincount(pairs.ravel(), minlength=count) >= near.minimum_helps - 1
    joined = pairs[core[pairs[:, 0]] & core[pairs[:, 1]]]
    edges = coo_array(
        (np.ones(len(joined), dtype=np.int8), (joined[:, 0], joined[:, 1])),
        shape=(count, count),
    )
    _, component = connected_components(edges, directed=False)
    labels[core] = component[core]
    # A border help joins the gathering of its earliest neighbour at the core.
    either = np.concatenate([pairs, pairs[:, ::-1]])
    border = either[~core[either[:, 0]] & core[either[:, 1]]]
    earliest = np.full(count, count, dtype=np.int64)
    np.minimum.at(earliest, border[:, 0], border[:, 1])
    met = earliest < count
    labels[met] = component[earliest[met]]
    return _renumber(labels)


def _close_pairs(place: np.ndarray, moment: np.ndarray, near: Closeness) -> np.ndarray:
    """Return the pairs within the distance and the time, as positions."""
    time = (moment - moment.min())[:, None] / near.seconds
    pairs = cKDTree(np.hstack([place, time])).query_pairs(
        np.sqrt(2.0) + 1e-9, output_type="ndarray"
    )
    left, right = pairs[:, 0], pairs[:, 1]
    apart = ((place[left] - place[right]) ** 2).sum(axis=1)
    lapse = np.abs(moment[left] - moment[right])
    return np.asarray(pairs[(apart <= 1.0) & (lapse <= near.seconds)])


def _renumber(labels: np.ndarray) -> np.ndarray:
    """Return the labels renumbered by their first appearance."""
    inside = labels >= 0
    _, first, inverse = np.unique(
        labels[inside], return_index=True, return_inverse=True
    )
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first)] = np.arange(len(first))
    result = labels.copy()
    result[inside] = order[inverse]
    return result
