"""The table of roles by hand: means and ranges, and which bars are missed."""

import pytest

from tests.benchmarks import roles

RECALL = "helps.stall.recall"


def world(farmed=0.1, seed=1, **figures):
    every = {bar.figure: bar.bar if bar.bar is not None else 0.5 for bar in roles.BARS}
    return {"world": f"nationwide:{farmed}:mixed:{seed}"} | every | figures


def row(worlds, says):
    (found,) = [row for row in roles.table(worlds).rows if row[0] == says]
    return found


def test_a_row_has_the_mean_and_the_range_at_each_share_farmed():
    worlds = [
        world(seed=1, **{RECALL: 0.9}),
        world(seed=2, **{RECALL: 1.0}),
        world(0.02, **{RECALL: 0.8}),
    ]
    assert row(worlds, "stall helps, recall") == (
        "stall helps, recall",
        "0.90",
        "0.950 (0.900 to 1.000)",
        "0.800 (0.800 to 0.800), below the bar",
    )


def test_what_was_not_measured_or_not_found_is_said():
    worlds = [world(**{"roles.operator.precision": None})]
    assert row(worlds, "operators, precision")[2:] == ("none found", "not measured")


def test_the_deceived_who_were_listed_are_summed_up():
    worlds = [world(seed=n, **{"lured_helper.listed": n}) for n in (1, 2)]
    assert row(worlds, "lured helpers listed")[2] == "3"


@pytest.mark.parametrize(
    ("figure", "value", "missed"),
    [
        (RECALL, 0.90, []),
        (RECALL, 0.89, ["stall helps, recall"]),
        (RECALL, None, ["stall helps, recall"]),
        ("lured_helper.listed", 1, ["lured helpers listed"]),
        (roles.TIME, 0.24, []),
        (roles.TIME, 0.26, ["helpers and crews, share of the run's time"]),
        (roles.TOWNS, 0.01, []),
    ],
)
def test_a_bar_is_kept_or_missed(figure, value, missed):
    assert roles.missed([world(**{figure: value})]) == missed


def test_the_bars_are_for_the_world_at_ten_percent():
    assert roles.missed([world(0.02, **{RECALL: 0.1})]) == []


def test_three_seeds_are_drawn_and_each_is_measured_at_each_share():
    drawn = roles.draw_worlds()
    assert len({name.seed for name in drawn}) == 3
    assert [name.farmed for name in drawn] == [0.1] * 3 + [0.02] * 3
    assert {(name.design, name.style) for name in drawn} == {("nationwide", "mixed")}
