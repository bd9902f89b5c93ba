"""The further kinds of network, by their team kind: one file each.

Each is made with its innocent look-alikes by a function of the world, and none knows of
another's detector. `loaders/simulator/networks/deeds.py` has what their members do.
"""

from collections.abc import Callable
from dataclasses import dataclass

from loaders.simulator.networks import (
    laundering_ring,
    loan_ring,
    posting_ring,
    rental_ring,
    unsealing_batch,
    verification_crew,
)
from loaders.simulator.world import World


@dataclass(frozen=True)
class Network:
    """A kind of network: its team kind, what it does, and what makes it."""

    name: str
    says: str
    make: Callable[[World], None]


NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        Network(
            "unsealing_batch",
            "sealed accounts brought back by the dozen",
            unsealing_batch.make,
        ),
        Network(
            "verification_crew",
            "stalls where passers-by verify strangers in their own name",
            verification_crew.make,
        ),
        Network("rental_ring", "accounts handed over for money", rental_ring.make),
        Network("posting_ring", "idle accounts that post for money", posting_ring.make),
        Network("loan_ring", "lenders without a licence", loan_ring.make),
        Network(
            "laundering_ring",
            "money split over clean accounts and gathered again",
            laundering_ring.make,
        ),
    )
}
"""The networks in the order in which they are made: some use accounts of others."""
