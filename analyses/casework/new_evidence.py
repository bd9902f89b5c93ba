"""Whether something stands out that was not seen when a case was dismissed.

Three things do: a signal that weighs far more than then; one that weighs more because
of events that were not there; and harm found since. A team stands out as well when most
of its members were not in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyses.casework.decisions import Decision
from analyses.casework.evidence_seen import Evidence, evidence_in, members_in

STANDS_OUT_BITS = 3.0
"""Gain of one signal, in bits, that stands out by itself: eight times the odds."""

NEW_EVENTS_BITS = 1.0
"""Gain that stands out when it comes with events that were not there."""

HARMED_MEMBERS = 2
"""How many members of a team must have come to harm others since."""


@dataclass(frozen=True)
class Harm:
    """Sanctions and verified complaints by account: when each was, None: not known."""

    moments: Mapping[str, Sequence[int | None]]

    def since(self, account_id: str, decision: Decision) -> int:
        """Count those after the data that the decision was made on."""
        seen = decision.seen.get("as_of")
        last = seen if isinstance(seen, int) else decision.at
        return sum(
            moment is not None and moment > last
            for moment in self.moments.get(account_id, ())
        )


def of_account(
    decision: Decision, now: Evidence, account_id: str, harm: Harm
) -> list[str]:
    """Return what stands out about an account since the decision; nothing if nothing.

    `decision` may be one on its team: then only harm found since can stand out, for the
    evidence on each member was not kept.
    """
    lines = _gains(evidence_in(decision.seen), now) if _is_own(decision) else []
    found = harm.since(account_id, decision)
    if found:
        lines.append(
            f"{found} sanction{'s' * (found != 1)} or verified "
            f"complaint{'s' * (found != 1)} since"
        )
    return lines


def of_team(
    decision: Decision, now: Evidence, members: Sequence[str], harm: Harm
) -> list[str]:
    """Return what stands out about a team since the decision on it."""
    lines = _gains(evidence_in(decision.seen), now)
    known = {name for names in members_in(decision.seen).values() for name in names}
    new = [name for name in members if name not in known]
    if 2 * len(new) > len(members):
        lines.append(f"{len(new):,} of its {len(members):,} members were not in it")
    harmed = [name for name in members if harm.since(name, decision)]
    if len(harmed) >= HARMED_MEMBERS:
        lines.append(
            f"{len(harmed):,} members with sanctions or verified complaints since"
        )
    return lines


def _is_own(decision: Decision) -> bool:
    return decision.subject[0] == "account"


def _gains(seen: Evidence, now: Evidence) -> list[str]:
    lines = []
    for code, (bits, events) in now.items():
        was, known = seen.get(code, (0.0, frozenset[tuple[str, str]]()))
        gain, fresh = bits - was, len(events - known)
        if bits <= 0:
            continue
        if gain >= STANDS_OUT_BITS or (fresh and gain >= NEW_EVENTS_BITS):
            with_events = f", {fresh:,} new event{'s' * (fresh != 1)}" if fresh else ""
            lines.append(
                (-gain, f"{code} {bits:+.1f} bits, {was:+.1f} then{with_events}")
            )
    return [line for _, line in sorted(lines)]
