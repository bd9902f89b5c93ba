"""The commands say what they did, and hostile words harmlessly."""

import shutil

import pytest
from typer.testing import CliRunner

from analyses.casework.decisions import read_decisions
from analyses.cli import app

EVIL = "\x1b[2J\u202e<b>"


@pytest.fixture
def folder(farm_run, tmp_path):
    return shutil.copytree(farm_run.folder, tmp_path / "run")


def said(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    if code == 0:
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output
    assert result.exit_code != 0
    return str(result.exception)


def test_a_case_goes_through_its_states(folder):
    assert " 0 dismissed" in said("cases", folder)
    for state in ("in-progress", "dismissed"):
        done = said("cases", folder, "farm07", "--decide", state, "--note", "n")
    assert "before it was in progress" in done
    assert "farm07" in said("cases", folder, "--state", "dismissed")
    assert "ACCOUNT farm07: dismissed" in said("cases", folder, "farm07")
    said("cases", folder, "--undo", 2, "--note", "mistaken", "--person", "max")
    history = said("cases", folder, "farm07")
    assert "ACCOUNT farm07: in progress" in history and "[undone by 3]" in history


def test_a_member_stands_as_its_team_was_decided_on(folder, farm_run):
    members = farm_run.members.set_index("account_id")
    team = members.loc["farm07", "team_id"]
    said("cases", folder, team, "--decide", "dismissed", "--note", "a laboratory")
    told = said("cases", folder, "farm07")
    assert "ACCOUNT farm07: dismissed with its team" in told
    assert "a laboratory" in told and "nothing was decided" not in told


def test_a_file_of_decisions_that_is_not_there_is_told(folder, tmp_path):
    there = said("cases", folder, "--decisions", tmp_path / "new.jsonl")
    assert "there is no file" in there
    assert "there is no folder" in said(
        "cases", folder, "--decisions", tmp_path / "no" / "new.jsonl", code=1
    )


def test_the_decisions_lie_beside_the_runs(folder):
    said("cases", folder, "--allow", "wifi=shop", "--note", "a shop")
    ledger = read_decisions(folder.parent / "decisions.jsonl")
    assert ("wifi", "shop") in ledger.allowed()
    assert "On the allow list" in said("cases", folder)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["farm07", "--decide", "dismissed"], "needs a note"),
        (["farm07", "--decide", "guilty", "--note", "n"], "no decision"),
        (["--decide", "dismissed", "--note", "n"], "needs the id"),
        (["nobody", "--decide", "dismissed", "--note", "n"], "nobody"),
        (["--allow", "shop", "--note", "n"], "KIND=VALUE"),
        (["--undo", "4", "--note", "n"], "no decision 4"),
        (["--undo", "4", "--allow", "wifi=x", "--note", "n"], "one decision at a time"),
        (["--state", "maybe"], "no state"),
    ],
)
def test_mistakes_are_said(folder, words, says):
    assert says in said("cases", folder, *words, code=1)


def test_hostile_words_steer_no_terminal(folder):
    done = said(
        "cases",
        folder,
        "farm07",
        "--decide",
        "dismissed",
        "--note",
        EVIL,
        "--person",
        EVIL,
    )
    listed = said("cases", folder, "--state", "dismissed")
    for text in (done, listed, said("cases", folder, "farm07")):
        assert "\x1b" not in text and "\u202e" not in text
        assert "<U+001B>" in text


def test_the_next_run_takes_the_decisions_beside_it(folder, farm_data):
    said("cases", folder, "farm07", "--decide", "dismissed", "--note", "n")
    words = ("run", farm_data, folder.parent / "next", "--previous", folder)
    told = said(*words, "--new-since", "2026-03-01T00:00:00")
    assert "1 account not raised again" in told
    compared = said("compare", folder, folder.parent / "next")
    assert "No longer listed: 1" in compared and "farm07" in compared
    told = said(
        *words, "--new-since", "2026-03-01T00:00:00", "--no-decisions", "--overwrite"
    )
    assert "not raised again" not in told


def test_an_appeal_is_printed(folder):
    assert "APPEAL of account worker" in said("appeal", folder, "worker", "--quick")


def test_evaluate_needs_something_to_compare_with(folder):
    assert "give a truth" in said("evaluate", folder, code=1)
    said("cases", folder, "farm07", "--decide", "confirmed", "--note", "n")
    path = folder.parent / "decisions.jsonl"
    assert "Decided accounts" in said("evaluate", folder, "--decisions", path)
