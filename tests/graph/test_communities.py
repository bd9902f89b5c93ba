import networkx as nx
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graph.communities import find_communities, number_by_first

RESOLUTION = 1e-3


def communities(graph, *, resolution=RESOLUTION, nodes=None):
    """Return the communities of a networkx graph with the nodes 0, 1, 2, …"""
    links = list(graph.edges(data="weight", default=1.0))
    ends = (
        np.array([a for a, _, _ in links], dtype=np.int64),
        np.array([b for _, b, _ in links], dtype=np.int64),
    )
    weights = np.array([round(1e6 * w) for _, _, w in links], dtype=np.int64)
    count = graph.number_of_nodes() if nodes is None else nodes
    return find_communities(ends, weights, nodes=count, resolution=resolution)


def partition(labels):
    return {
        frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels)
    }


def random_graph(seed):
    """Three loose groups of ten, with weights of one decimal."""
    graph = nx.random_partition_graph([10, 10, 10], 0.5, 0.05, seed=seed)
    random = np.random.default_rng(seed)
    for a, b in graph.edges:
        graph.edges[a, b]["weight"] = int(random.integers(1, 11)) / 10
    return nx.Graph(graph)


def test_two_cliques_with_one_link_between_them_are_two():
    assert communities(nx.barbell_graph(5, 0), resolution=5e-3).tolist() == [
        *[0] * 5,
        *[1] * 5,
    ]


def test_a_lower_resolution_joins_them():
    # A link of weight 1 joins volumes of 21 each when 1 > resolution * 21 * 21.
    together = nx.barbell_graph(5, 0)
    assert set(communities(together, resolution=1 / 450).tolist()) == {0}
    assert len(set(communities(together, resolution=1 / 430).tolist())) == 2


def test_nodes_without_links_stand_alone():
    none = np.array([], dtype=np.int64)
    alone = find_communities((none, none), none, nodes=3, resolution=RESOLUTION)
    assert alone.tolist() == [0, 1, 2]
    assert communities(nx.path_graph(2), nodes=4).tolist() == [0, 0, 1, 2]
    assert find_communities((none, none), none, nodes=0, resolution=1).tolist() == []


@pytest.mark.parametrize("seed", range(10))
def test_nobody_would_be_better_off_elsewhere(seed):
    graph = random_graph(seed)
    labels = communities(graph)

    def worth(labels):
        inside = sum(
            w for a, b, w in graph.edges(data="weight") if labels[a] == labels[b]
        )
        volume = dict(graph.degree(weight="weight"))
        pairs = sum(
            volume[a] * volume[b]
            for a in graph
            for b in graph
            if a < b and labels[a] == labels[b]
        )
        return inside - RESOLUTION * pairs

    settled = worth(labels)
    assert settled > worth(range(30))
    for node in graph:
        for other in {*labels.tolist(), 99} - {labels[node]}:
            moved = labels.copy()
            moved[node] = other
            assert worth(moved) <= settled + 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_a_community_lies_within_one_component(seed):
    graph = nx.disjoint_union(random_graph(seed), nx.gnp_random_graph(20, 0.1, seed))
    components = [frozenset(c) for c in nx.connected_components(graph)]
    for members in partition(communities(graph)):
        assert any(members <= component for component in components)


def loose_parts(seed):
    """Some parts of accounts and keys that hang together, their numbers mixed.

    With weights of few values, so that many choices are between equals.
    """
    random = np.random.default_rng(seed)
    accounts, keys, links = 0, 0, []
    for _ in range(random.integers(2, 12)):
        more, further = int(random.integers(2, 60)), int(random.integers(1, 40))
        few = int(random.integers(1, 300))
        links.append(
            [
                accounts + random.integers(0, more, few),
                keys + random.integers(0, further, few),
            ]
        )
        accounts, keys = accounts + more, keys + further
    account, key = np.unique(np.hstack(links), axis=1)
    ends = random.permutation(accounts)[account], random.permutation(keys)[key]
    worth = random.choice([100_000, 200_000, 300_000, 700_000, 10**6], keys)
    resolution = 10 ** random.uniform(-4.5, -1.3)
    return (ends[0], accounts + ends[1]), worth[key], accounts + keys, resolution


@pytest.mark.parametrize("seed", range(0, 400, 10))
def test_by_component_is_the_same_as_all_at_once(seed):
    """With rounded sums eight or more of these graphs fell apart differently."""
    for each in range(seed, seed + 10):
        ends, weights, nodes, resolution = loose_parts(each)
        links = coo_array((np.ones(len(weights)), ends), shape=(nodes, nodes))
        parts, part = connected_components(links, directed=False)
        alone = np.zeros(nodes, dtype=np.int64)
        for number in range(parts):
            here = np.flatnonzero(part == number)
            linked = part[ends[0]] == number
            inside = tuple(np.searchsorted(here, end[linked]) for end in ends)
            found = find_communities(
                inside, weights[linked], nodes=len(here), resolution=resolution
            )
            alone[here] = nodes * number + found
        together = find_communities(ends, weights, nodes=nodes, resolution=resolution)
        assert number_by_first(alone).tolist() == together.tolist(), each


@pytest.mark.parametrize("seed", range(5))
def test_an_island_changes_nothing_on_the_mainland(seed):
    mainland = random_graph(seed)
    with_island = nx.disjoint_union(mainland, nx.complete_graph(40))
    assert communities(with_island)[:30].tolist() == communities(mainland).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_links_changes_nothing(seed):
    graph = random_graph(seed)
    links = list(graph.edges(data="weight"))
    np.random.default_rng(seed).shuffle(links)
    shuffled = nx.empty_graph(30)
    shuffled.add_weighted_edges_from((int(a), int(b), w) for a, b, w in links)
    assert communities(shuffled).tolist() == communities(graph).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_other_numbers_for_the_nodes_give_the_same_groups(seed):
    cliques = nx.ring_of_cliques(4, 6)
    order = np.random.default_rng(seed).permutation(24).tolist()
    renamed = nx.relabel_nodes(cliques, dict(enumerate(order)))
    found = partition(communities(renamed, resolution=5e-3))
    assert found == {frozenset(order[i : i + 6]) for i in (0, 6, 12, 18)}


def test_asking_twice_gives_the_same_and_leaves_the_links_alone():
    ends = np.array([3, 1, 0, 4]), np.array([4, 2, 1, 5])
    weights = np.full(4, 10**6)
    answers = [
        find_communities(ends, weights, nodes=6, resolution=RESOLUTION).tolist()
        for _ in range(2)
    ]
    assert answers == [[0, 0, 0, 1, 1, 1]] * 2
    assert ends[0].tolist() == [3, 1, 0, 4]
    assert weights.tolist() == [10**6] * 4


def test_labels_are_numbered_as_they_come():
    assert number_by_first(np.array([5, 5, -1, 5, 0])).tolist() == [0, 0, 1, 0, 2]
    assert number_by_first(np.array([], dtype=np.int64)).tolist() == []
