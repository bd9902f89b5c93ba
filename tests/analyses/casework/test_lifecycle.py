"""Teams through time: members are letters, and the answer can be seen."""

import pyarrow.parquet as pq
import pytest

from analyses.casework.before import LIFECYCLE_FILE, Before, snapshot
from analyses.casework.comparison import compare_text
from analyses.casework.lifecycle import Snapshot, follow, lives_table
from analyses.pipeline import Settings, run
from analyses.reporting.digest import digest
from tests.analyses.test_pipeline import SETTINGS


def teams(as_of=None, last=None, **members):
    return Snapshot(
        {team: frozenset(letters) for team, letters in members.items()},
        dict.fromkeys(members, "farm"),
        dict.fromkeys(members, last),
        as_of,
    )


def became(old, new):
    _, lives = follow(old, new)
    return {life.team_id: life.change for life in lives}


def test_the_same_members_are_the_same_team():
    names, lives = follow(teams(old="abcde"), teams(new="abcde"))
    assert names == {"new": "old"}
    assert [(x.team_id, x.change, x.joined, x.left) for x in lives] == [
        ("old", "unchanged", 0, 0)
    ]


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ({"a": "12345"}, {"a": "1234567"}, {"a": "grew"}),
        ({"a": "12345"}, {"a": "1234"}, {"a": "shrank"}),
        ({"a": "12345"}, {}, {"a": "ended"}),
        ({}, {"a": "12345"}, {"a": "born"}),
        ({"a": "123456", "b": "789"}, {"a": "123456789"}, {"a": "merged"}),
        ({"a": "123456"}, {"a": "1234", "b": "56"}, {"a": "split", "b": "split"}),
        ({"a": "12345"}, {"b": "6789"}, {"a": "ended", "b": "born"}),
        ({"a": "123456"}, {"b": "16789"}, {"a": "ended", "b": "born"}),
    ],
)
def test_what_became_of_a_team(then, now, expected):
    assert became(teams(**then), teams(**now)) == expected


def test_an_absorbed_team_is_named_by_the_one_that_took_it_in():
    _, (life,) = follow(teams(a="123456", b="789"), teams(c="123456789"))
    assert life.before == ("a", "b") and life.joined == 3


def test_a_team_of_which_nothing_was_seen_since_is_quiet():
    old = teams(as_of=100, last=90, a="12345")
    assert became(old, teams(as_of=200, last=90, a="12345")) == {"a": "quiet"}
    assert became(old, teams(as_of=200, last=150, a="12345")) == {"a": "unchanged"}
    assert became(old, teams(as_of=100, last=90, a="12345")) == {"a": "unchanged"}


def test_an_id_is_for_its_heir_alone():
    # The part that holds the account which named the team is the smaller one.
    names, _ = follow(
        teams(**{"farm-1": "123456"}), teams(x="3456", **{"farm-1": "12"})
    )
    assert names["x"] == "farm-1"
    assert names["farm-1"] not in ("farm-1", "x")
    assert names["farm-1"].startswith("farm-")


@pytest.mark.parametrize("ids", [("x", "y"), ("y", "x")])
def test_of_two_that_share_as_many_the_smaller_goes_on_whatever_its_id(ids):
    large, small = ids
    new = teams(**{large: "126789", small: "34"})
    names, _ = follow(teams(old="1234"), new)
    assert names[small] == "old" != names[large]


def test_teams_of_different_kinds_are_never_one():
    old, new = teams(a="12345"), teams(b="12345")
    new = Snapshot(new.members, {"b": "crew"}, new.last_seen, None)
    assert became(old, new) == {"a": "ended", "b": "born"}


def test_a_run_keeps_the_ids_of_the_run_before(farm_run, farm_data, tmp_path):
    found = run(
        farm_data,
        tmp_path / "next",
        settings=SETTINGS,
        before=Before(previous=farm_run.folder),
    )
    with found:
        assert (found.folder / LIFECYCLE_FILE).is_file()
        changes = found.manifest["previous"]["changes"]
        assert sum(changes.values()) == len(found.teams)
        assert changes["unchanged"] + changes["quiet"] == len(found.teams)
    assert digest(found.folder) == digest(farm_run.folder)


def test_comparing_tells_what_the_later_run_wrote_down(sample, tmp_path):
    data = sample.folder.parent / "data"
    as_of = sample.manifest["window"]["as_of"] - 20 * 86_400
    settings = Settings(as_of=as_of, threads=2)
    with (
        run(data, tmp_path / "early", settings=settings) as early,
        run(
            data,
            tmp_path / "late",
            settings=Settings(threads=2),
            before=Before(previous=tmp_path / "early"),
        ) as late,
    ):
        _, lives = follow(snapshot(early), snapshot(late))
        wrote = pq.read_table(late.folder / LIFECYCLE_FILE)
        assert lives_table(lives).equals(wrote)
        text = compare_text(early, late, limit=1)
    counts = late.manifest["previous"]["changes"]
    assert counts["born"] and counts["grew"]
    for change, number in counts.items():
        if number:
            assert f"{number:,} {change}" in text
    named = [line for line in text.splitlines() if line.startswith("  farm-")]
    assert any("is new" in line for line in named)
    assert any("grew" in line for line in named)
