"""Who does the same at the same time is alike, counted by hand and by an oracle."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from analyses.evaluation.synchrotrap import similar_pairs, synchronised_groups


def actions(*rows):
    return pd.DataFrame(rows, columns=["account", "thing", "at"])


def similarity(frame, *, seconds=60):
    pairs = similar_pairs(frame, seconds=seconds, similarity=0.0)
    return {
        (row.one, row.other): row.similarity for row in pairs.itertuples(index=False)
    }


def test_one_of_three_actions_matches():
    # 0 and 1 are on x within a minute; each does one more thing alone.
    frame = actions((0, "x", 0), (0, "y", 0), (1, "x", 30), (1, "z", 0))
    assert similarity(frame) == {(0, 1): pytest.approx(1 / 3)}


def test_the_same_thing_at_another_time_does_not_match():
    assert similarity(actions((0, "x", 0), (1, "x", 61))) == {}
    assert similarity(actions((0, "x", 0), (1, "x", 60))) == {(0, 1): 1}


def test_an_action_counts_once_whatever_it_matches():
    # One action of 0 matches two of 1: the fewer counts, and the union is two.
    frame = actions((0, "x", 0), (1, "x", 10), (1, "x", 20))
    assert similarity(frame) == {(0, 1): pytest.approx(1 / 2)}


def test_equal_rows_count_once():
    frame = actions((0, "x", 0), (0, "x", 0), (1, "x", 0))
    assert similarity(frame) == {(0, 1): 1}


def test_a_chain_is_one_group_and_the_others_stand_alone():
    frame = actions((0, "x", 0), (1, "x", 50), (2, "x", 100), (3, "w", 0))
    groups = synchronised_groups(frame, accounts=5, seconds=60, similarity=0.5)
    assert groups.tolist() == [0, 0, 0, 1, 2]


def test_without_a_match_everybody_stands_alone():
    groups = synchronised_groups(actions((0, "x", 0)), accounts=3)
    assert groups.tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", range(8))
def test_random_actions_against_an_oracle(seed):
    random = np.random.default_rng(seed)
    count = 40
    frame = pd.DataFrame(
        {
            "account": random.integers(0, 8, count),
            "thing": random.choice(["a", "b", "c"], count),
            "at": random.integers(0, 300, count),
        }
    )
    rows: dict[int, set[tuple[str, int]]] = {}
    for account, thing, at in frame.to_records(index=False).tolist():
        rows.setdefault(account, set()).add((thing, at))
    expected, graph = {}, nx.Graph()
    graph.add_nodes_from(range(8))
    for one, mine in rows.items():
        for other, theirs in rows.items():
            if one >= other:
                continue
            both = min(matched(mine, theirs), matched(theirs, mine))
            if both:
                share = both / (len(mine) + len(theirs) - both)
                expected[one, other] = pytest.approx(share)
                if share >= 0.3:
                    graph.add_edge(one, other)
    assert similarity(frame) == expected
    found = synchronised_groups(
        frame.sample(frac=1, random_state=seed), accounts=8, seconds=60, similarity=0.3
    )
    together = {tuple(sorted(part)) for part in nx.connected_components(graph)}
    assert {
        tuple(np.flatnonzero(found == group).tolist()) for group in set(found.tolist())
    } == together


def matched(mine, theirs):
    return sum(
        any(thing == other and abs(at - then) <= 60 for other, then in theirs)
        for thing, at in mine
    )
