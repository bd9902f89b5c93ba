"""The kinds of network that a run looks for, in the order in which they are looked for.

To add one, write its file and name it here: docs/how_to_add_a_network.md.
"""

from analyses.detection.signals import Remark
from analyses.networks import (
    laundering_ring,
    loan_ring,
    posting_ring,
    rental_ring,
    unsealing_batch,
    verification_crew,
)
from analyses.networks.network import Network

NETWORKS: dict[str, Network] = {
    network.kind: network
    for network in (
        unsealing_batch.NETWORK,
        rental_ring.NETWORK,
        posting_ring.NETWORK,
        loan_ring.NETWORK,
        verification_crew.NETWORK,
        laundering_ring.NETWORK,
    )
}
"""The kinds by name. Of two patterns that are equally sure the first is the role."""

NETWORK_WORDS = {
    signal.code: Remark(signal.code, signal.for_, signal.against)
    for network in NETWORKS.values()
    for signal in network.team_signals.values()
} | {
    signal.code: signal
    for network in NETWORKS.values()
    for signal in network.member_signals.values()
}
"""The sentences of their signals, by reason code."""
