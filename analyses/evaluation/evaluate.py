"""What a run found against what is true: the figures of the data contract.

`evaluate` takes either the truth of a sample world (a folder of accounts, teams and
helps) or one Parquet file of groups, such as a public record has it. Both give an
`Evaluation`: named figures, and the tables in which a person reads them.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from analyses.evaluation.comparison import (
    Comparison,
    compare,
    compare_farms,
    compare_givers,
    ids,
    right_teams,
)
from analyses.evaluation.expected_errors import kinds_of
from analyses.evaluation.group_truth import GroupColumns, evaluate_groups
from analyses.evaluation.metrics import (
    Grouping,
    Score,
    average_precision,
    calibration_error,
    reliability,
)
from analyses.evaluation.network_figures import network_figures
from analyses.reporting.outputs import COLLUSION_ROLES
from analyses.reporting.report_tables import Evaluation, Section

REPEAT_ROLES = ("platform_worker", "owned_helper", "operator")
HELPER_ROLES = ("platform_worker", "owned_helper", "operator", "lured_helper")
PATTERNS = ("stall", "platform", "owned", "batch_unsealing")
FOUND_AT = 0.5
"""The risk from which an account counts as found."""


@dataclass
class _Draft:
    """Figures and sections while they are being collected."""

    figures: dict[str, float | None] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)

    def note(self, name: str, value: float | None) -> float | None:
        """Keep a figure under its name and hand it back."""
        self.figures[name] = value
        return value

    def score(self, name: str, score: Score) -> tuple[float | None, ...]:
        """Keep precision, recall and F1, and hand back the cells of a row."""
        return (
            score.true,
            score.found,
            score.right,
            self.note(f"{name}.precision", score.precision),
            self.note(f"{name}.recall", score.recall),
            self.note(f"{name}.f1", score.f1),
        )


SCORE_COLUMNS = ("true", "found", "right", "precision", "recall", "F1")


def evaluate(
    run: Path,
    truth: Path,
    *,
    helps: Path | None = None,
    columns: GroupColumns | None = None,
    seed: int = 1,
) -> Evaluation:
    """Compare the run folder with a truth: a folder of tables, or one file of groups.

    `helps` is the event table of helps, for a run folder without its event store;
    `columns` names the columns of a file of groups where they cannot be recognised;
    `seed` draws the bootstrap intervals. Raises InputError for what cannot be read.
    """
    if truth.is_file():
        return evaluate_groups(run, truth, columns=columns, seed=seed)
    return evaluate_world(compare(run, truth, helps=helps))


def evaluate_world(compared: Comparison) -> Evaluation:
    """Return all figures that the data contract defines, from frames."""
    draft = _Draft()
    _batch_registered(draft, compared.both)
    _teams(draft, compared)
    _team_risk(draft, compared)
    _helps(draft, compared)
    _roles(draft, compared.both)
    _repeat_helpers(draft, compared.both)
    _networks(draft, compared)
    _wrongly_listed(draft, compared.both)
    _reliability(draft, compared.both)
    return Evaluation(draft.figures, tuple(draft.sections))


def _batch_registered(draft: _Draft, both: pd.DataFrame) -> None:
    said = both["role"] == "batch_registered"
    true = ids(both, both["true_role"] == "batch_registered")
    ways = {
        "found": ids(both, said & (both["risk"] >= FOUND_AT)),
        "listed": ids(both, said & both["listed"]),
    }
    rows = [
        (
            f"risk {FOUND_AT} or more" if way == "found" else "listed",
            *draft.score(f"batch_registered.{way}", Score.of(found=found, true=true)),
        )
        for way, found in ways.items()
    ]
    # Accounts with another role are not said to be batch-registered, whatever the risk.
    score = both["risk"].where(said | (both["role"] == ""), 0.0).to_numpy(np.float64)
    is_true = (both["true_role"] == "batch_registered").to_numpy()
    average = draft.note(
        "batch_registered.average_precision", average_precision(score, is_true)
    )
    draft.sections.append(
        Section(
            "Batch-registered accounts",
            ("counted when", *SCORE_COLUMNS),
            tuple(rows),
            (("average precision by risk", average),),
        )
    )


def _teams(draft: _Draft, compared: Comparison) -> None:
    kinds = (
        ("registration_farm", "batch-registered accounts", compare_farms(compared)),
        ("scanning_crew", "stall helps", compare_givers(compared, "stall")),
        ("helper_platform", "platform helps", compare_givers(compared, "platform")),
    )
    draft.sections.append(
        Section(
            "Teams: true groups against found groups; what was not found stands alone",
            (
                *("kind", "over", "items", "true groups", "found groups"),
                *(
                    "BCubed P",
                    "BCubed R",
                    "BCubed F1",
                    "pairs P",
                    "pairs R",
                    "pairs F1",
                ),
            ),
            tuple(
                (kind, over, *_grouping_cells(draft, kind, grouping))
                for kind, over, grouping in kinds
            ),
        )
    )


def _team_risk(draft: _Draft, compared: Comparison) -> None:
    rows = []
    for kind in ("registration_farm", "scanning_crew", "helper_platform"):
        teams = right_teams(compared, kind)
        said, right = teams["risk"].to_numpy(np.float64), teams["right"].to_numpy(bool)
        brier = float(np.mean((said - right) ** 2)) if len(teams) else None
        draft.note(f"{kind}.risk_brier", brier)
        means = (said.mean(), right.mean()) if len(teams) else (None, None)
        rows.append((kind, len(teams), *means, brier))
    draft.sections.append(
        Section(
            "Risk of teams: are half of a team's members, or helps, of its kind",
            ("kind", "found groups", "said", "true", "Brier score"),
            tuple(rows),
        )
    )


def _grouping_cells(
    draft: _Draft, kind: str, grouping: Grouping
) -> tuple[float | None, ...]:
    names = ("bcubed", "pairwise")
    parts = ("precision", "recall", "f1")
    figures = [
        draft.note(f"{kind}.{name}_{part}", getattr(grouping, f"{name}_{part}"))
        for name in names
        for part in parts
    ]
    return (grouping.items, grouping.true_groups, grouping.found_groups, *figures)


def _helps(draft: _Draft, compared: Comparison) -> None:
    rows = []
    for pattern in PATTERNS:
        true, found = (
            ids(helps, helps["pattern"] == pattern, "help_id")
            for helps in (compared.true_helps, compared.helps)
        )
        if true or found:
            score = Score.of(found=found, true=true)
            rows.append((pattern, *draft.score(f"helps.{pattern}", score)))
    draft.sections.append(Section("Helps", ("pattern", *SCORE_COLUMNS), tuple(rows)))


def _roles(draft: _Draft, both: pd.DataFrame) -> None:
    helped = both[both["attempts"] > 0]
    named = sorted(
        (set(helped["role"]) | set(helped["true_role"]))
        & {*COLLUSION_ROLES, *HELPER_ROLES, "victim"}
        | set(HELPER_ROLES)
    )
    groups = {role: {role} for role in named}
    groups["worker or owned"] = {"platform_worker", "owned_helper"}
    rows = []
    for name, roles in groups.items():
        key = name.replace(" ", "_")
        said, true = helped["role"].isin(roles), helped["true_role"].isin(roles)
        score = Score.of(found=ids(helped, said), true=ids(helped, true))
        surely = said & (helped["risk"] >= FOUND_AT)
        sure = Score.of(found=ids(helped, surely), true=ids(helped, true))
        draft.score(f"roles.{key}.at_half", sure)
        rows.append(
            (name, *draft.score(f"roles.{key}", score), sure.precision, sure.recall)
        )
    draft.sections.append(
        Section(
            f"Roles of the {len(helped):,} accounts that helped or tried to",
            ("role", *SCORE_COLUMNS, f"P, risk {FOUND_AT}+", f"R, risk {FOUND_AT}+"),
            tuple(rows),
        )
    )


def _repeat_helpers(draft: _Draft, both: pd.DataFrame) -> None:
    helped = both[both["attempts"] > 0]
    true = helped["true_role"].isin(REPEAT_ROLES) & (helped["attempts"] >= 2)
    scores = pd.to_numeric(helped["helper_score"]).to_numpy(np.float64)
    average = draft.note(
        "repeat_helpers.average_precision", average_precision(scores, true.to_numpy())
    )
    draft.sections.append(
        Section(
            "Repeat helpers: workers, owned helpers, operators with 2 attempts or more",
            ("accounts that helped", "true", "with a score", "average precision"),
            ((len(helped), int(true.sum()), int((~np.isnan(scores)).sum()), average),),
        )
    )


def _networks(draft: _Draft, compared: Comparison) -> None:
    """Add the further networks, where the run or the truth has any."""
    every = network_figures(compared)
    if not every:
        return
    parts = [
        (
            each,
            draft.score(f"networks.{each.kind}", each.members),
            draft.score(f"networks.{each.kind}.deceived", each.deceived),
        )
        for each in every
    ]
    draft.sections.append(
        Section(
            f"Further networks: members of teams at a risk of {FOUND_AT} or more",
            (
                "kind",
                "teams",
                "that list",
                *SCORE_COLUMNS,
                "listed",
                "deceived P / R",
            ),
            tuple(
                (
                    each.kind,
                    each.teams,
                    each.listing,
                    *cells,
                    each.listed,
                    " / ".join("–" if n is None else f"{n:.2f}" for n in used[3:5]),
                )
                for each, cells, used in parts
            ),
            tuple(
                (
                    f"wrongly listed, {each.kind}",
                    ", ".join(f"{n} {name}" for name, n in each.wrongly_listed.items())
                    or "nobody",
                )
                for each in every
            ),
        )
    )


def _wrongly_listed(draft: _Draft, both: pd.DataFrame) -> None:
    innocent = both[~both["true_role"].isin(COLLUSION_ROLES)]
    counts = (
        pd.DataFrame(
            {
                "kind": kinds_of(innocent),
                "risky": innocent["risk"] >= FOUND_AT,
                "listed": innocent["listed"],
            }
        )
        .groupby("kind")
        .agg(all=("risky", "size"), risky=("risky", "sum"), listed=("listed", "sum"))
        .reset_index()
        .sort_values(["listed", "risky", "kind"], ascending=[False, False, True])
    )
    listed = int(both["listed"].sum())
    wrong = int(innocent["listed"].sum())
    share = draft.note("listed.wrong_share", wrong / listed if listed else None)
    draft.note("listed.accounts", listed)
    draft.sections.append(
        Section(
            "Innocent accounts, by kind",
            ("kind", "accounts", f"risk {FOUND_AT} or more", "wrongly listed"),
            tuple(tuple(row) for row in counts.to_numpy(object).tolist()),
            (("listed in all", listed), ("share wrongly listed", share)),
        )
    )


def _reliability(draft: _Draft, both: pd.DataFrame) -> None:
    said = both[both["role"] != ""]
    risk = said["risk"].to_numpy(np.float64)
    right = said["role"].isin(COLLUSION_ROLES) & (said["role"] == said["true_role"])
    rows = tuple(
        (
            f"{row.lowest:.1f} to {row.highest:.1f}",
            row.accounts,
            row.said,
            row.came_true,
        )
        for row in reliability(risk, right.to_numpy())
    )
    error = draft.note("calibration_error", calibration_error(risk, right.to_numpy()))
    draft.sections.append(
        Section(
            "Reliability: the role is right and one of collusion, as said and in truth",
            ("risk", "accounts", "said", "true"),
            rows,
            (("calibration error, risk 0.1 or more", error),),
        )
    )
