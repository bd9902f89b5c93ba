"""What the cards of accounts and of teams have in common."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from rich.cells import cell_len, chop_cells

from analyses.reporting.event_lines import Event, event_lines
from analyses.reporting.outputs import DECEIVED_ROLES
from analyses.reporting.report_tables import padded
from analyses.reporting.safe_text import visible
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.waterfall import Step
from analyses.reporting.wording import ROLES, Reason, in_words, reason
from analyses.run import Run

WIDTH = 86
"""Columns of a terminal that a text on a card takes at most."""

NEVER_FIRST = "，。；：、）！？"
"""Signs with which no line begins."""

EVENTS_SHOWN = 5
"""Events of one piece of evidence on a card."""

ROWS_SHOWN = 20
"""Helps, members or links on a card."""


def steps(
    evidence: pd.DataFrame, signals: Mapping[str, Reason], texts: Texts = ENGLISH
) -> list[Step]:
    """Return the evidence as the steps of a waterfall."""
    return [
        Step(
            row["signal"],
            float(row["bits"]),
            texts(
                reason(
                    signals,
                    row["signal"],
                    bits=row["bits"],
                    events=len(row["events"]),
                    says=row.get("says"),
                )
            ),
        )
        for row in evidence.to_dict("records")
    ]


def events(run: Run, evidence: pd.DataFrame, texts: Texts = ENGLISH) -> list[str]:
    """Return the events, once for all signals that rest on the same ones."""
    resting: dict[tuple[Event, ...], list[str]] = {}
    for code, rows in zip(evidence["signal"], evidence["events"], strict=True):
        named = tuple((event["table"], event["id"]) for event in rows)
        if named:
            resting.setdefault(named, []).append(str(code))
    lines = ["", texts("Events (UTC)")] if resting else []
    for named, codes in sorted(resting.items(), key=lambda item: item[1]):
        shown = event_lines(run.store, list(named), texts)
        lines += [f"  {', '.join(sorted(codes))}"]
        lines += [f"    {event.text(texts)}" for event in shown[:EVENTS_SHOWN]]
        lines += more(len(shown), EVENTS_SHOWN, "    ", texts)
    return lines


def probability_said(membership: Any, texts: Texts = ENGLISH) -> str:
    """Say how surely a member has its role; a run of an earlier version lacks it."""
    known = getattr(membership, "probability", None)
    return "" if known is None else texts(" (probability {p})", p=f"{known:.2f}")


def standing(
    run: Run, account_ids: Sequence[str], texts: Texts = ENGLISH
) -> dict[str, str]:
    """Return what the run says of accounts, in a few words; of the deceived no risk."""
    chosen = run.accounts_of(account_ids)
    return {
        str(account_id): f" – {texts(in_words(ROLES, role))}"
        + ("" if role in DECEIVED_ROLES else texts(", risk {risk}", risk=f"{risk:.2f}"))
        for account_id, role, risk in zip(
            chosen["account_id"], chosen["role"], chosen["risk"], strict=True
        )
        if isinstance(role, str)
    }


def fact(label: str, said: str) -> str:
    """Return a line of the head of a card: what it is, and how it stands.

    >>> fact("risk", "0.983")
    '  risk      0.983'
    """
    return f"  {padded(label, 10)}{said}"


RAISED_AGAIN = "; raised again: "


def decided_text(text: str, texts: Texts) -> str:
    """Return what a run says of a decision, or of what is lacking, in a language."""
    decided, again, why = text.partition(RAISED_AGAIN)
    if not again:
        return texts(text)
    said = "; ".join(texts(reason) for reason in why.split("; "))
    return texts(decided) + texts("; raised again: {said}", said=said)


def wrapped(text: str, *, indent: str = "  ") -> list[str]:
    """Return a text as lines of a card; Chinese may be cut between any two signs."""
    if cell_len(text) == len(text):
        return textwrap.wrap(
            text,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
        )
    lines: list[str] = []
    for piece in chop_cells(text, WIDTH - len(indent)):
        hanging = len(piece) - len(piece.lstrip(NEVER_FIRST))
        if lines:
            lines[-1] += piece[:hanging]
            piece = piece[hanging:]
        if piece:
            lines.append(f"{indent}{piece}")
    return lines


def more(
    there: int, shown: int, indent: str = "  ", texts: Texts = ENGLISH
) -> list[str]:
    """Return a line that says how many were not shown, if any."""
    if there <= shown:
        return []
    return [indent + texts("… and {n} more", n=f"{there - shown:,}")]


def as_text(lines: Sequence[str]) -> str:
    """Join lines; each is made harmless on its own, so that no value adds a line."""
    return "\n".join(visible(line).rstrip() for line in lines) + "\n"
