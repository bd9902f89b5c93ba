import math

import pytest

from analyses.reporting.waterfall import Step, log2_odds, probability, waterfall


@pytest.mark.parametrize("risk", [0.001, 0.3, 0.5, 0.999])
def test_bits_and_risk_are_two_ways_to_say_the_same(risk):
    assert probability(log2_odds(risk)) == pytest.approx(risk)


def test_certainty_has_no_end():
    assert (log2_odds(0), log2_odds(1)) == (-math.inf, math.inf)
    assert (probability(-5000), probability(5000)) == (0, 1)


def test_the_prior_comes_first_then_for_then_against():
    steps = [Step("less", 1, ""), Step("against", -2, ""), Step("more", 3, "")]
    lines = waterfall([*steps, Step("prior", -4, "")])
    assert [line.split()[0] for line in lines] == [
        "prior",
        "more",
        "less",
        "against",
        "in",
    ]


def test_what_does_not_add_up_is_said():
    prior = Step("prior", 1, "")
    assert waterfall([prior], risk=0.9)[-1] == (
        "  The risk is 0.900; the evidence itemised here gives 0.667."
    )
    assert "in all" in waterfall([prior], risk=2 / 3)[-1]


def test_without_a_prior_there_is_no_risk():
    lines = waterfall([Step("a", 1, "many")])
    assert lines == [f"  a        +1.0  {' ' * 12}|{'█' * 12}  many", "  in all   +1.0"]


def test_nothing_is_nothing():
    assert waterfall([]) == ["  in all   +0.0"]
