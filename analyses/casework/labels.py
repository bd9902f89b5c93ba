"""Decisions as labels: which accounts people have judged, and how."""

from collections.abc import Mapping
from dataclasses import dataclass

from analyses.casework.decisions import Decision, Ledger, Subject
from analyses.casework.evidence_seen import members_in
from analyses.reporting.outputs import COLLUSION_ROLES, DECEIVED_ROLES


@dataclass(frozen=True)
class Label:
    """How an account was judged: malicious or not, and the decision that says so."""

    malicious: bool
    decision: Decision


def labels(ledger: Ledger) -> dict[str, Label]:
    """Return the accounts that were judged, by id.

    A decision on an account goes before one on its team. A confirmed team speaks for
    its members with a role of collusion, a dismissed one for all its members; whoever
    was deceived is never judged malicious. What is on the allow list is innocent.
    """
    judged: dict[str, Label] = {}
    standing = ledger.standing()
    for subject, decision in standing.items():
        if subject[0] == "team":
            judged |= _members(decision)
    own: Mapping[Subject, Decision] = ledger.allowed() | standing
    for (kind, name), decision in own.items():
        if kind != "account" or decision.decision in ("open", "in_progress"):
            continue
        if decision.decision != "confirmed":
            judged[name] = Label(False, decision)
        elif decision.seen.get("role") not in DECEIVED_ROLES:
            judged[name] = Label(True, decision)
        else:
            judged.pop(name, None)
    return dict(sorted(judged.items()))


def confirmed_accounts(ledger: Ledger) -> tuple[str, ...]:
    """Return the accounts that count as verified malicious, sorted."""
    return tuple(name for name, label in labels(ledger).items() if label.malicious)


def _members(decision: Decision) -> dict[str, Label]:
    if decision.decision not in ("confirmed", "dismissed"):
        return {}
    malicious = decision.decision == "confirmed"
    return {
        name: Label(malicious, decision)
        for role, names in members_in(decision.seen).items()
        if not malicious or role in COLLUSION_ROLES
        for name in names
    }
