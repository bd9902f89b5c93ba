"""The rules as a table: which role, on which evidence, has which graded consequence.

Each `Step` is one sentence. A rule's steps go from the weakest to the strongest; the
strongest whose conditions all hold is suggested, and a person decides. The number is
the platform's own where its announcements give it.
"""

from dataclasses import dataclass

from analyses.reporting.wording import (
    ACTION_WORDS,
    APPEAL,
    KINDS,
    ROLES,
    TO_VERIFY,
    TO_VERIFY_ELSE,
)


@dataclass(frozen=True)
class Step:
    """One sentence: the action, and what must hold for it.

    `risk` names the threshold of the settings (watch, listed, limit, block). `kinds` is
    how many kinds of evidence must speak, beyond the settings' own least where it says
    0; `conduct` that one is about help or behaviour; `harmed` that harm was found by a
    sanction or a verified complaint; `open` that the account is not sealed at the
    moment. `verified` is the second part of the test for
    helpers: "many" (different malicious accounts, each verified) or "one".
    """

    action: str
    risk: str = ""
    kinds: int = 0
    conduct: bool = False
    harmed: bool = False
    verified: str = ""
    open: bool = False


@dataclass(frozen=True)
class Rule:
    """What the rules say of some roles, in some kinds of teams ("": in any)."""

    number: str
    says: str
    roles: tuple[str, ...]
    steps: tuple[Step, ...]
    teams: tuple[str, ...] = ("",)


WATCH = Step("watch", risk="watch")


def _graded(*further: Step, conduct: bool = False) -> tuple[Step, ...]:
    """Return watch, warn and limit on two kinds of evidence, and what may follow."""
    return (
        WATCH,
        Step("warn", risk="listed", kinds=2, conduct=conduct),
        Step("limit", risk="limit", kinds=2, conduct=conduct),
        *further,
    )


BLOCK = Step("short_block", risk="block", kinds=2, harmed=True)

RULES: tuple[Rule, ...] = (
    Rule(
        "registration",
        "Accounts that were registered in a batch",
        ("batch_registered",),
        _graded(
            Step("short_block", risk="block", kinds=2, conduct=True, harmed=True),
            conduct=True,
        ),
    ),
    Rule(
        "1.3.3",
        "Accounts that were, or were to be, unsealed by a batch, by false data or by "
        "bought help; of those that are sealed nothing more is asked",
        ("unsealed_account",),
        (
            WATCH,
            Step("warn", risk="listed", kinds=2, open=True),
            Step("limit", risk="limit", kinds=2, open=True),
            Step("re_seal", risk="block", kinds=3, harmed=True, open=True),
        ),
    ),
    Rule(
        "1.3.3",
        "Helpers of unsealings in violation: no many is needed",
        ("platform_worker",),
        (
            WATCH,
            Step("warn", risk="listed", verified="one"),
            Step("limit", risk="limit", verified="one"),
        ),
        teams=("unsealing_batch",),
    ),
    Rule(
        "helping",
        "Helpers of registrations: many malicious accounts, and each is verified",
        ("platform_worker", "owned_helper"),
        (
            WATCH,
            Step("warn", risk="listed", verified="many"),
            Step("limit", risk="limit", verified="many"),
        ),
        teams=("", "registration_farm", "scanning_crew", "helper_platform"),
    ),
    Rule(
        "helping",
        "Operators of stalls: the same, and more than that they stood there",
        ("operator",),
        (
            WATCH,
            Step("warn", risk="listed", conduct=True, verified="many"),
            Step("limit", risk="limit", conduct=True, verified="many"),
        ),
        teams=("", "registration_farm", "scanning_crew", "helper_platform"),
    ),
    Rule(
        "helping",
        "Passers-by who were lured into helping or verifying: they are victims",
        ("lured_helper",),
        (Step("educate"),),
    ),
    Rule(
        "verification",
        "Operators of stalls, of batches and of rented accounts",
        ("operator",),
        _graded(BLOCK),
        teams=(
            "verification_crew",
            "unsealing_batch",
            "rental_ring",
            "posting_ring",
            "loan_ring",
            "laundering_ring",
        ),
    ),
    Rule(
        "rental",
        "Accounts that were rented out, or got a stranger's name; perhaps deceived",
        ("rented_account",),
        _graded(),
    ),
    Rule(
        "rental",
        "Those who trade with accounts, and who recruit for it",
        ("seller", "broker", "recruiter"),
        _graded(BLOCK),
    ),
    Rule("posting", "Those who post for money", ("poster", "advertiser"), _graded()),
    Rule(
        "lending",
        "Lenders without a licence",
        ("lender",),
        _graded(BLOCK, Step("long_block", risk="block", kinds=3, harmed=True)),
    ),
    Rule(
        "laundering",
        "Accounts that pass on the money of others",
        ("mule",),
        _graded(BLOCK),
    ),
    Rule(
        "",
        "Those who lost money or data: nothing is held against them",
        ("victim",),
        (),
    ),
)
"""The table. Of several rules for a role the first that names the team's kind holds."""


def rule_for(role: str, team_kind: str = "") -> Rule | None:
    """Return the rule for a role in a kind of team; None where there is none.

    >>> rule_for("platform_worker", "unsealing_batch").number
    '1.3.3'
    >>> rule_for("platform_worker", "helper_platform").number
    'helping'
    """
    mine = [rule for rule in RULES if role in rule.roles]
    named = [rule for rule in mine if team_kind in rule.teams]
    anywhere = [rule for rule in mine if "" in rule.teams]
    return next(iter([*named, *anywhere, *mine]), None)


def rules_table() -> str:
    """Return the table in words, as Markdown."""
    lines = [
        "| rule | who | suggested | when at least | to be verified first |",
        "|---|---|---|---|---|",
    ]
    for rule in RULES:
        roles = ", ".join(ROLES[role] for role in rule.roles)
        teams = ", ".join(KINDS[kind] for kind in rule.teams if kind)
        who = f"{rule.says}: {roles}" + (f" ({teams})" if teams else "")
        verify = "; ".join(
            dict.fromkeys(TO_VERIFY.get(role, TO_VERIFY_ELSE) for role in rule.roles)
        )
        for number, step in enumerate(rule.steps):
            lines.append(
                f"| {rule.number if number == 0 else ''} | {who if number == 0 else ''}"
                f" | {ACTION_WORDS[step.action]} (`{step.action}`) | {_when(step)} "
                f"| {verify if number == 0 else ''} |"
            )
        if not rule.steps:
            lines.append(f"| {rule.number} | {who} | nothing (`none`) | | |")
    return "\n".join([*lines, "", f"Every suggestion can be objected to. {APPEAL}"])


def _when(step: Step) -> str:
    parts = [
        f"risk `{step.risk}`" if step.risk else "",
        f"{step.kinds} kinds of evidence" if step.kinds else "",
        "one of them about help or behaviour" if step.conduct else "",
        "harm found by a sanction or a verified complaint" if step.harmed else "",
        "not sealed at the moment" if step.open else "",
        "many different malicious accounts helped, each verified"
        if step.verified == "many"
        else "one unsealed account that is verified malicious"
        if step.verified
        else "",
    ]
    return ", ".join(part for part in parts if part) or "always"
