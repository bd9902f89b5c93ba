"""The cases of a run, its teams and the accounts it raises, with their states."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyses.casework.decisions import (
    CASES,
    STATES,
    Decision,
    Ledger,
    Subject,
    append,
    undo,
)
from analyses.casework.evidence_seen import what_was_seen
from analyses.casework.settle import RAISED
from analyses.reporting.card_parts import as_text, more
from analyses.reporting.report_tables import table_lines
from analyses.reporting.safe_text import visible
from analyses.reporting.wording import KINDS, ROLES, in_words
from analyses.run import Run
from graph.errors import InputError


@dataclass(frozen=True)
class CaseRow:
    """One case: what it is, how it stands, and the decision that says so.

    `with_team`: it was not decided on by itself but with its team.
    """

    subject: Subject
    says: str
    risk: float
    action: str
    members: int | None
    team_id: str
    state: str
    decision: Decision | None = None
    with_team: bool = False


def case_rows(run: Run, ledger: Ledger) -> list[CaseRow]:
    """Return the teams and the accounts that a person should look at.

    Those come last that are decided; within, teams before accounts, by risk.
    """
    standing = ledger.standing()
    rows = [*_teams(run, standing), *_accounts(run, ledger, standing)]
    return sorted(
        rows,
        key=lambda r: (
            r.state not in ("open", "in_progress"),
            CASES.index(r.subject[0]),
            -r.risk,
            r.subject[1],
        ),
    )


def find_case(run: Run, name: str) -> Subject:
    """Return the team or account of this id; `team:ID` and `account:ID` say which."""
    kind, colon, rest = name.partition(":")
    if colon and kind in CASES:
        return kind, rest
    is_team = (run.teams["team_id"] == name).any()
    return ("team" if is_team else "account"), name


def decide(
    run: Run,
    path: Path,
    subject: Subject,
    decision: str,
    *,
    person: str,
    note: str,
    expecting: int | None = None,
) -> Decision:
    """Keep a decision on a case or a thing to allow, with what the run says of it."""
    return append(
        path,
        Decision(subject, decision, person, note, what_was_seen(run, subject)),
        expecting=expecting,
    )


def take_back(
    path: Path, number: int, *, person: str, note: str, expecting: int | None = None
) -> Decision:
    """Undo a decision, by a further line."""
    return append(path, undo(number, person=person, note=note), expecting=expecting)


def cases_text(
    run: Run, ledger: Ledger, *, state: str | None = None, limit: int = 20
) -> str:
    """Return the cases and the allow list as text."""
    if state is not None and state not in STATES:
        raise InputError(f"{state!r} is no state: take one of {', '.join(STATES)}")
    every = case_rows(run, ledger)
    rows = [row for row in every if state in (None, row.state)]
    counts = ", ".join(
        f"{sum(row.state == s for row in every):,} {s.replace('_', ' ')}"
        for s in STATES
    )
    allowed = [
        f"  {number}  {kind} {name}: {decision.in_short()}"
        for number, ((kind, name), decision) in enumerate(
            sorted(ledger.allowed().items()), start=1
        )
    ]
    return as_text(
        [
            f"{run.folder}: {len(every):,} cases, {counts}",
            *_table(rows[:limit]),
            *more(len(rows), limit),
            *(["", "On the allow list", *allowed] if allowed else []),
            *faults_lines(ledger),
        ]
    )


def history_text(run: Run, ledger: Ledger, subject: Subject) -> str:
    """Return all that was decided about a case, the latest last."""
    undone = ledger.undone()
    standing = ledger.standing().get(subject)
    lines = [
        f"  {d.number:>4}  {d.time}  {d.decision.replace('_', ' ')}"
        + (f" (of decision {d.undoes})" if d.undoes is not None else "")
        + f" by {d.person}: {' '.join(d.note.split())}"
        + (f" [undone by {undone[d.number].number}]" if d.number in undone else "")
        for d in ledger.history(subject)
    ]
    state = standing.decision if standing else "open"
    return as_text(
        [
            f"{subject[0].upper()} {subject[1]}: {state.replace('_', ' ')}",
            *(lines or ["  nothing was decided yet"]),
            *faults_lines(ledger),
        ]
    )


def faults_lines(ledger: Ledger) -> list[str]:
    """Return what is wrong with the file of decisions, if anything."""
    return ["", *(f"Note: {fault}" for fault in ledger.faults)] if ledger.faults else []


def _teams(run: Run, standing: dict[Subject, Decision]) -> Iterator[CaseRow]:
    for team in run.teams.to_dict("records"):
        decision = standing.get(("team", str(team["team_id"])))
        yield CaseRow(
            ("team", str(team["team_id"])),
            in_words(KINDS, team["kind"]),
            float(team["risk"]),
            "",
            int(team["members"]),
            str(team["team_id"]),
            decision.decision if decision else "open",
            decision,
        )


def _accounts(
    run: Run, ledger: Ledger, standing: dict[Subject, Decision]
) -> Iterator[CaseRow]:
    allowed = ledger.allowed()
    accounts = run.accounts
    decided = {name for kind, name in {*standing, *allowed} if kind == "account"}
    shown = accounts["action"].isin(RAISED) | accounts["account_id"].isin(decided)
    for row in accounts[shown].to_dict("records"):
        subject = ("account", str(row["account_id"]))
        team_id = row["team_id"] if isinstance(row["team_id"], str) else ""
        own = standing.get(subject) or allowed.get(subject)
        of_team = standing.get(("team", team_id))
        decision = own or of_team
        state = decision.decision if decision else "open"
        yield CaseRow(
            subject,
            in_words(ROLES, row["role"]),
            float(row["risk"]),
            str(row["action"]),
            None,
            team_id,
            "dismissed" if state == "allow" else state,
            decision,
            with_team=own is None and of_team is not None,
        )


def _table(rows: Sequence[CaseRow]) -> list[str]:
    return table_lines(
        ("state", "case", "id", "what it is", "risk", "action", "decided"),
        [
            (
                row.state.replace("_", " ") + (" with its team" * row.with_team),
                row.subject[0],
                visible(row.subject[1]),
                row.says,
                row.risk,
                row.action or f"{row.members:,} members",
                visible(row.decision.in_short())[:60] if row.decision else "",
            )
            for row in rows
        ],
    )
