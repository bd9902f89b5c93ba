"""What suppliers of helps share: which accounts they serve, and who helped whom."""

import numpy as np

from loaders.simulator.farms import Farm
from loaders.simulator.geography import Floats, Ints


def share_out(
    rng: np.random.Generator,
    farms: list[Farm],
    suppliers: int,
    route: str,
    *,
    second_share: float = 0.3,
    second_from: int = 80,
) -> list[Ints]:
    """Give each farm a supplier, large ones a second; return whom each serves.

    A farm of more than `second_from` accounts on this route gives its second supplier a
    share of them.

    A farm's accounts stay together in the order of its work, so that a supplier serves
    few farms at a time.
    """
    served: list[list[Ints]] = [[] for _ in range(suppliers)]
    if not suppliers:
        return []
    load = np.zeros(suppliers)
    for farm in sorted(farms, key=lambda one: -len(one.by(route))):
        accounts = farm.by(route)
        if not len(accounts):
            continue
        first = int(np.argmin(load + rng.random(suppliers)))
        second = int(rng.integers(suppliers))
        other = rng.random(len(accounts)) < (
            second_share if len(accounts) > second_from else 0.0
        )
        for supplier, part in ((first, accounts[~other]), (second, accounts[other])):
            served[supplier].append(part)
            load[supplier] += len(part)
    return [
        np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        for parts in served
    ]


def tied_share(farms: list[Farm], accounts: int) -> Floats:
    """For every account the chance that it befriends its helper; zero outside farms."""
    share = np.zeros(accounts)
    for farm in farms:
        share[farm.accounts] = farm.style.tied
    return share
