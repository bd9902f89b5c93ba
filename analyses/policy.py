"""What the rules allow: from role, risk and verified facts to a suggested action.

Actions are suggestions with a reason; a person decides. The two-part test of the rules:
a helper of registrations gets more than `watch` only when it helped malicious accounts
many times *and* each of those counted is verified. A lured helper is a victim and never
gets more than `educate`. The sentences stand in a table (`analyses.rules`).
"""

from dataclasses import dataclass

from analyses.reporting.outputs import ACTIONS
from analyses.rules import Step, rule_for

LISTED = ACTIONS[ACTIONS.index("warn") :]
"""Actions that put an account on the risk list."""


@dataclass(frozen=True)
class PolicySettings:
    """The thresholds of the rules; every default in one place.

    `many` is how many different malicious accounts a helper must have helped;
    `kinds` how many kinds of evidence must speak for a listing.
    """

    watch_risk: float = 0.3
    listed_risk: float = 0.5
    limit_risk: float = 0.9
    block_risk: float = 0.99
    kinds: int = 2
    many: int = 3


@dataclass(frozen=True)
class Case:
    """What the policy needs to know of an account.

    `kinds` are the families of evidence that speak for its role; `conduct` tells that
    one of them is about help or behaviour and not only about where it registered;
    `harmed` that the platform or a verified complaint has already found harm; `sealed`
    that the account is sealed at the end of the window;
    `verified` counts the different helped accounts that are verified malicious, and
    `unsealings` those among them that were unsealed in violation. `team_kind` is the
    kind of its team, "" without one.
    """

    role: str
    risk: float
    kinds: int = 0
    conduct: bool = False
    harmed: bool = False
    sealed: bool = False
    verified: int = 0
    unsealings: int = 0
    team_kind: str = ""


def suggest(case: Case, settings: PolicySettings) -> tuple[str, list[str]]:
    """Return the suggested action, and what is missing for a stronger one.

    >>> suggest(Case("lured_helper", 0.99), PolicySettings())
    ('educate', ['a lured helper is a victim: nothing more is allowed'])
    >>> suggest(Case("platform_worker", 0.97, verified=2), PolicySettings())[0]
    'watch'
    >>> suggest(Case("platform_worker", 0.97, verified=3), PolicySettings())[0]
    'limit'
    """
    rule = rule_for(case.role, case.team_kind)
    if rule is None or not rule.steps:
        return "none", []
    if case.role == "lured_helper":
        return "educate", ["a lured helper is a victim: nothing more is allowed"]
    reached, next_step = "none", rule.steps[0]
    for number, step in enumerate(rule.steps):
        if _lacks(step, case, settings):
            continue
        reached = step.action
        following = rule.steps[number + 1 :]
        next_step = following[0] if following else step
    if reached not in LISTED:  # what a listing would need
        wanted = next(step for step in rule.steps if step.action in LISTED)
        return reached, _lacks(wanted, case, settings)
    return reached, _lacks(next_step, case, settings, listed=True)


def _lacks(
    step: Step, case: Case, settings: PolicySettings, *, listed: bool = False
) -> list[str]:
    """Return what is missing for a sentence of the table; nothing when it holds."""
    risks = {
        "watch": settings.watch_risk,
        "listed": settings.listed_risk,
        "limit": settings.limit_risk,
        "block": settings.block_risk,
    }
    needed = risks.get(step.risk, 0.0)
    kinds = max(step.kinds, settings.kinds) if step.kinds else 0
    lacks = []
    if case.risk < needed:
        lacks.append(
            f"risk {case.risk:.2f}: {needed:.2f} for a {_WORDS[step.action]}"
            if listed
            else f"risk {case.risk:.2f}: {needed:.2f} is needed"
        )
    if case.kinds < kinds:
        lacks.append(
            f"{case.kinds} kind{'s' * (case.kinds != 1)} of evidence: "
            f"{kinds} are needed"
        )
    if step.conduct and not case.conduct:
        lacks.append(
            "nothing but that it stood at stalls, as those who are lured there do"
            if case.role == "operator"
            else "no evidence of how it was helped or of what it did afterwards"
        )
    if step.harmed and not case.harmed:
        lacks.append("no sanction or verified complaint yet for a block")
    if step.open and case.sealed:
        lacks.append("it is sealed: there is nothing to seal or to limit")
    many = {"many": settings.many, "one": 1}.get(step.verified, 0)
    # Unsealings in violation need no many, whatever else somebody helped.
    if case.unsealings == 0 and case.verified < many:
        lacks.append(
            f"two-part test: helped {case.verified} account"
            f"{'s' * (case.verified != 1)} verified as malicious, {many} are needed"
        )
    return lacks


_WORDS = {
    "limit": "limit",
    "short_block": "block",
    "long_block": "long block",
    "re_seal": "new seal",
}
