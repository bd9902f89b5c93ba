"""Sample worlds: collusion networks, their look-alikes, and the truth about both."""

from loaders.simulator.attacks import ATTACKS
from loaders.simulator.designs import DESIGNS
from loaders.simulator.networks import NETWORKS
from loaders.simulator.settings import LOOK_ALIKES, WorldSettings
from loaders.simulator.simulation import make_world, simulate

__all__ = [
    "ATTACKS",
    "DESIGNS",
    "LOOK_ALIKES",
    "NETWORKS",
    "WorldSettings",
    "make_world",
    "simulate",
]
