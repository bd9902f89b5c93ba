"""The step of a run that looks for the further kinds of network."""

from collections.abc import Iterable, Sequence

from analyses.networks.declarations import find_declared
from analyses.networks.network import lacking
from analyses.networks.outputs import add_to_outputs
from analyses.networks.registry import NETWORKS
from analyses.networks.weighing import find
from analyses.policy import PolicySettings
from graph.store import Store


def find_networks(
    store: Store,
    policy: PolicySettings,
    *,
    kinds: Iterable[str] = tuple(NETWORKS),
    confirmed: Sequence[str] = (),
    as_of: int | None = None,
) -> int:
    """Add the networks found to the output tables; return how many teams there are.

    What a kind needs and the input does not have leaves that kind out, and nothing
    else: see `not_analysed`. `as_of` is the end of the window, in seconds
    since 1970: what is sealed then needs no new seal.
    """
    wanted = [NETWORKS[kind] for kind in NETWORKS if kind in set(kinds)]
    find_declared(store)
    found = [find(store, each) for each in wanted if not lacking(store, each)]
    store.drop("network_declared")
    add_to_outputs(store, found, policy, confirmed=confirmed, as_of=as_of)
    return sum(len(each.teams) for each in found)


def not_analysed(
    store: Store, kinds: Iterable[str] = tuple(NETWORKS), *, numbered: bool = True
) -> list[str]:
    """Say of each kind that cannot be looked for what it lacks.

    Before a run the tables are loaded and not yet `numbered`.
    """
    lines = []
    for kind in kinds:
        lacks = lacking(store, NETWORKS[kind], numbered=numbered)
        if lacks:
            lines.append(f"{kind}: not analysed, because {lacks}")
    return lines
