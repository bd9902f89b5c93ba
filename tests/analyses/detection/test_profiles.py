"""Two accounts alone that answer alike are one; those in company stay themselves."""

import numpy as np
import pytest

from analyses.detection.profiles import Distinct, one_of_each, profiles_of


def test_lone_accounts_that_answer_alike_are_one_unit():
    profile = np.array([0, 1, 0, 1])
    community = np.array([0, 1, 2, 3])
    alike = Distinct.of(profile, community)
    assert alike.unit.tolist() == [0, 1, 0, 1]
    assert alike.group.tolist() == [0, 1, 0, 1]
    assert alike.account.tolist() == alike.community.tolist() == [0, 1]


def test_members_of_one_community_stay_themselves():
    alike = Distinct.of(np.array([0, 0, 0]), np.array([0, 0, 1]))
    assert len(set(alike.unit.tolist())) == 3
    assert alike.group_of.tolist() == [alike.group[1], *[alike.group[0]] * 2]


@pytest.mark.parametrize("seed", range(5))
def test_units_answer_and_group_as_the_accounts_that_they_stand_for(seed):
    rng = np.random.default_rng(seed)
    levels = [rng.integers(-1, 3, 200) for _ in range(4)]
    _, community = np.unique(rng.integers(0, 150, 200), return_inverse=True)
    alike = Distinct.of(profiles_of(levels), community)
    for level in levels:
        assert (level[alike.account][alike.unit] == level).all()
    size = np.bincount(community)
    assert (np.bincount(alike.group_of)[alike.group] == size).all()
    assert (alike.group_of[alike.unit] == alike.group[community]).all()
    assert (alike.group[alike.community] == np.arange(len(alike.community))).all()


def test_profiles_told_apart_further_are_those_of_all_answers():
    one, other = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 0])
    further = profiles_of([other], start=profiles_of([one]))
    assert further.tolist() == profiles_of([one, other]).tolist() == [0, 1, 2, 2]
    assert one_of_each(further).tolist() == [0, 1, 2]
