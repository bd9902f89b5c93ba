"""What a person sees of a case when deciding: kept with the decision.

The next run compares it with what it finds itself: only what was not seen then can
stand out.
"""

import hashlib
from typing import Any

import pandas as pd

from analyses.casework.decisions import Subject
from analyses.reporting.reason_lines import SUMS
from analyses.reporting.run_folder import MANIFEST
from analyses.run import Run
from graph.errors import NotFoundError

Evidence = dict[str, tuple[float, frozenset[tuple[str, str]]]]
"""For each signal its bits and its events."""


def what_was_seen(run: Run, subject: Subject) -> dict[str, Any]:
    """Return what a run says of a case, or of a thing to be allowed, for its decision.

    Of a team its members by role are part of it. NotFoundError when the run has no such
    team, or no event of such an account.
    """
    kind, name = subject
    seen = _of_the_run(run)
    if kind == "team":
        team = run.team(name)
        roles = team.members.assign(role=team.members["role"].fillna(""))
        return seen | {
            "risk": float(team.facts["risk"]),
            "kind": team.facts["kind"],
            "members": {
                str(role): sorted(rows["account_id"])
                for role, rows in roles.groupby("role")
            },
            "evidence": _written(run.evidence_of(teams=[name])),
        }
    if kind != "account":
        return seen
    if not run.store.rows(
        "SELECT 1 FROM account_names WHERE account_id = $id", {"id": name}
    ):
        run.account(name)  # says which is near
        raise NotFoundError(f"there is no account {name!r} in the events of the run")
    rows = run.accounts[run.accounts["account_id"] == name]
    if rows.empty:
        return seen | {"evidence": []}
    facts = run.account(name).facts
    known = {
        key: facts[key] for key in ("risk", "role", "action", "team_id") if key in facts
    }
    return seen | known | {"evidence": _written(run.evidence_of(accounts=[name]))}


def evidence_in(seen: Any) -> Evidence:
    """Return the evidence that a decision kept."""
    return {
        str(row["signal"]): (
            float(row["bits"]),
            frozenset((str(table), str(name)) for table, name in row["events"]),
        )
        for row in seen.get("evidence", [])
    }


def evidence_of(rows: pd.DataFrame) -> Evidence:
    """Return rows of the evidence table as they are compared."""
    return {
        str(signal): (
            float(bits),
            frozenset((event["table"], event["id"]) for event in events),
        )
        for signal, bits, events in zip(
            rows["signal"], rows["bits"], rows["events"], strict=True
        )
        if signal not in SUMS
    }


def members_in(seen: Any) -> dict[str, list[str]]:
    """Return the members by role of the team that was decided on."""
    return {
        str(role): [str(name) for name in names]
        for role, names in seen.get("members", {}).items()
    }


def _of_the_run(run: Run) -> dict[str, Any]:
    manifest = (run.folder / MANIFEST).read_bytes()
    return {
        "run": run.folder.resolve().name,
        "manifest": hashlib.sha256(manifest).hexdigest(),
        "as_of": run.manifest.get("window", {}).get("as_of"),
    }


def _written(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "signal": signal,
            "bits": round(bits, 3),
            "events": sorted([table, name] for table, name in events),
        }
        for signal, (bits, events) in sorted(evidence_of(rows).items())
    ]
