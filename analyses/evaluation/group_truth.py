"""A truth that is one file of groups: who is known to belong together, and who is not.

Public records have it so: a row is an account and its group, with a label that tells
operators from false alarms, and perhaps a source. Found teams are compared with each
true group by the best F1 among them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from analyses.evaluation.metrics import area_interval, area_under_curve
from analyses.reporting.outputs import read_output
from analyses.reporting.report_tables import Evaluation, Section
from analyses.run_events import inside_accounts
from graph.errors import InputError

SMALLEST_GROUP = 8
LARGEST_GROUP = 1000

KNOWN_NAMES = {
    "account": ("account_id", "address"),
    "group": ("group", "cluster", "team_id"),
    "label": ("accepted", "behaviour_verified"),
    "source": ("source",),
}


@dataclass(frozen=True)
class GroupColumns:
    """Names of the columns in a file of groups; None = recognised, or not there.

    `label` is 1 for an operator behind the group and 0 for a false alarm; `source`
    tells apart kinds of groups that are to be measured separately.
    """

    account: str | None = None
    group: str | None = None
    label: str | None = None
    source: str | None = None


def evaluate_groups(
    run: Path, truth: Path, *, columns: GroupColumns | None = None, seed: int = 1
) -> Evaluation:
    """Compare the teams of a run with the groups of a Parquet file.

    Groups of 8 to 1,000 accounts of the run's accounts table count. Per source and
    label: the mean over groups of the best F1 that any found team reaches, and how
    many groups reach 0.5. Where groups of both labels are there: how well the risk of
    the best-matching team (0 where none shares an account) tells them apart, as the
    area under the curve with its 95 % bootstrap interval.
    """
    groups = read_groups(truth, columns or GroupColumns())
    matched = best_matches(
        groups,
        read_output(run, "members").to_pandas()[["team_id", "account_id"]],
        read_output(run, "teams").to_pandas()[["team_id", "risk"]],
        inside_accounts(run),
    )
    figures: dict[str, float | None] = {}
    return Evaluation(
        figures,
        (_match_section(matched, figures), _risk_section(matched, figures, seed)),
    )


def read_groups(path: Path, columns: GroupColumns) -> pd.DataFrame:
    """Return the rows of a file of groups as account_id, group, label and source."""
    there = pq.read_schema(path).names
    chosen = {}
    for role, names in KNOWN_NAMES.items():
        asked = getattr(columns, role)
        if asked is not None and asked not in there:
            raise InputError(f"{path} has no column {asked}: it has {', '.join(there)}")
        name = asked or next((name for name in names if name in there), None)
        if name is None and role in ("account", "group"):
            raise InputError(
                f"{path}: which column is the {role}? It has {', '.join(there)}; "
                f"known are {', '.join(names)}"
            )
        chosen[role] = name
    wanted = sorted({name for name in chosen.values() if name})
    table = pq.read_table(path, columns=wanted, partitioning=None).to_pandas()
    return pd.DataFrame(
        {
            "account_id": table[chosen["account"]].astype(str),
            "group": table[chosen["group"]].astype(str),
            "label": table[chosen["label"]].astype("int64") if chosen["label"] else 1,
            "source": table[chosen["source"]].astype(str)
            if chosen["source"]
            else "groups",
        }
    )


def best_matches(
    groups: pd.DataFrame, members: pd.DataFrame, teams: pd.DataFrame, inside: set[str]
) -> pd.DataFrame:
    """Return one row per true group that counts: size, best F1, risk of that team.

    Accounts that are not `inside` are left out of groups and teams alike.
    """
    key = ["source", "label", "group"]
    groups = groups[groups["account_id"].isin(inside)].drop_duplicates()
    sizes = groups.groupby(key, as_index=False).size()
    sizes = sizes[sizes["size"].between(SMALLEST_GROUP, LARGEST_GROUP)]
    members = members[members["account_id"].isin(inside)].drop_duplicates()
    # An empty table has columns of no type, which would not join.
    members = members.astype({"team_id": str, "account_id": str})
    teams = teams.astype({"team_id": str, "risk": float})
    team_sizes = members.groupby("team_id", as_index=False).size()
    shared = (
        groups.merge(sizes, on=key)
        .merge(members, on="account_id")
        .groupby([*key, "size", "team_id"], as_index=False)
        .agg(both=("account_id", "size"))
        .merge(team_sizes.rename(columns={"size": "team_size"}), on="team_id")
        .merge(teams, on="team_id", how="left")
    )
    shared["f1"] = 2 * shared["both"] / (shared["size"] + shared["team_size"])
    best = shared.sort_values(
        ["f1", "risk", "team_id"], ascending=[False, False, True]
    ).drop_duplicates(key)
    result = sizes.merge(best[[*key, "team_id", "f1", "risk"]], on=key, how="left")
    return result.fillna({"f1": 0.0, "risk": 0.0}).sort_values(key, ignore_index=True)


def _match_section(matched: pd.DataFrame, figures: dict[str, float | None]) -> Section:
    rows = []
    for (source, label), part in matched.groupby(["source", "label"], sort=True):
        mean, good = float(part["f1"].mean()), int((part["f1"] >= 0.5).sum())
        name = f"{source}.{'operator' if label else 'false_alarm'}"
        figures[f"{name}.best_match_f1"] = mean
        figures[f"{name}.groups"] = len(part)
        figures[f"{name}.half_or_more"] = good
        said = "operator" if label else "false alarm"
        rows.append((str(source), said, len(part), int(part["size"].sum()), mean, good))
    return Section(
        f"True groups of {SMALLEST_GROUP} to {LARGEST_GROUP:,} accounts against the "
        "best-matching team",
        ("source", "label", "groups", "accounts", "mean best F1", "F1 0.5 or more"),
        tuple(rows),
    )


def _risk_section(
    matched: pd.DataFrame, figures: dict[str, float | None], seed: int
) -> Section:
    rows = []
    for source, part in matched.groupby("source", sort=True):
        risk, true = part["risk"].to_numpy(np.float64), part["label"].eq(1).to_numpy()
        area = area_under_curve(risk, true)
        if area is None:
            continue
        lower, upper = area_interval(risk, true, seed=seed) or (None, None)
        figures[f"{source}.risk_area"] = area
        figures[f"{source}.risk_area_lower"] = lower
        figures[f"{source}.risk_area_upper"] = upper
        rows.append(
            (str(source), int(true.sum()), int((~true).sum()), area, lower, upper)
        )
    return Section(
        "Risk of the best-matching team: operators against false alarms",
        ("source", "operators", "false alarms", "area", "95 % from", "to"),
        tuple(rows),
    )
