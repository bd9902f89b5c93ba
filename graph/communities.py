"""Communities of a weighted graph by the Louvain method on a constant-Potts objective.

Joining two groups pays when the links between them weigh more than `resolution` times
the product of their volumes (the sums of their members' link weights). Unlike
modularity this does not depend on the rest of the graph: a component has the same
communities alone as among a million others, and small groups are not swallowed
(the resolution limit; Traag, Van Dooren & Nesterov 2011). A higher resolution gives
smaller communities.

The same to the last bit: networkit divides by the weight of the whole graph, and what
is rounded then could decide between two groups that are equally good. So weights are
whole numbers, and a link between two nodes of its own fills the total up to a power of
two: sums and divisions are exact, and no rounding depends on what else there is.
"""

import networkit
import numpy as np

MILLION = 10**6
"""The weight of a link of one, in the units that links are given in."""

TOTAL = 2**52
"""What all weights are filled up to; a double has whole numbers up to twice this."""


def find_communities(
    ends: tuple[np.ndarray, np.ndarray],
    weights: np.ndarray,
    *,
    nodes: int,
    resolution: float,
    seed: int = 1,
) -> np.ndarray:
    """Return a community number per node, 0 for the one of the first node, and so on.

    `ends` are two arrays of node numbers below `nodes`, one link each; `weights` are
    positive integers, in millionths, below four billion links' worth. The answer does
    not depend on the order of the links, and that of a component not on the others.
    Source: Blondel et al. 2008 with the refinement of Rotta & Noack 2011, as in
    networkit's PLM, on one thread.

    >>> import numpy as np
    >>> ends = np.array([0, 1, 3, 4]), np.array([1, 2, 4, 5])
    >>> two = find_communities(ends, np.full(4, 10**6), nodes=6, resolution=1e-3)
    >>> two.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    if len(weights) == 0:
        return np.arange(nodes, dtype=np.int64)
    order = np.lexsort((ends[1], ends[0]))
    rest = TOTAL - int(weights.sum(dtype=np.int64))
    assert rest > 0, "more links than one graph can have"
    rows, columns = (
        np.append(end[order].astype(np.int64), nodes + place)
        for place, end in enumerate(ends)
    )
    units = np.append(weights[order], rest).astype(np.float64)
    # networkit's switches are of the process; one thread and a seed make it repeatable.
    threads = networkit.getMaxNumberOfThreads()
    networkit.setNumberOfThreads(1)
    networkit.setSeed(seed, False)
    try:
        graph = networkit.GraphFromCoo(
            (units, (rows, columns)), n=nodes + 2, weighted=True, directed=False
        )
        # PLM maximises modularity with a factor; this factor makes it constant-Potts.
        factor = resolution / MILLION * 2.0 * TOTAL
        method = networkit.community.PLM(graph, refine=True, gamma=factor, par="none")
        method.run()
        found = np.array(method.getPartition().getVector(), dtype=np.int64)
    finally:
        networkit.setNumberOfThreads(threads)
    return number_by_first(found[:nodes])


def number_by_first(labels: np.ndarray) -> np.ndarray:
    """Renumber labels in the order in which they first appear.

    >>> number_by_first(np.array([7, 3, 7, 1])).tolist()
    [0, 1, 0, 2]
    """
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first)] = np.arange(len(first))
    return order[inverse]
