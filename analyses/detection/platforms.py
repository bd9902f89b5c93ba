"""Online profit platforms: pools of workers who race for the same orders.

Workers belong to one platform when they race for the same codes and serve the same
farms. The pools are the communities of the two-sided graph of workers and what they
share, by the same constant-Potts objective as the farms. A large pool falls into
several of them, one a farm or a week; those whose workers race each other are joined.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graph.communities import find_communities, number_by_first
from graph.store import Store


@dataclass(frozen=True)
class PlatformSettings:
    """Which workers make a platform; a lower resolution makes larger ones.

    Two pools are one when `same_races` of the smaller one's races are with the other.
    """

    resolution: float = 1e-4
    minimum_workers: int = 5
    same_races: float = 0.2


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
           WHERE f.kind = 'registration' ORDER BY f.moment, f.help_id"""
    )
    workers, worker = np.unique(helps["helper"].to_numpy(), return_inverse=True)
    shared = pd.concat(
        [
            pd.DataFrame({"worker": worker, "thing": "c" + helps["code_id"]}),
            pd.DataFrame(
                {"worker": worker, "thing": "f" + helps["farm"].astype("string")}
            ),
        ]
    )
    shared = shared.dropna().drop_duplicates()
    shared = shared[shared.duplicated("thing", keep=False)]
    things, thing = np.unique(shared["thing"].to_numpy(dtype=str), return_inverse=True)
    community = find_communities(
        (shared["worker"].to_numpy(), len(workers) + thing),
        np.full(len(shared), 10**6),
        nodes=len(workers) + len(things),
        resolution=settings.resolution,
    )[: len(workers)]
    community = _join_pools(community, helps.assign(worker=worker), settings.same_races)
    size = np.bincount(community, minlength=1)
    kept = size[community] >= settings.minimum_workers
    label = np.where(kept, community, -1)
    label[kept] = number_by_first(community[kept])
    helps["platform"] = label[worker]
    return helps[helps["platform"] >= 0].drop(columns=["code_id", "farm"])


def _join_pools(
    community: np.ndarray, helps: pd.DataFrame, same_races: float
) -> np.ndarray:
    """Join pools, the closest first, while the workers of two race for the same codes.

    A race is a pair of workers who scanned one code. Ties go to the smallest numbers.
    """
    takers = helps[["code_id", "worker"]].dropna().drop_duplicates()
    pairs = takers.merge(takers, on="code_id", suffixes=("", "_rival"))
    pairs = pairs[pairs["worker"] != pairs["worker_rival"]]
    pools, label = np.unique(community, return_inverse=True)
    races = np.zeros((len(pools), len(pools)))
    np.add.at(races, (label[pairs["worker"]], label[pairs["worker_rival"]]), 1)
    while len(pools) > 1:
        total = races.sum(axis=1)
        smaller = np.maximum(np.minimum(total[:, None], total[None, :]), 1)
        share = np.triu(races / smaller, k=1)
        best = int(np.argmax(np.rint(1e6 * share)))
        a, b = divmod(best, len(pools))
        if share[a, b] < same_races:
            break
        races[a] += races[b]
        races[:, a] += races[:, b]
        races[b], races[:, b] = 0, 0
        label[label == b] = a
    return np.asarray(pools[label])
