"""The signal table in words: every rule that scores something, readable as it is."""

from math import log2

from analyses.detection.crew_pairs import PAIR_SIGNALS
from analyses.detection.giver_signals import (
    CREW_PRIOR_BITS,
    CREW_SIGNALS,
    PLATFORM_PRIOR_BITS,
    PLATFORM_SIGNALS,
    SIGNAL_CAP,
)
from analyses.detection.helper_signals import HELPER_SIGNALS, MANNERS, PRIOR
from analyses.detection.signals import SIGNALS
from analyses.networks.table import network_tables
from analyses.reporting.report_tables import table_lines


def signal_table() -> str:
    """Return the table of all signals with the weights that a run starts from."""
    return "\n".join(
        [
            *_account_signals(),
            "",
            *_helper_signals(),
            "",
            *_giver_signals(),
            "",
            *_pair_signals(),
            *network_tables(),
        ]
    )


def _account_signals() -> list[str]:
    rows = []
    for signal in SIGNALS.values():
        for number, level in enumerate(signal.levels):
            rows.append(
                (
                    signal.code if number == 0 else "",
                    signal.family if number == 0 else "",
                    level.sentence,
                    f"{level.collusive:.3f}",
                    f"{level.innocent:.3f}",
                    f"{log2(level.collusive / level.innocent):+.1f}",
                )
            )
    questions = [
        f"  {signal.code:18}{signal.question}"
        + (" (innocent share measured)" if signal.measured else "")
        for signal in SIGNALS.values()
    ]
    return [
        "NEW ACCOUNTS: is it batch-registered?",
        "",
        *questions,
        "",
        "Of 1 collusive and of 1 innocent account, how many answer so; and the weight",
        "of the answer: bits = log2(collusive / innocent); 1 bit doubles the odds.",
        "A run sums them up with the weights of `make fit`.",
        "",
        *table_lines(
            ("signal", "family", "answer", "collusive", "innocent", "bits"), rows
        ),
    ]


def _giver_signals() -> list[str]:
    rows = [
        (
            kind,
            signal.code,
            signal.question,
            *(_beta(parameters) for parameters in (signal.collusive, signal.innocent)),
            f"{signal.least:+.0f}",
        )
        for kind, signals in (
            ("crew", CREW_SIGNALS),
            ("platform", PLATFORM_SIGNALS),
        )
        for signal in signals.values()
    ]
    return [
        "CREWS AND PLATFORMS: is this group of helps a team's?",
        "",
        "Each signal is a share; it is spread about so among collusive and innocent",
        "groups (mean share, and of how many seen before). The weight is the",
        f"beta-binomial ratio in bits, {SIGNAL_CAP:.0f} at most, and at least as in",
        f"the last column. Before any evidence stand {CREW_PRIOR_BITS:g} bits for a",
        f"crew and {PLATFORM_PRIOR_BITS:g} for a platform.",
        "",
        *table_lines(
            ("team", "signal", "share", "collusive", "innocent", "at least"), rows
        ),
    ]


def _pair_signals() -> list[str]:
    rows = [
        (
            signal.code if number == 0 else "",
            answer.sentence,
            f"{answer.one_crew:.3f}",
            f"{answer.two_crews:.3f}",
            f"{max(log2(answer.one_crew / answer.two_crews), signal.least):+.1f}",
        )
        for signal in PAIR_SIGNALS.values()
        for number, answer in enumerate(signal.answers)
    ]
    questions = [
        f"  {signal.code:18}{signal.question}" for signal in PAIR_SIGNALS.values()
    ]
    return [
        "TWO SESSIONS: did one crew hold both?",
        "",
        *questions,
        "",
        "Of 1 pair of one crew's sessions and of 1 pair of two crews', how many answer",
        "so. A run starts from this, and learns the shares from its own sessions.",
        "",
        *table_lines(("comparison", "answer", "one crew", "two crews", "bits"), rows),
    ]


def _beta(parameters: tuple[float, float]) -> str:
    yes, no = parameters
    return f"{yes / (yes + no):.2f} of {yes + no:g}"


def _helper_signals() -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("", "before any answer", *(f"{share:.3f}" for share in PRIOR))
    ]
    for signal in HELPER_SIGNALS.values():
        for number, answer in enumerate(signal.answers):
            rows.append(
                (
                    signal.code if number == 0 else "",
                    answer.sentence,
                    *(f"{share:.3f}" for share in answer.shares),
                )
            )
    questions = [
        f"  {signal.code:18}{signal.question}" for signal in HELPER_SIGNALS.values()
    ]
    return [
        "ACCOUNTS THAT HELP: what are they?",
        "",
        *questions,
        "",
        "Of 1 helper of each kind, how many answer so. Questions that do not name the",
        "stall are about its helps elsewhere. A lured helper is unseen (lured_unseen)",
        "where the place of its scan is missing.",
        "",
        *table_lines(("signal", "answer", *MANNERS), rows),
    ]
