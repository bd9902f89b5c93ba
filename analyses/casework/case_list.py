"""The cases of a run, its teams and the accounts it raises, with their states."""

from collections.abc import Iterator, Mapping, Sequence
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
from analyses.reporting.texts import ENGLISH, Texts
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
    run: Run,
    ledger: Ledger,
    *,
    state: str | None = None,
    limit: int = 20,
    texts: Texts = ENGLISH,
) -> str:
    """Return the cases and the allow list as text."""
    if state is not None and state not in STATES:
        raise InputError(f"{state!r} is no state: take one of {', '.join(STATES)}")
    every = case_rows(run, ledger)
    rows = [row for row in every if state in (None, row.state)]
    allowed = [
        f"  {number}  {texts(kind)} {name}: {decision.in_short(texts)}"
        for number, ((kind, name), decision) in enumerate(
            sorted(ledger.allowed().items()), start=1
        )
    ]
    return as_text(
        [
            f"{run.folder}: {counts_text(every, texts)}",
            *_table(rows[:limit], texts),
            *more(len(rows), limit, "  ", texts),
            *(["", texts("On the allow list"), *allowed] if allowed else []),
            *faults_lines(ledger, texts),
        ]
    )


def counts_text(rows: Sequence[CaseRow], texts: Texts) -> str:
    """Return how many cases there are, and how many in each state."""
    counts = ", ".join(
        f"{sum(row.state == state for row in rows):,} {state_words(state, texts)}"
        for state in STATES
    )
    return texts("{n} cases, {counts}", n=f"{len(rows):,}", counts=counts)


def state_words(state: str, texts: Texts) -> str:
    """Return a state or another decision in words.

    >>> state_words("in_progress", ENGLISH)
    'in progress'
    """
    return texts(state.replace("_", " "))


def history_text(
    run: Run, ledger: Ledger, subject: Subject, texts: Texts = ENGLISH
) -> str:
    """Return all that was decided about a case, the latest last."""
    undone = ledger.undone()
    case = case_of(run, ledger, subject)
    state = state_words(case.state, texts)
    if case.with_team:
        state += texts(" with its team")
    history = [*ledger.history(subject)]
    if case.with_team:
        history += ledger.history(("team", case.team_id))
    head = "TEAM {id}" if subject[0] == "team" else "ACCOUNT {id}"
    return as_text(
        [
            f"{texts(head, id=subject[1])}: {state}",
            *(_decided_line(decision, undone, texts) for decision in history),
            *([] if history else [f"  {texts('nothing was decided yet')}"]),
            *faults_lines(ledger, texts),
        ]
    )


def _decided_line(
    decision: Decision, undone: Mapping[int, Decision], texts: Texts
) -> str:
    said = state_words(decision.decision, texts)
    if decision.undoes is not None:
        said += texts(" (of decision {n})", n=decision.undoes)
    note = " ".join(decision.note.split())
    line = f"  {decision.number:>4}  {decision.time}  " + texts(
        "{said} by {person}: {note}", said=said, person=decision.person, note=note
    )
    if decision.number in undone:
        line += texts(" [undone by {n}]", n=undone[decision.number].number)
    return line


def faults_lines(ledger: Ledger, texts: Texts = ENGLISH) -> list[str]:
    """Return what is wrong with the file of decisions, if anything."""
    faults = [texts("Note: {said}", said=texts(fault)) for fault in ledger.faults]
    return ["", *faults] if faults else []


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
    run: Run,
    ledger: Ledger,
    standing: dict[Subject, Decision],
    *,
    named: str | None = None,
) -> Iterator[CaseRow]:
    """Give the accounts to look at, or the one that is named."""
    allowed = ledger.allowed()
    accounts = run.accounts
    if named is not None:
        accounts = accounts[accounts["account_id"] == named]
    decided = {name for kind, name in {*standing, *allowed} if kind == "account"}
    shown = accounts["action"].isin(RAISED) | accounts["account_id"].isin(decided)
    shown |= named is not None
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


def case_of(run: Run, ledger: Ledger, subject: Subject) -> CaseRow:
    """Return how a team or account stands, also where its team was decided on."""
    standing = ledger.standing()
    rows = (
        _teams(run, standing)
        if subject[0] == "team"
        else _accounts(run, ledger, standing, named=subject[1])
    )
    own = standing.get(subject)
    state = own.decision if own else "open"
    plain = CaseRow(subject, "", 0.0, "", None, "", state, own)
    return next((row for row in rows if row.subject == subject), plain)


def _table(rows: Sequence[CaseRow], texts: Texts) -> list[str]:
    columns = ("state", "case", "id", "what it is", "risk", "action", "decided")
    return table_lines(
        [texts(column) for column in columns],
        [
            (
                state_words(row.state, texts)
                + (texts(" with its team") if row.with_team else ""),
                texts(row.subject[0]),
                visible(row.subject[1]),
                texts(row.says),
                row.risk,
                texts(row.action) or texts("{n} members", n=f"{row.members:,}"),
                visible(row.decision.in_short(texts))[:60] if row.decision else "",
            )
            for row in rows
        ],
    )
