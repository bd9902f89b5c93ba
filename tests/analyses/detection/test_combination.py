"""All evidence together: what is summed up, and that it adds up."""

from dataclasses import replace

import numpy as np
import pytest

from analyses.detection.belief import believe
from analyses.detection.combination import TEAM, combine, fitted_weights, parts
from analyses.detection.observations import Observations
from analyses.detection.records import Acquaintances, Circle
from analyses.detection.signals import SIGNALS


@pytest.fixture
def graph(lockstep_of):
    return lockstep_of(8, (0, 0, "device"), (1, 0, "device"), (2, 1, "helper"))


@pytest.fixture
def beliefs(graph):
    nobody = np.zeros(0, dtype=np.int64)
    met = Circle(nobody, nobody)
    levels = {
        code: np.arange(8) % (len(signal.levels) + 1) - 1
        for code, signal in SIGNALS.items()
    }
    return believe(
        Observations(levels, {}),
        np.array([0, 0, 0, 1, 1, 2, 3, 4]),
        acquaintances=Acquaintances(met, met, graph),
    )


def named(beliefs, graph):
    return {part.name: part for part in parts(beliefs, graph)}


def test_bits_of_all_lines_are_the_log_odds_of_the_risk(beliefs, graph):
    found = combine(beliefs, graph)
    total = found.start + sum(found.own.values())
    assert found.risk == pytest.approx(1 / (1 + np.exp2(-total)))


def test_every_fitted_weight_is_of_a_part(beliefs, graph):
    assert set(fitted_weights()) - {"intercept"} <= set(named(beliefs, graph))


def test_how_many_are_in_doubt_is_the_same_for_all_accounts_of_a_run(beliefs, graph):
    risk = np.array([0.99, 0.95, 0.5, 0.3, 0.1, 0.02, 0.01, 0.7])
    found = named(replace(beliefs, risk=risk), graph)["share undecided"]
    # Of eight, three are in doubt, and of 64 that are usual, one.
    assert found.value.tolist() == [np.log2(4 / 72)] * 8
    assert found.line == TEAM


def test_the_same_evidence_says_less_where_many_are_in_doubt(beliefs, graph):
    few, many = (
        replace(beliefs, risk=np.where(np.arange(8) < doubted, 0.5, beliefs.risk * 0))
        for doubted in (1, 6)
    )
    alike = "joined device", "joined helper", "joined network"  # they look at risks
    weights = {k: v for k, v in fitted_weights().items() if k not in alike}
    risks = [combine(each, graph, weights=weights).risk for each in (few, many)]
    assert (risks[0] > risks[1]).all()


def test_a_run_of_nobody_has_parts_of_nobody(lockstep_of):
    empty = lockstep_of(0)
    nobody = np.zeros(0, dtype=np.int64)
    met = Circle(nobody, nobody)
    beliefs = believe(
        Observations({code: nobody for code in SIGNALS}, {}),
        nobody,
        acquaintances=Acquaintances(met, met, empty),
    )
    assert len(combine(beliefs, empty).risk) == 0
