"""An estimate counts rows and runs nothing."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyses.estimate import BYTES_PER_ROW, START_BYTES, estimate, yardstick
from graph.errors import InputError


@pytest.fixture
def data(tmp_path):
    for name, rows in (("accounts", 1_000), ("helps", 500)):
        table = pa.table({"any": pa.array(range(rows))})
        pq.write_table(table, tmp_path / f"{name}.parquet")
    return tmp_path


def test_rows_of_all_tables_count(data):
    found = estimate(data)
    assert found.rows == 1_500
    assert found.memory_bytes == START_BYTES + 1_500 * BYTES_PER_ROW
    assert "1,500 rows" in found.text()


def test_a_limit_of_memory_is_kept_to(data):
    table = pa.table({"any": pa.nulls(50_000_000, pa.bool_())})
    pq.write_table(table, data / "ties.parquet")
    assert estimate(data, memory="1GB").memory_bytes < estimate(data).memory_bytes


def test_part_files_and_texts_count_too(data):
    (data / "ties").mkdir()
    (data / "ties" / "1.csv").write_text("account_a,account_b\n" + "a,b\n" * 900)
    assert estimate(data).rows > 1_500


def test_a_folder_without_accounts_is_no_data(tmp_path):
    with pytest.raises(InputError, match="no table"):
        estimate(tmp_path)


def test_a_yardstick_is_a_time():
    assert 0 < yardstick() < 60


def test_a_memory_that_is_no_size_is_refused(data):
    with pytest.raises(InputError, match="'abc' is no size"):
        estimate(data, memory="abc")
