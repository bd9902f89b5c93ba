import itertools

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from analyses.evaluation.metrics import (
    Score,
    area_interval,
    area_under_curve,
    average_precision,
    calibration_error,
    compare_groups,
    reliability,
)

SEEDS = range(12)


def array(*values):
    return np.array(values)


def test_a_score_of_nothing_is_none():
    nothing = Score.of(found=set(), true=set())
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)
    missed = Score.of(found=set(), true={"a"})
    assert (missed.precision, missed.recall, missed.f1) == (None, 0.0, 0.0)
    invented = Score.of(found={"a"}, true=set())
    assert (invented.precision, invented.recall, invented.f1) == (0.0, None, 0.0)


def test_what_was_not_found_stands_alone():
    grouping = compare_groups(["x", "x", "x"], ["1", "1", None])
    assert grouping.bcubed_precision == 1
    assert grouping.bcubed_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3) / 3)
    assert (grouping.pairwise_precision, grouping.pairwise_recall) == (1, 1 / 3)
    assert (grouping.true_groups, grouping.found_groups) == (1, 1)


def test_two_that_were_not_found_are_not_together():
    assert compare_groups(["x", "x"], [None, None]).pairwise_recall == 0
    assert compare_groups(["x", "x"], [None, None]).pairwise_precision is None


def test_a_group_may_be_called_like_the_place_of_an_item():
    assert compare_groups(["x", "y"], ["1", None]).bcubed_precision == 1


def test_no_items_no_figures():
    assert compare_groups([], []).bcubed_f1 is None


@pytest.mark.parametrize("seed", SEEDS)
def test_groupings_agree_with_counting_by_hand(seed):
    random = np.random.default_rng(seed)
    items = int(random.integers(1, 25))
    true = [f"t{n}" for n in random.integers(0, 5, items)]
    found = [f"f{n}" if n else None for n in random.integers(0, 5, items)]

    def together(labels, a, b):
        return a == b or (labels[a] is not None and labels[a] == labels[b])

    def share(inner, outer):
        shares = []
        for a in range(items):
            mates = [b for b in range(items) if together(outer, a, b)]
            shares.append(sum(together(inner, a, b) for b in mates) / len(mates))
        return sum(shares) / items

    pairs = list(itertools.combinations(range(items), 2))
    right = sum(together(true, *p) and together(found, *p) for p in pairs)
    said = sum(together(found, *p) for p in pairs)
    real = sum(together(true, *p) for p in pairs)
    grouping = compare_groups(true, found)
    assert grouping.bcubed_precision == pytest.approx(share(true, found))
    assert grouping.bcubed_recall == pytest.approx(share(found, true))
    assert grouping.pairwise_precision == (right / said if said else None)
    assert grouping.pairwise_recall == (right / real if real else None)


@pytest.mark.parametrize("seed", SEEDS)
def test_rankings_agree_with_scikit_learn(seed):
    random = np.random.default_rng(seed)
    scores = random.integers(0, 6, 40) / 5  # many ties
    true = random.random(40) < 0.3
    true[0], true[1] = True, False
    assert average_precision(scores, true) == pytest.approx(
        average_precision_score(true, scores)
    )
    assert area_under_curve(scores, true) == pytest.approx(roc_auc_score(true, scores))


def test_the_order_of_equal_scores_is_nothing():
    scores = array(0.5, 0.5, 0.5)
    assert average_precision(scores, array(True, False, False)) == pytest.approx(1 / 3)
    assert average_precision(scores, array(False, False, True)) == pytest.approx(1 / 3)


def test_no_score_ranks_last():
    assert average_precision(array(np.nan, -5.0), array(True, False)) == 0.5


def test_one_class_alone_has_no_ranking():
    assert average_precision(array(0.5), array(False)) is None
    assert average_precision(np.array([]), np.array([], dtype=bool)) is None
    assert area_under_curve(array(0.5), array(True)) is None
    assert area_interval(array(0.5), array(True)) is None


def test_the_interval_holds_the_area_and_comes_again():
    random = np.random.default_rng(3)
    true = random.random(60) < 0.5
    scores = random.random(60) + true * 0.3
    interval = area_interval(scores, true, rounds=200, seed=5)
    assert interval is not None
    area = area_under_curve(scores, true)
    assert area is not None
    assert interval[0] < area < interval[1]
    turned = area_interval(scores[::-1], true[::-1], rounds=200, seed=5)
    assert turned == interval


def test_reliability_says_what_was_said_and_what_came_true():
    rows = reliability(array(0.05, 0.9, 1.0), array(False, True, False))
    assert [row.accounts for row in rows] == [1, *[0] * 8, 2]
    assert (rows[0].said, rows[0].came_true) == (0.05, 0)
    assert (rows[9].said, rows[9].came_true) == (0.95, 0.5)
    assert rows[5].said is None


def test_calibration_error_is_the_gap_between_said_and_true():
    risk = array(*[0.8] * 10, 0.01)
    true = array(*[True] * 6, *[False] * 4, True)
    assert calibration_error(risk, true) == pytest.approx(0.2)
    assert calibration_error(array(0.05), array(True)) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_calibration_error_agrees_with_bins_by_hand(seed):
    random = np.random.default_rng(seed)
    risk = random.random(57) * 0.9 + 0.1
    true = random.random(57) < risk
    order = np.argsort(risk)
    gaps = [
        abs(risk[part].mean() - true[part].mean()) * len(part)
        for part in np.array_split(order, 10)
    ]
    assert calibration_error(risk, true) == pytest.approx(sum(gaps) / 57)


def test_calibration_error_does_not_depend_on_the_order_of_equal_risks():
    risk, true = array(*[0.5] * 20), array(*[True] * 10, *[False] * 10)
    assert calibration_error(risk, true) == pytest.approx(0)
    assert calibration_error(risk, true[::-1]) == pytest.approx(0)
