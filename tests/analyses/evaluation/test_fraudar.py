"""A planted block is found, camouflage or not, and greed costs half at most."""

from itertools import product

import numpy as np
import pytest

from analyses.evaluation.fraudar import CAMOUFLAGE, densest_block, find_blocks

BLOCK = list(product(range(6), range(4)))
"""Accounts 0 to 5 hold all of the things 0 to 3."""

STRAYS = [(6, 4), (7, 5), (8, 6), (9, 7), (9, 8)]


def block_of(links):
    return densest_block(*np.array(links).T)


def mean_weight(links, accounts, things):
    """The mean weight of a set, as the paper defines it."""
    holders = {thing: len({a for a, t in links if t == thing}) for _, thing in links}
    inside = [t for a, t in set(links) if a in accounts and t in things]
    weight = sum(1 / np.log(holders[thing] + CAMOUFLAGE) for thing in inside)
    return weight / (len(accounts) + len(things))


def test_six_accounts_that_share_four_things_are_the_block():
    accounts, things = block_of(BLOCK + STRAYS)
    assert accounts.tolist() == [0, 1, 2, 3, 4, 5]
    assert things.tolist() == [0, 1, 2, 3]


def test_camouflage_does_not_hide_the_block():
    # Every farmed account also holds two things that thirty honest ones hold.
    crowd = [(100 + i, 50 + i % 2) for i in range(60)]
    camouflage = [(account, thing) for account in range(6) for thing in (50, 51)]
    accounts, _ = block_of(BLOCK + STRAYS + crowd + camouflage)
    assert accounts.tolist() == [0, 1, 2, 3, 4, 5]


def test_blocks_come_one_after_the_other_the_densest_first():
    second = list(product(range(20, 25), (30, 31)))
    found = find_blocks(*np.array(BLOCK + second + STRAYS).T)
    assert [block.tolist() for block in found] == [
        [0, 1, 2, 3, 4, 5],
        [20, 21, 22, 23, 24],
    ]


def test_a_block_of_fewer_accounts_than_asked_for_ends_the_search():
    assert find_blocks(*np.array(BLOCK).T, least=7) == []
    assert find_blocks(np.array([], dtype=int), np.array([], dtype=int)) == []


@pytest.mark.parametrize("seed", range(12))
def test_greed_reaches_half_of_the_best_and_the_order_of_links_is_nothing(seed):
    random = np.random.default_rng(seed)
    links = [(int(a), int(t)) for a, t in random.integers(0, (6, 5), size=(14, 2))]
    links = sorted(set(links))
    accounts, things = block_of(links)
    best = max(
        mean_weight(links, chosen, kinds)
        for chosen in subsets({a for a, _ in links})
        for kinds in subsets({t for _, t in links})
    )
    assert mean_weight(links, set(accounts), set(things)) >= best / 2 - 1e-9
    random.shuffle(links)
    again = block_of(links)
    assert (again[0].tolist(), again[1].tolist()) == (
        accounts.tolist(),
        things.tolist(),
    )


def subsets(items):
    """Every subset but the empty one."""
    items = sorted(items)
    for mask in range(1, 2 ** len(items)):
        yield {item for place, item in enumerate(items) if mask >> place & 1}
