"""A run against what people decided: decisions as labels."""

import numpy as np
import pandas as pd

from analyses.casework.decisions import Ledger
from analyses.casework.labels import labels
from analyses.evaluation.metrics import calibration_error, reliability
from analyses.reporting.outputs import COLLUSION_ROLES
from analyses.reporting.report_tables import Evaluation, Section
from analyses.run import Run
from graph.errors import InputError

FOUND_AT = 0.5


def evaluate_decisions(run: Run, ledger: Ledger) -> Evaluation:
    """Return how often the run agrees with what was decided.

    Only decided cases are known, and a person looks first at what a run lists: so the
    precision is that of what was looked at, and there is no recall over all. InputError
    when nothing was decided.
    """
    judged = labels(ledger)
    if not judged:
        raise InputError(
            f"{ledger.path} judges no account yet: nothing to compare with"
        )
    both = pd.DataFrame(
        {
            "account_id": list(judged),
            "malicious": [label.malicious for label in judged.values()],
        }
    ).merge(run.accounts, on="account_id", how="left")
    risk = both["risk"].fillna(0.0).to_numpy(np.float64)
    said = both["role"].isin(COLLUSION_ROLES)
    both = both.assign(found=said & (risk >= FOUND_AT), risky=np.where(said, risk, 0.0))
    figures: dict[str, float | None] = {}
    rows = []
    for role, part in [("all", both), *both[said].groupby("role")]:
        found = part["found"]
        right = int((found & part["malicious"]).sum())
        precision = right / int(found.sum()) if found.any() else None
        malicious = int(part["malicious"].sum())
        recall = right / malicious if malicious else None
        figures[f"decided.{role}.precision"] = precision
        figures[f"decided.{role}.recall"] = recall
        counts = (len(part), malicious, int(found.sum()), right)
        rows.append((str(role), *counts, precision, recall))
    true = both["malicious"].to_numpy(bool)
    risky = both["risky"].to_numpy(np.float64)
    error = calibration_error(risky, true)
    figures["decided.calibration_error"] = error
    bins = tuple(
        (f"{b.lowest:.1f} to {b.highest:.1f}", b.accounts, b.said, b.came_true)
        for b in reliability(risky, true)
    )
    return Evaluation(
        figures,
        (
            Section(
                f"Decided accounts: found at a risk of {FOUND_AT} or more",
                (
                    "role",
                    "decided",
                    "malicious",
                    "found",
                    "right",
                    "precision",
                    "recall",
                ),
                tuple(rows),
            ),
            _teams(run, ledger),
            Section(
                "Reliability over decided accounts: as said, and as decided",
                ("risk", "accounts", "said", "true"),
                bins,
                (("calibration error, risk 0.1 or more", error),),
            ),
        ),
    )


def _teams(run: Run, ledger: Ledger) -> Section:
    states = {case: d.decision for case, d in ledger.standing().items()}
    teams = run.teams.assign(
        state=[states.get(("team", name), "open") for name in run.teams["team_id"]]
    )
    rows = tuple(
        (
            str(kind),
            len(part),
            int((part["state"] == "confirmed").sum()),
            int((part["state"] == "dismissed").sum()),
            int((~part["state"].isin(["confirmed", "dismissed"])).sum()),
        )
        for kind, part in teams.groupby("kind")
    )
    columns = ("kind", "teams", "confirmed", "dismissed", "undecided")
    return Section("Teams of the run, by what was decided", columns, rows)
