"""SynchroTrap: accounts that do the same things at the same times, again and again.

An oracle to compare with, after Cao, Yang, Yu & Palow, "Uncovering Large Groups of
Active Malicious Accounts in Online Social Networks", CCS 2014, written from the paper.
Two actions match when they are on the same thing and close in time. Two accounts are
alike by the share of their actions that match (Jaccard); those that are alike enough
are joined, and what hangs together is a group (single linkage).
"""

import networkit
import numpy as np
import pandas as pd

from graph.communities import number_by_first
from graph.store import Store


def synchronised_groups(
    actions: pd.DataFrame,
    *,
    accounts: int,
    seconds: int = 3600,
    similarity: float = 0.5,
) -> np.ndarray:
    """Return a group number per account 0 … `accounts` - 1, in order of appearance.

    `actions` has the columns account, thing (a text) and at (seconds); equal rows count
    once. An account that is like no other stands alone. Raising `similarity` or
    lowering `seconds` gives smaller groups.

    >>> rows = [(0, "ip", 10), (1, "ip", 20), (2, "ip", 9_999), (3, "other", 10)]
    >>> frame = pd.DataFrame(rows, columns=["account", "thing", "at"])
    >>> synchronised_groups(frame, accounts=4).tolist()
    [0, 0, 1, 2]
    """
    pairs = similar_pairs(actions, seconds=seconds, similarity=similarity)
    if pairs.empty:
        return np.arange(accounts)
    graph = networkit.GraphFromCoo(
        (pairs["one"].to_numpy(np.int64), pairs["other"].to_numpy(np.int64)),
        n=accounts,
        weighted=False,
        directed=False,
    )
    components = networkit.components.ConnectedComponents(graph)
    components.run()
    return number_by_first(np.array(components.getPartition().getVector()))


def similar_pairs(
    actions: pd.DataFrame, *, seconds: int, similarity: float
) -> pd.DataFrame:
    """Return the pairs one < other of accounts that are alike, and how much.

    The intersection of two accounts is the fewer of the matched actions of either; the
    union, all their actions but those.
    """
    with Store() as store:
        store.connection.register("given", actions[["account", "thing", "at"]])
        store.materialise(
            "actions",
            """SELECT row_number() OVER (ORDER BY account, thing, moment) AS action,
                      account, thing, moment, moment // $seconds AS span
               FROM (SELECT DISTINCT account, thing, CAST("at" AS BIGINT) AS moment
                     FROM given) AS g""".replace("$seconds", str(int(seconds))),
        )
        store.connection.unregister("given")
        return store.frame(
            f"""WITH near AS (
                 SELECT a.account AS one, b.account AS other,
                        a.action AS mine, b.action AS theirs
                 FROM (SELECT *, unnest([span - 1, span, span + 1]) AS there
                       FROM actions) AS a
                 JOIN actions AS b ON b.thing = a.thing AND b.span = a.there
                  AND b.account > a.account
                  AND abs(b.moment - a.moment) <= {int(seconds)}),
               matched AS (SELECT one, other, least(count(DISTINCT mine),
                                                    count(DISTINCT theirs)) AS both
                           FROM near GROUP BY one, other),
               counted AS (SELECT account, count(*) AS actions FROM actions
                           GROUP BY account)
               SELECT m.one, m.other,
                      m.both / (x.actions + y.actions - m.both) AS similarity
               FROM matched AS m JOIN counted AS x ON x.account = m.one
               JOIN counted AS y ON y.account = m.other
               WHERE m.both >= {float(similarity)} * (x.actions + y.actions - m.both)
               ORDER BY m.one, m.other"""
        )
