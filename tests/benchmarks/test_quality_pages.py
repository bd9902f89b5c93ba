"""The tables of the documents, from results that are easy to add up."""

import json

import pytest

from analyses.reporting.report_tables import Section
from loaders.simulator.attacks import ATTACKS, SESSION
from tests.benchmarks import quality_pages as pages
from tests.benchmarks.quality_pages import RANGES, attacks_table, markdown

NAME = "nationwide:0.1:mixed:1"


def steps(**counts):
    """Accounts, sum of risks and true ones in some hundredths of risk."""
    rows = [[0, 0.0, 0] for _ in range(100)]
    for place, row in counts.items():
        rows[int(place[1:])] = row
    return rows


def result(name=NAME, *, recall=0.9, framed=None, **more):
    return {
        "world": name,
        "measured_on": "2026-01-01",
        "batch_registered.found.recall": recall,
        "batch_registered.found.precision": 0.5,
        "registration_farm.bcubed_f1": 0.25,
        "framed": framed or {"accounts": 0},
        "innocents": {"office": 10, "campus": 5},
        "wrongly_listed": {"0.5": {"listed": 4, "office": 1}, "0.9": {"listed": 2}},
        "risk_steps": steps(s50=[20, 11.0, 5], s95=[40, 38.0, 36], s98=[10, 9.8, 10]),
        "calibration_error": 0.03,
    } | more


def test_an_attack_stands_below_the_same_world_without_it():
    drip = result(f"{NAME}:drip", recall=0.6)
    section = attacks_table([result(), drip, result("harbour:0.1:mixed:2:drip")])
    none, attacked = section.rows
    assert none[:4] == ("none", NAME, f"{SESSION:g}", 0.9)
    assert attacked[:4] == (
        "drip",
        "the same",
        f"{ATTACKS['drip'].accounts_a_day:g}",
        0.6,
    )
    # Of 22 a day 2.2 are not found; of 3, 1.2.
    assert (none[-1], attacked[-1]) == ("2.20", "1.20")


def test_the_framed_are_counted_beside_louvain():
    framed = {"accounts": 9, "listed": 1, "Louvain communities of 8 or more": 7}
    poison = result(f"{NAME}:poison", framed=framed)
    assert attacks_table([result(), poison]).rows[1][6:9] == ("9", "1", "7")


def test_the_wrongly_listed_of_all_worlds_are_added_up():
    section = pages.wrongly_listed_table([result(), result("harbour:0.1:mixed:2")])
    assert section.rows == (
        ("office", 20, 2, 0),
        ("campus", 10, 0, 0),
        ("listed in all", "", 8, 4),
        ("share wrongly listed", "", "0.250", "0.000"),
    )


def test_a_dot_is_a_range_of_risk_with_enough_accounts():
    assert RANGES[-3:] == (90, 97, 100)
    first, second = pages._dots([result()])
    assert first == pytest.approx((0.55, 0.25))
    assert second == pytest.approx((0.95, 0.9))


def test_a_text_that_would_end_a_cell_does_not():
    section = Section("t", ("a",), (("x|y",),))
    assert markdown(section).splitlines()[-1] == "| x\\|y |"


def test_what_is_published_becomes_every_part_of_the_pages(tmp_path):
    path = tmp_path / "quality.jsonl"
    lines = [
        result(methods={"this run": [0.5, 0.9, 0.6, 0.25]}),
        {"record": "hop", "figures": {}},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = pages.parts(path)
    assert "`nationwide:0.1:mixed:1`" in found["goals"]
    assert "| this run | 0.500 | 0.900 |" in found["methods"]
    assert found["ablation"] == "No figures are published here yet."
    assert "hop | not measured: not there" in found["public"]
    assert pages.figure(path) == pages.figure(path)
    assert json.loads(pages.fitted(path))["worlds"] == [NAME]
