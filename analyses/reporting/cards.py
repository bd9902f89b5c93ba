"""The card of an account or a team: all that a person needs to judge it, as plain text.

Every value that comes from the data is made harmless for a terminal.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analyses.reporting.event_lines import Event, event_lines, utc
from analyses.reporting.outputs import ACTIONS
from analyses.reporting.safe_text import visible
from analyses.reporting.waterfall import Step, waterfall
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
from analyses.run import Account, Run, Team
from graph.errors import NotFoundError

EVENTS_SHOWN = 5
"""Events of one piece of evidence on a card."""

ROWS_SHOWN = 20
"""Helps, members or links on a card."""

FOUND_AT = 0.5


def explain(run: Run, name: str, signals: Mapping[str, Reason]) -> str:
    """Return the card of the team or the account with this id.

    Raises NotFoundError, with the nearest id, when there is neither.
    """
    if (run.teams["team_id"] == name).any():
        return explain_team(run, name, signals)
    return explain_account(run, name, signals)


def explain_account(run: Run, account_id: str, signals: Mapping[str, Reason]) -> str:
    """Return the card of an account; it may be one that the run has nothing to say of.

    Raises NotFoundError, with the nearest id, when no event names the account either.
    """
    try:
        account = run.account(account_id)
    except NotFoundError:
        if not _in_events(run, account_id):
            raise
        return _text([_title("ACCOUNT", account_id), *_nothing_to_say(run, account_id)])
    return _text(
        [
            _title("ACCOUNT", account_id),
            *_account_facts(run, account),
            *_account_evidence(run, account, signals),
            *_helps_of(run, account_id),
            *_what_it_lacks(account),
            *_how_to_act(account),
        ]
    )


def explain_team(run: Run, team_id: str, signals: Mapping[str, Reason]) -> str:
    """Return the card of a team; NotFoundError, with the nearest id, when unknown."""
    team = run.team(team_id)
    return _text(
        [
            _title("TEAM", team_id),
            *_team_facts(team),
            *_team_evidence(run, team, signals),
            *_members(team),
            *_patterns(team),
            *_links(team),
        ]
    )


def _account_facts(run: Run, account: Account) -> list[str]:
    facts = account.facts
    lines = [
        f"  role      {in_words(ROLES, facts.get('role'))} ({facts.get('role', '')})",
        f"  risk      {facts['risk']:.3f}",
        f"  action    {in_words(ACTION_WORDS, facts.get('action'))} "
        f"({facts.get('action', '')}), {'' if facts['listed'] else 'not '}listed",
    ]
    if "helper_score" in facts:
        lines.append(f"  helper    score {facts['helper_score']:.3f} as repeat helper")
    for row in account.memberships.itertuples(index=False):
        kinds = run.teams.loc[run.teams["team_id"] == row.team_id, "kind"]
        kind = in_words(KINDS, kinds.iloc[0]) if len(kinds) else "team"
        lines.append(f"  team      {row.team_id}, {kind}: {in_words(ROLES, row.role)}")
    return [*lines, *_registration(run, account.account_id)]


def _registration(run: Run, account_id: str) -> list[str]:
    rows = run.store.rows(
        """SELECT registered_at, nickname, profile_region, real_name_verified
           FROM accounts WHERE account_id = $id""",
        {"id": account_id},
    )
    if not rows:
        return ["  since     not known: the account is known from its events alone"]
    registered_at, nickname, region, verified = rows[0]
    known = [
        f"registered {utc(registered_at)}",
        f"nickname {nickname}" if nickname else "",
        f"region {region}" if region else "",
        {True: "real name verified", False: "real name not verified"}.get(verified, ""),
    ]
    return [f"  since     {', '.join(part for part in known if part)}"]


def _account_evidence(
    run: Run, account: Account, signals: Mapping[str, Reason]
) -> list[str]:
    """Return the account's own waterfall, that of its community, and the events."""
    evidence = account.evidence
    of_team = evidence["account_id"].isna()
    own = evidence[~of_team]
    if own.empty:
        return ["", "No evidence is itemised."]
    lines = [
        "",
        "From the prior to the risk, in bits; 1 bit doubles the odds",
        *waterfall(_steps(own, signals), risk=account.facts["risk"]),
    ]
    if of_team.any():
        team_id = account.facts["team_id"]
        lines += [
            "",
            f"Why its community looks as it does: scanring explain RUN {team_id}",
            *waterfall(_steps(evidence[of_team], signals)),
        ]
    return [*lines, *_events(run, own)]


def _team_evidence(run: Run, team: Team, signals: Mapping[str, Reason]) -> list[str]:
    evidence = run.evidence_of(teams=[team.team_id])
    if evidence.empty:
        return ["", "No evidence is itemised."]
    return [
        "",
        "From the prior to the risk, in bits; 1 bit doubles the odds",
        *waterfall(_steps(evidence, signals), risk=team.facts["risk"]),
        *_events(run, evidence),
    ]


def _steps(evidence: pd.DataFrame, signals: Mapping[str, Reason]) -> list[Step]:
    return [
        Step(
            row["signal"],
            float(row["bits"]),
            reason(signals, row["signal"], bits=row["bits"], events=len(row["events"])),
        )
        for row in evidence.to_dict("records")
    ]


def _events(run: Run, evidence: pd.DataFrame) -> list[str]:
    """Return the events, once for all signals that rest on the same ones."""
    resting: dict[tuple[Event, ...], list[str]] = {}
    for code, events in zip(evidence["signal"], evidence["events"], strict=True):
        named = tuple((event["table"], event["id"]) for event in events)
        if named:
            resting.setdefault(named, []).append(str(code))
    lines = ["", "Events (UTC)"] if resting else []
    for named, codes in sorted(resting.items(), key=lambda item: item[1]):
        shown = event_lines(run.store, list(named))
        lines += [f"  {', '.join(sorted(codes))}"]
        lines += [f"    {event.text()}" for event in shown[:EVENTS_SHOWN]]
        lines += _more(len(shown), EVENTS_SHOWN, "    ")
    return lines


def _helps_of(run: Run, account_id: str) -> list[str]:
    lines = []
    for title, mine, other in (
        ("Helped by", "helped", "helper"),
        ("Helped, or tried to", "helper", "helped"),
    ):
        rows = run.store.rows(
            f"""SELECT helped_at, o.account_id, h.kind, result, help_id
                FROM helps AS h
                JOIN account_names AS m ON m.account = h.{mine}
                JOIN account_names AS o ON o.account = h.{other}
                WHERE m.account_id = $id ORDER BY helped_at, help_id""",
            {"id": account_id},
        )
        if not rows:
            continue
        lines += ["", f"{title}: {len(rows):,}"]
        known = _standing(run, [row[1] for row in rows[:ROWS_SHOWN]])
        for at, name, kind, result, help_id in rows[:ROWS_SHOWN]:
            said = ", ".join(word for word in (kind, result) if word)
            lines.append(
                f"  {utc(at)}  {name} ({said}; {help_id}){known.get(name, '')}"
            )
        lines += _more(len(rows), ROWS_SHOWN, "  ")
    return lines


def _standing(run: Run, account_ids: Sequence[str]) -> dict[str, str]:
    """Return what the run says of accounts, in a few words."""
    chosen = run.accounts[run.accounts["account_id"].isin(set(account_ids))]
    return {
        str(row.account_id): f" – {row.role}, risk {row.risk:.2f}"
        for row in chosen.itertuples(index=False)
        if isinstance(row.role, str)
    }


def _what_it_lacks(account: Account) -> list[str]:
    facts = account.facts
    if facts["listed"]:
        return []
    lacks = [str(text) for text in facts.get("lacks", [])]
    if not lacks and facts["risk"] < FOUND_AT:
        lacks = [f"risk {facts['risk']:.2f} is below {FOUND_AT}"]
    if not lacks and facts.get("action") in ACTIONS[: ACTIONS.index("warn")]:
        lacks = [f"the suggested action, {facts['action']}, is weaker than warn"]
    return ["", "Not listed, because", *(f"  {text}" for text in lacks)]


def _how_to_act(account: Account) -> list[str]:
    role = account.facts.get("role", "")
    return [
        "",
        "Before acting, make sure",
        *_wrapped(TO_VERIFY.get(role, TO_VERIFY_ELSE)),
        "Objection",
        *_wrapped(APPEAL),
    ]


def _nothing_to_say(run: Run, account_id: str) -> list[str]:
    return [
        *_registration(run, account_id),
        "",
        "The run has nothing to say about this account, and it is not listed: no",
        "evidence raised its risk above what is expected before anything is known.",
        *_helps_of(run, account_id),
    ]


def _team_facts(team: Team) -> list[str]:
    facts = team.facts
    seen = [_date(facts[name]) for name in ("first_seen", "last_seen") if name in facts]
    lines = [
        f"  kind      {in_words(KINDS, facts['kind'])} ({facts['kind']})",
        f"  risk      {facts['risk']:.3f}",
        f"  members   {facts['members']:,}",
    ]
    return [*lines, f"  seen      {' to '.join(seen)}"] if seen else lines


def _members(team: Team) -> list[str]:
    members = team.members.sort_values(
        ["evidence_bits", "account_id"], ascending=[False, True]
    )
    roles = members["role"].value_counts().sort_index()
    counts = ", ".join(f"{count:,} {role}" for role, count in roles.items())
    known = _standing(team.run, members["account_id"].head(ROWS_SHOWN).tolist())
    lines = [
        f"  {row.account_id}  {row.role}, {row.evidence_bits:+.1f} bits"
        f"{known.get(str(row.account_id), '')}"
        for row in members.head(ROWS_SHOWN).itertuples(index=False)
    ]
    return [
        "",
        f"Members: {counts or 'none'}",
        *lines,
        *_more(len(members), ROWS_SHOWN),
    ]


def _patterns(team: Team) -> list[str]:
    if team.helps.empty:
        return []
    counts = team.helps["pattern"].value_counts().sort_index()
    lines = [f"  {count:,} {pattern}" for pattern, count in counts.items()]
    return ["", "Helps that it gave", *lines]


def _links(team: Team) -> list[str]:
    rows = team.links.sort_values(
        ["events", "team_a", "team_b", "kind"], ascending=[False, True, True, True]
    )
    if rows.empty:
        return []
    lines = [
        f"  {row.team_a} {row.kind} {row.team_b}: {row.events:,} events"
        for row in rows.head(ROWS_SHOWN).itertuples(index=False)
    ]
    return ["", "Works together with", *lines, *_more(len(rows), ROWS_SHOWN)]


def _in_events(run: Run, account_id: str) -> bool:
    return bool(
        run.store.rows(
            "SELECT 1 FROM account_names WHERE account_id = $id", {"id": account_id}
        )
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, 86, initial_indent="  ", subsequent_indent="  ", break_long_words=False
    )


def _title(what: str, name: str) -> str:
    return f"{what} {name}"


def _more(there: int, shown: int, indent: str = "  ") -> list[str]:
    return [f"{indent}… and {there - shown:,} more"] if there > shown else []


def _date(value: Any) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d %H:%M:%S}"


def _text(lines: Sequence[str]) -> str:
    """Join lines; each is made harmless on its own, so that no value adds a line."""
    return "\n".join(visible(line).rstrip() for line in lines) + "\n"
