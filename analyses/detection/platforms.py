"""Online profit platforms: pools of workers who race for the same orders.

Workers belong to one platform when they race for the same codes and serve the same
farms. The pools are the communities of the two-sided graph of workers and what they
share, by the same constant-Potts objective as the farms.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graph.communities import find_communities, number_by_first
from graph.store import Store


@dataclass(frozen=True)
class PlatformSettings:
    """Which workers make a platform; a lower resolution makes larger ones."""

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
    size = np.bincount(community, minlength=1)
    kept = size[community] >= settings.minimum_workers
    label = np.where(kept, community, -1)
    label[kept] = number_by_first(community[kept])
    helps["platform"] = label[worker]
    return helps[helps["platform"] >= 0].drop(columns=["code_id", "farm"])
