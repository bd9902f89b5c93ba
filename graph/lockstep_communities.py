"""Communities of the lockstep graph, where its components may be looked at apart.

A community lies within a component and does not depend on the others
(`graph.communities`). So where work is spread, components are found by statements and
some of them are one task.

A component of more than `LARGEST_COMPONENT` links would be too much for one task. The
rule is the same on every engine: of its keys those held by more than half as many
accounts as its most widely held one are left out, they tell least; what falls apart is
looked at anew, until no component is too large. In a window with fewer links than that
there is none.
"""

from functools import partial

import numpy as np
import pyarrow as pa

from graph.communities import find_communities, number_by_first
from graph.components import find_components
from graph.lockstep import Lockstep
from graph.store import Store

LARGEST_COMPONENT = 10_000_000
"""Links of a component that are still one piece of work."""

FIRST_KEY = 2**32
"""Added to the number of a key, so that it is the node of no account."""

FOUND = pa.schema([("account", pa.int32()), ("community", pa.int32())])
"""What is found: the community of an account, named by its first account."""


def find_lockstep_communities(
    store: Store,
    lockstep: Lockstep,
    *,
    resolution: float,
    largest: int = LARGEST_COMPONENT,
) -> np.ndarray:
    """Return a community number per new account, in the order of their first accounts.

    `store` has the `key_holders` that the graph was built from. Accounts that share
    nothing stand alone. A component of more than `largest` links loses the keys that
    most hold.
    """
    if not store.spreads and np.count_nonzero(lockstep.weight) <= largest:
        everyone = np.ones(len(lockstep.accounts), dtype=bool)
        return lockstep.communities(resolution=resolution, members=everyone)
    weight = np.zeros(len(lockstep.kinds), dtype=np.int64)
    weight[lockstep.key] = lockstep.weight
    numbers = np.arange(len(weight), dtype=np.int32)
    store.put("_key_weights", pa.table({"key": numbers, "weight": weight}))
    store.materialise(
        "_links",
        """SELECT h.account, h.key, w.weight FROM key_holders AS h
           JOIN _key_weights AS w ON w.key = h.key WHERE w.weight > 0""",
    )
    _tell_components(store, largest)
    store.by_component(
        "_communities",
        """SELECT l.account, l.key, l.weight, p.component
           FROM _links AS l JOIN _parts AS p ON p.node = l.account""",
        partial(communities_of_links, resolution=resolution),
        FOUND,
    )
    found = store.arrow("SELECT account, community FROM _communities ORDER BY account")
    store.drop("_key_weights", "_links", "_parts", "_communities")
    label = np.arange(len(lockstep.accounts), dtype=np.int64)
    place, first = (
        np.searchsorted(lockstep.accounts, found[name].to_numpy())
        for name in FOUND.names
    )
    label[place] = first
    return number_by_first(label)


def communities_of_links(links: pa.Table, *, resolution: float) -> pa.Table:
    """Return the community of each account of whole components of the graph."""
    accounts, account = np.unique(links["account"].to_numpy(), return_inverse=True)
    keys, key = np.unique(links["key"].to_numpy(), return_inverse=True)
    found = find_communities(
        (account, len(accounts) + key),
        links["weight"].to_numpy(),
        nodes=len(accounts) + len(keys),
        resolution=resolution,
    )[: len(accounts)]
    _, first, community = np.unique(found, return_index=True, return_inverse=True)
    return pa.table([accounts, accounts[first[community]]], schema=FOUND)


def _tell_components(store: Store, largest: int) -> None:
    """Make `_parts(node, component)` of `_links`, without the keys that join too many.

    Nodes are the accounts, and the keys beyond `FIRST_KEY`.
    """
    while True:
        find_components(
            store, "_parts", f"SELECT account AS a, key + {FIRST_KEY} AS b FROM _links"
        )
        store.materialise(
            "_widely_held",
            f"""WITH parts AS (SELECT l.key, p.component FROM _links AS l
                               JOIN _parts AS p ON p.node = l.account),
                large AS (SELECT component FROM parts GROUP BY component
                          HAVING count(*) > {largest}),
                held AS (SELECT p.key, p.component, count(*) AS holders
                         FROM parts AS p JOIN large AS g ON g.component = p.component
                         GROUP BY p.key, p.component),
                most AS (SELECT key, holders,
                           max(holders) OVER (PARTITION BY component) AS most FROM held)
                SELECT key FROM most WHERE holders * 2 > most""",
        )
        if not store.count("_widely_held"):
            store.drop("_widely_held")
            return
        store.materialise(
            "_links",
            """SELECT l.account, l.key, l.weight FROM _links AS l
               ANTI JOIN _widely_held AS w ON w.key = l.key""",
        )
