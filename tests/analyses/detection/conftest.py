"""Small worlds, and what the detection makes of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from analyses import pipeline
from analyses.detection.belief import Beliefs, believe
from analyses.detection.observations import observe
from analyses.detection.records import Acquaintances, Circle
from analyses.detection.teams import TeamSettings
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.lockstep import Lockstep, build_lockstep
from graph.shared_keys import collect_shared_keys
from graph.store import Store

HOUR, DAY = 3600, 86_400
NOON = 20 * DAY + 12 * HOUR


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
            acquaintances=pipeline._acquaintances(store, lockstep),
        )
        rows = store.rows("SELECT account_id FROM accounts WHERE is_new ORDER BY 1")
        return Believed(beliefs, [name for (name,) in rows], lockstep)

    return make


@pytest.fixture
def analysed() -> Callable[[Store], Store]:
    """Make the output tables of a store of numbered tables."""

    def make(store: Store) -> Store:
        clock = pipeline._Clock(lambda name, at, of: None)
        pipeline.analyse(store, pipeline.Settings(), clock)
        return store

    return make


@pytest.fixture
def nobody() -> Acquaintances:
    """Nobody met anybody, and nothing is shared."""
    none = np.zeros(0, dtype=np.int64)
    lockstep = Lockstep(
        accounts=none,
        account=none,
        key=none,
        weight=none,
        kinds=np.zeros(0, dtype=object),
        holders=none,
        lift=np.zeros(0),
        surplus=np.zeros(0),
    )
    return Acquaintances(Circle(none, none), Circle(none, none), lockstep)


def people(prefix, count, *, at=NOON, **columns):
    """Accounts with the same in these columns; `{i}` stands for the number of each."""
    return [
        {
            column: value.format(i=i) if isinstance(value, str) else value
            for column, value in {
                "account_id": prefix + "{i:02}",
                "registered_at": at + 60 * i,
                "registration_device_id": prefix + "_phone{i}",
                "registration_wifi": prefix + "_home{i}",
                **columns,
            }.items()
        }
        for i in range(count)
    ]


def helps_by(helper, helped, count, *, at=NOON, **columns):
    """The i-th helper helps the i-th account; a name without `{i}` stays the same."""
    return [
        {
            "help_id": f"{helper}>{helped}".format(i=i),
            "helper_id": helper.format(i=i),
            "helped_id": helped.format(i=i),
            "kind": "registration",
            "helped_at": at + 60 * i + 30,
            "result": "ok",
        }
        | columns
        for i in range(count)
    ]


@pytest.fixture
def farm_and_office() -> dict[str, list[dict]]:
    """A farm on one phone and an office on one wifi, among ordinary people.

    farm00 … farm11      one phone, helped by strangers, and refused as friends
    office00 … office11  one wifi, helped by a colleague each, with ties among them
    plain00 … plain29    newcomers helped by a friend
    old00 … old59        established
    """
    friends = [
        {"account_a": f"plain{i:02}", "account_b": f"old{i:02}"} for i in range(30)
    ]
    colleagues = [
        {"account_a": f"office{i:02}", "account_b": f"old{j % 60:02}"}
        for i in range(12)
        for j in (30 + i, 31 + i, 32 + i)
    ]
    return {
        "accounts": [
            *people("farm", 12, registration_device_id="farm_phone"),
            *people("office", 12, registration_wifi="office_wifi"),
            *people("plain", 30),
            *people("old", 60, at=-90 * DAY),
        ],
        "helps": [
            *helps_by("stranger{i:02}", "farm{i:02}", 12),
            *helps_by("old3{i}", "office{i:02}", 10),
            *helps_by("old{i:02}", "plain{i:02}", 30),
        ],
        "ties": friends + colleagues,
        "activity": [
            {
                "account_id": row["account_id"],
                "day": 21 * DAY,
                "friend_requests_sent": sent,
                "friend_requests_accepted": accepted,
            }
            for prefix, count, sent, accepted in (
                ("farm", 12, 40, 1),
                ("office", 12, 6, 5),
                ("plain", 30, 2, 2),
                ("old", 60, 2, 2),
            )
            for row in people(prefix, count)
        ],
    }
