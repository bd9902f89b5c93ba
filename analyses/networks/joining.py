"""Candidates: accounts that hang together by keys that a network's members share."""

import networkx as nx
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graph.communities import find_communities, number_by_first
from graph.store import Store

_BY_HOLDERS = "ORDER BY min(account), max(account), count(*), bit_xor(account), key"
"""The order of keys: what one is called decides only between keys of equal holders."""


def join(
    store: Store,
    name: str,
    held: str,
    *,
    resolution: float | None = None,
    stands_alone: int | None = None,
) -> None:
    """Make `NAME(team, account)`: which accounts hang together over shared keys.

    `held` is a SELECT of (account, key), one row for each key that an account holds; a
    third column `weight` may say what a link counts for (1: as much as any). Without
    a `resolution` everything that is joined at all is one candidate; with one, the
    communities of the two-sided graph are (`graph.communities`). With `stands_alone`,
    two parts of so many accounts or more that a single link holds together stay apart:
    one person who helped a customer of each does not make one team of two desks.
    """
    weighed = (
        "weight" in store.arrow(f"SELECT * FROM ({held}) AS h LIMIT 0").column_names
    )
    weight = "max(weight)" if weighed else "1.0"
    links = store.arrow(
        f"""WITH l AS (SELECT account, key, {weight} AS weight FROM ({held}) AS h
                       WHERE key IS NOT NULL GROUP BY account, key),
            k AS (SELECT key, row_number() OVER ({_BY_HOLDERS}) - 1 AS number
                  FROM l GROUP BY key)
            SELECT l.account, k.number AS key, l.weight
            FROM l JOIN k ON k.key = l.key ORDER BY l.account, k.number"""
    )
    account = links["account"].to_numpy()
    accounts, row = np.unique(account, return_inverse=True)
    key = links["key"].to_numpy().astype(np.int64)
    nodes = len(accounts) + int(key.max(initial=-1)) + 1
    ends = (row.astype(np.int64), key + len(accounts))
    if stands_alone is not None:
        ends = _without_bridges(ends, len(accounts), stands_alone)
    if resolution is None:
        links_between = coo_array((np.ones(len(ends[0])), ends), shape=(nodes, nodes))
        _, label = connected_components(links_between, directed=False)
    else:
        units = np.rint(1e6 * links["weight"].to_numpy().astype(float))
        label = find_communities(
            ends, units.astype(np.int64), nodes=nodes, resolution=resolution
        )
    team = number_by_first(label[: len(accounts)]) if len(accounts) else row
    store.put(
        name,
        pa.table(
            {
                "team": pa.array(team.astype(np.int32)),
                "account": pa.array(accounts.astype(np.int32)),
            }
        ),
    )


def _without_bridges(
    ends: tuple[np.ndarray, np.ndarray], accounts: int, least: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the links without those that alone hold two large parts together.

    Nodes below `accounts` are accounts, the others keys; a part is large when it has
    `least` accounts or more.
    """
    graph = nx.Graph()
    graph.add_edges_from(zip(ends[0].tolist(), ends[1].tolist(), strict=True))
    bridges = list(nx.bridges(graph))
    whole = graph.copy()
    whole.remove_edges_from(bridges)
    part: dict[int, int] = {}
    size: list[int] = []
    for number, nodes in enumerate(nx.connected_components(whole)):
        part |= dict.fromkeys(nodes, number)
        size.append(sum(node < accounts for node in nodes))
    tree = nx.Graph((part[a], part[b]) for a, b in bridges)
    cut = set()
    for parts in nx.connected_components(tree):
        below = {one: size[one] for one in parts}
        order = list(nx.dfs_edges(tree, min(parts)))
        for parent, child in reversed(order):
            below[parent] += below[child]
        total = below[min(parts)]
        cut |= {
            frozenset((parent, child))
            for parent, child in order
            if least <= below[child] <= total - least
        }
    gone = {
        frozenset((a, b)) for a, b in bridges if frozenset((part[a], part[b])) in cut
    }
    kept = np.array(
        [
            frozenset(link) not in gone
            for link in zip(ends[0].tolist(), ends[1].tolist(), strict=True)
        ],
        dtype=bool,
    )
    return ends[0][kept], ends[1][kept]
