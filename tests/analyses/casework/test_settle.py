"""What the next run makes of decisions, on a farm of twelve and the worker it paid.

farm00 … farm11 are a team and listed; `worker` is listed because four of those that it
helped were blocked; the office is not raised at all.
"""

import json

import pytest

from analyses.casework.before import DECIDED_FILE, Before
from analyses.casework.case_list import decide
from analyses.casework.decisions import ALLOW, Decision, append, read_decisions, undo
from analyses.casework.labels import confirmed_accounts, labels
from analyses.pipeline import run
from analyses.reporting.cards import explain
from analyses.reporting.digest import digest
from analyses.run import Run
from graph.errors import InputError
from tests.analyses.test_pipeline import SETTINGS, with_sanctions, write_csv

DAY = 86_400


@pytest.fixture
def path(tmp_path):
    return tmp_path / "decisions.jsonl"


@pytest.fixture
def rerun(farm_data, path, tmp_path):
    """Run again with the decisions, perhaps on other data."""
    opened: list[Run] = []

    def make(data=farm_data):
        out = tmp_path / f"run{len(opened)}"
        before = Before(decisions=path)
        opened.append(run(data, out, settings=SETTINGS, before=before))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def keep(farm_run, path, subject, decision):
    return decide(farm_run, path, subject, decision, person="eve", note="a reason")


def farm(farm_run):
    farms = farm_run.teams[farm_run.teams["kind"] == "registration_farm"]
    return ("team", farms["team_id"].iloc[0])


def listed(found):
    return set(found.accounts.loc[found.accounts["listed"], "account_id"])


FARM = {f"farm{i:02}" for i in range(12)}


def test_a_file_without_decisions_changes_nothing(farm_run, path, rerun):
    path.touch()
    assert digest(rerun().folder) == digest(farm_run.folder)


def test_without_the_file_the_run_says_so(farm_data, tmp_path):
    with pytest.raises(InputError, match="no file of decisions"):
        run(farm_data, tmp_path / "o", before=Before(decisions=tmp_path / "none"))


def test_a_dismissed_account_is_not_raised_again(farm_run, path, rerun):
    keep(farm_run, path, ("account", "farm07"), "dismissed")
    found = rerun()
    assert listed(found) == listed(farm_run) - {"farm07"}
    facts, before = (run.account("farm07").facts for run in (found, farm_run))
    assert before["action"] != "none" == facts["action"]
    assert facts["risk"] == before["risk"] > 0.5
    card = explain(found, "farm07", {})
    assert "dismissed by eve" in card and "a reason (decision 1)" in card
    used = found.manifest["decisions"]
    assert used["sha256"] == read_decisions(path).digest
    assert (used["kept_down"], used["raised_again"]) == (1, 0)
    assert "not raised again" in found.manifest["notes"][-1]


def test_a_decision_taken_back_counts_no_more(farm_run, path, rerun):
    keep(farm_run, path, ("account", "farm07"), "dismissed")
    append(path, undo(1, person="eve", note="mistaken"))
    assert listed(rerun()) == listed(farm_run)


@pytest.mark.parametrize("state", ["open", "in_progress"])
def test_an_open_case_stays_as_it_is(farm_run, path, rerun, state):
    keep(farm_run, path, ("account", "farm07"), state)
    assert listed(rerun()) == listed(farm_run)


def test_a_dismissed_team_is_not_raised_again(farm_run, path, rerun):
    keep(farm_run, path, farm(farm_run), "dismissed")
    assert listed(rerun()) == listed(farm_run) - FARM


def test_a_decision_on_a_member_goes_before_that_on_its_team(farm_run, path, rerun):
    keep(farm_run, path, farm(farm_run), "dismissed")
    keep(farm_run, path, ("account", "farm03"), "confirmed")
    assert listed(rerun()) & FARM == {"farm03"}


def later_blocked(farm_and_worker, *names):
    tables = with_sanctions(farm_and_worker)
    blocked = [
        {"account_id": name, "action": "short_block", "applied_at": 31 * DAY}
        for name in names
    ]
    return tables | {"sanctions": tables["sanctions"] + blocked}


def test_new_harm_raises_an_account_again_and_says_so(
    farm_run, farm_and_worker, path, rerun, tmp_path
):
    keep(farm_run, path, ("account", "farm07"), "dismissed")
    keep(farm_run, path, ("account", "farm08"), "dismissed")
    data = write_csv(tmp_path / "later", later_blocked(farm_and_worker, "farm07"))
    found = rerun(data)
    assert listed(found) & {"farm07", "farm08"} == {"farm07"}
    said = found.account("farm07").facts["decided"]
    assert "1 sanction or verified complaint since" in said
    assert "raised again" in explain(found, "farm07", {})
    assert found.manifest["decisions"]["raised_again"] == 1
    assert any("raised again" in note for note in found.manifest["notes"])
    assert (found.folder / DECIDED_FILE).is_file()


def test_new_harm_to_several_members_raises_a_team_again(
    farm_run, farm_and_worker, path, rerun, tmp_path
):
    keep(farm_run, path, farm(farm_run), "dismissed")
    tables = later_blocked(farm_and_worker, "farm07", "farm08")
    found = rerun(write_csv(tmp_path / "later", tables))
    assert listed(found) >= FARM
    assert "2 members with sanctions" in found.account("farm01").facts["decided"]


def test_a_team_that_has_doubled_is_raised_again(
    farm_run, farm_and_worker, path, rerun
):
    members = [f"farm{i:02}" for i in range(5)]
    seen = {"kind": "registration_farm", "members": {"batch_registered": members}}
    append(path, Decision(farm(farm_run), "dismissed", "eve", "a lab", seen))
    found = rerun()
    assert listed(found) >= FARM
    assert (
        "7 of its 12 members were not in it" in found.account("farm01").facts["decided"]
    )


def test_the_worker_needs_verified_accounts_and_a_confirmed_team_gives_them(
    farm_run, farm_and_worker, path, tmp_path
):
    tables = farm_and_worker  # nobody was blocked
    data = write_csv(tmp_path / "data", tables)
    with run(data, tmp_path / "first", settings=SETTINGS) as first:
        assert first.account("worker").facts["action"] == "watch"
        decide(first, path, farm(first), "confirmed", person="eve", note="seen there")
    before = Before(decisions=path)
    with run(data, tmp_path / "second", settings=SETTINGS, before=before) as second:
        assert "worker" in listed(second)
        assert second.manifest["decisions"]["verified"] == 12


def test_what_is_allowed_weighs_like_what_is_declared(
    farm_run, farm_and_worker, path, rerun, tmp_path
):
    keep(farm_run, path, ("device", "farm_phone"), ALLOW)
    declared = [{"kind": "device", "value": "farm_phone"}]
    data = write_csv(
        tmp_path / "d", with_sanctions(farm_and_worker) | {"declared": declared}
    )
    with run(data, tmp_path / "declared", settings=SETTINGS) as like:
        found = rerun()
        for table in ("teams", "evidence", "members"):
            assert digest(found.folder)[table] == digest(like.folder)[table]
        assert digest(found.folder)["evidence"] != digest(farm_run.folder)["evidence"]
    raised = found.accounts[found.accounts["listed"]].set_index("account_id")
    for name in FARM & set(raised.index):
        assert "put on the allow list by eve" in raised.loc[name, "decided"]
        assert "raised again" in raised.loc[name, "decided"]


def test_an_allowed_account_is_not_raised_again(farm_run, path, rerun):
    keep(farm_run, path, ("account", "farm07"), ALLOW)
    assert "farm07" not in listed(rerun())


def test_a_torn_line_is_told_by_the_run(farm_run, path, rerun):
    keep(farm_run, path, ("account", "farm07"), "dismissed")
    with path.open("ab") as file:
        file.write(b'{"number": 2, "at"')
    found = rerun()
    assert "farm07" not in listed(found)
    assert any("torn" in note for note in found.manifest["notes"])


def test_the_manifest_names_no_account(farm_run, path, rerun):
    keep(farm_run, path, farm(farm_run), "dismissed")
    said = json.dumps(rerun().manifest["decisions"])
    assert "farm0" not in said and "a reason" not in said


def test_labels_are_what_was_decided(farm_run, path):
    keep(farm_run, path, farm(farm_run), "confirmed")
    keep(farm_run, path, ("account", "farm05"), "dismissed")
    keep(farm_run, path, ("account", "office01"), ALLOW)
    keep(farm_run, path, ("account", "office02"), "in_progress")
    ledger = read_decisions(path)
    judged = {name: label.malicious for name, label in labels(ledger).items()}
    expected = dict.fromkeys(FARM, True) | {"farm05": False, "office01": False}
    assert judged == expected
    assert confirmed_accounts(ledger) == tuple(sorted(FARM - {"farm05"}))


@pytest.mark.parametrize("role", ["lured_helper", "victim"])
def test_whoever_was_deceived_is_never_a_malicious_label(path, role):
    seen = {"kind": "scanning_crew", "members": {role: ["p"], "operator": ["o"]}}
    append(path, Decision(("team", "C"), "confirmed", "eve", "seen", seen))
    append(path, Decision(("account", "q"), "confirmed", "eve", "s", {"role": role}))
    assert confirmed_accounts(read_decisions(path)) == ("o",)
