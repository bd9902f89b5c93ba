"""What pairs of sessions teach about what crews keep to."""

import numpy as np
import pytest

from analyses.detection.crew_pairs import (
    ONE_CREW,
    PAIR_SIGNALS,
    PATTERNS,
    PRIOR_SESSIONS,
    Patterns,
    all_patterns,
    learn_pairs,
    pattern_numbers,
    table_model,
)

NONE, MOSTLY = 0, 3  # of same_farms
NEAR, FAR = 0, 3  # of same_hours
ALONE, TWO = 0, 2  # of same_company


MUCH = PRIOR_SESSIONS // 20
"""So many times as much as the table says has to be seen to outweigh it."""


def pairs_of(*groups, sessions=10 * PRIOR_SESSIONS):
    """Learn from pairs; a group is how many, and their farms, hours and company."""
    many, farms, hours, company = np.array(groups).T
    answers = {
        "same_farms": farms,
        "same_hours": hours,
        "same_place": np.full(len(groups), -1),
        "same_company": company,
    }
    impossible = np.zeros(len(groups), dtype=bool)
    return learn_pairs(Patterns(answers, impossible, MUCH * many), sessions)


def test_every_answer_has_its_share_among_one_crew_s_pairs_and_two_crews():
    for signal in PAIR_SIGNALS.values():
        for which in ("one_crew", "two_crews"):
            shares = [getattr(answer, which) for answer in signal.answers]
            assert sum(shares) == pytest.approx(1)
            assert min(shares) > 0


@pytest.mark.parametrize(
    ("hours", "least", "most"), [((NEAR,), 2.5, 9), ((NEAR, FAR), -1, 1)]
)
def test_hours_weigh_what_those_pairs_say_that_are_sure_without_them(
    hours, least, most
):
    # Who serves the same farms with the same people is one crew: does it keep hours?
    sure = [(60 // len(hours), MOSTLY, hour, TWO) for hour in hours]
    others = [(300, NONE, NEAR, ALONE), (300, NONE, FAR, ALONE)]
    near, far = pairs_of(*sure, *others).bits("same_hours")[[NEAR, FAR]]
    assert least < near - far < most


def test_a_comparison_does_not_teach_itself():
    # Nothing else speaks for one crew, so that hours are near is chance.
    learned = pairs_of((300, NONE, NEAR, ALONE), (300, NONE, FAR, ALONE))
    table = table_model().one_crew["same_hours"]
    assert learned.one_crew["same_hours"] == pytest.approx(table)
    assert learned.two_crews["same_hours"][NEAR] == pytest.approx(0.5, abs=0.05)


def test_what_need_not_show_speaks_little_against():
    # Whoever is one crew's has everything in common, and others have nothing.
    model = pairs_of((60, MOSTLY, NEAR, TWO), (600, NONE, FAR, ALONE))
    assert model.bits("same_hours")[FAR] < -2
    for code in ("same_farms", "same_company"):
        least = PAIR_SIGNALS[code].least
        assert -0.5 < least == model.bits(code)[0]


def test_pairs_that_are_impossible_say_nothing_of_one_crew():
    pairs = 25 * PRIOR_SESSIONS
    answers = {
        code: np.zeros(1, dtype=np.int64) for code in ("same_hours", "same_farms")
    }
    impossible = Patterns(answers, np.ones(1, dtype=bool), np.array([pairs]))
    model = learn_pairs(impossible, pairs)
    assert model.one_crew["same_hours"] == pytest.approx(
        table_model().one_crew["same_hours"]
    )
    assert model.two_crews["same_hours"][0] > 0.9


def test_many_pairs_of_few_sessions_are_few_observations():
    pairs = (1_000, NONE, NEAR, ALONE)
    few, many = (
        pairs_of(pairs, sessions=n).two_crews["same_hours"]
        for n in (5, 50 * PRIOR_SESSIONS)
    )
    start = table_model().two_crews["same_hours"][NEAR]
    assert few[NEAR] == pytest.approx(
        (5 + PRIOR_SESSIONS * start) / (5 + PRIOR_SESSIONS)
    )
    assert many[NEAR] > 0.95


def test_without_pairs_it_is_the_table():
    model, table = pairs_of((0, NONE, NEAR, ALONE)), table_model()
    for code in PAIR_SIGNALS:
        assert model.one_crew[code] == pytest.approx(table.one_crew[code])
        assert model.two_crews[code] == pytest.approx(table.two_crews[code])
    assert 0 < ONE_CREW < 0.5


@pytest.mark.parametrize("seed", range(3))
def test_pairs_that_answer_alike_count_as_often_as_they_are(seed):
    random = np.random.default_rng(seed)
    answers = {
        code: random.integers(-1, len(signal.answers), 4000)
        for code, signal in PAIR_SIGNALS.items()
    }
    impossible = random.random(4000) < 0.1
    one_by_one = Patterns(answers, impossible, np.ones(4000, dtype=np.int64))
    numbers = pattern_numbers(answers, impossible)
    counted = all_patterns(np.bincount(numbers, minlength=PATTERNS))
    one, other = learn_pairs(one_by_one, 30), learn_pairs(counted, 30)
    for code in PAIR_SIGNALS:
        assert one.bits(code).tolist() == other.bits(code).tolist()
        assert counted.answers[code][numbers].tolist() == answers[code].tolist()
    assert counted.bits(one)[numbers].tolist() == one_by_one.bits(one).tolist()
