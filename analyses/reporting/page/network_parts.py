"""What joins the members of the further networks, for their drawings."""

from typing import Any

import pandas as pd

from analyses.networks.registry import NETWORKS
from analyses.reporting.page.network import Link, Node
from analyses.run import Run

SHARED = {
    "text": """SELECT account, 'text' AS kind, content_hash AS value FROM posts
        WHERE content_hash IS NOT NULL""",
    "target": """SELECT account, 'target' AS kind, diversion_target AS value FROM posts
        WHERE diversion_target IS NOT NULL""",
    "device": """SELECT u.account, 'device' AS kind, v.device_id AS value
        FROM unseal_applications AS u JOIN devices AS v ON v.device = u.device
        UNION ALL SELECT l.account, 'device', v.device_id
        FROM logins AS l JOIN devices AS v ON v.device = l.device""",
    "helper": """SELECT h.helped AS account, 'helper' AS kind, n.account_id AS value
        FROM helps AS h JOIN account_names AS n ON n.account = h.helper
        WHERE h.kind = 'unsealing'""",
}
"""Things that members of further networks share, whenever they registered."""

THINGS = {
    "unsealing_batch": ("device", "helper"),
    "rental_ring": ("device",),
    "posting_ring": ("text", "target"),
    "loan_ring": ("text", "target"),
    "verification_crew": (),
    "laundering_ring": (),
}
"""What is drawn of each kind of network, beside its payments."""

THINGS_SHOWN = 24
"""Shared things of a team that are drawn: those that most of its accounts share."""

Parts = dict[str, tuple[list[Node], list[Link]]]


def parts_of_networks(run: Run, shown: pd.DataFrame) -> Parts:
    """Return nodes and links between the `shown` members of further networks.

    `shown` has team_id and account_id. A thing is drawn that two of them share: a text,
    a place that posts lead to, a device, a helper; so are payments among them, and the
    stalls of a verification crew.
    """
    kinds = dict(zip(run.teams["team_id"], run.teams["kind"], strict=True))
    mine = shown[["team_id", "account_id"]].assign(kind=shown["team_id"].map(kinds))
    mine = mine[mine["kind"].isin(list(NETWORKS))]
    result: Parts = {}
    if mine.empty:
        return result
    mine = mine.merge(
        run.store.frame(
            """SELECT account_id, account FROM account_names
               WHERE account_id IN (SELECT unnest($ids)) ORDER BY account""",
            {"ids": sorted(set(mine["account_id"]))},
        ),
        on="account_id",
    )
    for kind, sql in SHARED.items():
        teams = [name for name, things in THINGS.items() if kind in things]
        _add_things(run, mine[mine["kind"].isin(teams)], sql, result)
    _add_payments(run, mine, result)
    _add_stalls(run, mine, result)
    return result


def _add_things(run: Run, mine: pd.DataFrame, sql: str, result: Parts) -> None:
    if mine.empty:
        return
    held = run.store.frame(
        f"""SELECT account, kind AS thing, value, count(*) AS events FROM ({sql}) AS s
            WHERE account IN (SELECT unnest($accounts)) GROUP BY ALL ORDER BY ALL""",
        {"accounts": sorted(set(mine["account"].tolist()))},
    )
    held = held.merge(mine, on="account")
    held = held[held["value"] != held["account_id"]]
    holders: Any = held.groupby(["team_id", "value"]).size().rename("n").reset_index()
    holders = holders[holders["n"] >= 2].sort_values(
        ["team_id", "n", "value"], ascending=[True, False, True]
    )
    chosen = holders.groupby("team_id").head(THINGS_SHOWN)[["team_id", "value"]]
    held = held.merge(chosen, on=["team_id", "value"])
    for row in held.sort_values(["team_id", "value", "account_id"]).to_dict("records"):
        nodes, links = result.setdefault(row["team_id"], ([], []))
        key = f"{row['thing']}:{row['value']}"
        if key not in {node.key for node in nodes}:
            nodes.append(Node(key, "thing", row["thing"], str(row["value"])))
        account = f"account:{row['account_id']}"
        links.append(Link(account, key, row["thing"], int(row["events"])))


def _add_payments(run: Run, mine: pd.DataFrame, result: Parts) -> None:
    paid = run.store.frame(
        """SELECT payer, payee, count(*) AS events FROM payments
           WHERE payer IN (SELECT unnest($accounts))
             AND payee IN (SELECT unnest($accounts)) AND payer <> payee
           GROUP BY payer, payee ORDER BY payer, payee""",
        {"accounts": sorted(set(mine["account"].tolist()))},
    )
    here = mine[["team_id", "account", "account_id"]]
    pairs = paid.merge(here, left_on="payer", right_on="account").merge(
        here, left_on=["payee", "team_id"], right_on=["account", "team_id"]
    )
    for row in pairs.sort_values(["team_id", "payer", "payee"]).to_dict("records"):
        ends = (f"account:{row['account_id_x']}", f"account:{row['account_id_y']}")
        links = result.setdefault(row["team_id"], ([], []))[1]
        links.append(Link(*ends, "paid", int(row["events"])))


def _add_stalls(run: Run, mine: pd.DataFrame, result: Parts) -> None:
    there = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'stall_scans'"
    if not run.store.rows(there):
        return
    scanned = run.store.frame(
        """SELECT v.team_id, v.session, s.scanner AS account, min(s.scanned_at) AS at,
             count(*) AS events
           FROM stall_scans AS v JOIN scans AS s ON s.scan_id = v.scan_id
           GROUP BY ALL ORDER BY ALL"""
    )
    at = scanned.merge(mine, on=["team_id", "account"])
    for (team_id, session), rows in at.groupby(["team_id", "session"]):
        nodes, links = result.setdefault(str(team_id), ([], []))
        day = f"{pd.Timestamp(int(rows['at'].min()), unit='s'):%Y-%m-%d}"
        nodes.append(Node(f"gathering:{session}", "thing", "gathering", day))
        links.extend(
            Link(f"account:{name}", f"gathering:{session}", "gathering", int(events))
            for name, events in zip(rows["account_id"], rows["events"], strict=True)
        )
