import pandas as pd
import pyarrow.parquet as pq
import pytest

from analyses.evaluation.comparison import compare
from analyses.evaluation.evaluate import evaluate
from analyses.reporting.outputs import OUTPUTS
from graph.errors import InputError


def figures(run_folder, truth_folder):
    return evaluate(run_folder, truth_folder).figures


def change(path, **columns):
    """Replace values of a table: column=(key column, key, new value)."""
    frame = pq.read_table(path).to_pandas()
    for column, (key_column, key, value) in columns.items():
        frame.loc[frame[key_column] == key, column] = value
    frame.to_parquet(path)


def test_two_of_three_batch_registered_accounts_are_found(run_folder, truth_folder):
    found = figures(run_folder, truth_folder)
    assert found["batch_registered.found.precision"] == 1
    assert found["batch_registered.found.recall"] == pytest.approx(2 / 3)
    assert found["batch_registered.listed.recall"] == pytest.approx(1 / 3)


def test_an_account_below_a_risk_of_a_half_is_not_found(run_folder, truth_folder):
    change(run_folder / "accounts.parquet", risk=("account_id", "b2", 0.49))
    found = figures(run_folder, truth_folder)
    assert found["batch_registered.found.recall"] == pytest.approx(1 / 3)


def test_average_precision_counts_those_that_were_never_named(run_folder, truth_folder):
    # b1 and b2 on top, b3 among the six of eight accounts and one stranger at nothing.
    found = figures(run_folder, truth_folder)["batch_registered.average_precision"]
    assert found == pytest.approx(1 / 3 + 1 / 3 + 1 / 3 * 3 / 9)


def test_the_risk_of_another_role_says_nothing_about_registration(
    run_folder, truth_folder
):
    before = figures(run_folder, truth_folder)
    change(run_folder / "accounts.parquet", risk=("account_id", "w", 0.99))
    after = figures(run_folder, truth_folder)
    name = "batch_registered.average_precision"
    assert after[name] == before[name]


def test_a_farm_of_three_of_which_two_were_found(run_folder, truth_folder):
    found = figures(run_folder, truth_folder)
    assert found["registration_farm.bcubed_precision"] == 1
    assert found["registration_farm.bcubed_recall"] == pytest.approx(5 / 9)
    assert found["registration_farm.pairwise_recall"] == pytest.approx(1 / 3)


def test_a_crew_does_not_count_as_a_farm(run_folder, truth_folder):
    change(run_folder / "teams.parquet", kind=("team_id", "F", "scanning_crew"))
    found = figures(run_folder, truth_folder)
    assert found["registration_farm.pairwise_recall"] == 0


def test_an_account_in_two_farms_counts_where_the_evidence_is(run_folder, truth_folder):
    members = pq.read_table(run_folder / "members.parquet").to_pandas()
    members.loc[len(members)] = ["P", "b1", "batch_registered", 9.0]
    members.to_parquet(run_folder / "members.parquet")
    change(run_folder / "teams.parquet", kind=("team_id", "P", "registration_farm"))
    found = figures(run_folder, truth_folder)
    assert found["registration_farm.pairwise_recall"] == 0


def test_crews_are_compared_over_stall_helps(run_folder, truth_folder):
    found = figures(run_folder, truth_folder)
    assert found["scanning_crew.bcubed_f1"] == 1
    assert found["scanning_crew.pairwise_f1"] is None  # one help makes no pair
    change(run_folder / "helps.parquet", pattern=("help_id", "h4", "platform"))
    assert figures(run_folder, truth_folder)["helps.stall.recall"] == 0


def test_the_risk_of_teams_against_what_they_are(run_folder, truth_folder):
    found = figures(run_folder, truth_folder)
    assert found["registration_farm.risk_brier"] == pytest.approx(0.1**2)
    assert found["scanning_crew.risk_brier"] == pytest.approx(0.4**2)
    assert found["helper_platform.risk_brier"] == pytest.approx(0.3**2)  # 2 of 3 helps
    change(run_folder / "helps.parquet", pattern=("help_id", "h4", "platform"))
    change(truth_folder / "accounts.parquet", role=("account_id", "b1", None))
    after = figures(run_folder, truth_folder)
    assert after["scanning_crew.risk_brier"] == pytest.approx(0.6**2), "no help at all"
    assert after["registration_farm.risk_brier"] == pytest.approx(0.1**2), "half of it"
    change(truth_folder / "accounts.parquet", role=("account_id", "b2", None))
    nobody = figures(run_folder, truth_folder)
    assert nobody["registration_farm.risk_brier"] == pytest.approx(0.9**2)


def test_where_there_is_no_team_of_a_kind_its_risk_is_neither_good_nor_bad(
    run_folder, truth_folder
):
    change(run_folder / "teams.parquet", kind=("team_id", "P", "scanning_crew"))
    assert figures(run_folder, truth_folder)["helper_platform.risk_brier"] is None


def test_helps_by_pattern(run_folder, truth_folder):
    found = figures(run_folder, truth_folder)
    assert found["helps.platform.precision"] == pytest.approx(2 / 3)  # h5 was honest
    assert found["helps.platform.recall"] == pytest.approx(2 / 3)  # h3 was missed
    assert "helps.owned.recall" not in found


def test_roles_over_all_that_helped(run_folder, truth_folder):
    found = figures(run_folder, truth_folder)
    assert found["roles.platform_worker.precision"] == 0.5
    assert found["roles.platform_worker.recall"] == 1
    assert found["roles.worker_or_owned.recall"] == 1
    assert found["roles.lured_helper.recall"] == 1
    assert found["roles.lured_helper.at_half.recall"] == 0
    assert found["roles.operator.recall"] is None


def test_a_worker_that_never_helped_counts_nowhere(run_folder, truth_folder):
    change(truth_folder / "accounts.parquet", role=("account_id", "d", "owned_helper"))
    assert figures(run_folder, truth_folder)["roles.owned_helper.recall"] is None


def test_repeat_helpers_need_two_attempts(run_folder, truth_folder):
    name = "repeat_helpers.average_precision"
    assert figures(run_folder, truth_folder)[name] == 1
    # p tried once: a worker, but not a repeat helper.
    change(truth_folder / "accounts.parquet", role=("account_id", "p", "owned_helper"))
    assert figures(run_folder, truth_folder)[name] == 1
    # g helped twice, and stands below w.
    change(truth_folder / "accounts.parquet", role=("account_id", "g", "operator"))
    change(run_folder / "accounts.parquet", helper_score=("account_id", "g", None))
    assert figures(run_folder, truth_folder)[name] == pytest.approx(
        1 / 2 + 1 / 2 * 2 / 4
    )


def test_who_was_wrongly_listed(run_folder, truth_folder):
    evaluation = evaluate(run_folder, truth_folder)
    table = next(s for s in evaluation.sections if s.title.startswith("Innocent"))
    assert table.rows[0] == ("agency", 1, 1, 1)
    assert ("lured_helper", 1, 0, 0) in table.rows
    assert evaluation.figures["listed.wrong_share"] == pytest.approx(1 / 3)


def test_the_risk_is_held_against_the_role(run_folder, truth_folder):
    before = figures(run_folder, truth_folder)["calibration_error"]
    assert before == pytest.approx((0.1 + 0.2 + 0.6 + 0.2 + 0.3) / 5)
    change(run_folder / "accounts.parquet", role=("account_id", "b1", "operator"))
    after = figures(run_folder, truth_folder)["calibration_error"]
    assert after == pytest.approx((0.9 + 0.2 + 0.6 + 0.2 + 0.3) / 5)


def test_a_run_that_found_nothing_has_figures_too(run_folder, truth_folder):
    for output in OUTPUTS.values():
        pq.write_table(output.schema.empty_table(), run_folder / output.file_name)
    evaluation = evaluate(run_folder, truth_folder)
    assert evaluation.figures["batch_registered.found.recall"] == 0
    assert evaluation.figures["batch_registered.found.precision"] is None
    assert evaluation.figures["registration_farm.bcubed_precision"] == 1
    assert evaluation.figures["calibration_error"] is None
    assert "none" in evaluation.text()


def test_a_truth_in_which_nobody_is_guilty_has_figures_too(run_folder, truth_folder):
    for name in ("accounts", "teams", "helps"):
        path = truth_folder / f"{name}.parquet"
        pq.write_table(pq.read_table(path).slice(0, 0), path)
    found = figures(run_folder, truth_folder)
    assert found["batch_registered.found.precision"] == 0
    assert found["batch_registered.found.recall"] is None
    assert found["registration_farm.bcubed_f1"] is None


def test_the_helps_may_come_from_a_file(run_folder, truth_folder, tmp_path):
    expected = figures(run_folder, truth_folder)
    (run_folder / "store.duckdb").unlink()
    with pytest.raises(InputError, match=r"no store\.duckdb"):
        evaluate(run_folder, truth_folder)
    helpers = ["w", "w", "w", "p", "g", "g", "stranger"]
    path = tmp_path / "helps.parquet"
    pd.DataFrame({"helper_id": helpers}).to_parquet(path)
    assert evaluate(run_folder, truth_folder, helps=path).figures == expected


def test_a_truth_that_lacks_something_is_named(run_folder, truth_folder, tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        evaluate(run_folder, tmp_path / "nowhere")
    pd.DataFrame({"team_id": ["x"]}).to_parquet(truth_folder / "teams.parquet")
    with pytest.raises(InputError, match="lacks the column kind"):
        evaluate(run_folder, truth_folder)


def test_the_truth_of_another_world_is_refused(run_folder, truth_folder):
    path = truth_folder / "accounts.parquet"
    truth = pd.read_parquet(path)
    truth.assign(account_id="other_" + truth["account_id"]).to_parquet(path)
    with pytest.raises(InputError, match="none of them is in .*: give the truth of"):
        compare(run_folder, truth_folder)
    truth.head(1).to_parquet(path)  # one is enough
    assert compare(run_folder, truth_folder).true_accounts.shape[0] == 1
