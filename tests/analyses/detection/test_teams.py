import numpy as np
import pytest

from analyses.detection.belief import believe
from analyses.detection.observations import Observations
from analyses.detection.signals import SIGNALS
from analyses.detection.teams import (
    TeamSettings,
    form_teams,
    join_collusive,
    team_id,
)

BAD = {"device_sharing": 3, "manner_of_help": 5, "friend_requests": 2}
SETTINGS = TeamSettings()


@pytest.fixture
def beliefs_of(nobody):
    """Beliefs about communities: a word of `b` for bad, `g` for good members each."""

    def make(*communities):
        members = "".join(communities)
        community = np.repeat(
            np.arange(len(communities)), [len(word) for word in communities]
        )
        bad = np.array([member == "b" for member in members])
        levels = {code: np.full(len(members), -1) for code in SIGNALS}
        for code, level in BAD.items():
            levels[code] = np.where(bad, level, 0)
        return believe(Observations(levels, {}), community, acquaintances=nobody)

    return make


def teams_of(beliefs, names, settings):
    return form_teams(beliefs, beliefs.risk, names, settings)


def ids(count):
    return [f"a{i:02}" for i in range(count)]


def test_a_bad_community_is_a_team_and_a_good_one_is_not(beliefs_of):
    teams = teams_of(beliefs_of("bbbbbb", "gggggg"), ids(12), SETTINGS)
    assert teams.team.tolist() == [0] * 6 + [-1] * 6
    mean = teams.beliefs.risk[:6].mean()
    assert teams.risk.tolist() == pytest.approx([mean], abs=1e-6)
    assert teams.community.tolist() == [0]


@pytest.mark.parametrize(("members", "formed"), [("bbbbb", 1), ("bbbb", 0)])
def test_a_team_has_a_smallest_size(beliefs_of, members, formed):
    teams = teams_of(beliefs_of(members), ids(len(members)), SETTINGS)
    assert len(teams.ids) == formed


def test_strays_fall_out(beliefs_of):
    teams = teams_of(beliefs_of("gbbbbbbbb"), ids(9), SETTINGS)
    assert teams.team.tolist() == [-1] + [0] * 8
    assert teams.ids == (team_id("farm", "a01"),)


def test_a_team_is_named_by_its_smallest_account(beliefs_of):
    names = ["m", "b", "c", "d", "e", "z"]
    teams = teams_of(beliefs_of("bbbbbb"), names, SETTINGS)
    assert teams.ids == (team_id("farm", "b"),)


def test_one_member_more_keeps_the_name(beliefs_of):
    few, more = beliefs_of("bbbbbb"), beliefs_of("bbbbbbb")
    assert teams_of(few, ids(6), SETTINGS).ids == teams_of(more, ids(7), SETTINGS).ids


def test_ids_differ_by_kind_and_account_and_hold_no_account_id():
    made = {team_id("farm", "ann"), team_id("farm", "ben"), team_id("crew", "ann")}
    assert len(made) == 3
    assert not any("ann" in name for name in made)
    assert team_id("farm", "=cmd|天\n").isascii()


@pytest.fixture
def on_phones(lockstep_of):
    """A lockstep graph of twelve accounts: for each phone those on it."""

    def make(*phones):
        links = [(a, key, "device") for key, on in enumerate(phones) for a in on]
        return lockstep_of(12, *sorted(links))

    return make


def test_bad_communities_that_hang_together_become_one_team(beliefs_of, on_phones):
    beliefs = beliefs_of("bbbbbb", "bbbbbb")
    graph = on_phones(range(0, 6), range(6, 12), (5, 6))
    joined = join_collusive(graph, beliefs, SETTINGS)
    assert len(set(joined.community.tolist())) == 1
    assert joined.risk.min() > 0.9


def test_bad_communities_that_share_nothing_stay_apart(beliefs_of, on_phones):
    beliefs = beliefs_of("bbbbbb", "bbbbbb")
    joined = join_collusive(on_phones(range(0, 6), range(6, 12)), beliefs, SETTINGS)
    assert joined.community.tolist() == [0] * 6 + [1] * 6


@pytest.mark.parametrize(("kind", "one"), [("phone_segment", False), ("device", True)])
def test_where_no_devices_are_known_nothing_more_is_joined(
    beliefs_of, lockstep_of, kind, one
):
    beliefs = beliefs_of("bbbbbb", "bbbbbb")
    keys = (range(0, 6), range(6, 12), (5, 6))
    links = sorted((a, key, kind) for key, on in enumerate(keys) for a in on)
    settings = TeamSettings(resolution=0.05)
    joined = join_collusive(lockstep_of(12, *links), beliefs, settings)
    assert (joined.community[0] == joined.community[11]) == one


def test_a_good_community_is_not_drawn_in(beliefs_of, on_phones):
    beliefs = beliefs_of("bbbbbb", "gggggg")
    graph = on_phones(range(0, 6), range(6, 12), (5, 6))
    joined = join_collusive(graph, beliefs, SETTINGS)
    assert joined.community.tolist() == [0] * 6 + [1] * 6


def test_without_beliefs_there_are_no_teams(beliefs_of):
    teams = teams_of(beliefs_of("g"), ids(1), SETTINGS)
    assert teams.ids == ()
    assert teams.team.tolist() == [-1]
    assert len(teams.risk) == len(teams.community) == 0
