"""The usual way: accounts that share a thing are joined in pairs."""

import networkx as nx
import numpy as np

from graph.lockstep import Lockstep


def project(graph: Lockstep) -> nx.Graph:
    """Return the accounts joined pairwise, by how many things two of them share."""
    order = np.argsort(graph.key, kind="stable")
    starts = np.flatnonzero(np.diff(graph.key[order], prepend=-1))
    pairs = nx.Graph()
    for holders in np.split(graph.account[order], starts[1:]):
        held = holders.tolist()
        for place, one in enumerate(held):
            for other in held[place + 1 :]:
                if pairs.has_edge(one, other):
                    pairs[one][other]["weight"] += 1
                else:
                    pairs.add_edge(one, other, weight=1)
    return pairs
