"""The same data written otherwise: `make same-answer` in small."""

import pandas as pd
import pytest

from analyses.reporting.digest import digest
from loaders.simulator import WorldSettings, simulate
from tests.analyses.same_answer import (
    SURROUNDINGS,
    after_renaming,
    against_a_background,
    all_at_once,
    bcubed,
    furthest,
    in_order,
    out_of_order,
    read_world,
    run,
    variants,
    write_world,
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    world = tmp_path_factory.mktemp("world")
    simulate(world / "data", WorldSettings(seed=11, new=600, existing=1800))
    return read_world(world / "data")


def test_locale_order_and_form_change_no_digest(tables, tmp_path):
    plain = run(write_world(tables, tmp_path / "plain"), tmp_path / "one", threads=1)
    other = write_world(tables, tmp_path / "csv", ending="csv.gz", seed=4, parts=3)
    there = run(
        other,
        tmp_path / "two",
        threads=3,
        PYTHONHASHSEED="7",
        TZ="Pacific/Kiritimati",
        LC_ALL="C",
    )
    assert digest(there) == digest(plain)


@pytest.mark.long
def test_nothing_about_how_it_is_written_changes_a_digest(tables, tmp_path):
    told = dict(variants(tables, tmp_path, each_alone=False))
    assert {what for what in told if told[what] != told["plain"]} == set()


def test_each_of_the_surroundings_is_tried():
    tried = list(all_at_once())
    for ways in SURROUNDINGS.values():
        for way in ways:
            assert any(way.items() <= together.items() for together in tried), way


def test_ids_renamed_in_order_change_no_team_and_no_risk(tables, tmp_path):
    assert after_renaming(tables, tmp_path, in_order) == (1.0, 0.0)


@pytest.mark.long
def test_ids_renamed_out_of_order_change_hardly_any_team_and_risk(tables, tmp_path):
    alike, far = after_renaming(tables, tmp_path, out_of_order)
    assert alike >= 0.99
    assert far <= 0.01


@pytest.mark.long
def test_what_concerns_nobody_changes_no_team_against_a_background(tables, tmp_path):
    moved, far, raised = against_a_background(tables, tmp_path).values()
    assert moved == 0
    assert far <= 0.01
    assert raised <= 1e-9


def test_bcubed_and_furthest_by_hand():
    old = pd.Series({"a": "x", "b": "x", "c": "y"})
    assert bcubed(old, pd.Series({"a": "1", "b": "1", "c": "2"})) == 1.0
    # Of a, b, c in one team, precision is (2/3 + 2/3 + 1/3) / 3, recall is 1.
    together = bcubed(old, pd.Series({"a": "1", "b": "1", "c": "1"}))
    assert together == pytest.approx(2 * (5 / 9) / (5 / 9 + 1))
    assert furthest(pd.Series({"a": 0.5}), pd.Series({"b": 0.2})) == 0.5
