"""Corrected weights: few labels move little, keep the table's order, and are used."""

import json
import stat

import numpy as np
import pandas as pd
import pytest

from analyses.casework.again import settings_of
from analyses.casework.before import Before
from analyses.casework.calibrate import calibrate, table_bits
from analyses.casework.decisions import Decision, Ledger, append, read_decisions
from analyses.casework.weights import Weights, read_weights, write_weights
from analyses.detection.signals import SIGNALS
from analyses.evaluation.decided import evaluate_decisions
from analyses.pipeline import Settings, run
from analyses.reporting.digest import digest
from graph.errors import InputError, OutputError
from tests.analyses.test_pipeline import SETTINGS


@pytest.fixture(scope="module")
def ledger(sample, tmp_path_factory):
    """What somebody who knew the truth would decide of a few accounts."""
    path = tmp_path_factory.mktemp("calibrate") / "decisions.jsonl"
    truth = pd.read_parquet(
        sample.folder.parent / "data" / "truth" / "accounts.parquet"
    )
    true = truth.loc[truth["role"] == "batch_registered", "account_id"]
    raised = sample.accounts[sample.accounts["role"] == "batch_registered"]
    raised = raised[raised["action"] != "none"]
    for known, state in ((False, "dismissed"), (True, "confirmed")):
        mine = raised[raised["account_id"].isin(true) == known]["account_id"].head(12)
        assert len(mine) >= 5
        for name in mine:
            append(path, Decision(("account", name), state, "eve", "the truth"))
    return read_decisions(path)


@pytest.fixture(scope="module")
def learned(sample, ledger):
    return calibrate(sample, ledger)


def test_a_few_decisions_correct_a_little_and_are_followed_better(learned):
    assert learned.malicious == 12 and learned.innocent >= 5
    assert not learned.corrections.empty
    assert learned.corrections["correction"].abs().max() < 2
    assert learned.right > learned.right_before


def test_one_wrong_dismissal_takes_hardly_anybody_off_the_list(sample, tmp_path):
    surest = sample.accounts.sort_values(["risk", "account_id"])["account_id"].iloc[-1]
    path = tmp_path / "decisions.jsonl"
    append(path, Decision(("account", surest), "dismissed", "eve", "a family phone"))
    changes = calibrate(sample, read_decisions(path)).changes
    gone = changes["before_listed"] & ~changes["after_listed"]
    assert gone.sum() <= sample.accounts["listed"].sum() // 50


def test_the_answers_keep_the_order_of_the_table(learned):
    for code, answers in learned.weights.corrections.items():
        table = table_bits(code)
        bits = [answers.get(level.code, 0.0) for level in SIGNALS[code].levels]
        ranked = (table + np.array(bits))[np.argsort(table, kind="stable")]
        assert (np.diff(ranked) >= -0.02).all(), code


def test_the_report_says_for_whom(learned):
    text = learned.text()
    assert f"12 malicious, {learned.innocent} innocent" in text
    assert "Accounts with another action" in text


def test_the_same_decisions_give_the_same_weights(sample, ledger, learned):
    assert calibrate(sample, ledger).weights == learned.weights


def test_what_would_change_is_what_changes(sample, learned, tmp_path):
    path = tmp_path / "weights.json"
    write_weights(path, learned.weights)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = Before(weights=path)
    data = sample.folder.parent / "data"
    with run(
        data, tmp_path / "r", settings=Settings(threads=2), before=before
    ) as found:
        assert found.manifest["weights"]["sha256"] == read_weights(path)[1]
        assert digest(found.folder) != digest(sample.folder)
        actions = found.accounts.set_index("account_id")["action"]
        for change in learned.changes.to_dict("records"):
            assert actions.get(change["account_id"], "none") == change["after"]


def test_weights_that_correct_nothing_change_nothing(farm_run, farm_data, tmp_path):
    path = tmp_path / "weights.json"
    write_weights(path, Weights({}))
    before = Before(weights=path)
    run(farm_data, tmp_path / "r", settings=SETTINGS, before=before).close()
    assert digest(tmp_path / "r") == digest(farm_run.folder)


def test_without_decisions_there_is_nothing_to_learn(farm_run, tmp_path):
    with pytest.raises(InputError, match="confirm or dismiss"):
        calibrate(farm_run, Ledger(tmp_path / "none"))


def test_a_file_of_weights_is_not_written_over(tmp_path):
    path = tmp_path / "weights.json"
    write_weights(path, Weights({}))
    with pytest.raises(OutputError, match="--overwrite"):
        write_weights(path, Weights({}))
    write_weights(path, Weights({"payment": {"no_payment": 1.0}}), overwrite=True)
    assert read_weights(path)[0].corrections == {"payment": {"no_payment": 1.0}}


@pytest.mark.parametrize(
    ("corrections", "says"),
    [
        ({"paymint": {}}, "did you mean 'payment'"),
        ({"payment": {"no_paymint": 1}}, "did you mean 'no_payment'"),
        ({"payment": {"no_payment": 99}}, "bits from -4 to 4"),
        ({"payment": {"no_payment": True}}, "bits from -4 to 4"),
        ({"payment": {"no_payment": "1"}}, "bits from -4 to 4"),
        ({"payment": 1}, "needs an answer"),
        ([], "no corrections"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path, corrections, says):
    path = tmp_path / "weights.json"
    path.write_text(
        json.dumps({"format": "scanring weights", "corrections": corrections})
    )
    with pytest.raises(InputError, match=says):
        read_weights(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"format": "other"}'])
def test_what_is_no_file_of_weights_is_refused(tmp_path, text):
    path = tmp_path / "weights.json"
    path.write_text(text)
    with pytest.raises(InputError, match="no file of weights"):
        read_weights(path)


def test_the_settings_of_a_run_are_read_back(farm_run):
    assert settings_of(farm_run) == SETTINGS


def test_decisions_are_labels(farm_run, tmp_path):
    path = tmp_path / "decisions.jsonl"
    for name, state in (("farm01", "dismissed"), ("farm02", "confirmed")):
        append(path, Decision(("account", name), state, "eve", "seen"))
    figures = evaluate_decisions(farm_run, read_decisions(path)).figures
    assert figures["decided.all.precision"] == 0.5
    assert figures["decided.all.recall"] == 1.0
    with pytest.raises(InputError, match="judges no account"):
        evaluate_decisions(farm_run, Ledger(path))
