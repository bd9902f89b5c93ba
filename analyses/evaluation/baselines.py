"""The methods that a platform may have already, on the data of a run.

Each calls accounts batch-registered, and groups them, without weighing any evidence.
They stand beside a run's own figures so that a reader sees what the evidence adds.
"""

from dataclasses import dataclass
from pathlib import Path

import networkit
import numpy as np
import pandas as pd

from analyses.evaluation.comparison import (
    Comparison,
    compare,
    compare_farms,
    compare_givers,
)
from analyses.evaluation.fraudar import find_blocks
from analyses.evaluation.metrics import Score, compare_groups
from analyses.evaluation.synchrotrap import synchronised_groups
from analyses.reporting.report_tables import Section
from analyses.run_events import open_store
from graph.communities import find_communities, number_by_first
from graph.lockstep import Lockstep, build_lockstep
from graph.store import Store

TOWN = 0.3
"""Degrees: the side of a town for the plain method."""

SHARED_BY = 5
"""New accounts on one device from which on the plain rule takes them for a farm."""

SEGMENT_OF = 10
"""New accounts in one phone segment, likewise."""

COMMUNITY_OF = 8
"""Members from which on a component or community is taken for a farm."""


SYNCHRONISED_WITHIN, SYNCHRONISED_BY = 3600, 0.2
"""Seconds and similarity with which SynchroTrap did best on a world not reported."""


@dataclass(frozen=True)
class Rival:
    """What one method found: the accounts, how well, and the farms as groups."""

    method: str
    found: frozenset[str]
    score: Score
    farms: float | None

    def cells(self) -> tuple[str | int | float | None, ...]:
        """Return the row of a table."""
        score = self.score
        told = score.precision, score.recall, score.f1
        return self.method, score.found, *told, self.farms


def beside_baselines(run: Path, truth: Path) -> Section:
    """Return a table: this run, and each other method, over the new accounts."""
    rivals = [own_result(compare(run, truth)), *rivals_of(run, truth)]
    return Section(
        "Batch-registered accounts, beside other methods",
        ("method", "found", "precision", "recall", "F1", "farms as groups: BCubed F1"),
        tuple(rival.cells() for rival in rivals),
    )


def rivals_of(run: Path, truth: Path) -> list[Rival]:
    """Return what each other method finds in the events of a run.

    How well batch-registered accounts are told: a community or shared key of the given
    size is called a farm, all its accounts batch-registered; and BCubed F1 of the
    groups over the accounts that truly are. FRAUDAR gives blocks in an order; as many
    are taken as serve it best, by the truth, so its row is what it can reach.
    """
    compared = compare(run, truth)
    with open_store(run) as store:
        lockstep = build_lockstep(store)
        names = _names(store)
        communities = {
            "components": _components(lockstep),
            "Louvain communities": _louvain(lockstep),
            "Leiden communities": _leiden(lockstep),
            "SynchroTrap groups": _synchronised(store, lockstep),
        }
    true = np.isin(np.array(names, dtype=object), list(_true(compared)))
    groupings = {
        f"devices shared by {SHARED_BY} or more": _by_key(
            lockstep, "device", SHARED_BY
        ),
        f"phone segments of {SEGMENT_OF} or more": _by_key(
            lockstep, "phone_segment", SEGMENT_OF
        ),
        **{
            f"{method} of {COMMUNITY_OF} or more": _large(labels)
            for method, labels in communities.items()
        },
        "FRAUDAR blocks, at best": _densest(lockstep, true),
    }
    return [
        _rival(method, group, names, compared) for method, group in groupings.items()
    ]


def beside_towns(run: Path, truth: Path) -> Section:
    """Return a table: the crews of this run, and "one town = one crew".

    BCubed over the helps that were truly given at a stall. The plain method knows which
    helps these are and calls all of one town (a square of `TOWN` degrees) one crew.
    """
    compared = compare(run, truth)
    stall = compared.true_helps[compared.true_helps["pattern"] == "stall"]
    stall = stall.sort_values("help_id").drop_duplicates("help_id")
    with open_store(run) as store:
        towns = dict(
            store.rows(
                f"""SELECT help_id, CAST(round(latitude / {TOWN}e6) AS VARCHAR) || ' '
                      || CAST(round(longitude / {TOWN}e6) AS VARCHAR)
                    FROM help_facts
                    WHERE latitude IS NOT NULL AND longitude IS NOT NULL"""
            )
        )
    plain = compare_groups(
        stall["team_id"].astype(str).tolist(),
        [towns.get(help_id) for help_id in stall["help_id"]],
    )
    groupings = {
        "this run": compare_givers(compared, "stall"),
        "one town = one crew": plain,
    }
    rows = [
        (
            method,
            found.found_groups,
            found.bcubed_precision,
            found.bcubed_recall,
            found.bcubed_f1,
        )
        for method, found in groupings.items()
    ]
    return Section(
        "Crews, beside one town = one crew",
        ("method", "crews", "BCubed P", "BCubed R", "BCubed F1"),
        tuple(rows),
    )


def _names(store: Store) -> list[str]:
    rows = store.arrow("SELECT account_id FROM accounts WHERE is_new ORDER BY account")
    names: list[str] = rows["account_id"].to_pylist()
    return names


def _by_key(lockstep: Lockstep, kind: str, least: int) -> np.ndarray:
    """Return the largest such key of each account as its group, -1 without one."""
    counts = (lockstep.kinds == kind) & (lockstep.holders >= least)
    chosen = counts[lockstep.key]
    account, key = lockstep.account[chosen], lockstep.key[chosen]
    order = np.lexsort((key, lockstep.holders[key]))
    group = np.full(len(lockstep.accounts), -1, dtype=np.int64)
    group[account[order]] = key[order]
    return group


def _components(lockstep: Lockstep) -> np.ndarray:
    graph = _graph(lockstep)
    method = networkit.components.ConnectedComponents(graph)
    method.run()
    return np.array(method.getPartition().getVector())[: len(lockstep.accounts)]


def _louvain(lockstep: Lockstep) -> np.ndarray:
    """Return the communities of plain modularity on the same two-sided graph."""
    linked = lockstep.weight > 0
    weight = lockstep.weight[linked]
    count = len(lockstep.accounts)
    return find_communities(
        (lockstep.account[linked], count + lockstep.key[linked]),
        weight,
        nodes=count + len(lockstep.kinds),
        resolution=1.0 / (2.0 * max(float(weight.sum()) / 1e6, 1e-9)),
    )[:count]


def _leiden(lockstep: Lockstep) -> np.ndarray:
    """Return Leiden communities, by plain modularity, of the same two-sided graph."""
    threads = networkit.getMaxNumberOfThreads()
    networkit.setNumberOfThreads(1)
    networkit.setSeed(1, False)
    try:
        method = networkit.community.ParallelLeiden(
            _graph(lockstep, weighted=True), randomize=False
        )
        method.run()
        found = np.array(method.getPartition().getVector(), dtype=np.int64)
    finally:
        networkit.setNumberOfThreads(threads)
    return number_by_first(found)[: len(lockstep.accounts)]


def _synchronised(store: Store, lockstep: Lockstep) -> np.ndarray:
    """Return SynchroTrap's groups: what an account shares, when it was registered."""
    registered = store.arrow(
        "SELECT registered_at FROM accounts WHERE is_new ORDER BY account"
    )["registered_at"].to_numpy()
    actions = pd.DataFrame(
        {
            "account": lockstep.account,
            "thing": lockstep.key,
            "at": registered[lockstep.account],
        }
    )
    return synchronised_groups(
        actions,
        accounts=len(lockstep.accounts),
        seconds=SYNCHRONISED_WITHIN,
        similarity=SYNCHRONISED_BY,
    )


def _densest(lockstep: Lockstep, true: np.ndarray) -> np.ndarray:
    """Return FRAUDAR's blocks as groups, as many of them as give the best F1."""
    group = np.full(len(lockstep.accounts), -1, dtype=np.int64)
    best, best_f1 = group.copy(), -1.0
    for number, block in enumerate(find_blocks(lockstep.account, lockstep.key)):
        group[block[group[block] < 0]] = number
        right, found = int(true[group >= 0].sum()), int((group >= 0).sum())
        f1 = 2 * right / (found + int(true.sum()))
        if f1 > best_f1:
            best, best_f1 = group.copy(), f1
    return best


def _graph(lockstep: Lockstep, *, weighted: bool = False) -> networkit.Graph:
    linked = lockstep.weight > 0
    count = len(lockstep.accounts)
    ends = (
        lockstep.account[linked].astype(np.int64),
        count + lockstep.key[linked].astype(np.int64),
    )
    return networkit.GraphFromCoo(
        (lockstep.weight[linked] / 1e6, ends) if weighted else ends,
        n=count + len(lockstep.kinds),
        weighted=weighted,
        directed=False,
    )


def _large(labels: np.ndarray) -> np.ndarray:
    size = np.bincount(labels)
    return np.where(size[labels] >= COMMUNITY_OF, labels, -1)


def _rival(
    method: str, group: np.ndarray, names: list[str], compared: Comparison
) -> Rival:
    groups = {
        name: str(label)
        for name, label in zip(names, group.tolist(), strict=True)
        if label >= 0
    }
    true = compared.true_accounts
    true = true[true["role"] == "batch_registered"].explode("team_ids")
    true = true.drop_duplicates("account_id").sort_values("account_id")
    grouping = compare_groups(
        true["team_ids"].astype(str).tolist(),
        [groups.get(name) for name in true["account_id"]],
    )
    score = Score.of(found=groups.keys(), true=_true(compared))
    return Rival(method, frozenset(groups), score, grouping.bcubed_f1)


def own_result(compared: Comparison) -> Rival:
    """Return this run's own row: what has the role at a risk of 0.5 or more."""
    both = compared.both
    chosen = (both["role"] == "batch_registered") & (both["risk"] >= 0.5)
    found = set(both.loc[chosen, "account_id"])
    score = Score.of(found=found, true=_true(compared))
    farms = compare_farms(compared).bcubed_f1
    return Rival("this run", frozenset(found), score, farms)


def _true(compared: Comparison) -> set[str]:
    both = compared.both
    return set(both.loc[both["true_role"] == "batch_registered", "account_id"])
