"""How well each further kind of network was found, and which innocents were listed."""

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from analyses.evaluation.comparison import Comparison
from analyses.evaluation.expected_errors import kinds_of
from analyses.evaluation.metrics import Score
from analyses.networks.registry import NETWORKS
from analyses.reporting.outputs import COLLUSION_ROLES, DECEIVED_ROLES

FOUND_AT = 0.5


@dataclass(frozen=True)
class NetworkFigures:
    """One kind of network in one world.

    `members` scores those who take part and were found as such, in a team of the kind
    at a risk of 0.5 or more, against those who truly do; `deceived` the people named as
    deceived. `teams` of the kind were found, and of `listing` at least one account is
    listed. `listed` members are listed; `wrong` and `wrongly_listed` say who does not
    belong to such a team in truth, by kind of innocent or by true role.
    """

    kind: str
    members: Score
    deceived: Score
    teams: int
    listing: int
    listed: int
    wrong: dict[str, int]
    wrongly_listed: dict[str, int]


def network_figures(compared: Comparison) -> list[NetworkFigures]:
    """Return the figures of each kind that the run or the truth has teams of."""
    kinds = dict(
        zip(compared.true_teams["team_id"], compared.true_teams["kind"], strict=True)
    )
    truth = compared.true_accounts.set_index("account_id")
    inside = truth["team_ids"].map(lambda mine: {kinds[team] for team in mine})
    figures = []
    for kind in NETWORKS:
        true = inside.map(lambda mine, kind=kind: kind in mine)
        if (compared.teams["kind"] == kind).any() or true.any():
            figures.append(_of(kind, compared, truth, true))
    return figures


def _of(
    kind: str, compared: Comparison, truth: pd.DataFrame, true: "pd.Series[bool]"
) -> NetworkFigures:
    teams = compared.teams[compared.teams["kind"] == kind]
    sure = teams.loc[teams["risk"] >= FOUND_AT, "team_id"]
    members = compared.members[compared.members["team_id"].isin(sure)]
    members = members[members["probability"] >= FOUND_AT]
    used = members["role"].isin(DECEIVED_ROLES)
    found, told = (
        set(members.loc[~used, "account_id"]),
        set(members.loc[used, "account_id"]),
    )
    both = compared.both.set_index("account_id")
    listed = set(both.index[both["listed"]])
    acting = true & ~truth["role"].isin(DECEIVED_ROLES)
    takes_part, deceived = set(truth.index[acting]), set(truth.index[true & ~acting])
    stray = found - set(truth.index[true])
    said = members.loc[~used & members["account_id"].isin(listed), "team_id"]
    return NetworkFigures(
        kind,
        Score.of(found=found, true=takes_part),
        Score.of(found=told - found, true=deceived),
        teams=len(sure),
        listing=said.nunique(),
        listed=len(found & listed),
        wrong=_by_kind(both, stray),
        wrongly_listed=_by_kind(both, stray & listed),
    )


def _by_kind(both: pd.DataFrame, accounts: set[str]) -> dict[str, int]:
    """Count accounts by their kind of innocent, or else by their true role."""
    chosen = both.loc[sorted(accounts)]
    return dict(sorted(Counter(kinds_of(chosen)).items()))


def innocents_listed(
    compared: Comparison, threshold: float
) -> dict[str, dict[str, int]]:
    """Count, for each kind, the listed at a risk: all, and the innocent by kind.

    Whoever takes part in any network, or in a farm, is not innocent.
    """
    kinds = dict(zip(compared.teams["team_id"], compared.teams["kind"], strict=True))
    both = compared.both.set_index("account_id")
    best = compared.members.assign(kind=compared.members["team_id"].map(kinds))
    counts: dict[str, dict[str, int]] = {}
    for kind in NETWORKS:
        mine = set(best.loc[best["kind"] == kind, "account_id"])
        listed = both[
            both.index.isin(mine) & both["listed"] & (both["risk"] >= threshold)
        ]
        innocent = listed[~listed["true_role"].isin(COLLUSION_ROLES)]
        wrong = kinds_of(innocent).value_counts().sort_index()
        counts[kind] = {"listed": len(listed)} | {
            str(name): int(n) for name, n in wrong.items()
        }
    return counts
