"""Five accounts would be listed; so many can be looked at."""

import pyarrow as pa
import pytest

from analyses.capacity import Capacity, fit_to_capacity
from graph.errors import InputError
from graph.store import Store

ACCOUNTS = [
    # account, team, risk, listed
    ("a", "F", 0.9, True),
    ("b", "F", 0.9, True),
    ("c", "G", 0.95, True),
    ("d", None, 0.99, True),
    ("e", "F", 0.6, True),
    ("f", "F", 0.4, False),
]


@pytest.fixture
def store():
    with Store() as opened:
        names = ("account_id", "team_id", "risk", "listed")
        columns = dict(zip(names, zip(*ACCOUNTS, strict=True), strict=True))
        rows = pa.table({name: list(values) for name, values in columns.items()})
        action = ["warn" if row[3] else "watch" for row in ACCOUNTS]
        rows = rows.append_column("action", pa.array(action))
        lacks = pa.array([[] for _ in ACCOUNTS], pa.list_(pa.string()))
        opened.put("out_accounts", rows.append_column("lacks", lacks))
        yield opened


def listed(store):
    found = store.rows(
        "SELECT account_id FROM out_accounts WHERE listed ORDER BY account_id"
    )
    return "".join(account for (account,) in found)


def test_without_a_limit_nothing_changes(store):
    fitted = fit_to_capacity(store, Capacity())
    assert listed(store) == "abcde"
    assert (fitted.listed, fitted.put_off, fitted.threshold) == (5, 0, 0.6)
    assert not Capacity().is_limited


def test_the_surest_are_looked_at_first(store):
    fitted = fit_to_capacity(store, Capacity(accounts=3))
    assert listed(store) == "acd"  # a before b, by its id
    assert (fitted.listed, fitted.put_off, fitted.threshold) == (3, 2, 0.9)
    assert "3 accounts" in fitted.note and "2 more" in fitted.note


def test_who_is_put_off_is_watched_and_says_why(store):
    fit_to_capacity(store, Capacity(accounts=4))
    found = store.rows("SELECT action, lacks FROM out_accounts WHERE account_id = 'e'")
    assert found == [("watch", ["a place among the first 4 accounts to be looked at"])]


def test_the_team_in_which_most_are_expected_to_be_right_comes_first(store):
    # F: 0.9 + 0.9 + 0.6, G: 0.95; d has no team.
    fitted = fit_to_capacity(store, Capacity(teams=1))
    assert listed(store) == "abe"
    assert (fitted.teams, fitted.put_off) == (1, 2)


def test_both_limits_hold(store):
    fit_to_capacity(store, Capacity(accounts=2, teams=1))
    assert listed(store) == "ab"


def test_an_account_that_was_not_listed_never_is(store):
    fit_to_capacity(store, Capacity(accounts=100))
    assert listed(store) == "abcde"


def test_nobody_to_look_at(store):
    store.connection.execute("UPDATE out_accounts SET listed = false")
    fitted = fit_to_capacity(store, Capacity(accounts=1))
    assert fitted.threshold is None and fitted.note == "capacity: nobody is listed"


@pytest.mark.parametrize("limits", [{"accounts": 0}, {"teams": -1}])
def test_a_capacity_of_nothing(limits):
    with pytest.raises(InputError, match="give 1 or more"):
        Capacity(**limits)
