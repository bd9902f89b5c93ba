"""The card of a team: evidence, members, sessions, codes, helps, whom it serves."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analyses.reporting.card_parts import (
    ROWS_SHOWN,
    as_text,
    events,
    fact,
    more,
    probability_said,
    standing,
    steps,
)
from analyses.reporting.educate_list import position
from analyses.reporting.event_lines import utc
from analyses.reporting.outputs import DECEIVED_ROLES
from analyses.reporting.report_tables import table_lines
from analyses.reporting.stalls import Session, stalls_of_crews
from analyses.reporting.team_codes import code_lines
from analyses.reporting.team_list import farms_served
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.waterfall import waterfall
from analyses.reporting.wording import KINDS, LINKS, PATTERNS, ROLES, Reason, in_words
from analyses.run import Run, Team

NO_ROLE = "account with no role of its own"


def explain_team(
    run: Run, team_id: str, signals: Mapping[str, Reason], texts: Texts = ENGLISH
) -> str:
    """Return the card of a team; NotFoundError, with the nearest id, when unknown."""
    team = run.team(team_id)
    return as_text(
        [
            texts("TEAM {id}", id=team_id),
            *_facts(team, texts),
            *_evidence(run, team, signals, texts),
            *_members(team, texts),
            *_sessions(team, texts),
            *code_lines(team, texts),
            *_patterns(team, texts),
            *_links(team, texts),
        ]
    )


def _facts(team: Team, texts: Texts) -> list[str]:
    facts = team.facts
    seen = [_date(facts[name]) for name in ("first_seen", "last_seen") if name in facts]
    served, starving = farms_served(team.run).get(team.team_id, (0, 0))
    kind = f"{texts(in_words(KINDS, facts['kind']))} ({facts['kind']})"
    lines = [
        fact(texts("kind"), kind),
        fact(texts("risk"), f"{facts['risk']:.3f}"),
        fact(texts("members"), f"{facts['members']:,}"),
    ]
    if served:
        said = texts(
            "{n} farm; {starving} of them would lose half or more of their helps "
            "without it"
            if served == 1
            else "{n} farms; {starving} of them would lose half or more of their "
            "helps without it",
            n=f"{served:,}",
            starving=f"{starving:,}",
        )
        lines.append(fact(texts("serves"), said))
    if seen:
        lines.append(fact(texts("seen"), texts(" to ").join(seen)))
    return lines


def _evidence(
    run: Run, team: Team, signals: Mapping[str, Reason], texts: Texts
) -> list[str]:
    evidence = team.own_evidence
    if evidence.empty:
        return ["", texts("No evidence is itemised.")]
    return [
        "",
        texts("From the prior to the risk, in bits; 1 bit doubles the odds"),
        *waterfall(
            steps(evidence, signals, texts), risk=team.facts["risk"], texts=texts
        ),
        *events(run, evidence, texts),
    ]


def _members(team: Team, texts: Texts) -> list[str]:
    """Return how many there are of each role; those who take part come first."""
    members = team.members
    deceived = members["role"].isin(DECEIVED_ROLES) | members["role"].isna()
    members = members.assign(deceived=deceived).sort_values(
        ["deceived", "evidence_bits", "account_id"], ascending=[True, False, True]
    )
    said = members["role"].map(lambda role: texts(in_words(ROLES, role) or NO_ROLE))
    counts = said.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    width = len(f"{counts.max():,}") if len(counts) else 1
    known = standing(team.run, members["account_id"].head(ROWS_SHOWN).tolist(), texts)
    lines = [
        f"  {row.account_id}  "
        + (
            f"{word}{probability_said(row, texts)}"
            if row.deceived
            else f"{word}{probability_said(row, texts)}, "
            + texts("{bits} bits", bits=f"{row.evidence_bits:+.1f}")
            + known.get(str(row.account_id), "").replace(f" – {word}", "")
        )
        for row, word in zip(
            members.head(ROWS_SHOWN).itertuples(index=False), said, strict=False
        )
    ]
    return [
        "",
        f"{texts('Members')}: {len(members):,}",
        *(f"  {count:>{width},}  {word}" for word, count in counts.items()),
        "",
        *lines,
        *more(len(members), ROWS_SHOWN, "  ", texts),
    ]


def _sessions(team: Team, texts: Texts) -> list[str]:
    """Return when and where a crew stood; an older run does not know."""
    stalls = stalls_of_crews(team.run).get(team.team_id, [])
    if not stalls:
        return []
    said = texts(
        "Stood at a stall: {n} session"
        if len(stalls) == 1
        else "Stood at a stall: {n} sessions",
        n=f"{len(stalls):,}",
    )
    columns = ("day", "hours (UTC)", "place", "helps", "placed by")
    return [
        "",
        said,
        *table_lines(
            [texts(column) for column in columns],
            [_session(stall, texts) for stall in stalls[:ROWS_SHOWN]],
        ),
        *more(len(stalls), ROWS_SHOWN, "  ", texts),
    ]


def _session(stall: Session, texts: Texts) -> tuple[str, str, str, int, str]:
    return (
        utc(stall.first)[:10],
        texts(" to ").join((utc(stall.first)[11:16], utc(stall.last)[11:16])),
        texts("not known")
        if stall.latitude is None or stall.longitude is None
        else position(stall.latitude, stall.longitude),
        stall.helps,
        texts(stall.placed_by or ""),
    )


def _patterns(team: Team, texts: Texts) -> list[str]:
    if team.helps.empty:
        return []
    counts = team.helps["pattern"].value_counts().sort_index()
    lines = [
        f"  {count:,} {texts(in_words(PATTERNS, pattern))}"
        for pattern, count in counts.items()
    ]
    return ["", texts("Helps that it gave"), *lines]


def _links(team: Team, texts: Texts) -> list[str]:
    rows = team.links.sort_values(
        ["events", "team_a", "team_b", "kind"], ascending=[False, True, True, True]
    )
    if rows.empty:
        return []
    lines = [
        f"  {row.team_a} {texts(in_words(LINKS, row.kind))} {row.team_b}: "
        + texts("{n} event" if row.events == 1 else "{n} events", n=f"{row.events:,}")
        for row in rows.head(ROWS_SHOWN).itertuples(index=False)
    ]
    return [
        "",
        texts("Works together with"),
        *lines,
        *more(len(rows), ROWS_SHOWN, "  ", texts),
    ]


def _date(value: Any) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d %H:%M:%S}"
