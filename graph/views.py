"""The event store as networkx graphs: a group of accounts, or what is around one.

A node is named `account:ID`, `device:ID` or `code:ID` and has the attributes `kind`,
`id` and whatever the store knows of it. An edge is keyed by its event, `help:ID`,
`scan:ID` …, and has the attributes `kind` and, where the event has a time, `at`. All
times are seconds since 1970 in UTC; what is not known is left out.

| edge | from | to |
|---|---|---|
| helped | helper | helped account |
| scanned | scanner | code |
| serves | code | the account it was issued for |
| registered_on | account | device |
| logged_in_on | account | device |
| tied | account_a | account_b (a tie has no direction) |
| complained_about | complainant | account |
| paid | payer | payee |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import networkx as nx
import pyarrow as pa

from graph.errors import NotFoundError, did_you_mean
from graph.store import Store

Node = tuple[str, int | str]
"""A kind and the key in the store: accounts and devices are numbers, codes their id."""


@dataclass(frozen=True)
class Relation:
    """One kind of edge: between which kinds of nodes, and the rows that it is made of.

    `sql` gives `source`, `target`, `event`, `at`, and any further attributes.
    """

    kind: str
    source: str
    target: str
    sql: str


RELATIONS = (
    Relation(
        "helped",
        "account",
        "account",
        """SELECT helper AS source, helped AS target, 'help:' || help_id AS event,
           helped_at AS at, kind AS purpose, channel, result FROM helps""",
    ),
    Relation(
        "scanned",
        "account",
        "code",
        """SELECT scanner AS source, code_id AS target, 'scan:' || scan_id AS event,
           scanned_at AS at, purpose, result, ip, wifi FROM scans""",
    ),
    Relation(
        "serves",
        "code",
        "account",
        """SELECT code_id AS source, account AS target, 'code:' || code_id AS event,
           issued_at AS at, purpose FROM codes""",
    ),
    Relation(
        "registered_on",
        "account",
        "device",
        """SELECT account AS source, registration_device AS target,
           'registration:' || account_id AS event, registered_at AS at,
           registration_ip AS ip, registration_wifi AS wifi FROM accounts""",
    ),
    Relation(
        "logged_in_on",
        "account",
        "device",
        """SELECT l.account AS source, device AS target,
           'login:' || account_id || '@' || logged_in_at AS event, logged_in_at AS at,
           method, ip, wifi
           FROM logins AS l JOIN account_names AS n ON n.account = l.account""",
    ),
    Relation(
        "tied",
        "account",
        "account",
        """SELECT t.account_a AS source, t.account_b AS target,
           'tie:' || t.kind || ':' || a.account_id || ':' || b.account_id AS event,
           since AS at, t.kind AS tie
           FROM ties AS t JOIN account_names AS a ON a.account = t.account_a
           JOIN account_names AS b ON b.account = t.account_b""",
    ),
    Relation(
        "complained_about",
        "account",
        "account",
        """SELECT complainant AS source, account AS target,
           'complaint:' || complaint_id AS event, filed_at AS at, category, verified
           FROM complaints""",
    ),
    Relation(
        "paid",
        "account",
        "account",
        """SELECT payer AS source, payee AS target, 'payment:' || payment_id AS event,
           paid_at AS at, amount_fen FROM payments""",
    ),
)
"""The kinds of edges, in the order in which they are added."""

NODES = {
    "account": """SELECT n.account AS key, n.account_id AS id, n.outside,
        a.* EXCLUDE (account, account_id, registration_device)
        FROM account_names AS n LEFT JOIN accounts AS a ON a.account = n.account""",
    "device": "SELECT device AS key, device_id AS id, * EXCLUDE (device, device_id) "
    "FROM devices",
    "code": "SELECT code_id AS key, code_id AS id, purpose, issued_at FROM codes",
}
"""For each kind of node, its key in the store, its id and its attributes."""


def among(store: Store, account_ids: Iterable[str]) -> nx.MultiDiGraph:
    """Return the graph of these accounts: they, their devices and codes, and between.

    Edges to other accounts are left out; `neighbourhood` shows them. Nodes and edges
    are added in the order of their names. Raises NotFoundError for an unknown account.
    """
    accounts = set(_accounts(store, account_ids))
    near = _neighbours(store, accounts)
    things = {node for nodes in near.values() for node in nodes if node[0] != "account"}
    return _drawn(store, accounts | things)


def neighbourhood(
    store: Store, account_id: str, *, hops: int = 2, maximum_degree: int = 200
) -> nx.MultiDiGraph:
    """Return what is around an account: all that `hops` edges lead to, and between.

    Directions do not matter for what is near. A node with more than `maximum_degree`
    neighbours, such as the device of a shop, is shown with the attribute `not_followed`
    and what lies behind it is left out; a higher limit shows more and takes longer.
    Raises NotFoundError for an unknown account.
    """
    (start,) = _accounts(store, [account_id])
    reached, edge = {start}, {start}
    not_followed: set[Node] = set()
    for _ in range(hops):
        near = _neighbours(store, edge)
        busy = {node for node, nodes in near.items() if len(nodes) > maximum_degree}
        busy.discard(start)
        not_followed |= busy
        edge = {
            node for behind in near.keys() - busy for node in near[behind] - reached
        }
        reached |= edge
    return _drawn(store, reached, not_followed)


def _accounts(store: Store, account_ids: Iterable[str]) -> list[Node]:
    asked = sorted(set(account_ids))
    found = store.rows(
        """SELECT account_id, account FROM account_names
           WHERE account_id IN (SELECT unnest($asked)) ORDER BY account_id""",
        {"asked": asked},
    )
    known = {account_id for account_id, _ in found}
    for account_id in asked:
        if account_id not in known:
            raise NotFoundError(
                f"there is no account {account_id!r} in the events"
                f"{did_you_mean(account_id, _alike(store, account_id))}"
            )
    return [("account", account) for _, account in found]


def _alike(store: Store, account_id: str) -> list[str]:
    """Return the nearest account id; the store compares, as there may be millions."""
    rows = store.rows(
        """SELECT account_id FROM account_names
           WHERE abs(length(account_id) - length($id)) <= 2
           ORDER BY levenshtein(account_id, $id), account_id LIMIT 1""",
        {"id": account_id},
    )
    return [name for (name,) in rows]


def _neighbours(store: Store, nodes: set[Node]) -> dict[Node, set[Node]]:
    """Return the nodes next to each of these nodes, whatever the direction."""
    near: dict[Node, set[Node]] = {node: set() for node in nodes}
    for relation in RELATIONS:
        ends = (("source", relation.source), ("target", relation.target))
        for (here, kind), (there, other_kind) in (ends, ends[::-1]):
            keys = _keys(nodes, kind)
            if not keys:
                continue
            for key, other in store.rows(
                f"""SELECT DISTINCT {here}, {there} FROM ({relation.sql}) AS r
                    WHERE {here} IN (SELECT unnest($keys)) AND {there} IS NOT NULL""",
                {"keys": keys},
            ):
                near[kind, key].add((other_kind, other))
    return near


def _drawn(
    store: Store, nodes: set[Node], not_followed: Iterable[Node] = ()
) -> nx.MultiDiGraph:
    """Draw these nodes and all edges between them, in the order of their names."""
    graph = nx.MultiDiGraph()
    names: dict[Node, str] = {}
    for kind, sql in NODES.items():
        keys = _keys(nodes, kind)
        if not keys:
            continue
        known = store.arrow(
            f"SELECT * FROM ({sql}) AS n WHERE key IN (SELECT unnest($keys))",
            {"keys": keys},
        )
        # A code that was scanned need not be among the codes.
        attributes = {key: {"id": key} for key in keys} | {
            row.pop("key"): row for row in _rows(known)
        }
        names |= {(kind, key): f"{kind}:{attributes[key]['id']}" for key in keys}
        for key in sorted(keys, key=lambda key: str(attributes[key]["id"])):
            graph.add_node(names[kind, key], kind=kind, **attributes[key])
    for node in sorted(not_followed, key=lambda node: names[node]):
        graph.nodes[names[node]]["not_followed"] = True
    for relation in RELATIONS:
        sources, targets = _keys(nodes, relation.source), _keys(nodes, relation.target)
        if not (sources and targets):
            continue
        between = store.arrow(
            f"""SELECT * FROM ({relation.sql}) AS r
                WHERE source IN (SELECT unnest($sources))
                AND target IN (SELECT unnest($targets)) ORDER BY ALL""",
            {"sources": sources, "targets": targets},
        )
        for row in _rows(between):
            source = names[relation.source, row.pop("source")]
            target = names[relation.target, row.pop("target")]
            # An event without a time cannot be named by it: its ends name it.
            event = row.pop("event", f"{relation.kind}:{source} {target}")
            graph.add_edge(source, target, key=event, kind=relation.kind, **row)
    return graph


def _keys(nodes: Iterable[Node], kind: str) -> list[int | str]:
    return sorted((key for node_kind, key in nodes if node_kind == kind), key=str)


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return rows as dictionaries without what is not known."""
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in table.to_pylist()
    ]
