"""The lists of a run: accounts in words, with what is needed to act.

`write_lists` writes risk-list.csv, .xlsx and .jsonl (listed accounts: the action is
warn or stronger), watch-list.csv (accounts to look at again) and educate-list.csv
(people to be told how they were used).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from analyses.evaluation.expected_errors import expected_errors, new_accounts
from analyses.reporting.educate_list import EDUCATE_COLUMNS, educate_sql
from analyses.reporting.list_tables import ListRows
from analyses.reporting.reason_lines import SUMS
from analyses.reporting.sheets import (
    Cell,
    Page,
    SafeRows,
    split_notes,
    write_csv,
    write_json_lines,
    write_xlsx,
)
from analyses.reporting.stored_rows import put_aside
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import (
    ACTION_WORDS,
    KINDS,
    ROLES,
    Reason,
    in_words,
    reason,
)
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
    "A risk of 0.9 means that about one in ten such accounts is innocent; where farms "
    "are rare it may be more: see the sheet on how often it is wrong.",
    "There is a sheet for each kind of team; an account stands on one of them. The "
    "same accounts are in risk-list.csv, all together.",
)

WORDS_COLUMNS = {
    "what": "what",
    "code": "code",
    "meaning": "meaning, or question",
    "for": "said for",
    "against": "said against",
}
"""The columns of the sheet that explains columns and codes, with their headings."""


def write_lists(
    run: Run,
    folder: Path,
    signals: Mapping[str, Reason],
    *,
    explanation: Sequence[str] = (),
    texts: Texts = ENGLISH,
    overwrite: bool = False,
) -> list[str]:
    """Write the lists into a folder; return notes to be said.

    `signals` gives each reason code its sentences; `explanation` are further lines for
    the sheet that says what the list means. The JSON lines keep their names in every
    language. Raises OutputError when one of the files is there, unless `overwrite`.
    """
    columns, said = tuple(LIST_COLUMNS), headings(LIST_COLUMNS, texts)
    plain = None if texts == ENGLISH else said
    with ListRows(
        run.store, run.folder, signals, chosen="listed", texts=texts
    ) as listed:
        pages = [
            Page(title, dict(zip(columns, said, strict=True)), rows, WIDTHS, WRAPPED)
            for title, rows in _by_kind(listed, texts)
        ]
        path = folder / "risk-list.xlsx"
        split = split_notes(path, pages)
        pages += [
            _explained(run, signals, (*EXPLANATION, *explanation, *split), texts),
            _errors(run, texts),
        ]
        notes = [
            *write_csv(
                folder / "risk-list.csv",
                columns,
                listed.rows,
                headings=plain,
                overwrite=overwrite,
            ),
            *write_xlsx(path, pages, title=texts("risk list"), overwrite=overwrite),
            *write_json_lines(
                folder / "risk-list.jsonl", listed.json_lines(), overwrite=overwrite
            ),
        ]
    with ListRows(
        run.store, run.folder, signals, chosen="watched", texts=texts
    ) as watched:
        path = folder / "watch-list.csv"
        notes += write_csv(
            path, columns, watched.rows, headings=plain, overwrite=overwrite
        )
    columns = tuple(EDUCATE_COLUMNS)
    plain = None if texts == ENGLISH else headings(EDUCATE_COLUMNS, texts)
    path, sql = folder / "educate-list.csv", educate_sql(run, texts)
    with put_aside(run.store, "_told", sql, columns, numbers=("stall",)) as told:
        notes += write_csv(path, columns, told, headings=plain, overwrite=overwrite)
    return notes


def headings(columns: Iterable[str], texts: Texts) -> list[str]:
    """Return what stands above columns: in English their names, else their words."""
    return [texts(column) for column in columns]


def _by_kind(listed: ListRows, texts: Texts) -> list[tuple[str, SafeRows]]:
    """Return the title and the rows of each sheet; at least one, if it is empty."""
    by_kind = listed.by_kind()
    order = [*KINDS, *sorted(by_kind.keys() - {*KINDS, ""}), ""]
    found: list[tuple[str, SafeRows]] = [
        (texts(in_words(KINDS, kind) or "no team"), by_kind[kind])
        for kind in order
        if kind in by_kind
    ]
    return found or [(texts("risk list"), listed.rows)]


def _explained(
    run: Run, signals: Mapping[str, Reason], explanation: Sequence[str], texts: Texts
) -> Page:
    """Return the sheet that explains the list, its columns and every code in it."""
    return Page(
        texts("codes and columns"),
        {name: texts(heading) for name, heading in WORDS_COLUMNS.items()},
        [
            *((texts("how to read"), "", texts(line), "", "") for line in explanation),
            *(
                (texts("column"), heading, texts(meaning), "", "")
                for heading, meaning in zip(
                    headings(LIST_COLUMNS, texts), LIST_COLUMNS.values(), strict=True
                )
            ),
            *_words(run, signals, texts),
        ],
        widths={"what": 14, "meaning": 80, "for": 60, "against": 60},
        wrapped=("meaning", "for", "against"),
    )


def _errors(run: Run, texts: Texts) -> Page:
    """Return the sheet that says how often such a listing is wrong."""
    table = expected_errors(
        run.columns("accounts", "role", "risk", "listed", "team_id"),
        new_accounts(run.store),
        texts,
        teams=dict(zip(run.teams["team_id"], run.teams["kind"], strict=True)),
    )
    columns = dict(zip(table.columns, table.columns, strict=True))
    return Page(
        table.title,
        columns,
        table.rows,
        widths={table.columns[0]: 16, table.columns[1]: 60},
        below=table.below,
    )


def _words(
    run: Run, signals: Mapping[str, Reason], texts: Texts
) -> list[tuple[Cell, ...]]:
    """Return what each reason code that the run used means, and roles and actions."""
    used = sorted({*run.evidence_codes(), *(code for code in SUMS if code in signals)})
    rows: list[tuple[Cell, ...]] = [
        (
            texts("reason"),
            code,
            texts(getattr(signals.get(code), "question", "")),
            texts(reason(signals, code, bits=1.0)),
            texts(reason(signals, code, bits=-1.0)),
        )
        for code in used
    ]
    for what, words in (("role", ROLES), ("team", KINDS), ("action", ACTION_WORDS)):
        rows += [
            (texts(what), code, texts(said), "", "") for code, said in words.items()
        ]
    return rows
