import pyarrow as pa
import pytest

from analyses.reporting.outputs import OUTPUTS, output_table, read_output
from graph.errors import InputError


def test_tables_come_sorted_in_the_types_of_the_contract(store):
    store.materialise("out_members", "SELECT * FROM out_members ORDER BY role DESC")
    table = output_table(store, "members")
    assert table.schema == OUTPUTS["members"].schema
    assert table["account_id"].to_pylist() == ["p", "b1", "b2", "g", "w"]


def test_whole_seconds_become_times(store):
    assert str(output_table(store, "teams")["first_seen"][0]) == "2026-03-01 08:00:00"


def test_further_columns_follow_those_of_the_contract(store):
    store.materialise("out_links", "SELECT 1 AS more, * FROM out_links")
    assert output_table(store, "links").column_names[-1] == "more"


def test_a_column_that_is_all_null_gets_its_type(store):
    store.materialise(
        "out_accounts", "SELECT * REPLACE (NULL AS helper_score) FROM out_accounts"
    )
    assert output_table(store, "accounts")["helper_score"].type == pa.float64()


def test_a_missing_contract_column_is_our_mistake(store):
    store.materialise("out_links", "SELECT * EXCLUDE (kind) FROM out_links")
    with pytest.raises(AssertionError, match="out_links lacks kind"):
        output_table(store, "links")


def test_reading_says_what_is_missing(run_folder):
    assert read_output(run_folder, "links").num_rows == 2
    (run_folder / "links.parquet").unlink()
    with pytest.raises(InputError, match=r"no links\.parquet"):
        read_output(run_folder, "links")
