"""The lists of a run: accounts in words, with what is needed to act.

`write_lists` writes risk-list.csv, .xlsx and .jsonl (listed accounts: the action is
warn or stronger), watch-list.csv (accounts to look at again) and educate-list.csv
(people to be told how they were used).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from analyses.evaluation.expected_errors import expected_errors, new_accounts
from analyses.reporting.educate_list import EDUCATE_COLUMNS, educate_rows
from analyses.reporting.event_lines import events_per_account, utc
from analyses.reporting.reason_lines import (
    SUMS,
    ReasonLine,
    cell_texts,
    reason_lines,
    teams_in_short,
)
from analyses.reporting.sheets import (
    Cell,
    Page,
    write_csv,
    write_json_lines,
    write_xlsx,
)
from analyses.reporting.wording import (
    ACTION_WORDS,
    APPEAL,
    KINDS,
    ROLES,
    TO_VERIFY,
    TO_VERIFY_ELSE,
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
    "A risk of 0.9 means that about one in ten such accounts is innocent.",
)


@dataclass(frozen=True)
class Entry:
    """One account of a list: its cells, but for the reasons, and its reasons."""

    cells: dict[str, Cell]
    risk: float
    reasons: tuple[ReasonLine, ...]
    codes: tuple[str, ...]

    def row(self) -> tuple[Cell, ...]:
        """Return the cells in the order of LIST_COLUMNS."""
        speaking, against = cell_texts(self.reasons)
        cells = self.cells | {
            "reasons_for": speaking,
            "reasons_against": against,
            "risk": round(self.risk, 4),
        }
        return tuple(cells[column] for column in LIST_COLUMNS)

    def record(self) -> dict[str, Any]:
        """Return the account with all evidence of its own, for JSON."""
        return {
            **self.cells,
            "risk": self.risk,
            "reason_codes": list(self.codes),
            "reasons": [
                {
                    "code": line.code,
                    "sentence": line.sentence,
                    "bits": line.bits,
                    "events": [{"table": t, "id": i} for t, i in line.events],
                }
                for line in self.reasons
            ],
        }


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
    listed = entries(run, signals, chosen="listed")
    rows = [entry.row() for entry in listed]
    watched = [entry.row() for entry in entries(run, signals, chosen="watched")]
    told = educate_rows(run)
    columns = tuple(LIST_COLUMNS)
    page = Page("risk list", LIST_COLUMNS, rows, widths=WIDTHS, wrapped=WRAPPED)
    return [
        *write_csv(folder / "risk-list.csv", columns, rows, overwrite=overwrite),
        *write_xlsx(
            folder / "risk-list.xlsx",
            page,
            explanation=(*EXPLANATION, *explanation),
            table=expected_errors(run.accounts, new_accounts(run.store)),
            words=_words(run, signals),
            overwrite=overwrite,
        ),
        *write_json_lines(
            folder / "risk-list.jsonl",
            (entry.record() for entry in listed),
            overwrite=overwrite,
        ),
        *write_csv(folder / "watch-list.csv", columns, watched, overwrite=overwrite),
        *write_csv(
            folder / "educate-list.csv",
            tuple(EDUCATE_COLUMNS),
            told,
            overwrite=overwrite,
        ),
    ]


def entries(
    run: Run, signals: Mapping[str, Reason], *, chosen: Literal["listed", "watched"]
) -> list[Entry]:
    """Return the accounts of a list, the highest risk first."""
    accounts = run.accounts
    wanted = (
        accounts["listed"].eq(True)
        if chosen == "listed"
        else accounts["action"].eq("watch")
    )
    accounts = accounts[wanted].sort_values(
        ["risk", "account_id"], ascending=[False, True], ignore_index=True
    )
    evidence = run.evidence_of(accounts=accounts["account_id"])
    lines = reason_lines(evidence, signals)
    short = teams_in_short(
        run.teams, run.evidence_of(teams=accounts["team_id"].dropna())
    )
    seen = {
        row["account_id"]: row
        for row in events_per_account(run.store, evidence).to_dict("records")
    }
    kinds = dict(zip(run.teams["team_id"], run.teams["kind"], strict=True))
    nicknames = _nicknames(run, accounts["account_id"].tolist())
    result = []
    for row in accounts.to_dict("records"):
        account_id, team_id = row["account_id"], _text(row["team_id"])
        times = seen.get(account_id, {})
        result.append(
            Entry(
                cells={
                    "account_id": account_id,
                    "nickname": nicknames.get(account_id, ""),
                    "role": _text(row["role"]),
                    "role_in_words": in_words(ROLES, row["role"]),
                    "team_id": team_id,
                    "team_kind": in_words(KINDS, kinds.get(team_id)),
                    "team_in_short": short.get(team_id, ""),
                    "action": _text(row["action"]),
                    "action_in_words": in_words(ACTION_WORDS, row["action"]),
                    "lacks": " | ".join(_texts(row.get("lacks"))),
                    "events": times.get("events", 0),
                    "first_seen": _time(times.get("first_seen")),
                    "last_seen": _time(times.get("last_seen")),
                    "to_verify": TO_VERIFY.get(_text(row["role"]), TO_VERIFY_ELSE),
                    "appeal": APPEAL,
                },
                risk=float(row["risk"]),
                reasons=tuple(lines.get((team_id, account_id), ())),
                codes=tuple(_texts(row["reasons"])),
            )
        )
    return result


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


def _nicknames(run: Run, account_ids: list[str]) -> dict[str, str]:
    rows = run.store.rows(
        """SELECT account_id, nickname FROM accounts
           WHERE nickname IS NOT NULL AND account_id IN (SELECT unnest($ids))""",
        {"ids": account_ids},
    )
    return dict(rows)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [] if value is None or isinstance(value, float) else [str(v) for v in value]


def _time(seconds: Any) -> str:
    return "" if pd.isna(seconds) else utc(int(seconds))
