"""The risk list and the watch list: accounts in words, with what is needed to act.

`write_lists` writes risk-list.csv, .xlsx and .jsonl (listed accounts: the action is
warn or stronger) and watch-list.csv (accounts to look at again).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from analyses.reporting.event_lines import Event, events_per_account, utc
from analyses.reporting.sheets import Cell, write_csv, write_json_lines, write_xlsx
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

SUMS = ("prior", "team", "other_roles")
"""Lines of a card that sum up or balance others; they are no reasons."""

EVENTS_NAMED = 3
"""How many events a reason in a cell names; all are in the JSON lines."""

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
    "action": "the suggested action; a person decides",
    "action_in_words": "the same in words",
    "reasons_for": "what speaks for it, the weightiest first, with its weight in bits "
    "(1 bit doubles the odds) and events; [team] is said of its team as a whole",
    "reasons_against": "what speaks against it, likewise",
    "lacks": "what is missing for a stronger action",
    "events": "how many events its own evidence rests on",
    "first_seen": "time of the first of them, UTC",
    "last_seen": "time of the last of them, UTC",
    "to_verify": "what a person must make sure of before acting",
    "appeal": "how the account's holder can object",
}
"""The columns of the lists and what they mean."""

EXPLANATION = (
    "Each row is a suggestion for a person, who looks at the card of the account "
    "(scanring explain RUN ACCOUNT) and at its events before acting.",
    "A risk of 0.9 means that about one in ten such accounts is innocent.",
)


@dataclass(frozen=True)
class ReasonLine:
    """One piece of evidence in words; `team` when it is said of the whole team."""

    code: str
    sentence: str
    bits: float
    events: tuple[Event, ...]
    team: bool

    def text(self) -> str:
        """Return it as part of a cell."""
        named = [
            f"{table} {event_id}" for table, event_id in self.events[:EVENTS_NAMED]
        ]
        if len(self.events) > EVENTS_NAMED:
            named.append(f"{len(self.events) - EVENTS_NAMED} more")
        where = "[team] " if self.team else ""
        return f"{where}{self.sentence} ({'; '.join([f'{self.bits:+.1f}', *named])})"


@dataclass(frozen=True)
class Entry:
    """One account of a list: its cells, but for the reasons, and its reasons."""

    cells: dict[str, Cell]
    risk: float
    reasons: tuple[ReasonLine, ...]
    codes: tuple[str, ...]

    def row(self) -> tuple[Cell, ...]:
        """Return the cells in the order of LIST_COLUMNS."""
        speaking = {
            "reasons_for": [line.text() for line in self.reasons if line.bits >= 0],
            "reasons_against": [line.text() for line in self.reasons if line.bits < 0],
        }
        cells = self.cells | {name: " | ".join(v) for name, v in speaking.items()}
        cells["risk"] = round(self.risk, 4)
        return tuple(cells[column] for column in LIST_COLUMNS)

    def record(self) -> dict[str, Any]:
        """Return the account with all its evidence, for JSON."""
        return {
            **self.cells,
            "risk": self.risk,
            "reason_codes": list(self.codes),
            "reasons": [
                {
                    "code": line.code,
                    "sentence": line.sentence,
                    "bits": line.bits,
                    "of_team": line.team,
                    # A team's events stand once, in evidence.parquet and on its card.
                    "events": len(line.events)
                    if line.team
                    else [{"table": t, "id": i} for t, i in line.events],
                }
                for line in self.reasons
            ],
        }


def write_lists(
    run: Run,
    folder: Path,
    signals: Mapping[str, Reason],
    *,
    overwrite: bool = False,
) -> list[str]:
    """Write the risk list and the watch list into a folder; return notes to be said.

    `signals` gives each reason code its sentences. Raises OutputError when one of the
    files is there, unless `overwrite`.
    """
    listed = entries(run, signals, chosen="listed")
    rows = [entry.row() for entry in listed]
    watched = [entry.row() for entry in entries(run, signals, chosen="watched")]
    columns = tuple(LIST_COLUMNS)
    return [
        *write_csv(folder / "risk-list.csv", columns, rows, overwrite=overwrite),
        *write_xlsx(
            folder / "risk-list.xlsx",
            "risk list",
            LIST_COLUMNS,
            rows,
            explanation=EXPLANATION,
            overwrite=overwrite,
        ),
        *write_json_lines(
            folder / "risk-list.jsonl",
            (entry.record() for entry in listed),
            overwrite=overwrite,
        ),
        *write_csv(folder / "watch-list.csv", columns, watched, overwrite=overwrite),
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
    evidence = run.evidence_of(
        accounts=accounts["account_id"], teams=accounts["team_id"].dropna()
    )
    lines = _reason_lines(evidence, signals)
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
        own = lines.get((team_id, account_id), []) + lines.get((team_id, None), [])
        result.append(
            Entry(
                cells={
                    "account_id": account_id,
                    "nickname": nicknames.get(account_id, ""),
                    "role": _text(row["role"]),
                    "role_in_words": in_words(ROLES, row["role"]),
                    "team_id": team_id,
                    "team_kind": in_words(KINDS, kinds.get(team_id)),
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
                reasons=tuple(
                    sorted(own, key=lambda line: (-abs(line.bits), line.code))
                ),
                codes=tuple(_texts(row["reasons"])),
            )
        )
    return result


def _reason_lines(
    evidence: pd.DataFrame, signals: Mapping[str, Reason]
) -> dict[tuple[str, str | None], list[ReasonLine]]:
    """Return the reasons by team and account; account None: of the team as a whole."""
    lines: dict[tuple[str, str | None], list[ReasonLine]] = {}
    columns = ("team_id", "account_id", "signal", "bits", "events")
    # As plain objects: walking over pandas' own strings takes several times as long.
    plain = [evidence[name].to_numpy(object) for name in columns]
    for values in zip(*plain, strict=True):
        team_id, account_id, code, bits, events = values
        if code in SUMS:
            continue
        of_team = not isinstance(account_id, str)
        named = tuple((event["table"], event["id"]) for event in events)
        lines.setdefault((_text(team_id), None if of_team else account_id), []).append(
            ReasonLine(
                code,
                reason(signals, code, bits=bits, events=len(named)),
                float(bits),
                named,
                of_team,
            )
        )
    return lines


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
