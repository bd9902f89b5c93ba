"""All evidence on an account, summed up twice."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from analyses.detection.belief import believe
from analyses.detection.combination import (
    FREE,
    TEAM,
    Weights,
    combine,
    fitted_weights,
    joined,
    parts,
)
from analyses.detection.combination_fit import example, fit, fit_sum
from analyses.detection.signals import JOINED, WAYS
from tests.analyses.detection.test_belief import assert_add_up, random_world


@pytest.fixture
def random_beliefs(lockstep_of):
    """The beliefs about a random world, and its lockstep graph."""

    def make(seed, count=200):
        observations, community, met = random_world(seed, lockstep_of, count=count)
        return believe(observations, community, acquaintances=met), met.lockstep

    return make


def test_joined_is_what_is_believed_of_the_others_at_a_key(lockstep_of):
    graph = lockstep_of(
        4, (0, 0, "device"), (1, 0, "device"), (2, 0, "device"), (3, 1, "helper")
    )
    risk = np.array([0.9, 0.6, 0.0, 1.0])
    found = joined(graph, ("device",), risk)
    assert found == pytest.approx([0.2, 0.3, 0.5, 0.0])
    assert joined(graph, ("helper",), risk).tolist() == [0, 0, 0, 0], "alone there"


def test_of_several_keys_the_one_counts_at_which_most_is_believed(lockstep_of):
    links = [(0, 0, "device"), (1, 0, "device"), (0, 1, "device"), (2, 1, "device")]
    found = joined(lockstep_of(3, *links), ("device",), np.array([0.0, 0.2, 0.8]))
    assert found == pytest.approx([0.4, 0.0, 0.0])


@pytest.mark.parametrize("seed", range(4))
def test_the_lines_of_a_card_add_up_to_the_risk(seed, random_beliefs):
    beliefs, lockstep = random_beliefs(seed)
    found = combine(beliefs, lockstep)
    assert_add_up(found.risk, found.start, found.own)
    assert set(found.own) == {*beliefs.own, *JOINED}
    assert list(JOINED) == [f"joined_{way}" for way in WAYS]


def test_the_second_sum_is_of_the_named_parts_times_their_weights(random_beliefs):
    beliefs, lockstep = random_beliefs(1)
    value = {part.name: (part.line, part.value) for part in parts(beliefs, lockstep)}
    second = {"intercept": -3.0, "community start": 0.5, "own payment": 2.0}
    found = combine(beliefs, lockstep, weights=Weights({"intercept": 0.0}, second))
    assert value["community start"][0] == TEAM
    assert found.start == pytest.approx(-3.0 + 0.5 * value["community start"][1])
    assert found.own["payment"] == pytest.approx(2.0 * value["own payment"][1])
    assert not found.own["complaints"].any()


def test_the_second_sum_believes_of_the_others_what_the_first_says(random_beliefs):
    """Nobody is suspected by the model; the first sum is sure of everybody."""
    beliefs, lockstep = random_beliefs(2)
    beliefs = replace(beliefs, risk=np.zeros(len(beliefs.risk)))
    second = {"intercept": 0.0, "joined device": 1.0}
    doubted = combine(beliefs, lockstep, weights=Weights({"intercept": -40}, second))
    assert doubted.own["joined_device"] == pytest.approx(0, abs=1e-6)
    believed = combine(beliefs, lockstep, weights=Weights({"intercept": 40}, second))
    expected = joined(lockstep, ("device",), np.ones(len(beliefs.risk)))
    assert believed.own["joined_device"] == pytest.approx(expected, abs=1e-6)
    assert expected.max() > 0.5


def test_corrections_add_bits_to_an_answer_in_both_sums(random_beliefs):
    beliefs, lockstep = random_beliefs(3)
    answered = beliefs.levels["payment"] == 1
    assert 0 < answered.sum() < len(answered)
    second = {"intercept": 0.0, "joined device": 1.0}
    found = combine(
        beliefs,
        lockstep,
        weights=Weights({"intercept": -40.0}, second),
        corrections={"payment": np.array([0.0, 80.0])},
    )
    assert found.own["payment"] == pytest.approx(np.where(answered, 80.0, 0.0))
    sure = joined(lockstep, ("device",), answered.astype(float))
    assert found.own["joined_device"] == pytest.approx(sure, abs=1e-6)


def test_what_is_fitted_is_what_is_used(random_beliefs):
    """The risk that a fit sees is that of a run with these weights."""
    examples = []
    for seed in range(2):
        beliefs, lockstep = random_beliefs(seed, count=400)
        chance = np.where(beliefs.levels["payment"] == 1, 0.7, 0.1)
        farmed = np.random.default_rng(seed).random(400) < chance
        examples.append(example("any", beliefs, lockstep, farmed))
    weights = fit(examples)
    for one in examples:
        found = combine(one.beliefs, one.lockstep, weights=weights)
        assert one.risk(weights) == pytest.approx(found.risk, abs=1e-4)
    told = np.concatenate([one.risk(weights)[one.chosen] for one in examples])
    farmed = np.concatenate([one.farmed[one.chosen] for one in examples])
    counts = np.concatenate([one.weight for one in examples])
    assert counts @ told == pytest.approx(counts @ farmed, rel=1e-2), "by the intercept"
    assert told[farmed].mean() > told[~farmed].mean() + 0.2


def test_without_the_signal_that_tells_who_is_farmed_nothing_does(random_beliefs):
    beliefs, lockstep = random_beliefs(0, count=400)
    one = example("any", beliefs, lockstep, beliefs.levels["payment"] == 1)
    without = one.without("payment")
    assert set(one.names) - set(without.names) == {
        name for name in one.names if "payment" in name
    }
    told, guessed = (each.risk(fit([each])) for each in (one, without))
    assert average_precision_score(one.farmed, told) > 0.99
    assert average_precision_score(one.farmed, guessed) < 0.9


def test_what_never_varies_has_no_weight(random_beliefs):
    beliefs, lockstep = random_beliefs(0)
    one = example("any", beliefs, lockstep, beliefs.levels["payment"] == 1)
    always = replace(one, names=("payment", "always"), table=one.table[:, :2].copy())
    always.table[:, 0] = one.farmed
    always.table[:, 1] = 0.5
    weights = fit_sum([always])
    assert weights["payment"] > 5
    assert set(weights) == {"payment", "intercept"}


def test_only_parts_that_are_no_evidence_may_have_a_negative_weight(random_beliefs):
    weights = fitted_weights()
    beliefs, lockstep = random_beliefs(0)
    names = {part.name for part in parts(beliefs, lockstep)} | {"intercept"}
    for each in (weights.first, weights.second):
        assert set(each) <= names
        assert all(value > 0 or name in FREE for name, value in each.items())
