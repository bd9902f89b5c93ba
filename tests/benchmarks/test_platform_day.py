"""A day is the same every time, and a large one is made in parts."""

import duckdb
import pytest

from graph.schema import TABLES
from tests.benchmarks import platform_day
from tests.benchmarks.platform_day import make_day


def count(path, name):
    files = path / f"{name}.parquet"
    found = files if files.exists() else path / name / "*.parquet"
    with duckdb.connect() as database:
        return database.execute(f"SELECT count(*) FROM '{found}'").fetchall()[0][0]


@pytest.mark.parametrize("block", [1_000_000, 1_500])
def test_a_day_has_its_rows_for_each_new_account(tmp_path, monkeypatch, block):
    monkeypatch.setattr(platform_day, "BLOCK", block)
    make_day(tmp_path / "day", new=3_000)
    assert count(tmp_path / "day", "accounts") == 4 * 3_000
    assert count(tmp_path / "day" / "truth", "accounts") == 4 * 3_000
    assert count(tmp_path / "day", "logins") == pytest.approx(6_000, rel=0.1)
    assert count(tmp_path / "day", "ties") == pytest.approx(5_100, rel=0.1)
    names = {path.stem for path in (tmp_path / "day").iterdir()}
    assert names - {"truth"} <= TABLES.keys()


def test_no_two_blocks_have_an_account_in_common(tmp_path, monkeypatch):
    monkeypatch.setattr(platform_day, "BLOCK", 1_500)
    make_day(tmp_path / "day", new=3_000)
    files = f"'{tmp_path}/day/accounts/*.parquet'"
    with duckdb.connect() as database:
        found = database.execute(
            f"SELECT count(DISTINCT account_id) FROM {files}"
        ).fetchall()
    assert found == [(12_000,)]
