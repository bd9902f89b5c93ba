"""The lists of a run: accounts in words, with what is needed to act.

`write_lists` writes risk-list.csv, .xlsx and .jsonl (listed accounts: the action is
warn or stronger), watch-list.csv (accounts to look at again) and educate-list.csv
(people to be told how they were used).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from analyses.evaluation.expected_errors import expected_errors, new_accounts
from analyses.reporting.educate_list import EDUCATE_COLUMNS, educate_rows
from analyses.reporting.list_tables import ListRows
from analyses.reporting.reason_lines import SUMS
from analyses.reporting.sheets import (
    Cell,
    Page,
    write_csv,
    write_json_lines,
    write_xlsx,
)
from analyses.reporting.wording import ACTION_WORDS, KINDS, ROLES, Reason, reason
from analyses.run import Run

LIST_COLUMNS = {
    "account_id": "the account; an apostrophe comes first where the id itself begins "
    "like a formula (the JSON lines have every id unchanged)",
    "nickname": "as the account's holder wrote it; <U+…> stands for a character that "
    "cannot be seen",
    "role": "the part it is taken to play",
    "role_in_words": "the same in words",
    "risk": "the probability, 0 to 1, that this role is right and is one of collusion",
    "team_id": "the team with the most evidence; scanring explain RUN TEAM shows it",
    "team_kind": "what kind of team that is",
    "team_in_short": "the team's risk and its strongest signals in bits; its evidence "
    "stands on its card",
    "action": "the suggested action; a person decides",
    "action_in_words": "the same in words",
    "reasons_for": "what speaks for it, the weightiest first, with its weight in bits "
    "(1 bit doubles the odds) and events; the JSON lines and the card have all of it",
    "reasons_against": "what speaks against it, likewise",
    "lacks": "what is missing for a stronger action",
    "events": "how many events its own evidence rests on",
    "first_seen": "time of the first of them, UTC",
    "last_seen": "time of the last of them, UTC",
    "to_verify": "what a person must make sure of before acting",
    "appeal": "how the account's holder can object",
}
"""The columns of the lists and what they mean."""

WIDTHS = {
    "account_id": 18,
    "risk": 8,
    "action": 14,
    "events": 8,
    "reasons_for": 70,
    "reasons_against": 50,
    "team_in_short": 36,
    "lacks": 30,
    "to_verify": 40,
    "appeal": 40,
}
"""The widths of columns in the workbook that are not as the others, in characters."""

WRAPPED = ("reasons_for", "reasons_against", "team_in_short", "lacks", "to_verify")

EXPLANATION = (
    "Each row is a suggestion for a person, who looks at the card of the account "
    "(scanring explain RUN ACCOUNT) and at its events before acting.",
    "A risk of 0.9 means that about one in ten such accounts is innocent.",
)


def write_lists(
    run: Run,
    folder: Path,
    signals: Mapping[str, Reason],
    *,
    explanation: Sequence[str] = (),
    overwrite: bool = False,
) -> list[str]:
    """Write the lists into a folder; return notes to be said.

    `signals` gives each reason code its sentences; `explanation` are further lines for
    the sheet that says what the list means. Raises OutputError when one of the files is
    there, unless `overwrite`.
    """
    columns = tuple(LIST_COLUMNS)
    with ListRows(run.store, run.folder, signals, chosen="listed") as listed:
        page = Page("risk list", LIST_COLUMNS, listed, widths=WIDTHS, wrapped=WRAPPED)
        notes = [
            *write_csv(folder / "risk-list.csv", columns, listed, overwrite=overwrite),
            *write_xlsx(
                folder / "risk-list.xlsx",
                page,
                explanation=(*EXPLANATION, *explanation),
                table=expected_errors(run.accounts, new_accounts(run.store)),
                words=_words(run, signals),
                overwrite=overwrite,
            ),
            *write_json_lines(
                folder / "risk-list.jsonl", listed.json_lines(), overwrite=overwrite
            ),
        ]
    with ListRows(run.store, run.folder, signals, chosen="watched") as watched:
        path = folder / "watch-list.csv"
        notes += write_csv(path, columns, watched, overwrite=overwrite)
    told = educate_rows(run)
    path = folder / "educate-list.csv"
    return notes + write_csv(path, tuple(EDUCATE_COLUMNS), told, overwrite=overwrite)


def _words(run: Run, signals: Mapping[str, Reason]) -> list[tuple[Cell, ...]]:
    """Return what each reason code that the run used means, and roles and actions."""
    used = sorted({*run.evidence_codes(), *(code for code in SUMS if code in signals)})
    rows: list[tuple[Cell, ...]] = [
        (
            "reason",
            code,
            getattr(signals.get(code), "question", ""),
            reason(signals, code, bits=1.0),
            reason(signals, code, bits=-1.0),
        )
        for code in used
    ]
    for what, words in (("role", ROLES), ("team", KINDS), ("action", ACTION_WORDS)):
        rows += [(what, code, said, "", "") for code, said in words.items()]
    return rows
