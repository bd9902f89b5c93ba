"""Nights by hand, and a small farm replayed."""

import numpy as np
import pandas as pd
import pytest

from analyses.evaluation.backtest import (
    DAY,
    Backtest,
    Night,
    backtest,
    by_kind,
    churn,
    night_ends,
    teams_in_time,
)
from analyses.pipeline import Settings
from graph.errors import InputError
from graph.numbering import Window
from tests.analyses.test_pipeline import START, with_sanctions, write_csv


def night(day, *, listed=(), in_teams=()):
    return Night(day * DAY, frozenset(listed), frozenset(in_teams))


FARM = [f"b{i}" for i in range(6)]
MEMBERS = pd.DataFrame(
    {"team_id": "F", "kind": "registration_farm", "account_id": FARM}
)


def harm(*rows):
    return pd.DataFrame(rows, columns=["account_id", "at"])


def test_a_team_is_found_when_five_of_its_members_are_in_teams():
    nights = [night(1, in_teams=FARM[:4]), night(2, in_teams=FARM[2:])]
    (row,) = teams_in_time(MEMBERS, harm(), nights).to_dict("records")
    assert (row["found"], row["members"], row["harm"]) == (2 * DAY, 6, 0)


def test_harm_is_counted_before_and_after_the_night_it_was_found():
    nights = [night(1), night(2, in_teams=FARM)]
    events = harm(("b0", 3 * DAY), ("b0", DAY), ("b5", 2 * DAY + 1), ("other", 0))
    found = teams_in_time(MEMBERS, events, nights)
    (row,) = found.to_dict("records")
    assert (row["harm"], row["first_harm"], row["harm_after"]) == (3, DAY, 2)
    (said,) = by_kind(found).rows
    # One farm with harm, not before it: one day too late; two thirds came after.
    assert said[:-1] == ("registration_farm", 1, 1, 0, -1.0, 3)
    assert said[-1] == pytest.approx(2 / 3)


def test_a_team_of_which_only_a_part_was_ever_found_prevents_nothing():
    found = teams_in_time(MEMBERS, harm(("b0", DAY)), [night(1, in_teams=FARM[:3])])
    (row,) = found.to_dict("records")
    assert np.isnan(row["found"]) and row["harm_after"] == 0
    assert by_kind(found).rows == (("registration_farm", 1, 1, 0, None, 1, 0.0),)


def test_who_comes_who_leaves_and_who_comes_back():
    nights = [
        night(1, listed="ab"),
        night(2, listed="bcd"),  # a left
        night(3, listed="abcd"),  # a came back
    ]
    section = churn(nights)
    assert [row[1:] for row in section.rows] == [(3, 2, 1, 0.5), (4, 1, 0, 0.0)]
    assert dict(section.below) == {
        "share of the list that left a night": 1 / 5,
        "left in all": 1,
        "of these came back": 1,
    }


def test_a_week_between_two_nights_and_the_last_one_in_any_case():
    window = Window(new_since=0, as_of=10 * DAY + 5)
    assert night_ends(window, 7) == [DAY, 8 * DAY, 10 * DAY + 5]


@pytest.mark.parametrize("every", [0, -1])
def test_days_that_do_not_go_forward(every):
    with pytest.raises(InputError, match="give 1 or more"):
        night_ends(Window(new_since=0, as_of=10 * DAY), every)


def test_a_window_of_one_day():
    with pytest.raises(InputError, match="no night"):
        night_ends(Window(new_since=10, as_of=20), 1)


def test_a_window_of_a_century_is_not_replayed_night_by_night():
    century = Window(new_since=0, as_of=36_500 * DAY)
    with pytest.raises(InputError, match="36,500 nights .* give --every more days"):
        night_ends(century, 1)
    assert len(night_ends(century, 100)) == 366


def test_a_farm_is_found_before_it_is_blocked(farm_and_worker, tmp_path):
    data = write_csv(tmp_path / "data", with_sanctions(farm_and_worker))
    told = []
    found = backtest(
        data,
        settings=Settings(new_since=START, threads=2),
        every=5,
        progress=lambda name, at, of: told.append((name, at, of)),
    )
    assert isinstance(found, Backtest)
    assert told[0] == ("night of 2026-03-02", 0, len(found.nights))
    farms = found.teams[found.teams["kind"] == "registration_farm"]
    assert farms["harm"].tolist() == [4]
    assert farms["harm_after"].tolist() == [4]
    assert (farms["first_harm"] - farms["found"]).iloc[0] > 0
    # What was found on the last night is what a run of that window lists.
    assert {f"farm{i:02}" for i in range(12)} <= found.nights[-1].in_teams
    assert not found.nights[0].listed
    assert "Found before or after the first harm" in found.text()
