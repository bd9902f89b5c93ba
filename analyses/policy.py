"""What the rules allow: from role, risk and verified facts to a suggested action.

Actions are suggestions with a reason; a person decides. The two-part test of the rules:
a helper of registrations gets more than `watch` only when it helped malicious accounts
many times *and* each of those counted is verified. A lured helper is a victim and never
gets more than `educate`.
"""

from dataclasses import dataclass

from analyses.reporting.outputs import ACTIONS

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
    `harmed` that the platform or a verified complaint has already found harm;
    `verified` counts the different helped accounts that are verified malicious, and
    `unsealings` those among them that were unsealed in violation.
    """

    role: str
    risk: float
    kinds: int = 0
    conduct: bool = False
    harmed: bool = False
    verified: int = 0
    unsealings: int = 0


def suggest(case: Case, settings: PolicySettings) -> tuple[str, list[str]]:
    """Return the suggested action, and what is missing for a stronger one.

    >>> suggest(Case("lured_helper", 0.99), PolicySettings())
    ('educate', ['a lured helper is a victim: nothing more is allowed'])
    >>> suggest(Case("platform_worker", 0.97, verified=2), PolicySettings())[0]
    'watch'
    >>> suggest(Case("platform_worker", 0.97, verified=3), PolicySettings())[0]
    'limit'
    """
    if case.role == "lured_helper":
        return "educate", ["a lured helper is a victim: nothing more is allowed"]
    if case.role == "batch_registered":
        return _registered(case, settings)
    if case.role in ("platform_worker", "owned_helper", "operator"):
        return _helper(case, settings)
    return "none", []


def _registered(case: Case, settings: PolicySettings) -> tuple[str, list[str]]:
    lacks = []
    if case.risk < settings.listed_risk:
        lacks.append(f"risk {case.risk:.2f}: {settings.listed_risk:.2f} is needed")
    if case.kinds < settings.kinds:
        lacks.append(
            f"{case.kinds} kind{'s' * (case.kinds != 1)} of evidence: "
            f"{settings.kinds} are needed"
        )
    if not case.conduct:
        lacks.append("no evidence of how it was helped or of what it did afterwards")
    if lacks:
        return ("watch" if case.risk >= settings.watch_risk else "none"), lacks
    if case.risk < settings.limit_risk:
        return "warn", [f"risk {case.risk:.2f}: {settings.limit_risk:.2f} for a limit"]
    if case.risk < settings.block_risk or not case.harmed:
        return "limit", ["no sanction or verified complaint yet for a block"] * (
            not case.harmed
        )
    return "short_block", []


def _helper(case: Case, settings: PolicySettings) -> tuple[str, list[str]]:
    lacks = []
    if case.risk < settings.listed_risk:
        lacks.append(f"risk {case.risk:.2f}: {settings.listed_risk:.2f} is needed")
    if case.unsealings == 0 and case.verified < settings.many:
        lacks.append(
            f"two-part test: helped {case.verified} account"
            f"{'s' * (case.verified != 1)} verified as malicious, "
            f"{settings.many} are needed"
        )
    if lacks:
        return ("watch" if case.risk >= settings.watch_risk else "none"), lacks
    return ("limit" if case.risk >= settings.limit_risk else "warn"), []
