"""What the cards of accounts and of teams have in common."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analyses.reporting.event_lines import Event, event_lines
from analyses.reporting.outputs import DECEIVED_ROLES
from analyses.reporting.safe_text import visible
from analyses.reporting.waterfall import Step
from analyses.reporting.wording import ROLES, Reason, in_words, reason
from analyses.run import Run

EVENTS_SHOWN = 5
"""Events of one piece of evidence on a card."""

ROWS_SHOWN = 20
"""Helps, members or links on a card."""


def steps(evidence: pd.DataFrame, signals: Mapping[str, Reason]) -> list[Step]:
    """Return the evidence as the steps of a waterfall."""
    return [
        Step(
            row["signal"],
            float(row["bits"]),
            reason(
                signals,
                row["signal"],
                bits=row["bits"],
                events=len(row["events"]),
                says=row.get("says"),
            ),
        )
        for row in evidence.to_dict("records")
    ]


def events(run: Run, evidence: pd.DataFrame) -> list[str]:
    """Return the events, once for all signals that rest on the same ones."""
    resting: dict[tuple[Event, ...], list[str]] = {}
    for code, rows in zip(evidence["signal"], evidence["events"], strict=True):
        named = tuple((event["table"], event["id"]) for event in rows)
        if named:
            resting.setdefault(named, []).append(str(code))
    lines = ["", "Events (UTC)"] if resting else []
    for named, codes in sorted(resting.items(), key=lambda item: item[1]):
        shown = event_lines(run.store, list(named))
        lines += [f"  {', '.join(sorted(codes))}"]
        lines += [f"    {event.text()}" for event in shown[:EVENTS_SHOWN]]
        lines += more(len(shown), EVENTS_SHOWN, "    ")
    return lines


def probability_said(membership: Any) -> str:
    """Say how surely a member has its role; a run of an earlier version lacks it."""
    known = getattr(membership, "probability", None)
    return "" if known is None else f" (probability {known:.2f})"


def standing(run: Run, account_ids: Sequence[str]) -> dict[str, str]:
    """Return what the run says of accounts, in a few words; of the deceived no risk."""
    chosen = run.accounts_of(account_ids)
    return {
        str(account_id): f" – {in_words(ROLES, role)}"
        + ("" if role in DECEIVED_ROLES else f", risk {risk:.2f}")
        for account_id, role, risk in zip(
            chosen["account_id"], chosen["role"], chosen["risk"], strict=True
        )
        if isinstance(role, str)
    }


def wrapped(text: str, *, indent: str = "  ") -> list[str]:
    """Return a text as lines of a card."""
    return textwrap.wrap(
        text,
        86,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
    )


def more(there: int, shown: int, indent: str = "  ") -> list[str]:
    """Return a line that says how many were not shown, if any."""
    return [f"{indent}… and {there - shown:,} more"] if there > shown else []


def as_text(lines: Sequence[str]) -> str:
    """Join lines; each is made harmless on its own, so that no value adds a line."""
    return "\n".join(visible(line).rstrip() for line in lines) + "\n"
