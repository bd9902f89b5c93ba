import numpy as np
import pytest

from analyses.detection.records import Acquaintances, Circle
from analyses.detection.signals import SIGNALS

ANN, BEN, CAT, MAX = range(4)
ALONE = np.arange(4)


def circle(*met):
    """Who met at what: (account, thing) pairs."""
    pairs = np.array(met, dtype=np.int64).reshape(-1, 2)
    return Circle(account=pairs[:, 0], thing=pairs[:, 1])


def codes(signal, levels):
    """Return the answers in words."""
    return [
        None if level < 0 else SIGNALS[signal].levels[level].code for level in levels
    ]


def test_nobody_proves_himself():
    belief = np.array([1.0, 0.0, 0.0, 0.0])
    number, summed = circle((ANN, 7), (BEN, 7)).strangers(belief, ALONE)
    assert number.tolist() == [1, 1, 0, 0]
    assert summed.tolist() == [0, 1, 0, 0]


def test_a_community_does_not_prove_itself():
    belief = np.array([1.0, 1.0, 0.5, 0.0])
    community = np.array([0, 0, 1, 2])
    number, summed = circle((ANN, 7), (BEN, 7), (CAT, 7)).strangers(belief, community)
    assert number.tolist() == [1, 1, 2, 0]
    assert summed.tolist() == [0.5, 0.5, 2, 0]


def test_of_several_the_one_counts_with_the_worst_company():
    belief = np.array([0.0, 1.0, 0.0, 0.0])
    met = circle((ANN, 1), (BEN, 1), (ANN, 2), (CAT, 2), (MAX, 2))
    number, summed = met.strangers(belief, ALONE)
    assert (number[ANN], summed[ANN]) == (1, 1)


@pytest.mark.parametrize("seed", range(5))
def test_as_counted_one_by_one(seed):
    random = np.random.default_rng(seed)
    belief = np.rint(random.random(30) * 1e6) / 1e6
    community = random.integers(0, 8, 30)
    met = sorted(
        {(int(a), int(t)) for a, t in random.integers(0, 30, (80, 2)) // [1, 3]}
    )
    number, summed = circle(*met).strangers(belief, community)
    for account in range(30):
        companies = [
            [
                belief[other]
                for other, there in met
                if there == thing and community[other] != community[account]
            ]
            for mine, thing in met
            if mine == account
        ]
        worst = max(
            ((round(2 * sum(c) - len(c), 6), len(c), sum(c)) for c in companies),
            default=(0, 0, 0),
        )
        assert number[account] == worst[1]
        assert summed[account] == pytest.approx(worst[2])


@pytest.mark.parametrize(
    ("others", "answer"),
    [
        ([], "helper_new"),
        ([0.0, 0.1], "helper_good"),
        ([0.0, 0.5], "helper_mixed"),
        ([0.9, 0.9], "helper_bad"),
    ],
)
def test_a_helper_is_known_by_the_others_it_helped(lockstep_of, others, answer):
    met = circle((0, 7), *((1 + i, 7) for i in range(len(others))))
    belief = np.array([1.0, *others])
    everyone = np.arange(len(belief))
    levels = Acquaintances(met, circle(), lockstep_of(len(belief))).levels(
        belief, everyone
    )
    assert codes("helper_record", levels["helper_record"])[0] == answer


def test_who_was_not_helped_has_no_answer_about_a_helper(lockstep_of):
    levels = Acquaintances(circle((ANN, 7)), circle(), lockstep_of(4)).levels(
        np.zeros(4), ALONE
    )
    assert codes("helper_record", levels["helper_record"]) == [
        "helper_new",
        None,
        None,
        None,
    ]


def test_a_gathering_is_known_by_the_others_there(lockstep_of):
    stall = circle((ANN, 0), (BEN, 0), (CAT, 1))
    levels = Acquaintances(circle(), stall, lockstep_of(4)).levels(
        np.array([0.0, 0.9, 0.9, 0.0]), ALONE
    )
    assert codes("gathering_record", levels["gathering_record"]) == [
        "gathering_bad",
        "gathering_good",
        "gathering_good",
        "gathering_none",
    ]


def test_without_any_gathering_the_question_cannot_be_asked(lockstep_of):
    levels = Acquaintances(circle(), circle(), lockstep_of(4)).levels(
        np.zeros(4), ALONE
    )
    assert codes("gathering_record", levels["gathering_record"]) == [None] * 4


def test_attachment_is_through_how_many_kinds_of_key(lockstep_of):
    graph = lockstep_of(
        4,
        (ANN, 0, "device"),
        (BEN, 0, "device"),
        (ANN, 1, "helper"),
        (BEN, 1, "helper"),
        (ANN, 2, "access_point"),
        (BEN, 2, "access_point"),
        (CAT, 3, "device"),
        (BEN, 3, "device"),
    )
    belief = np.array([0.0, 1.0, 0.0, 0.0])
    levels = Acquaintances(circle(), circle(), graph).levels(belief, ALONE)
    assert codes("attachment", levels["attachment"]) == [
        "three_kinds",
        "unattached",  # shares only with people of no risk; its own counts nothing
        "one_kind",
        "unattached",
    ]


def test_a_key_that_weighs_nothing_attaches_nobody(lockstep_of):
    graph = lockstep_of(2, (ANN, 0, "device"), (BEN, 0, "device"), weight=0)
    levels = Acquaintances(circle(), circle(), graph).levels(np.ones(2), np.arange(2))
    assert codes("attachment", levels["attachment"]) == ["unattached"] * 2
