from dataclasses import dataclass

import pyarrow.parquet as pq
import pytest

from analyses.reporting.cards import explain, explain_account
from analyses.run import Run
from graph.errors import NotFoundError


@dataclass(frozen=True)
class Sentences:
    for_: str
    against: str


SIGNALS = {
    "device": Sentences("shares its device", "has its own device"),
    "many_new": Sentences("its team is new", "its team is old"),
    "ties": Sentences("knows nobody", "knows somebody"),
}


@pytest.fixture
def run(run_folder):
    with Run.open(run_folder) as opened:
        yield opened


def test_a_card_adds_up_from_the_prior_to_the_risk(run):
    lines = explain(run, "b1", SIGNALS).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("From the prior"))
    bits = [line.split()[:2] for line in lines[start + 1 : start + 5]]
    assert bits == [
        ["prior", "-6.0"],
        ["device", "+8.2"],
        ["team", "+2.0"],
        ["ties", "-1.0"],
    ]
    assert lines[start + 5].split() == ["in", "all", "+3.2", "0.900"]
    assert "not all that it rests on" not in explain(run, "b1", SIGNALS)


def test_a_card_has_words_events_helpers_and_what_to_verify(run):
    card = explain(run, "b1", SIGNALS)
    for part in (
        "ACCOUNT b1\n",
        "account that was registered in a batch (batch_registered)",
        "block for a short time (short_block), listed",
        "team      F, registration farm",
        "shares its device",
        "Why its community looks as it does: scanring explain RUN F",
        "its team is new",
        "knows somebody",
        "2026-03-01 11:00:00  logins b1@1772362800",
        "Helped by: 2",
        "2026-03-01 09:00:00  w (registration, ok; h1) – platform_worker, risk 0.70",
        "Before acting, make sure",
        "Objection",
    ):
        assert part in card, part


def test_a_card_says_what_is_missing_for_the_list(run):
    assert "Not listed, because\n  risk 0.20 is below 0.5" in explain(run, "p", SIGNALS)
    assert "watch, is weaker than warn" in explain(run, "b2", SIGNALS)
    assert "Not listed" not in explain(run, "b1", SIGNALS)


def test_what_the_run_says_is_missing_goes_first(run_folder):
    path = run_folder / "accounts.parquet"
    table = pq.read_table(path)
    lacks = [["two-part test: helped 2 verified, 3 needed"]] * table.num_rows
    pq.write_table(table.append_column("lacks", [lacks]), path)
    with Run.open(run_folder) as run:
        card = explain(run, "p", SIGNALS)
    assert "Not listed, because\n  two-part test: helped 2 verified, 3 needed" in card


def test_an_account_without_evidence_has_a_card(run):
    assert "No evidence is itemised." in explain(run, "g", {})


def test_an_innocent_account_has_a_card_too(run):
    card = explain(run, "c", SIGNALS)
    assert "nothing to say about this account" in card
    assert "g (registration, ok; h5) – platform_worker, risk 0.60" in card
    assert "from its events alone" in explain(run, "stranger", SIGNALS)


def test_a_team_has_a_card(run):
    card = explain(run, "F", SIGNALS)
    for part in (
        "TEAM F\n",
        "registration farm (registration_farm)",
        "2026-03-01 08:00:00 to 2026-03-01 09:00:00",
        "its team is new",
        "Members: 2 batch_registered",
        "  b1  batch_registered, +5.0 bits – batch_registered, risk 0.90",
        "P serves F: 2 events",
    ):
        assert part in card, part
    assert "3 platform" in explain(run, "P", SIGNALS)


def test_hostile_values_are_harmless(run):
    card = explain(run, "b2", SIGNALS)
    assert "\x1b" not in card
    assert "nickname <U+001B>[31mred" in card


def test_an_unknown_id_is_named_with_the_nearest(run):
    with pytest.raises(NotFoundError, match=r"'W' \(did you mean 'w'\?\)"):
        explain(run, "W", SIGNALS)
    with pytest.raises(NotFoundError):
        explain_account(run, "F", SIGNALS)


def test_long_lists_are_cut_and_say_so(run, monkeypatch):
    monkeypatch.setattr("analyses.reporting.cards.ROWS_SHOWN", 1)
    monkeypatch.setattr("analyses.reporting.cards.EVENTS_SHOWN", 1)
    card = explain(run, "b1", SIGNALS)
    assert "  … and 1 more" in card
    assert "    … and 2 more" in card
