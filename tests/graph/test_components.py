import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from graph.components import find_components
from graph.store import Store


def components(store, links):
    """Return the components of links as sets, by their smallest node."""
    table = pa.table(
        {
            "a": pa.array([a for a, _ in links], pa.int64()),
            "b": pa.array([b for _, b in links], pa.int64()),
        }
    )
    store.put("links", table)
    find_components(store, "parts", "SELECT a, b FROM links")
    found: dict[int, set[int]] = {}
    for node, component in store.rows("SELECT node, component FROM parts"):
        assert node not in found.setdefault(component, set())
        found[component].add(node)
    return found


def test_two_pairs_and_a_chain():
    with Store() as store:
        links = [(2, 1), (4, 3), (10, 11), (11, 12), (12, 9)]
        assert components(store, links) == {
            1: {1, 2},
            3: {3, 4},
            9: {9, 10, 11, 12},
        }
        assert not store.has("_stars")


def test_a_node_that_is_linked_to_itself_alone_is_left_out():
    with Store() as store:
        assert components(store, [(1, 1), (2, 3), (3, 3), (3, 2)]) == {2: {2, 3}}
        assert components(store, []) == {}


@pytest.mark.parametrize("seed", range(12))
def test_components_are_those_of_networkx(seed):
    random = np.random.default_rng(seed)
    graph = nx.gnm_random_graph(120, int(random.integers(30, 140)), seed=seed)
    graph = nx.disjoint_union(graph, nx.path_graph(50))
    numbers = random.permutation(2**50 + np.arange(len(graph)) * 7).tolist()
    graph = nx.relabel_nodes(graph, dict(zip(range(len(graph)), numbers, strict=True)))
    with Store() as store:
        found = components(store, list(graph.edges))
    assert found == {
        min(part): part for part in nx.connected_components(graph) if len(part) > 1
    }


def test_a_long_chain_takes_few_rounds(monkeypatch):
    made = []

    class Counting(Store):
        def materialise(self, name, sql):
            made.append(name)
            super().materialise(name, sql)

    with Counting() as store:
        links = [(node, node + 1) for node in range(5_000)]
        assert components(store, links) == {0: set(range(5_001))}
    assert made.count("_stars") < 40
