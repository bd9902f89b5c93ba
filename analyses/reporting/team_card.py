"""The card of a team: its evidence, members, sessions, helps, and whom it serves."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analyses.reporting.card_parts import (
    ROWS_SHOWN,
    as_text,
    events,
    more,
    probability_said,
    standing,
    steps,
)
from analyses.reporting.educate_list import position
from analyses.reporting.event_lines import utc
from analyses.reporting.outputs import DECEIVED_ROLES
from analyses.reporting.report_tables import table_lines
from analyses.reporting.team_list import farms_served
from analyses.reporting.waterfall import waterfall
from analyses.reporting.wording import KINDS, LINKS, PATTERNS, ROLES, Reason, in_words
from analyses.run import Run, Team

NO_ROLE = "account with no role of its own"


def explain_team(run: Run, team_id: str, signals: Mapping[str, Reason]) -> str:
    """Return the card of a team; NotFoundError, with the nearest id, when unknown."""
    team = run.team(team_id)
    return as_text(
        [
            f"TEAM {team_id}",
            *_facts(team),
            *_evidence(run, team, signals),
            *_members(team),
            *_sessions(team),
            *_patterns(team),
            *_links(team),
        ]
    )


def _facts(team: Team) -> list[str]:
    facts = team.facts
    seen = [_date(facts[name]) for name in ("first_seen", "last_seen") if name in facts]
    served, starving = farms_served(team.run).get(team.team_id, (0, 0))
    lines = [
        f"  kind      {in_words(KINDS, facts['kind'])} ({facts['kind']})",
        f"  risk      {facts['risk']:.3f}",
        f"  members   {facts['members']:,}",
    ]
    if served:
        lines.append(
            f"  serves    {served:,} farm{'s' * (served != 1)}; {starving:,} of them "
            "would lose half or more of their helps without it"
        )
    return [*lines, f"  seen      {' to '.join(seen)}"] if seen else lines


def _evidence(run: Run, team: Team, signals: Mapping[str, Reason]) -> list[str]:
    evidence = team.own_evidence
    if evidence.empty:
        return ["", "No evidence is itemised."]
    return [
        "",
        "From the prior to the risk, in bits; 1 bit doubles the odds",
        *waterfall(steps(evidence, signals), risk=team.facts["risk"]),
        *events(run, evidence),
    ]


def _members(team: Team) -> list[str]:
    """Return how many there are of each role; those who take part come first."""
    members = team.members
    deceived = members["role"].isin(DECEIVED_ROLES) | members["role"].isna()
    members = members.assign(deceived=deceived).sort_values(
        ["deceived", "evidence_bits", "account_id"], ascending=[True, False, True]
    )
    said = members["role"].map(lambda role: in_words(ROLES, role) or NO_ROLE)
    counts = said.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    width = len(f"{counts.max():,}") if len(counts) else 1
    known = standing(team.run, members["account_id"].head(ROWS_SHOWN).tolist())
    lines = [
        f"  {row.account_id}  "
        + (
            f"{word}{probability_said(row)}"
            if row.deceived
            else f"{word}{probability_said(row)}, {row.evidence_bits:+.1f} bits"
            + known.get(str(row.account_id), "").replace(f" – {word}", "")
        )
        for row, word in zip(
            members.head(ROWS_SHOWN).itertuples(index=False), said, strict=False
        )
    ]
    return [
        "",
        f"Members: {len(members):,}",
        *(f"  {count:>{width},}  {word}" for word, count in counts.items()),
        "",
        *lines,
        *more(len(members), ROWS_SHOWN),
    ]


def _sessions(team: Team) -> list[str]:
    """Return when and where a crew stood; an older run does not know."""
    store = team.run.store
    if not store.rows(
        "SELECT 1 FROM duckdb_tables() WHERE table_name = 'crew_sessions'"
    ):
        return []
    rows = store.rows(
        """SELECT "first", "last", latitude, longitude, helps, placed_by
           FROM crew_sessions WHERE team_id = $id ORDER BY "first", session""",
        {"id": team.team_id},
    )
    if not rows:
        return []
    table = [_session(*row) for row in rows[:ROWS_SHOWN]]
    columns = ("day", "hours (UTC)", "place", "helps", "placed by")
    return [
        "",
        f"Stood at a stall: {len(rows):,} session{'s' * (len(rows) != 1)}",
        *table_lines(columns, table),
        *more(len(rows), ROWS_SHOWN),
    ]


def _session(
    first: int,
    last: int,
    latitude: int | None,
    longitude: int | None,
    helps: int,
    placed_by: str | None,
) -> tuple[str, str, str, int, str]:
    return (
        utc(first)[:10],
        f"{utc(first)[11:16]} to {utc(last)[11:16]}",
        "not known"
        if latitude is None or longitude is None
        else position(latitude, longitude),
        helps,
        placed_by or "",
    )


def _patterns(team: Team) -> list[str]:
    if team.helps.empty:
        return []
    counts = team.helps["pattern"].value_counts().sort_index()
    lines = [
        f"  {count:,} {in_words(PATTERNS, pattern)}"
        for pattern, count in counts.items()
    ]
    return ["", "Helps that it gave", *lines]


def _links(team: Team) -> list[str]:
    rows = team.links.sort_values(
        ["events", "team_a", "team_b", "kind"], ascending=[False, True, True, True]
    )
    if rows.empty:
        return []
    lines = [
        f"  {row.team_a} {in_words(LINKS, row.kind)} {row.team_b}: {row.events:,} "
        f"event{'s' * (row.events != 1)}"
        for row in rows.head(ROWS_SHOWN).itertuples(index=False)
    ]
    return ["", "Works together with", *lines, *more(len(rows), ROWS_SHOWN)]


def _date(value: Any) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d %H:%M:%S}"
