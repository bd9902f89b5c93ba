"""Online profit platforms: pools of workers who race for the same orders.

Workers belong to one platform when they race for the same codes, and few work for two.
Who never raced belongs where his farms' other workers do; where no codes are known,
farms alone make the pools.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graph.communities import find_communities, number_by_first
from graph.store import Store


@dataclass(frozen=True)
class PlatformSettings:
    """Which workers make a platform.

    Two pools are two platforms when their workers race each other less than `apart`
    times as often as if all raced at random. `resolution` is of the pools by farms
    alone. Lower ones make larger pools.
    """

    apart: float = 0.25
    resolution: float = 1e-4
    minimum_workers: int = 5


def find_platforms(
    store: Store, settings: PlatformSettings | None = None
) -> pd.DataFrame:
    """Return the helps of platforms: help_id, helper, helped, platform (0 and up).

    Reads `help_facts`, `account_group` and `helper_role`, as `find_crews` does.
    """
    settings = settings or PlatformSettings()
    helps = store.frame(
        """SELECT f.help_id, f.helper, f.helped, f.code_id, f.moment, a.team AS farm
           FROM help_facts AS f
           JOIN helper_role AS h ON h.helper = f.helper AND h.role = 'platform_worker'
           LEFT JOIN account_group AS a ON a.account = f.helped AND a.risk >= 0.5
           WHERE f.kind = 'registration'
           ORDER BY f.moment, f.helper, f.helped, f.help_id"""
    )
    workers, worker = np.unique(helps["helper"].to_numpy(), return_inverse=True)
    helps["worker"] = worker
    pool = _large(_pools_by_races(helps, len(workers), settings), settings)
    pool = _follow_farms(pool, helps)
    pool = _large(_pools_by_farms(pool, helps, settings), settings)
    # Without helps there is nothing to number.
    label = pool.copy()
    label[pool >= 0] = number_by_first(pool[pool >= 0])
    helps["platform"] = label[worker]
    return helps[helps["platform"] >= 0].drop(columns=["code_id", "farm", "worker"])


def _large(pool: np.ndarray, settings: PlatformSettings) -> np.ndarray:
    """Return the pools without those of too few workers."""
    size = np.bincount(pool[pool >= 0], minlength=1)
    return np.where(size[pool] >= settings.minimum_workers, pool, -1)


def _pools_by_races(
    helps: pd.DataFrame, workers: int, settings: PlatformSettings
) -> np.ndarray:
    """Return a pool per worker, -1 for those who raced nobody.

    A race is a pair of workers who scanned one code. A constant-Potts factor that falls
    with the number of races makes this modularity with a low factor: pools may be of
    any size, but hang together from one week to the next.
    """
    takers = helps[["code_id", "worker"]].dropna().drop_duplicates()
    pairs = takers.merge(takers, on="code_id", suffixes=("", "_rival"))
    pairs = pairs[pairs["worker"] < pairs["worker_rival"]]
    races = pairs.groupby(["worker", "worker_rival"]).size()
    ends = np.array(races.index.to_list(), dtype=np.int64).reshape(-1, 2)
    times = races.to_numpy(dtype=np.int64)
    pool = np.full(workers, -1, dtype=np.int64)
    if len(ends):
        racing = np.unique(ends)
        first, second = np.searchsorted(racing, ends).T
        pool[racing] = find_communities(
            (first, second),
            times * 10**6,
            nodes=len(racing),
            resolution=settings.apart / (2.0 * float(times.sum())),
        )
    return pool


def _follow_farms(pool: np.ndarray, helps: pd.DataFrame) -> np.ndarray:
    """Give workers without a pool the one that helped most of the same farms."""
    served = helps.dropna(subset=["farm"])
    known = served.assign(pool=pool[served["worker"]])
    weight = known[known["pool"] >= 0].groupby(["farm", "pool"], as_index=False).size()
    loose = known.loc[known["pool"] < 0, ["worker", "farm"]].drop_duplicates()
    shared = loose.merge(weight, on="farm")
    helped = shared.groupby(["worker", "pool"]).agg(helps=("size", "sum")).reset_index()
    chosen = helped.sort_values(
        ["worker", "helps", "pool"], ascending=[True, False, True]
    ).drop_duplicates("worker")
    result = pool.copy()
    result[chosen["worker"].to_numpy(dtype=np.int64)] = chosen["pool"]
    return result


def _pools_by_farms(
    pool: np.ndarray, helps: pd.DataFrame, settings: PlatformSettings
) -> np.ndarray:
    """Make pools of the workers that are in none yet and serve the same farms."""
    shared = helps.loc[pool[helps["worker"]] < 0, ["worker", "farm"]]
    shared = shared.dropna().drop_duplicates()
    shared = shared[shared.duplicated("farm", keep=False)]
    if shared.empty:
        return pool
    farms, farm = np.unique(shared["farm"].to_numpy(), return_inverse=True)
    community = find_communities(
        (shared["worker"].to_numpy(), len(pool) + farm),
        np.full(len(shared), 10**6),
        nodes=len(pool) + len(farms),
        resolution=settings.resolution,
    )[: len(pool)]
    return np.where(pool < 0, int(pool.max(initial=-1)) + 1 + community, pool)
