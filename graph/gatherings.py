"""Gatherings: helps that were scanned close to each other in place and time.

A gathering is density-connected (DBSCAN, Ester et al. 1996): every help in it has at
least `minimum_helps - 1` others within `metres` and `seconds`, or is next to one that
has. What kind of gathering it is, a stall or a family party, is not decided here.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from graph.store import Store

EARTH_METRES = 6_378_137.0

NEARBY_METRES = 60_000
"""An account whose network or region is closer than this may have been there."""


@dataclass(frozen=True)
class Closeness:
    """How near helps must be to belong to one gathering."""

    metres: int = 150
    seconds: int = 3 * 3600
    minimum_helps: int = 5


def find_gatherings(store: Store, closeness: Closeness | None = None) -> None:
    """Make `gatherings(help_id, gathering)` and `relayed_gatherings(gathering)`.

    Both from `help_facts`; friends who help each other in the same place do not count.
    Gatherings are numbered in the order of their first help. A gathering is relayed
    when those who helped were there once, most had no tie to whom they helped, and
    those who were helped were not there: neither on the same network nor, as far as
    their network or region tells, in the same part of the country. (Not every tie is a
    friendship: some are made for a help's sake.)
    """
    closeness = closeness or Closeness()
    helps = store.arrow(
        f"""SELECT help_id, latitude, longitude, moment FROM help_facts
           WHERE latitude IS NOT NULL AND longitude IS NOT NULL AND moment IS NOT NULL
             AND NOT (coalesce(tied, false)
                      AND coalesce(together OR away < {NEARBY_METRES}, false))
           ORDER BY moment, help_id"""
    )
    labels = _density_components(
        helps["latitude"].to_numpy(),
        helps["longitude"].to_numpy(),
        helps["moment"].to_numpy(),
        closeness,
    )
    kept = np.flatnonzero(labels >= 0)
    store.put(
        "gatherings",
        pa.table(
            {
                "help_id": helps["help_id"].take(pa.array(kept)),
                "gathering": pa.array(labels[kept], pa.int32()),
            }
        ),
    )
    store.materialise(
        "relayed_gatherings",
        f"""SELECT g.gathering FROM gatherings AS g
            JOIN help_facts AS f ON f.help_id = g.help_id
            GROUP BY g.gathering
            HAVING count(DISTINCT f.helper) * 10 >= count(*) * 7
               AND count(*) FILTER (f.together) * 5 <= count(*)
               AND count(*) FILTER (f.tied) * 5 <= count(*) * 2
               AND count(*) FILTER (f.away < {NEARBY_METRES}) * 5
                   <= count(f.away) * 2""",
    )


def _density_components(
    latitude: np.ndarray, longitude: np.ndarray, moment: np.ndarray, near: Closeness
) -> np.ndarray:
    """Return a label per help, in the order given; -1 where it is in none."""
    count = len(moment)
    labels = np.full(count, -1, dtype=np.int64)
    if count < near.minimum_helps:
        return labels
    pairs = _close_pairs(latitude, longitude, moment, near)
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


def _close_pairs(
    latitude: np.ndarray, longitude: np.ndarray, moment: np.ndarray, near: Closeness
) -> np.ndarray:
    """Return the pairs within the distance and the time, as positions.

    Places are points on a sphere, in units of the distance allowed: the chord between
    two of them is their distance, wherever on earth they are.
    """
    phi, lam = np.radians(latitude / 1e6), np.radians(longitude / 1e6)
    place = np.column_stack(
        [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
    )
    place *= EARTH_METRES / near.metres
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
