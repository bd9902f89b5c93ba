"""Who may be listed for a further network, in a sample world with all of them."""

import pytest

from analyses.pipeline import run
from analyses.reporting.outputs import ACTIONS, DECEIVED_ROLES
from loaders.simulator import WorldSettings, simulate
from loaders.simulator.networks import NETWORKS

SMALL = WorldSettings(seed=91, new=3000, existing=6000, networks=tuple(NETWORKS))
OLD = ("registration_farm", "scanning_crew", "helper_platform")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("listing")
    simulate(folder / "data", SMALL)
    with run(folder / "data", folder / "run") as opened:
        yield opened


def test_whoever_was_deceived_gets_nothing_stronger_than_educate(found):
    members = found.members
    deceived = members["role"].isin(DECEIVED_ROLES) & (members["probability"] >= 0.5)
    kinds = found.teams.set_index("team_id")["kind"]
    further = ~members["team_id"].map(kinds).isin(OLD)
    names = set(members.loc[deceived & further, "account_id"])
    accounts = found.accounts
    best = accounts["team_id"].map(kinds)
    mine = accounts[accounts["account_id"].isin(names) & ~best.isin(OLD)]
    assert len(mine) > 20
    assert {ACTIONS.index(action) for action in mine["action"]} <= {
        ACTIONS.index("none"),
        ACTIONS.index("educate"),
    }


def test_nobody_is_listed_for_membership_alone(found):
    kinds = found.teams.set_index("team_id")["kind"]
    accounts = found.accounts[found.accounts["listed"]]
    mine = accounts[~accounts["team_id"].map(kinds).isin(OLD)].dropna(subset="team_id")
    assert len(mine) > 20
    evidence = found.evidence_of(accounts=mine["account_id"])
    own = evidence[(evidence["bits"] > 0) & ~evidence["signal"].isin(["team", "prior"])]
    assert set(mine["account_id"]) <= set(own["account_id"].dropna())
