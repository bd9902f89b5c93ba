"""Communities by component, and a component that is too large for one task."""

import numpy as np
import pyarrow as pa
import pytest

from graph.lockstep import Lockstep
from graph.lockstep_communities import find_lockstep_communities
from graph.store import Store
from tests.spreading import SpreadingStore

RESOLUTION = 1e-3
MILLION = 10**6


def graph_of(store, holders, *, weights=None, accounts=None):
    """The lockstep graph of keys that are held by these accounts; with its table."""
    links = sorted(
        (account, key) for key, held in enumerate(holders) for account in held
    )
    account = np.array([account for account, _ in links], dtype=np.int32)
    key = np.array([key for _, key in links], dtype=np.int32)
    store.put("key_holders", pa.table({"key": key, "account": account}))
    weight = np.array(weights or [MILLION] * len(holders), dtype=np.int64)
    numbers = np.arange(accounts or 1 + max(account, default=-1), dtype=np.int32)
    nothing = np.zeros(len(holders))
    return Lockstep(
        accounts=numbers,
        account=account.astype(np.int64),
        key=key.astype(np.int64),
        weight=weight[key],
        kinds=np.array(["device"] * len(holders), dtype=object),
        holders=np.array([len(held) for held in holders], dtype=np.int64),
        lift=nothing,
        surplus=nothing,
        declared=nothing.astype(bool),
    )


def loose_groups(seed):
    """Keys of groups of accounts, most within a group, in mixed numbers."""
    random = np.random.default_rng(seed)
    group = random.integers(0, 40, 400)
    holders = []
    for _ in range(260):
        inside = np.flatnonzero(group == random.integers(40))
        held = set(random.choice(inside, int(random.integers(2, 8))).tolist())
        if random.random() < 0.05:
            held |= set(random.integers(0, 400, 2).tolist())
        holders.append(held)
    weights = random.choice([0, 100_000, 300_000, 700_000, MILLION], 260).tolist()
    return holders, weights


@pytest.mark.parametrize("seed", range(6))
def test_by_component_they_are_those_of_the_whole_graph(seed):
    holders, weights = loose_groups(seed)
    with Store() as whole, SpreadingStore() as spread:
        found = []
        for store in (whole, spread):
            graph = graph_of(store, holders, weights=weights, accounts=400)
            found.append(
                find_lockstep_communities(store, graph, resolution=RESOLUTION).tolist()
            )
        everyone = np.ones(400, dtype=bool)
        expected = graph.communities(resolution=RESOLUTION, members=everyone)
        assert spread.calls["_communities"] > 5
    assert found == [expected.tolist()] * 2
    assert 5 < len(set(found[0])) < 400


FARMS = [{0, 1, 2}, {0, 1, 2}, {3, 4, 5}, {3, 4, 5}]
"""Two farms of three accounts, of two phones each."""


def test_a_component_that_is_too_large_loses_the_key_that_most_hold():
    """A helper of both farms joins them; a pair elsewhere has a key as widely held."""
    helper, office = {0, 1, 2, 3, 4, 5}, {6, 7, 8, 9, 10, 11}
    with Store() as store:
        graph = graph_of(store, [*FARMS, helper, office])
        for largest, expected in [
            (18, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]),
            (17, [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2]),
            (6, [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2]),
            (5, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ]:
            found = find_lockstep_communities(
                store, graph, resolution=1e-5, largest=largest
            )
            assert found.tolist() == expected, largest


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("largest", [5, 10, 40])
def test_too_large_is_the_same_on_both(seed, largest):
    holders, weights = loose_groups(seed)
    with Store() as whole, SpreadingStore() as spread:
        found = []
        for store in (whole, spread):
            graph = graph_of(store, holders, weights=weights, accounts=400)
            found.append(
                find_lockstep_communities(
                    store, graph, resolution=RESOLUTION, largest=largest
                ).tolist()
            )
    assert found[0] == found[1]
    everyone = np.ones(400, dtype=bool)
    uncut = graph.communities(resolution=RESOLUTION, members=everyone).tolist()
    assert found[0] != uncut


def test_without_links_everybody_stands_alone():
    for kind in (Store, SpreadingStore):
        with kind() as store:
            graph = graph_of(store, [{0, 2}], weights=[0], accounts=4)
            found = find_lockstep_communities(store, graph, resolution=RESOLUTION)
            assert found.tolist() == [0, 1, 2, 3]
            assert not store.has("_links")
