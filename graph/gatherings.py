"""Gatherings: helps that were scanned close to each other in place and time.

A gathering is density-connected (DBSCAN, Ester et al. 1996): every help in it has at
least `minimum_helps - 1` others within `metres` and `seconds`, or is next to one that
has. What kind of gathering it is, a stall or a family party, is not decided here; but
where people gather for something else and codes from elsewhere are scanned among them,
these are a gathering of their own.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from graph.store import Store

EARTH_METRES = 6_378_137.0

ACCESS_POINT_SPREAD = 3_000
"""An access point whose scans lie further apart (millionths of a degree) moves."""

NEARBY_METRES = 60_000
"""An account whose network or region is closer than this may have been there."""


@dataclass(frozen=True)
class Closeness:
    """How near helps must be to belong to one gathering."""

    metres: int = 150
    seconds: int = 3 * 3600
    minimum_helps: int = 5


def find_gatherings(store: Store, closeness: Closeness | None = None) -> None:
    """Make `gatherings`, `passing_gatherings` and `relayed_gatherings(gathering)`.

    `gatherings` has help_id, gathering, latitude, longitude and `placed_by`: position,
    access point or address. Where a scan has no position, its access point is its
    place, or else its address.

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
    """
    closeness = closeness or Closeness()
    helps = _placed_helps(store)
    place, moment = places_of(helps, closeness), helps["moment"].to_numpy()
    labels = density_components(place, moment, closeness)
    _put_gatherings(store, helps, labels, picked=np.zeros(0, dtype=np.int64))
    relayed = [
        g
        for (g,) in store.rows("SELECT gathering FROM passing_gatherings WHERE relayed")
    ]
    far = np.flatnonzero(
        (labels >= 0) & ~np.isin(labels, relayed) & helps["far"].to_numpy()
    )
    among = density_components(place[far], moment[far], closeness)
    if (among >= 0).any():
        inside = far[among >= 0]
        labels[inside] = labels.max() + 1 + among[among >= 0]
        labels = _renumber(labels)
        _put_gatherings(store, helps, labels, picked=np.unique(labels[inside]))
    store.materialise(
        "relayed_gatherings",
        "SELECT gathering FROM passing_gatherings WHERE relayed AND NOT picked",
    )
    store.drop("_whereabouts")


def _placed_helps(store: Store) -> pa.Table:
    """Return the helps that have a place, by time; make `_whereabouts(help_id, here)`.

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
    helps = store.arrow(
        f"""SELECT f.help_id, f.moment,
              coalesce(f.latitude, p.latitude) AS latitude,
              coalesce(f.longitude, p.longitude) AS longitude,
              CASE WHEN f.latitude IS NOT NULL AND f.longitude IS NOT NULL
                     OR p.latitude IS NOT NULL THEN NULL
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
            WHERE f.moment IS NOT NULL
              AND NOT (coalesce(tied, false)
                       AND coalesce(together OR away < {NEARBY_METRES}, false))
              AND (f.latitude IS NOT NULL AND f.longitude IS NOT NULL
                   OR f.access_point IS NOT NULL OR f.ip IS NOT NULL)
            ORDER BY f.moment, f.helper, f.helped, f.help_id"""
    )
    store.drop("access_point_places")
    return helps


def _put_gatherings(
    store: Store, helps: pa.Table, labels: np.ndarray, picked: np.ndarray
) -> None:
    """Make `gatherings`, and `passing_gatherings(gathering, relayed, picked)`."""
    kept = pa.array(np.flatnonzero(labels >= 0))
    found = helps.select(["help_id", "latitude", "longitude", "placed_by"]).take(kept)
    store.put(
        "gatherings",
        found.append_column("gathering", pa.array(labels[kept.to_numpy()], pa.int32())),
    )
    store.put("_picked", pa.table({"gathering": pa.array(picked, pa.int32())}))
    store.materialise(
        "passing_gatherings",
        """SELECT g.gathering,
              count(*) FILTER (w.here) * 5 <= count(w.here) * 2 AS relayed,
              g.gathering IN (SELECT gathering FROM _picked) AS picked
            FROM gatherings AS g
            JOIN help_facts AS f ON f.help_id = g.help_id
            JOIN _whereabouts AS w ON w.help_id = g.help_id
            GROUP BY g.gathering
            HAVING count(DISTINCT f.helper) * 10 >= count(*) * 7
               AND count(*) FILTER (f.together) * 5 <= count(*)
               AND count(*) FILTER (w.here) * 4 <= count(w.here) * 3
               AND count(*) FILTER (f.tied) * 5 <= count(*) * 2""",
    )
    store.drop("_picked")


def _place_access_points(store: Store) -> None:
    """Learn from all scans with a position where an access point stands."""
    store.materialise(
        "access_point_places",
        f"""SELECT wifi AS access_point,
              CAST(sum(latitude) AS BIGINT) // count(*) AS latitude,
              CAST(sum(longitude) AS BIGINT) // count(*) AS longitude
            FROM scans WHERE wifi IS NOT NULL AND latitude IS NOT NULL
              AND longitude IS NOT NULL
            GROUP BY wifi
            HAVING max(latitude) - min(latitude) < {ACCESS_POINT_SPREAD}
               AND max(longitude) - min(longitude) < {ACCESS_POINT_SPREAD}""",
    )


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
