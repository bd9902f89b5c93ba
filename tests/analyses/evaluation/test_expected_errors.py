"""Ten listed, of whom one was innocent: what that means for a list of five."""

import re
from pathlib import Path

import pandas as pd
import pytest

from analyses.evaluation import expected_errors as module
from analyses.evaluation.comparison import compare
from analyses.evaluation.expected_errors import (
    THRESHOLDS,
    expected_errors,
    fit,
    read_fitted,
    wrongly_listed,
)
from analyses.networks.registry import NETWORKS
from analyses.reporting.texts import Texts
from analyses.reporting.wording import INNOCENTS
from loaders.simulator.settings import LOOK_ALIKES

WORLDS = [
    {
        "world": "plain:0.1:mixed:1",
        "farmed": 0.1,
        "wrongly_listed": {
            "0.5": {"listed": 6, "office": 1},
            "0.9": {"listed": 2},
        },
    },
    {
        "world": "plain:0.1:mixed:2",
        "farmed": 0.1,
        "wrongly_listed": {
            "0.5": {"listed": 4, "campus": 1, "office": 1},
            "0.9": {"listed": 2, "campus": 1},
        },
    },
    {
        "world": "plain:0.01:mixed:3",
        "farmed": 0.01,
        "wrongly_listed": {"0.5": {"listed": 2, "office": 1}, "0.9": {"listed": 0}},
    },
]


def listed(*risks):
    return pd.DataFrame(
        {"role": "batch_registered", "risk": list(risks), "listed": True}
    )


@pytest.fixture
def three_worlds(monkeypatch):
    monkeypatch.setattr(module, "read_fitted", lambda: fit(WORLDS, "2026-01-01"))


def test_counts_of_the_same_share_farmed_are_added_up():
    fitted = fit(WORLDS, "2026-01-01")
    assert fitted["farmed"]["0.1"]["0.5"] == {"campus": 1, "listed": 10, "office": 2}
    assert list(fitted["farmed"]) == ["0.01", "0.1"]
    assert fitted["worlds"] == [world["world"] for world in WORLDS]


def test_a_list_errs_as_the_sample_worlds_did(three_worlds):
    table = expected_errors(listed(0.6, 0.7, 0.8, 0.95, 0.99), 40)  # 10 % farmed
    campus, office = INNOCENTS["campus"], INNOCENTS["office"]
    # 3 of 10 were innocent, so 1.5 of five; at 0.9 one of four, so half of one of two.
    assert table.rows == (
        ("0.5 or more", "all kinds together", 5, 1.5, 30.0),
        ("0.5 or more", campus, 5, 0.5, 10.0),
        ("0.5 or more", office, 5, 1.0, 20.0),
        ("0.9 or more", "all kinds together", 2, 0.5, 25.0),
        ("0.9 or more", campus, 2, 0.5, 25.0),
        ("0.9 or more", office, 2, 0.0, 0.0),
    )
    assert "3 sample worlds" in str(table.below[0][1])


@pytest.mark.parametrize(("new", "taken"), [(12, "10.0%"), (14, "10.0%"), (25, "1.0%")])
def test_between_two_shares_the_rarer_is_taken(three_worlds, new, taken):
    """Where farms are rarer more of a list is innocent; 1.2 of 12 is one in ten."""
    table = expected_errors(listed(0.6, 0.6), new)
    assert f"those with {taken} of the new accounts" in str(table.below[0][1])


def test_the_share_farmed_that_is_believed_is_taken(three_worlds):
    table = expected_errors(listed(0.6, 0.6), 300)
    together = [row for row in table.rows if row[1] == "all kinds together"]
    assert [row[2:4] for row in together] == [(2, 1.0)]


def test_a_list_that_was_cut_says_nothing_of_what_is_below_the_cut(three_worlds):
    """Of four at 0.9 or more one was wrong; the six below, two wrong, are not here."""
    table = expected_errors(listed(0.93, 0.95, 0.97, 0.99), 36)
    together = [row for row in table.rows if row[1] == "all kinds together"]
    assert [(row[0], *row[2:]) for row in together] == [("0.9 or more", 4, 1.0, 25.0)]


def test_an_empty_list_has_no_errors(three_worlds):
    table = expected_errors(listed(), 0)
    assert table.rows
    assert all(row[2] == 0 and row[3] == 0 for row in table.rows)


def test_it_is_said_in_chinese(three_worlds):
    table = expected_errors(listed(0.6), 40, Texts("zh"))
    said = [
        *table.columns,
        *(str(c) for row in (*table.rows, *table.below) for c in row),
    ]
    assert not [text for text in said[:-1] if re.search("[a-z]{3}", text)]


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_every_kind_of_innocent_has_words(kind):
    assert INNOCENTS[kind]


def test_who_is_wrongly_listed_is_counted_by_kind(run_folder, truth_folder):
    compared = compare(run_folder, truth_folder)
    # b1 (0.9) rightly, the agency g (0.6) and w (0.7, a worker) are listed.
    assert wrongly_listed(compared, 0.5) == {"listed": 3, "agency": 1}
    assert wrongly_listed(compared, 0.65) == {"listed": 2}


def test_the_figures_that_are_shipped_say_where_they_are_from():
    fitted = read_fitted()
    assert fitted["worlds"] and fitted["measured"]
    for thresholds in fitted["farmed"].values():
        assert [float(name) for name in thresholds] == list(THRESHOLDS)
        assert all(counts["listed"] >= 0 for counts in thresholds.values())


@pytest.fixture
def posting_measured(three_worlds, monkeypatch):
    measured = {
        "measured": "2026-01-01",
        "worlds": ["plain:networks:4"],
        "kinds": {
            "posting_ring": {
                "0.5": {"listed": 20, "viral_text": 1, "fan_club": 4},
                "0.9": {"listed": 10, "viral_text": 1},
            }
        },
    }
    monkeypatch.setattr(module, "read_network_errors", lambda: measured)


def test_what_is_listed_for_a_network_errs_as_that_network_did(posting_measured):
    accounts = listed(0.6, 0.7, 0.8, 0.95).assign(
        team_id=["farm", "ring", "ring", None]
    )
    teams = {"farm": "registration_farm", "ring": "posting_ring"}
    table = expected_errors(accounts, 40, teams=teams)
    # By hand: two of the four, below 0.9, where four of ten were innocent, all fans.
    assert [
        row for row in table.rows if str(row[0]).startswith("posting ring: 0.5")
    ] == [
        ("posting ring: 0.5 or more", "all kinds together", 2, 0.8, 40.0),
        ("posting ring: 0.5 or more", INNOCENTS["fan_club"], 2, 0.8, 40.0),
        ("posting ring: 0.5 or more", INNOCENTS["viral_text"], 2, 0.0, 0.0),
    ]
    assert table.rows[0][2] == 2  # the others, as before
    assert "plain:networks:4" in str(table.below[-1][1])


def test_without_networks_there_are_no_rows_of_them(posting_measured):
    table = expected_errors(listed(0.6), 40)
    assert not [row for row in table.rows if "posting" in str(row[0])]


def test_every_kind_of_innocent_of_a_network_has_words():
    page = (Path(__file__).parents[3] / "docs" / "worlds.md").read_text(
        encoding="utf-8"
    )
    rows = [
        line
        for line in page.splitlines()
        if any(line.startswith(f"| `{kind}` |") for kind in NETWORKS)
    ]
    kinds = [
        kind for row in rows for kind in re.findall("`([a-z_]+)`", row.split("|")[4])
    ]
    assert len(rows) == len(NETWORKS)
    assert len(kinds) > 15
    assert not [kind for kind in kinds if kind not in INNOCENTS]
