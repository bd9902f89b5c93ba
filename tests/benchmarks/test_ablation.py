"""Every part can be left out, and is there again afterwards."""

import copy

import pytest

import graph.lockstep as lockstep
from analyses import pipeline
from analyses.detection.giver_signals import CREW_SIGNALS, PLATFORM_SIGNALS
from analyses.detection.helper_signals import HELPER_SIGNALS
from analyses.detection.signals import SIGNALS
from analyses.pipeline import Settings
from graph.shared_keys import SHARED_KEYS
from tests.benchmarks.ablation import FIGURES, WHOLE, parts, table

TABLES = (SIGNALS, HELPER_SIGNALS, CREW_SIGNALS, PLATFORM_SIGNALS)


def constants():
    keys = lockstep.SHARED_KEYS  # type: ignore[attr-defined]  # what it imports
    steps = lockstep.DECLARED_SHARE, vars(pipeline)["combine"]
    return copy.copy([dict(each) for each in TABLES]), keys, steps


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.says)
def test_a_part_is_left_out_and_comes_back(part):
    before = constants()
    with part.without(Settings()) as settings:
        assert constants() != before or settings != Settings()
    assert constants() == before


def test_every_signal_and_kind_of_key_is_among_them():
    names = {part.name for part in parts()}
    assert names >= {code for each in TABLES for code in each}
    assert names >= {key.kind for key in SHARED_KEYS}
    assert len({part.says for part in parts()}) == len(parts())


def test_the_change_is_the_mean_over_the_worlds_that_have_it():
    figures = {key: 0.5 for _, key in FIGURES}
    worse = figures | {FIGURES[0][1]: 0.3, FIGURES[1][1]: None}
    found = [
        {"world": "a", "parts": {WHOLE: figures, "step: x": worse}},
        {"world": "b", "parts": {WHOLE: figures, "step: x": figures}},
    ]
    whole, step = table(found).rows
    assert whole[:2] == (WHOLE, "0.500")
    assert step[:4] == ("step: x", "-0.100", "0", "0")
