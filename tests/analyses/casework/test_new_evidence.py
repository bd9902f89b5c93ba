import pytest

from analyses.casework.decisions import Decision
from analyses.casework.new_evidence import Harm, of_account, of_team

NOBODY = Harm({})


def decision(kind="account", **seen):
    return Decision((kind, "a"), "dismissed", "eve", "n", {"as_of": 100} | seen)


def seen(code, bits, *ids):
    return {"signal": code, "bits": bits, "events": [["helps", i] for i in ids]}


def now(code, bits, *ids):
    return {code: (bits, frozenset(("helps", i) for i in ids))}


@pytest.mark.parametrize(
    ("then", "today", "stands_out"),
    [
        (seen("reach", 3.0, "h1"), now("reach", 3.0, "h1"), False),
        (seen("reach", 3.0, "h1"), now("reach", 3.0, "h1", "h2"), False),
        (seen("reach", 1.0, "h1"), now("reach", 3.0, "h1"), False),
        (seen("reach", 1.0, "h1"), now("reach", 3.0, "h1", "h2"), True),
        (seen("reach", 0.0, "h1"), now("reach", 4.0, "h1"), True),
        (seen("reach", -9.0, "h1"), now("reach", -1.0, "h2"), False),
        (seen("other", 3.0), now("reach", 2.0, "h1"), True),
    ],
)
def test_what_stands_out_about_an_account(then, today, stands_out):
    lines = of_account(decision(evidence=[then]), today, "a", NOBODY)
    assert bool(lines) == stands_out, lines


def test_what_stands_out_is_said():
    then = decision(evidence=[seen("reach", 1.0, "h1")])
    lines = of_account(then, now("reach", 3.5, "h1", "h2"), "a", NOBODY)
    assert lines == ["reach +3.5 bits, +1.0 then, 1 new event"]


@pytest.mark.parametrize(
    ("moment", "harmed"), [(100, False), (101, True), (None, False)]
)
def test_only_harm_after_what_was_seen_counts(moment, harmed):
    lines = of_account(decision(), {}, "a", Harm({"a": [moment]}))
    assert bool(lines) == harmed


def test_a_team_stands_out_when_most_of_it_is_new():
    then = decision("team", members={"batch_registered": ["a", "b", "c"]})
    assert not of_team(then, {}, ["a", "b", "c", "d", "e", "f"], NOBODY)
    assert of_team(then, {}, ["a", "b", "c", "d", "e", "f", "g"], NOBODY)
    assert not of_team(then, {}, ["a", "b"], Harm({"a": [200]}))
    assert of_team(then, {}, ["a", "b"], Harm({"a": [200], "b": [200]}))
