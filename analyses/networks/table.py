"""The signals of the networks in words, for the table of all that scores something."""

from math import log2

from analyses.networks.network import Network
from analyses.networks.registry import NETWORKS
from analyses.reporting.report_tables import table_lines


def network_tables() -> list[str]:
    """Return the tables of all networks, as lines."""
    return [line for network in NETWORKS.values() for line in ["", *_one(network)]]


def _one(network: Network) -> list[str]:
    shares = [
        (
            signal.code,
            signal.family,
            signal.question,
            _beta(signal.collusive),
            _beta(signal.innocent),
            f"{signal.least:+.1f}",
        )
        for signal in network.team_signals.values()
    ]
    answers = [
        (
            signal.code if number == 0 else "",
            signal.family if number == 0 else "",
            level.sentence,
            f"{level.collusive:.2f}",
            f"{level.innocent:.2f}",
            f"{log2(level.collusive / level.innocent):+.1f}",
        )
        for signal in network.member_signals.values()
        for number, level in enumerate(signal.levels)
    ]
    return [
        f"NETWORK {network.kind}: {network.says}",
        "",
        f"Needs {', '.join(network.needs)}. Before any evidence stand "
        f"{network.prior:+.0f} bits; that a member",
        f"belongs to a team that is sure, {network.strangers:+.0f} bits.",
        "",
        *table_lines(
            ("of the team", "family", "share", "collusive", "innocent", "at least"),
            shares,
        ),
        "",
        *table_lines(
            ("of a member", "family", "answer", "member", "stranger", "bits"), answers
        ),
    ]


def _beta(parameters: tuple[float, float]) -> str:
    yes, no = parameters
    return f"{yes / (yes + no):.2f} of {yes + no:.0f}"
