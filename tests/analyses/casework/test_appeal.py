"""Without the few things that an appeal names, the account is really not listed."""

import re

import pytest

from analyses.casework.appeal import Appeal, appeal
from analyses.pipeline import run
from analyses.reporting.texts import Texts
from graph.errors import InputError
from tests.analyses.test_pipeline import SETTINGS, write_csv


@pytest.fixture(scope="module")
def answer(farm_run):
    return appeal(farm_run, "farm07")


def test_a_farmed_account_would_not_be_listed_without_what_is_named(
    answer, farm_and_worker, farm_run, tmp_path
):
    assert answer.enough and answer.things
    text = " ".join(thing.says for thing in answer.things)
    tables = {name: list(rows) for name, rows in farm_and_worker.items()}
    # The same taken out of the files, by hand.
    if "vouched for your account" in text:
        tables["helps"] = [h for h in tables["helps"] if h["helped_id"] != "farm07"]
    for column, words in {
        "registration_device_id": "the device",
        "registration_wifi": "the network",
    }.items():
        if words in text:
            tables["accounts"] = [
                {k: v for k, v in row.items() if k != column}
                if row["account_id"] == "farm07"
                else row
                for row in tables["accounts"]
            ]
    if "friend requests" in text:
        tables["activity"] = [
            row for row in tables["activity"] if row["account_id"] != "farm07"
        ]
    data = write_csv(tmp_path / "data", tables)
    with run(data, tmp_path / "run", settings=SETTINGS) as found:
        rows = found.accounts[found.accounts["account_id"] == "farm07"]
        assert not rows["listed"].any()
        assert found.accounts["listed"].any()


def test_nothing_about_anybody_else_is_in_it(answer, farm_and_worker):
    text = answer.text()
    others = {row["account_id"] for row in farm_and_worker["accounts"]} - {"farm07"}
    others |= {row["help_id"] for row in farm_and_worker["helps"]}
    others |= {f"stranger{i:02}" for i in range(12)} | {"worker", "farm_phone"}
    for name in others:
        assert not re.search(rf"\b{re.escape(name)}\b", text), name
    assert not re.search(r"\bfarm-[0-9a-f]{10}\b", text)
    assert "farm07" in text and "To check:" in text


def test_a_worker_is_listed_for_verified_helps_alone(farm_run):
    # Four of those helped were blocked and three are needed: two are one too many.
    answer = appeal(farm_run, "worker")
    assert answer.enough
    assert len(answer.things) == 2
    assert all(thing.verified for thing in answer.things)
    assert answer.without == "watch"
    said = " ".join(answer.text().split())
    assert "suggested action is: look at it again later" in said


def test_the_quick_answer_goes_by_the_card(farm_run):
    answer = appeal(farm_run, "worker", check=False)
    assert len(answer.things) == 2 and answer.without is None


@pytest.mark.parametrize("name", ["office03", "nobody", "stranger03"])
def test_who_is_not_listed_has_nothing_to_appeal_against(farm_run, name):
    with pytest.raises(InputError, match="appeal"):
        appeal(farm_run, name)


def test_an_appeal_in_chinese_names_the_same(farm_run, answer):
    texts = Texts("zh")
    chinese = appeal(farm_run, "farm07", texts=texts)
    assert [t.ids for t in chinese.things] == [t.ids for t in answer.things]
    assert [t.remove for t in chinese.things] == [t.remove for t in answer.things]
    said = chinese.text(texts)
    assert re.search("[一-鿿]", said)
    assert re.findall(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}", said) == []


def test_when_all_together_are_not_enough_no_more_is_tried(farm_run, monkeypatch):
    tried = []

    def without(run, number, account_id, chosen):
        tried.append(chosen)
        return "limit"

    monkeypatch.setattr("analyses.casework.appeal._without", without)
    answer = appeal(farm_run, "farm07")
    assert not answer.enough
    assert len(tried) <= 2 and tried[-1] == answer.things


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_no_own_event_can_be_tried_it_says_so(language):
    """As of a poster: no set of no events was tried, so none was not enough."""
    said = Appeal("poster", "limit", (), 0, enough=False, without="limit")
    text = "".join(said.text(Texts(language)).split())  # lines are broken anywhere
    assert "scanringexplainRUNposter" in text
    assert "All0" not in text and "repeated" not in text
