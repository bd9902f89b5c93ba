"""The table of quality by hand: means, what is below the trial, what is missing."""

from collections import Counter

import pytest

from graph.errors import InputError
from loaders.simulator import ATTACKS, DESIGNS
from tests.benchmarks import quality_table as tables
from tests.benchmarks.quality import EACH_KIND, draw_worlds, report, results, write
from tests.benchmarks.quality_lines import KINDS
from tests.benchmarks.quality_worlds import WorldName


def world(name="nationwide:0.1:mixed:1", **figures):
    return {"world": name} | {key.replace("__", "."): v for key, v in figures.items()}


def found(precision, recall, **more):
    return world(
        batch_registered__found__precision=precision,
        batch_registered__found__recall=recall,
        **more,
    )


def first_line(*worlds):
    return tables.measured_lines(worlds)[0]


def test_the_mean_over_the_worlds_counts():
    line = first_line(found(0.9, 0.8), found(1.0, 0.9, name="nationwide:0.1:mixed:2"))
    assert line.worlds == 2
    assert line.mean == pytest.approx((0.95, 0.85))
    assert (line.lowest, line.highest) == ((0.9, 0.8), (1.0, 0.9))


def test_a_world_in_which_nothing_was_found_is_told_and_its_recall_is_nought():
    line = first_line(found(1.0, 0.2), found(None, 0.0, name="nationwide:0.1:mixed:2"))
    assert line.mean == pytest.approx((1.0, 0.1))
    assert tables.table([line]).rows[0][4] == (
        "P 1.000 R 0.100 (nothing found in 1 of 2)"
    )


def test_a_method_that_found_nothing_in_a_world_says_so():
    worlds = [
        world(methods={"this run": [1.0, 0.2, 0.3, 0.1]}),
        world("nationwide:0.1:mixed:2", methods={"this run": [None, 0.0, 0.0, 0.1]}),
    ]
    row = tables.methods_table(worlds, 0.1, "mixed").rows[0]
    assert row[1:3] == ("1.000 (nothing found in 1 of 2)", 0.1)


def test_other_kinds_of_worlds_and_attacks_are_not_in_it():
    line = first_line(
        found(0.9, 0.8),
        found(0.1, 0.1, name="nationwide:0.02:mixed:1"),
        found(0.1, 0.1, name="nationwide:0.1:careful:1"),
        found(0.1, 0.1, name="nationwide:0.1:mixed:1:drip"),
    )
    assert line.mean == (0.9, 0.8)


@pytest.mark.parametrize(
    ("precision", "recall", "verdict"),
    [
        (0.95, 0.90, "goal reached"),
        (0.96, 0.89, "short of the goal"),
        (0.80, 0.95, "short of the goal"),  # a lower precision, but a better F1
        (0.84, 0.86, "BELOW THE TRIAL"),
        (None, 0.9, "BELOW THE TRIAL"),
    ],
)
def test_the_verdict_on_accounts_at_ten_per_cent(precision, recall, verdict):
    assert first_line(found(precision, recall)).verdict == verdict


def test_a_line_that_must_be_low():
    (line,) = (
        line
        for line in tables.measured_lines([world(lured_helper__listed=1)])
        if line.line.says.startswith("lured helpers listed")
    )
    assert line.verdict == "short of the goal"


def test_said_and_true_are_compared_in_each_world():
    worlds = [
        world(said__accounts=10, said__mean=0.95, said__true=0.75),
        world(
            "nationwide:0.1:mixed:2",
            said__accounts=30,
            said__mean=0.93,
            said__true=0.97,
        ),
    ]
    line = next(
        line
        for line in tables.measured_lines(worlds)
        if line.line.says.startswith("said 0.9")
    )
    # Too high by 0.20 here and too low by 0.04 there does not cancel.
    assert line.mean[0] == pytest.approx(0.12)


def test_a_name_says_which_world():
    for text in ("nationwide:0.1:mixed:7", "harbour:0.005:careful:1:drip+spread"):
        assert str(WorldName.read(text)) == text
    assert WorldName.read("harbour:0.1:mixed:1:drip").settings().attacks == ("drip",)
    with pytest.raises(InputError, match="nowhere"):
        WorldName.read("nowhere:0.1:mixed:1").settings()


def test_every_kind_has_a_world_of_every_design_and_every_attack_is_drawn():
    worlds = draw_worlds(EACH_KIND)
    usual = [world for world in worlds if not world.attacks]
    pairs = Counter((world.design, world.kind) for world in usual)
    assert pairs == Counter((design, kind) for design in DESIGNS for kind in KINDS)
    attacked = [world for world in worlds if world.attacks]
    assert {world.attacks for world in attacked} == {(name,) for name in ATTACKS}
    assert all(world.without_attacks() in usual for world in attacked)


def test_results_are_kept_by_world_and_a_line_below_the_trial_is_the_exit_code(
    tmp_path, capsys
):
    bad = found(0.1, 0.1)
    write(tmp_path / "one.json", bad)
    write(tmp_path / "ablation_one.json", bad | {"parts": {}})
    assert results(tmp_path) == [bad]
    assert report(tmp_path) == 1
    assert "below the trial: batch-registered accounts" in capsys.readouterr().out
