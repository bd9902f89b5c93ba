"""The parts of a graph that hang together, found by statements alone.

Large-star and small-star in turn (Kiveris et al. 2014, "Connected Components in
MapReduce and Beyond"): every node is linked to the smallest one that it has seen,
until each part is a star around its smallest node. A chain of n nodes takes some log n
rounds, and no more is kept than the links.
"""

from graph.store import Store

MOST_ROUNDS = 200
"""Rounds in which a billion nodes are long joined; beyond is a mistake of ours."""


def find_components(store: Store, name: str, links: str) -> None:
    """Make `name(node, component)` from a statement that gives links, `a` and `b`.

    Nodes are whole numbers of 64 bits. A component is named by its smallest node. A
    node without a link to another is not in the table: it is a component alone.

    >>> with Store() as store:
    ...     find_components(store, "parts", "SELECT 7 AS a, 5 AS b UNION SELECT 7, 9")
    ...     store.rows("SELECT node, component FROM parts ORDER BY node")
    [(5, 5), (7, 5), (9, 5)]
    """
    store.materialise(
        "_stars",
        f"""SELECT DISTINCT CAST(greatest(l.a, l.b) AS BIGINT) AS a,
              CAST(least(l.a, l.b) AS BIGINT) AS b
            FROM ({links}) AS l WHERE l.a <> l.b""",
    )
    for _ in range(MOST_ROUNDS):
        if _are_stars(store):
            break
        store.materialise("_stars", ROUND)
    else:
        raise AssertionError(f"no components after {MOST_ROUNDS} rounds")
    store.materialise(
        name,
        """SELECT a AS node, b AS component FROM _stars
           UNION ALL SELECT DISTINCT b, b FROM _stars""",
    )
    store.drop("_stars")


ROUND = """WITH every AS (SELECT a, b FROM _stars UNION ALL SELECT b, a FROM _stars),
    seen AS (SELECT a, b, min(b) OVER (PARTITION BY a) AS smallest FROM every),
    large AS (SELECT DISTINCT b AS a, least(a, smallest) AS b FROM seen WHERE b > a),
    small AS (SELECT a, b, min(b) OVER (PARTITION BY a) AS smallest FROM large)
    SELECT a, smallest AS b FROM small
    UNION SELECT b, smallest FROM small WHERE b <> smallest"""
"""Links of larger nodes to smaller ones, nearer to stars."""


def _are_stars(store: Store) -> bool:
    """Tell whether every node has one link, to a node that has none itself."""
    ((unfinished,),) = store.rows(
        """SELECT count(*) FROM (
             SELECT a FROM _stars GROUP BY a HAVING count(*) > 1
             UNION ALL
             SELECT s.a FROM _stars AS s JOIN _stars AS t ON t.a = s.b) AS u"""
    )
    return int(unfinished) == 0
