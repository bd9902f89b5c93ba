"""FRAUDAR: the densest blocks of a two-sided graph, robust against camouflage.

An oracle to compare with, after Hooi, Song, Beutel, Shah, Shin & Faloutsos, "FRAUDAR:
Bounding Graph Fraud in the Face of Camouflage", KDD 2016, written from the paper. A
link to a thing that many hold counts for less: 1 / ln(holders + 5). The node with the
least weight is taken away again and again; the set with the greatest mean weight per
node on the way is the block. Its links are then removed, and the next one is looked
for.
"""

import heapq

import numpy as np

CAMOUFLAGE = 5.0
"""The constant of the paper in the weight of a link."""


def find_blocks(
    accounts: np.ndarray, things: np.ndarray, *, most: int = 30, least: int = 5
) -> list[np.ndarray]:
    """Return up to `most` blocks as sorted arrays of accounts, in the order found.

    `accounts` and `things` are the ends of the links, as numbers from 0. The search
    ends at a block of fewer than `least` accounts.

    >>> from itertools import product
    >>> block = list(product(range(6), range(4))) + [(6, 4), (7, 5)]
    >>> ends = np.array(block).T
    >>> [found.tolist() for found in find_blocks(ends[0], ends[1])]
    [[0, 1, 2, 3, 4, 5]]
    """
    links = np.unique(np.column_stack([accounts, things]), axis=0)
    found: list[np.ndarray] = []
    while len(links) and len(found) < most:
        block_accounts, block_things = densest_block(links[:, 0], links[:, 1])
        if len(block_accounts) < least:
            break
        found.append(block_accounts)
        inside = np.isin(links[:, 0], block_accounts)
        inside &= np.isin(links[:, 1], block_things)
        links = links[~inside]
    return found


def densest_block(
    accounts: np.ndarray, things: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the accounts and the things of the block of greatest mean weight.

    Of equally dense blocks the largest; ties of nodes go to the smaller number,
    accounts first, so the order of the links is nothing.
    """
    names, account = np.unique(accounts, return_inverse=True)
    kinds, thing = np.unique(things, return_inverse=True)
    count, nodes = len(names), len(names) + len(kinds)
    weight = 1.0 / np.log(np.bincount(thing) + CAMOUFLAGE)
    ends = np.concatenate([account, count + thing])
    others = np.concatenate([count + thing, account])
    weights = np.concatenate([weight[thing], weight[thing]])
    order = np.lexsort((others, ends))
    starts = np.searchsorted(ends[order], np.arange(nodes + 1)).tolist()
    others, weights = others[order], weights[order]
    taken = _peel(nodes, starts, others.tolist(), weights.tolist())
    kept = np.ones(nodes, dtype=bool)
    kept[taken] = False
    return names[kept[:count]], kinds[kept[count:]]


def _peel(
    nodes: int, starts: list[int], others: list[int], weights: list[float]
) -> list[int]:
    """Return the nodes that are taken away before the mean weight is greatest."""
    held = [sum(weights[starts[node] : starts[node + 1]]) for node in range(nodes)]
    queue = [(value, node) for node, value in enumerate(held)]
    heapq.heapify(queue)
    gone = [False] * nodes
    total, left = sum(held) / 2.0, nodes
    best, best_step = total / max(left, 1), 0
    taken: list[int] = []
    while left > 1:
        value, node = heapq.heappop(queue)
        if gone[node] or value > held[node]:
            continue
        gone[node] = True
        taken.append(node)
        left -= 1
        for place in range(starts[node], starts[node + 1]):
            other = others[place]
            if not gone[other]:
                total -= weights[place]
                held[other] -= weights[place]
                heapq.heappush(queue, (held[other], other))
        if total / left > best + 1e-12:
            best, best_step = total / left, len(taken)
    return taken[:best_step]
