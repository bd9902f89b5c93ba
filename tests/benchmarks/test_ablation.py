"""Every part can be left out, and is there again afterwards."""

import copy

import pytest

import graph.lockstep as lockstep
from analyses import analysis
from analyses.analysis import Settings
from analyses.detection.giver_signals import CREW_SIGNALS, PLATFORM_SIGNALS
from analyses.detection.helper_signals import HELPER_SIGNALS
from analyses.detection.signals import SIGNALS
from graph.shared_keys import SHARED_KEYS
from tests.benchmarks.ablation import FIGURES, WHOLE, WORLDS, parts, table, tables
from tests.benchmarks.quality_worlds import WorldName

TABLES = (SIGNALS, HELPER_SIGNALS, CREW_SIGNALS, PLATFORM_SIGNALS)


def constants():
    keys = lockstep.SHARED_KEYS  # type: ignore[attr-defined]  # what it imports
    steps = lockstep.DECLARED_SHARE, vars(analysis)["combine"]
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


def test_in_how_many_worlds_the_ranking_falls():
    figures = {key: 0.5 for _, key in FIGURES}
    ranked = dict(FIGURES)["accounts AP"]
    found = [
        {"world": name, "parts": {WHOLE: figures, "step: x": figures | {ranked: value}}}
        for name, value in (("a", 0.4), ("b", 0.6), ("c", 0.4999), ("d", None))
    ]
    assert [row[-1] for row in table(found).rows] == ["", "1 of 3"]


def test_kinds_of_worlds_have_tables_of_their_own():
    figures = {key: 0.5 for _, key in FIGURES}
    found = [{"world": name, "parts": {WHOLE: figures}} for name in WORLDS]
    often, rare = tables(found)
    assert often.title.startswith("10 %: ")
    assert rare.title.startswith("2 %: ")
    named = {
        name
        for each in (often, rare)
        for name in each.title.split(": ", 1)[1].split(", ")
    }
    assert named == set(WORLDS)


def test_the_worlds_are_of_three_designs_with_two_seeds_at_two_shares():
    worlds = [WorldName.read(name) for name in WORLDS]
    assert len({world.seed for world in worlds}) == len(worlds) == 12
    for farmed in (0.1, 0.02):
        designs = [world.design for world in worlds if world.farmed == farmed]
        assert sorted(designs) == sorted(2 * [*dict.fromkeys(designs)])
        assert len(set(designs)) == 3
