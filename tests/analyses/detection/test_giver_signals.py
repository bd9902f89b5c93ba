import numpy as np
import pytest

from analyses.detection.giver_signals import (
    CREW_PRIOR_BITS,
    CREW_SIGNALS,
    GIVER_WORDS,
    PLATFORM_PRIOR_BITS,
    PLATFORM_SIGNALS,
    SIGNAL_CAP,
    GiverSignal,
    share_bits,
)
from analyses.detection.helper_signals import HELPER_SIGNALS
from analyses.detection.signals import SIGNALS

ALL = [*CREW_SIGNALS.values(), *PLATFORM_SIGNALS.values()]
EVERY = pytest.mark.parametrize("signal", ALL, ids=lambda signal: signal.code)

TOSS = GiverSignal(
    "toss", "Heads?", "heads", "tails", collusive=(3.0, 1.0), innocent=(1.0, 3.0)
)
"""Three of four heads among the collusive, one of four among the innocent."""


def bits_of(signal, yes, known, **more):
    (bits,) = share_bits(
        signal, np.array([yes / max(known, 1)]), np.array([float(known)]), **more
    )
    return bits


def test_one_help_weighs_as_the_two_shares_are_to_each_other():
    assert bits_of(TOSS, 1, 1) == pytest.approx(np.log2((3 / 4) / (1 / 4)))
    assert bits_of(TOSS, 0, 1) == pytest.approx(-np.log2((3 / 4) / (1 / 4)))


def test_a_second_help_weighs_less_than_the_first():
    # After one of them, four of five are expected, and two of five.
    assert bits_of(TOSS, 2, 2) == pytest.approx(np.log2(3 * (4 / 5) / (2 / 5)))
    assert bits_of(TOSS, 1, 2) == pytest.approx(0)


def test_what_is_not_known_says_nothing():
    assert bits_of(TOSS, 0, 0) == 0


def test_no_share_counts_for_more_than_the_cap():
    assert bits_of(TOSS, 30, 30) == SIGNAL_CAP
    assert bits_of(TOSS, 0, 30) == -SIGNAL_CAP


def test_what_a_careful_team_may_not_show_speaks_little_against_it():
    careful = GiverSignal("toss", "", "", "", (3.0, 1.0), (1.0, 3.0), least=-1.5)
    assert bits_of(careful, 0, 30) == -1.5
    assert bits_of(careful, 30, 30) == SIGNAL_CAP


def test_without_what_a_team_is_for_there_is_none():
    """A stall's pace is not enough where all who were helped are fine."""
    pace, endings = CREW_SIGNALS["stall_pace"], CREW_SIGNALS["stall_endings"]
    for_it = CREW_PRIOR_BITS + bits_of(pace, 40, 40)
    against = bits_of(endings, 0, 40)
    assert against == endings.least < -SIGNAL_CAP
    assert against < bits_of(endings, 0, 4) < 0
    assert for_it > 0 > for_it + against


def test_that_all_look_bad_may_be_one_mistake_and_is_no_proof():
    """An honest gathering looks bad all together or not at all."""
    pace, endings = CREW_SIGNALS["stall_pace"], CREW_SIGNALS["stall_endings"]
    assert 2 < bits_of(endings, 20, 20) < bits_of(pace, 20, 20)
    slow = CREW_PRIOR_BITS + bits_of(pace, 5, 20) + bits_of(endings, 20, 20)
    assert slow < 0


def test_more_than_so_many_helps_count_as_so_many():
    assert bits_of(TOSS, 50, 100, at_most=10) == bits_of(TOSS, 5, 10)


@EVERY
def test_the_larger_the_share_the_more_it_speaks_for_a_team(signal):
    bits = [bits_of(signal, yes, 20) for yes in range(21)]
    assert bits == sorted(bits)
    assert bits[0] < 0 < bits[-1]


@EVERY
def test_a_signal_says_what_it_asks_and_what_either_answer_means(signal):
    assert signal.question.endswith("?")
    assert GIVER_WORDS[signal.code].for_ == signal.for_ != signal.against
    assert -8 <= signal.least < 0


def test_codes_are_of_one_signal_each():
    codes = [*SIGNALS, *HELPER_SIGNALS, *CREW_SIGNALS, *PLATFORM_SIGNALS]
    assert len(set(codes)) == len(codes)
    assert all(code == signal.code for code, signal in CREW_SIGNALS.items())
    assert all(code == signal.code for code, signal in PLATFORM_SIGNALS.items())


@pytest.mark.parametrize(
    ("table", "prior"),
    [(CREW_SIGNALS, CREW_PRIOR_BITS), (PLATFORM_SIGNALS, PLATFORM_PRIOR_BITS)],
    ids=["crew", "platform"],
)
def test_all_signals_together_make_a_team_and_none_makes_none(table, prior):
    best = [bits_of(signal, 10, 10) for signal in table.values()]
    worst = [bits_of(signal, 0, 10) for signal in table.values()]
    assert prior + sum(best) > 5
    assert prior + sum(worst) < -5
