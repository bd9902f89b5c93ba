"""The networks of many teams at once, from the event store: who is joined by what."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analyses.reporting.page.network import Link, Network, Node, laid_out
from analyses.reporting.page.network_parts import parts_of_networks
from analyses.run import Run

THINGS_SHOWN = 24
"""Shared things of a team that are drawn: those that most of its accounts share."""

TEAMS_SHOWN = 12
"""Other teams that are drawn: those with most events."""

KEY_KINDS = (
    "device",
    "access_point",
    "address_block",
    "phone_segment",
    "helper",
    "helper_device",
    "gathering",
)


def networks(
    run: Run, shown: pd.DataFrame, sizes: Mapping[str, int]
) -> dict[str, Network]:
    """Return the network of each team over its `shown` members.

    `shown` has team_id, account_id, role, evidence_bits, in order of importance;
    `sizes` how many members each team has in all.
    """
    if shown.empty:
        return {}
    keys = _shared_keys(run, shown)
    helps = _helps(run, shown)
    at_stall = _at_stalls(helps)
    accounts = _accounts(shown)
    result = {}
    by_team: dict[str, tuple[list[Node], list[Link]]] = {
        team_id: (list(nodes), []) for team_id, nodes in accounts.items()
    }
    further = parts_of_networks(run, shown)
    for found in (keys, at_stall, _serving(run, helps), further):
        for team_id, (nodes, links) in found.items():
            mine = by_team[team_id]
            there = {node.key for node in mine[0]}
            mine[0].extend(node for node in nodes if node.key not in there)
            mine[1].extend(links)
    for team_id, (nodes, links) in by_team.items():
        left_out = sizes.get(team_id, 0) - len(accounts[team_id])
        different = {(k.source, k.target, k.kind): k for k in links}
        kept = tuple(different[key] for key in sorted(different))
        result[team_id] = laid_out(Network(tuple(nodes), kept, left_out))
    return result


def _counted(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Return each combination of the columns and how many rows have it."""
    sizes = frame.groupby(list(columns)).size()
    return [(*key, int(n)) for key, n in zip(sizes.index, sizes, strict=True)]


def _accounts(shown: pd.DataFrame) -> dict[str, list[Node]]:
    result: dict[str, list[Node]] = {}
    for row in shown.to_dict("records"):
        role = row["role"] if isinstance(row["role"], str) else ""
        weight = min(1.0, max(0.0, float(row["evidence_bits"]) / 12))
        node = Node(
            f"account:{row['account_id']}", "account", role, row["account_id"], weight
        )
        result.setdefault(row["team_id"], []).append(node)
    return result


Parts = dict[str, tuple[list[Node], list[Link]]]


def _shared_keys(run: Run, shown: pd.DataFrame) -> Parts:
    """Return what two or more shown members of a team share."""
    names = run.store.frame(
        """SELECT account_id, account FROM account_names
           WHERE account_id IN (SELECT unnest($ids))""",
        {"ids": sorted(set(shown["account_id"]))},
    )
    if not run.store.rows(
        "SELECT 1 FROM duckdb_tables() WHERE table_name = 'key_holders'"
    ):
        return {}
    held = run.store.frame(
        """SELECT h.account, k.key, k.kind,
              coalesce(d.device_id, n.account_id, k.value) AS value
           FROM key_holders AS h JOIN shared_keys AS k ON k.key = h.key
           LEFT JOIN devices AS d ON k.kind IN ('device', 'helper_device')
             AND CAST(d.device AS VARCHAR) = k.value
           LEFT JOIN account_names AS n ON k.kind = 'helper'
             AND CAST(n.account AS VARCHAR) = k.value
           WHERE h.account IN (SELECT unnest($accounts))
             AND k.kind IN (SELECT unnest($kinds))""",
        {"accounts": names["account"].tolist(), "kinds": list(KEY_KINDS)},
    )
    held = held.merge(names, on="account").merge(
        shown[["team_id", "account_id"]], on="account_id"
    )
    held = held[held["value"] != held["account_id"]]
    holders = held.groupby(["team_id", "key"]).size().rename("holders").reset_index()
    holders = holders[holders["holders"] >= 2].sort_values(
        ["team_id", "holders", "key"], ascending=[True, False, True]
    )
    holders = holders.groupby("team_id").head(THINGS_SHOWN)
    held = held.merge(holders, on=["team_id", "key"]).sort_values(
        ["team_id", "key", "account_id"]
    )
    result: Parts = {}
    known: dict[tuple[str, int], bool] = {}
    for row in held.to_dict("records"):
        nodes, links = result.setdefault(row["team_id"], ([], []))
        key = f"{row['kind']}:{row['value']}"
        if not known.setdefault((row["team_id"], row["key"]), False):
            known[row["team_id"], row["key"]] = True
            nodes.append(Node(key, "thing", row["kind"], str(row["value"])))
        links.append(Link(f"account:{row['account_id']}", key, row["kind"]))
    return result


def _helps(run: Run, shown: pd.DataFrame) -> pd.DataFrame:
    """Return the helps that teams gave through shown members, with place and farm."""
    given = run.helps[["help_id", "team_id"]]
    gathered = run.store.rows(
        "SELECT 1 FROM duckdb_tables() WHERE table_name = 'gatherings'"
    )
    stall = (
        "LEFT JOIN gatherings AS g ON g.help_id = h.help_id"
        if gathered
        else "LEFT JOIN (SELECT NULL AS help_id, NULL AS gathering) AS g ON false"
    )
    helps = run.store.frame(
        f"""SELECT h.help_id, a.account_id AS helper, b.account_id AS helped,
              CAST(g.gathering AS INTEGER) AS gathering, h.helped_at
            FROM helps AS h
            JOIN account_names AS a ON a.account = h.helper
            JOIN account_names AS b ON b.account = h.helped {stall}
            WHERE h.help_id IN (SELECT unnest($ids))""",
        {"ids": sorted(set(given["help_id"]))},
    )
    helps = helps.merge(given, on="help_id")
    helps = helps.merge(
        shown[["team_id", "account_id"]].rename(columns={"account_id": "helper"}),
        on=["team_id", "helper"],
    )
    farms = run.accounts[["account_id", "team_id"]].rename(
        columns={"account_id": "helped", "team_id": "farm"}
    )
    return helps.merge(farms, on="helped", how="left")


def _at_stalls(helps: pd.DataFrame) -> Parts:
    there = helps[helps["gathering"].notna()]
    first: Any = there.groupby(["team_id", "gathering"])["helped_at"].min()
    result: Parts = {}
    for (team_id, gathering), at in first.items():
        day = f"{pd.Timestamp(int(at), unit='s'):%Y-%m-%d}"
        node = Node(f"gathering:{gathering:.0f}", "thing", "gathering", day)
        result.setdefault(str(team_id), ([], []))[0].append(node)
    for team_id, helper, gathering, count in _counted(
        there, "team_id", "helper", "gathering"
    ):
        result[str(team_id)][1].append(
            Link(f"account:{helper}", f"gathering:{gathering:.0f}", "gathering", count)
        )
    return result


def _serving(run: Run, helps: pd.DataFrame) -> Parts:
    """Return the farms whose accounts the shown members helped, or these accounts."""
    kinds = dict(zip(run.teams["team_id"], run.teams["kind"], strict=True))
    there = helps[helps["farm"].notna() & (helps["farm"] != helps["team_id"])]
    counted: Any = there.groupby(["team_id", "farm"]).size().rename("n").reset_index()
    most = (
        counted.sort_values(["team_id", "n", "farm"], ascending=[True, False, True])
        .groupby("team_id")
        .head(TEAMS_SHOWN)
    )
    result: Parts = {}
    for team_id, farm in zip(most["team_id"], most["farm"], strict=True):
        node = Node(f"team:{farm}", "team", kinds.get(farm, ""), farm)
        result.setdefault(team_id, ([], []))[0].append(node)
    pairs = there.merge(most[["team_id", "farm"]], on=["team_id", "farm"])
    for team_id, helper, farm, count in _counted(pairs, "team_id", "helper", "farm"):
        result[team_id][1].append(
            Link(f"account:{helper}", f"team:{farm}", "helped", count)
        )
    own = helps[helps["farm"] == helps["team_id"]]
    for team_id, helper, helped, count in _counted(own, "team_id", "helper", "helped"):
        nodes, links = result.setdefault(str(team_id), ([], []))
        links.append(Link(f"account:{helper}", f"account:{helped}", "helped", count))
        if f"account:{helped}" not in {node.key for node in nodes}:
            nodes.append(
                Node(
                    f"account:{helped}", "account", "batch_registered", str(helped), 0.2
                )
            )
    return result
