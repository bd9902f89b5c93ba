"""Who may be listed for a further network, in a sample world with all of them."""

import pytest

from analyses.pipeline import run
from analyses.reporting.educate_list import EDUCATE_COLUMNS, educate_rows
from analyses.reporting.outputs import ACTIONS, DECEIVED_ROLES
from analyses.reporting.stall_list import stalls_text
from analyses.reporting.stalls import stalls_of_crews
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


def test_who_was_lured_into_verifying_is_to_be_told_where(found):
    crews = set(found.teams.loc[found.teams["kind"] == "verification_crew", "team_id"])
    best = found.accounts.set_index("account_id")
    lured = best.index[best["action"].eq("educate") & best["team_id"].isin(crews)]
    assert len(lured) > 20
    rows = [dict(zip(EDUCATE_COLUMNS, row, strict=True)) for row in educate_rows(found)]
    told = {row["account_id"]: row for row in rows if row["team_id"] in crews}
    assert set(lured) <= set(told)
    assert all(told[name]["stall"] for name in lured)
    stalls = stalls_of_crews(found)
    assert crews <= set(stalls)
    team = sorted(crews)[0]
    assert sum(stall.helps for stall in stalls[team]) >= len(
        [row for row in rows if row["team_id"] == team]
    )
    assert team in stalls_text(found, crew=team)


def test_nobody_is_listed_for_membership_alone(found):
    kinds = found.teams.set_index("team_id")["kind"]
    accounts = found.accounts[found.accounts["listed"]]
    mine = accounts[~accounts["team_id"].map(kinds).isin(OLD)].dropna(subset="team_id")
    assert len(mine) > 20
    evidence = found.evidence_of(accounts=mine["account_id"])
    own = evidence[(evidence["bits"] > 0) & ~evidence["signal"].isin(["team", "prior"])]
    assert set(mine["account_id"]) <= set(own["account_id"].dropna())
