"""Small worlds, and what the detection makes of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from analyses.analysis import Settings, analyse
from analyses.detection.belief import Beliefs, believe
from analyses.detection.observations import observe
from analyses.detection.records import Acquaintances, Circle, find_acquaintances
from analyses.detection.teams import TeamSettings
from analyses.phases import Clock
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.lockstep import Lockstep, build_lockstep
from graph.shared_keys import collect_shared_keys
from graph.store import Store


@dataclass(frozen=True)
class Believed:
    """A world's beliefs, and the ids of its new accounts in their order."""

    beliefs: Beliefs
    ids: list[str]
    lockstep: Lockstep

    def risk(self, prefix: str) -> np.ndarray:
        """Return the risks of the accounts whose ids begin so."""
        mine = [name.startswith(prefix) for name in self.ids]
        assert any(mine)
        return self.beliefs.risk[mine]


@pytest.fixture
def shared() -> Callable[[Store], Lockstep]:
    """Take the steps before any belief."""

    def make(store: Store) -> Lockstep:
        gather_help_facts(store)
        find_gatherings(store)
        collect_shared_keys(store)
        return build_lockstep(store)

    return make


@pytest.fixture
def believed(shared) -> Callable[[Store], Believed]:
    """Go from a store of numbered tables to beliefs about its new accounts."""

    def make(store: Store) -> Believed:
        lockstep = shared(store)
        everyone = np.ones(len(lockstep.accounts), dtype=bool)
        beliefs = believe(
            observe(store, lockstep),
            lockstep.communities(
                resolution=TeamSettings().resolution, members=everyone
            ),
            acquaintances=find_acquaintances(store, lockstep),
        )
        rows = store.rows(
            "SELECT account_id FROM accounts WHERE is_new ORDER BY account"
        )
        return Believed(beliefs, [name for (name,) in rows], lockstep)

    return make


@pytest.fixture
def analysed() -> Callable[[Store], Store]:
    """Make the output tables of a store of numbered tables."""

    def make(store: Store) -> Store:
        analyse(store, Settings(), Clock())
        return store

    return make


@pytest.fixture
def lockstep_of() -> Callable[..., Lockstep]:
    """Make a lockstep graph of so many accounts from links (account, key, kind)."""

    def make(accounts: int, *links: tuple[int, int, str], weight=10**6) -> Lockstep:
        kinds = {key: kind for _, key, kind in links}
        key = np.array([key for _, key, _ in links], dtype=np.int64)
        return Lockstep(
            accounts=np.arange(accounts),
            account=np.array([account for account, _, _ in links], dtype=np.int64),
            key=key,
            weight=np.full(len(links), weight),
            kinds=np.array([kinds[k] for k in range(len(kinds))], dtype=object),
            holders=np.bincount(key, minlength=len(kinds)),
            lift=np.ones(len(kinds)),
            surplus=np.zeros(len(kinds)),
            declared=np.zeros(len(kinds), dtype=bool),
        )

    return make


@pytest.fixture
def nobody(lockstep_of) -> Acquaintances:
    """Nobody met anybody, and nothing is shared."""
    none = np.zeros(0, dtype=np.int64)
    return Acquaintances(Circle(none, none), Circle(none, none), lockstep_of(0))
