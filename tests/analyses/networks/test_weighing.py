"""One candidate of three accounts, and evidence whose bits are known by hand."""

from math import log2

import pytest

from analyses.detection.teams import team_id
from analyses.networks.network import (
    Network,
    answer,
    lacking,
    member_signals,
    share,
    team_signals,
)
from analyses.networks.registry import NETWORKS
from analyses.networks.weighing import find
from analyses.reporting.outputs import COLLUSION_ROLES, DECEIVED_ROLES


def little(*, known=9, answers=(1, 1, 0), role="poster", **facts):
    """Accounts 0, 1 and 2 are one candidate; 1 bit for each is by hand."""

    def look(store):
        for account, given in enumerate(answers):
            store.connection.execute(
                f"""INSERT INTO network_members VALUES (7, {account}, '{role}');
                    INSERT INTO network_answers VALUES (7, {account}, 'own', {given});
                    INSERT INTO network_events
                      VALUES (7, {account}, 'all', 'posts', 'p{account}', {account})"""
            )
        store.connection.execute(
            f"INSERT INTO network_shares VALUES (7, 'shared', {known}, {known})"
        )

    return Network(
        kind="posting_ring",
        word="posting",
        says="",
        roles=("poster", "victim"),
        team_signals=team_signals(
            share("shared", "text", "?", "yes", "no", (9.0, 1.0), (1.0, 9.0))
        ),
        member_signals=member_signals(
            answer("own", "life", "?", "yes", "no", ("no", 0.01, 0.99), ("yes", 1, 0.5))
        ),
        **{"prior": -1.0, "least": 2, "needs": (), "find": look, **facts},
    )


@pytest.fixture
def store(world):
    return world(accounts="account_id\na0\na1\na2")


def test_the_bits_of_a_member_add_up_to_its_odds(store):
    found = find(store, little())
    own = found.evidence[found.evidence["account"] == 0].set_index("signal")["bits"]
    # the team is sure (5 - 1 bits), but a member of it starts at 3 at most
    assert own.to_dict() == {"prior": -1.0, "team": 4.0, "own": 1.0}
    assert found.members.loc[0, "risk"] == pytest.approx(2**4 / (1 + 2**4))


def test_who_does_not_fit_falls_out(store):
    assert find(store, little()).members["account"].tolist() == [0, 1]
    assert log2(0.01 / 0.99) + 3 < 0  # by hand


def test_too_few_are_no_team(store):
    assert find(store, little(least=3)).teams.empty
    assert find(store, little(least=3)).evidence.empty


def test_without_evidence_there_is_no_team(store):
    assert find(store, little(known=0)).teams.empty


def test_the_deceived_make_no_team_and_have_no_risk(store):
    assert find(store, little(role="victim")).teams.empty


def test_a_team_is_named_by_its_smallest_account(store):
    (name,) = find(store, little()).teams["team_id"]
    assert name == team_id("posting", "a0")


def test_what_is_not_there_is_named(world):
    needs = little(needs=("posts.content_hash",))
    assert lacking(world(), needs) == "no row of posts was loaded"
    post = {"post_id": "p", "account_id": "a", "posted_at": 1}
    assert lacking(world(posts=[post]), needs) == "the table posts has no content_hash"
    assert lacking(world(posts=[post | {"content_hash": "h"}]), needs) == ""


def test_all_roles_are_roles_of_the_contract():
    for network in NETWORKS.values():
        assert set(network.roles) <= {*COLLUSION_ROLES, *DECEIVED_ROLES}


def test_nothing_is_held_as_evidence_against_the_deceived(store):
    def look(into):
        into.connection.execute(
            """INSERT INTO network_members VALUES (7, 0, 'poster'), (7, 1, 'poster'),
                 (7, 2, 'victim');
               INSERT INTO network_shares VALUES (7, 'shared', 9, 9)"""
        )

    found = find(store, little(find=look, prior=3.0))
    assert set(found.members["account"]) == {0, 1, 2}
    assert set(found.evidence["account"]) == {-1, 0, 1}
