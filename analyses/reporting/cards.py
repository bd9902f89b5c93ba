"""The card of an account or a team: all that a person needs to judge it, as plain text.

Every value that comes from the data is made harmless for a terminal.
"""

from collections.abc import Mapping

from analyses.reporting.card_parts import (
    ROWS_SHOWN,
    as_text,
    decided_text,
    events,
    fact,
    more,
    probability_said,
    standing,
    steps,
    wrapped,
)
from analyses.reporting.event_lines import utc
from analyses.reporting.next_steps import next_steps, standing_of
from analyses.reporting.outputs import ACTIONS, DECEIVED_ROLES
from analyses.reporting.team_card import explain_team
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.waterfall import waterfall
from analyses.reporting.wording import (
    ACTION_WORDS,
    APPEAL,
    EDUCATE,
    KINDS,
    ROLES,
    TO_VERIFY,
    TO_VERIFY_ELSE,
    Reason,
    in_words,
)
from analyses.run import Account, Run, nearest_id
from graph.errors import NotFoundError

FOUND_AT = 0.5


def explain(
    run: Run, name: str, signals: Mapping[str, Reason], texts: Texts = ENGLISH
) -> str:
    """Return the card of the team or the account with this id.

    Raises NotFoundError, with the nearest id, when there is neither.
    """
    if len(run.rows("teams", team_id=name)):
        return explain_team(run, name, signals, texts)
    try:
        return explain_account(run, name, signals, texts)
    except NotFoundError as error:
        near = nearest_id(name, [*run.teams["team_id"], *run.accounts["account_id"]])
        teams = run.teams.sort_values(["risk", "team_id"], ascending=[False, True])
        such = [
            f" or of a team such as {team_id}" for team_id in teams["team_id"].head(1)
        ]
        raise NotFoundError(
            f"{name!r} is neither a team of this run nor an account in its "
            f"events{near}: give the id of an account{''.join(such)}"
        ) from error


def explain_account(
    run: Run, account_id: str, signals: Mapping[str, Reason], texts: Texts = ENGLISH
) -> str:
    """Return the card of an account; it may be one that the run has nothing to say of.

    Raises NotFoundError, with the nearest id, when no event names the account either.
    """
    head = texts("ACCOUNT {id}", id=account_id)
    try:
        account = run.account(account_id)
    except NotFoundError:
        if not _in_events(run, account_id):
            raise
        return as_text([head, *_nothing_to_say(run, account_id, texts)])
    return as_text(
        [
            head,
            *_account_facts(run, account, texts),
            *_account_evidence(run, account, signals, texts),
            *_helps_of(run, account_id, texts),
            *_what_it_lacks(account, texts),
            *_how_to_act(account, texts),
            *_next(run, account_id, texts, listed=bool(account.facts["listed"])),
        ]
    )


def _account_facts(run: Run, account: Account, texts: Texts) -> list[str]:
    facts = account.facts
    role, action = facts.get("role"), facts.get("action")
    lines = [
        fact(
            texts("role"),
            f"{texts(in_words(ROLES, role))} ({role})"
            if role
            else texts("none: nothing says that it takes part in collusion"),
        ),
        fact(texts("risk"), f"{facts['risk']:.3f}"),
        fact(
            texts("action"),
            f"{texts(in_words(ACTION_WORDS, action))} ({action}), "
            + texts("listed" if facts["listed"] else "not listed")
            if action and action != "none"
            else texts("none"),
        ),
    ]
    if "helper_score" in facts:
        score = texts(
            "score {score} of 1 as repeat helper of strangers",
            score=f"{facts['helper_score']:.3f}",
        )
        lines.append(fact(texts("helper"), score))
    if "decided" in facts:
        first, *rest = wrapped(
            decided_text(str(facts["decided"]), texts), indent=" " * 12
        )
        lines += [fact(texts("decided"), first.strip()), *rest]
    for row in account.memberships.itertuples(index=False):
        kinds = run.rows("teams", team_id=str(row.team_id))["kind"]
        kind = in_words(KINDS, kinds.iloc[0]) if len(kinds) else "team"
        said = f"{texts(kind)}: {texts(in_words(ROLES, row.role) or 'no role')}"
        said += probability_said(row, texts)
        lines.append(fact(texts("team"), f"{row.team_id}, {said}"))
    return [*lines, _registration(run, account.account_id, texts)]


def _registration(run: Run, account_id: str, texts: Texts) -> str:
    rows = run.store.rows(
        """SELECT registered_at, nickname, profile_region, real_name_verified
           FROM accounts WHERE account = (
             SELECT account FROM account_names WHERE account_id = $id)""",
        {"id": account_id},
    )
    since = texts("since")
    if not rows:
        return fact(
            since, texts("not known: the account is known from its events alone")
        )
    registered_at, nickname, region, verified = rows[0]
    known = [
        texts("registered {at}", at=utc(registered_at, texts)),
        texts("nickname {nickname}", nickname=nickname) if nickname else "",
        texts("region {region}", region=region) if region else "",
    ]
    if verified is not None:
        known.append(
            texts("real name verified" if verified else "real name not verified")
        )
    return fact(since, ", ".join(part for part in known if part))


def _account_evidence(
    run: Run, account: Account, signals: Mapping[str, Reason], texts: Texts
) -> list[str]:
    """Return the account's own waterfall, that of its community, and the events."""
    evidence = account.evidence
    of_team = evidence["account_id"].isna()
    own = evidence[~of_team]
    if own.empty:
        return ["", *wrapped(texts(_why_no_evidence(account)), indent="")]
    lines = [
        "",
        texts("From the prior to the risk, in bits; 1 bit doubles the odds"),
        *waterfall(steps(own, signals, texts), risk=account.facts["risk"], texts=texts),
    ]
    if of_team.any():
        lines += [
            "",
            texts(
                "Why its community looks as it does: scanring explain RUN {team}",
                team=account.facts["team_id"],
            ),
            *waterfall(steps(evidence[of_team], signals, texts), texts=texts),
        ]
    return [*lines, *events(run, own, texts)]


NOT_SUSPECTED = (
    "It is in the run because it helped, or tried to help, more than once. "
    "Nobody suspects it, and no evidence against it is kept."
)
WAS_USED = (
    "It is in the run as a person who was used. There is no evidence against "
    "it: what it did, and for which team, stands on this card."
)
NOT_ITEMISED = "No evidence is itemised."


def _why_no_evidence(account: Account) -> str:
    role = account.facts.get("role")
    if role is None:
        return NOT_SUSPECTED
    return WAS_USED if role in DECEIVED_ROLES else NOT_ITEMISED


def _helps_of(run: Run, account_id: str, texts: Texts) -> list[str]:
    lines = []
    for title, mine, other in (
        (texts("Helped by, or tried to be"), "helped", "helper"),
        (texts("Helped, or tried to"), "helper", "helped"),
    ):
        rows = run.store.rows(
            f"""SELECT helped_at, o.account_id, h.kind, result, help_id
                FROM helps AS h
                JOIN account_names AS o ON o.account = h.{other}
                WHERE h.{mine} = (SELECT account FROM account_names
                                  WHERE account_id = $id)
                ORDER BY helped_at, help_id""",
            {"id": account_id},
        )
        if not rows:
            continue
        lines += ["", f"{title}: {len(rows):,}"]
        known = standing(run, [row[1] for row in rows[:ROWS_SHOWN]], texts)
        for at, name, kind, result, help_id in rows[:ROWS_SHOWN]:
            said = ", ".join(texts(word) for word in (kind, result) if word)
            lines.append(
                f"  {utc(at, texts)}  {name} ({said}; {help_id}){known.get(name, '')}"
            )
        lines += more(len(rows), ROWS_SHOWN, "  ", texts)
    return lines


def _what_it_lacks(account: Account, texts: Texts) -> list[str]:
    facts = account.facts
    role, action = facts.get("role"), facts.get("action")
    if facts["listed"] or role in (None, *DECEIVED_ROLES) or action == "educate":
        return []
    lacks = [decided_text(str(text), texts) for text in facts.get("lacks", [])]
    if not lacks and facts["risk"] < FOUND_AT:
        risk = f"{facts['risk']:.2f}"
        lacks = [texts("risk {risk} is below {found}", risk=risk, found=FOUND_AT)]
    if not lacks and action in ACTIONS[: ACTIONS.index("warn")]:
        lacks = [
            texts("the suggested action, {action}, is weaker than warn", action=action)
        ]
    return ["", texts("Not listed, because"), *(f"  {text}" for text in lacks)]


def _how_to_act(account: Account, texts: Texts) -> list[str]:
    """Return what to make sure of, as far as anything is suggested at all."""
    role, action = account.facts.get("role", ""), account.facts.get("action", "none")
    if action == "none":
        return []
    if action == "educate":
        return ["", texts("What to tell the person"), *wrapped(texts(EDUCATE))]
    verify = wrapped(texts(TO_VERIFY.get(role, TO_VERIFY_ELSE)))
    if not account.facts["listed"]:
        return ["", texts("When looking at it again, make sure"), *verify]
    return [
        "",
        texts("Before acting, make sure"),
        *verify,
        texts("Objection"),
        *wrapped(texts(APPEAL)),
    ]


NOTHING_TO_SAY = (
    "The run has nothing to say about this account, and it is not listed: no "
    "evidence raised its risk above what is expected before anything is known."
)


def _next(run: Run, account_id: str, texts: Texts, *, listed: bool) -> list[str]:
    """Return what an operator needs next of a sealed or listed account."""
    standing = standing_of(run, account_id)
    if not (standing.sealed or listed):
        return []
    lines = [line for step in next_steps(standing, texts) for line in wrapped(step)]
    return ["", texts("What an operator needs next"), *lines]


def _nothing_to_say(run: Run, account_id: str, texts: Texts) -> list[str]:
    return [
        _registration(run, account_id, texts),
        "",
        *wrapped(texts(NOTHING_TO_SAY), indent=""),
        *_helps_of(run, account_id, texts),
        *_next(run, account_id, texts, listed=False),
    ]


def _in_events(run: Run, account_id: str) -> bool:
    return bool(
        run.store.rows(
            "SELECT 1 FROM account_names WHERE account_id = $id", {"id": account_id}
        )
    )
