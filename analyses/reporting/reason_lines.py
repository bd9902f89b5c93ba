"""Reasons in words, how many of them a cell of a list names, and what are none."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analyses.reporting.event_lines import Event, short_name
from analyses.reporting.wording import Reason, reason

SUMS = ("prior", "team", "other_roles")
"""Lines of a card that sum up or balance others; they are no reasons."""

FOR_SHOWN, AGAINST_SHOWN = 5, 3
"""How many reasons a cell names for and against; all are in the JSON lines."""

EVENTS_NAMED = 3
"""How many events a reason in a cell names; all are in the JSON lines."""

TEAM_SIGNALS_NAMED = 3
"""How many of a team's signals are named beside an account of it."""


@dataclass(frozen=True)
class ReasonLine:
    """One piece of evidence on an account, in words."""

    code: str
    sentence: str
    bits: float
    events: tuple[Event, ...]

    def text(self) -> str:
        """Return it as part of a cell.

        >>> ReasonLine("repeat", "helped often", 3.0, (("helps", "h1"),)).text()
        'helped often (+3.0; helps h1)'
        """
        named = [short_name(event) for event in self.events[:EVENTS_NAMED]]
        if len(self.events) > EVENTS_NAMED:
            named.append(f"{len(self.events) - EVENTS_NAMED} more")
        return f"{self.sentence} ({'; '.join([f'{self.bits:+.1f}', *named])})"


def reason_lines(
    evidence: pd.DataFrame, signals: Mapping[str, Reason]
) -> dict[tuple[str, str], list[ReasonLine]]:
    """Return the reasons by team ("": none) and account, the weightiest first.

    `evidence` has accounts' own evidence; a run of an older version has no `says`.
    """
    lines: dict[tuple[str, str], list[ReasonLine]] = {}
    columns = ["team_id", "account_id", "signal", "bits", "events"]
    # As plain objects: walking over pandas' own strings takes several times as long.
    plain = [evidence[name].to_numpy(object) for name in columns]
    says = evidence.get("says", pd.Series(index=evidence.index, dtype=object))
    for team_id, account_id, code, bits, events, said in zip(
        *plain, says.to_numpy(object), strict=True
    ):
        if code in SUMS or not isinstance(account_id, str):
            continue
        named = tuple((event["table"], event["id"]) for event in events)
        sentence = reason(signals, code, bits=bits, events=len(named), says=said)
        key = (team_id if isinstance(team_id, str) else "", account_id)
        lines.setdefault(key, []).append(ReasonLine(code, sentence, float(bits), named))
    for mine in lines.values():
        mine.sort(key=lambda line: (-abs(line.bits), line.code))
    return lines
