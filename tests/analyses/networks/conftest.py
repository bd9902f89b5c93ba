"""What the networks make of small worlds."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from analyses.networks.registry import NETWORKS
from analyses.networks.weighing import Found, find
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.store import Store


@dataclass(frozen=True)
class Teams:
    """The teams of one network in a small world, by account ids."""

    found: Found
    members: dict[str, str]

    def roles(self, role: str) -> set[str]:
        """Return the members in a role."""
        return {name for name, said in self.members.items() if said == role}

    @property
    def signals(self) -> set[str]:
        """The signals that speak for the teams."""
        evidence = self.found.evidence
        return set(evidence.loc[evidence["bits"] > 0, "signal"])


@pytest.fixture
def network_of() -> Callable[[Store, str], Teams]:
    """Look for one kind of network in a store of numbered tables."""

    def look(store: Store, kind: str) -> Teams:
        gather_help_facts(store)
        find_gatherings(store)
        found = find(store, NETWORKS[kind])
        names = dict(store.rows("SELECT account, account_id FROM account_names"))
        rows = zip(found.members["account"], found.members["role"], strict=True)
        return Teams(found, {names[account]: role for account, role in rows})

    return look
