"""A run and the truth of a sample world side by side, and their teams compared."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from analyses.evaluation.metrics import Grouping, compare_groups
from analyses.reporting.outputs import read_output
from analyses.run_events import attempts_per_helper
from graph.errors import InputError


@dataclass(frozen=True)
class Comparison:
    """A run and a truth side by side, as frames.

    `both` has one row per account that either names: `true_role` and `innocent_kind`
    from the truth, `role`, `risk`, `listed` and `helper_score` from the run, and
    `attempts`, the helps it gave or tried to give. Texts are "" where there is none.
    """

    both: pd.DataFrame
    true_accounts: pd.DataFrame
    true_teams: pd.DataFrame
    true_helps: pd.DataFrame
    teams: pd.DataFrame
    members: pd.DataFrame
    helps: pd.DataFrame


def compare(run: Path, truth: Path, *, helps: Path | None = None) -> Comparison:
    """Read a run folder and the truth of a sample world.

    Raises InputError when no account of the truth is in the run, as that of another
    world.
    """
    true_accounts = _truth_table(
        truth, "accounts", ("account_id", "role", "team_ids", "innocent_kind")
    )
    accounts = read_output(run, "accounts").to_pandas()
    attempts = attempts_per_helper(run, helps)
    named = {*accounts["account_id"], *attempts["account_id"]}
    if named and len(true_accounts) and named.isdisjoint(true_accounts["account_id"]):
        raise InputError(
            f"{truth} names {len(true_accounts)} accounts, and none of them is in "
            f"{run}: give the truth of the world that the run was over"
        )
    both = (
        true_accounts[["account_id", "role", "innocent_kind"]]
        .rename(columns={"role": "true_role"})
        .merge(
            accounts[["account_id", "role", "risk", "listed", "helper_score"]],
            on="account_id",
            how="outer",
        )
        .merge(attempts, on="account_id", how="outer")
        .sort_values("account_id", ignore_index=True)
    )
    for column in ("true_role", "innocent_kind", "role"):
        both[column] = both[column].fillna("").astype(str)
    both["risk"] = both["risk"].fillna(0.0)
    both["attempts"] = both["attempts"].fillna(0).astype("int64")
    both["listed"] = both["listed"].eq(True)
    return Comparison(
        both=both,
        true_accounts=true_accounts,
        true_teams=_truth_table(truth, "teams", ("team_id", "kind")),
        true_helps=_truth_table(truth, "helps", ("help_id", "team_id", "pattern")),
        teams=read_output(run, "teams").to_pandas(),
        members=read_output(run, "members").to_pandas(),
        helps=read_output(run, "helps").to_pandas(),
    )


def compare_farms(compared: Comparison) -> Grouping:
    """Compare the farms of the batch-registered accounts that truly have one.

    An account in several farms counts for the first that the truth names, and for the
    found farm with the most evidence.
    """
    teams = compared.true_teams
    farms = ids(teams, teams["kind"] == "registration_farm", "team_id")
    true = compared.true_accounts
    true = true.loc[true["role"] == "batch_registered", ["account_id", "team_ids"]]
    true = true.explode("team_ids").rename(columns={"team_ids": "team_id"})
    true = true[true["team_id"].isin(farms)].drop_duplicates("account_id")
    found = compared.members.merge(compared.teams[["team_id", "kind"]], on="team_id")
    found = found[found["kind"] == "registration_farm"].sort_values(
        ["evidence_bits", "team_id"], ascending=[False, True]
    )
    return _compare(true, found.drop_duplicates("account_id"), "account_id")


def compare_givers(compared: Comparison, pattern: str) -> Grouping:
    """Compare the teams that gave the helps which truly have the pattern."""
    true, found = (
        helps[helps["pattern"] == pattern]
        .sort_values(["help_id", "team_id"])
        .drop_duplicates("help_id")
        for helps in (compared.true_helps, compared.helps)
    )
    return _compare(true, found, "help_id")


GIVEN_BY = {"scanning_crew": "stall", "helper_platform": "platform"}
"""The kinds of team that give helps, and the pattern of these helps."""


def right_teams(compared: Comparison, kind: str) -> pd.DataFrame:
    """Return risk and `right` of the teams of a kind.

    A farm is right when at least half of its batch-registered members truly are; a crew
    or platform, when at least half of the helps that it gave truly have the pattern.
    """
    if kind in GIVEN_BY:
        pattern = GIVEN_BY[kind]
        items = compared.helps.loc[compared.helps["pattern"] == pattern]
        helps = compared.true_helps
        true = ids(helps, helps["pattern"] == pattern, "help_id")
        right = items["help_id"].isin(true)
    else:
        items = compared.members
        items = items.loc[items["role"] == "batch_registered"]
        both = compared.both
        right = items["account_id"].isin(
            ids(both, both["true_role"] == "batch_registered")
        )
    share = right.groupby(items["team_id"]).mean()
    teams = compared.teams.loc[compared.teams["kind"] == kind, ["team_id", "risk"]]
    teams = teams.sort_values("team_id", ignore_index=True)
    return teams.assign(right=teams["team_id"].map(share).fillna(0.0) >= 0.5)


def _compare(true: pd.DataFrame, found: pd.DataFrame, item: str) -> Grouping:
    found_team = dict(zip(found[item], found["team_id"], strict=True))
    true = true.sort_values(item)
    return compare_groups(
        true["team_id"].tolist(), [found_team.get(name) for name in true[item]]
    )


def ids(
    frame: pd.DataFrame, chosen: "pd.Series[bool]", column: str = "account_id"
) -> set[str]:
    """Return the ids of the rows that are chosen."""
    return set(frame.loc[chosen, column])


def _truth_table(folder: Path, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise InputError(
            f"{folder} has no {name}.parquet: a truth is a folder with accounts, teams "
            "and helps, or one Parquet file of groups"
        )
    there = pq.read_schema(path).names
    missing = [column for column in columns if column not in there]
    if missing:
        raise InputError(f"{path} lacks the column {', '.join(missing)}")
    table = pq.read_table(path, columns=list(columns), partitioning=None)
    frame: pd.DataFrame = table.to_pandas()
    return frame
