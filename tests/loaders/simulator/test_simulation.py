"""A sample world keeps the contract, its truth, and what was asked for."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from graph.errors import InputError, OutputError
from graph.schema import TABLES
from loaders.simulator import DESIGNS, WorldSettings, simulate

SMALL: dict[str, Any] = {"new": 3_000, "existing": 9_000}
START = pd.Timestamp("2026-03-01", tz="UTC")
END = START + pd.Timedelta(days=90)
WRITTEN = {
    "id": pa.types.is_string,
    "text": pa.types.is_string,
    "ip": pa.types.is_string,
    "time": pa.types.is_timestamp,
    "date": pa.types.is_date,
    "bool": pa.types.is_boolean,
    "integer": pa.types.is_integer,
    "degrees": pa.types.is_floating,
}


def make(folder: Path, **options) -> Path:
    simulate(folder, WorldSettings(**{**SMALL, **options}))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("worlds") / "world", seed=3)


@pytest.fixture(scope="module")
def world(folder):
    """All tables of a world, and its truth, as frames."""
    frames = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    for path in (folder / "truth").glob("*.parquet"):
        frames[f"truth_{path.stem}"] = pd.read_parquet(path)
    return frames


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.*"))
        if path.is_file()
    }


def test_a_seed_gives_the_same_bytes_and_another_one_another_world(folder, tmp_path):
    assert hashes(make(tmp_path / "again", seed=3)) == hashes(folder)
    other = hashes(make(tmp_path / "other", seed=4))
    assert all(other[name] != value for name, value in hashes(folder).items())


def test_tables_keep_the_contract(folder):
    for path in folder.glob("*.parquet"):
        table, found = TABLES[path.stem], pq.read_table(path)
        names = [column.name for column in table.columns]
        assert found.column_names == [n for n in names if n in found.column_names]
        for column in table.columns:
            if column.name not in found.column_names:
                assert not column.required
                continue
            values = found[column.name]
            assert WRITTEN[column.kind](values.type), (path.stem, column.name)
            if column.required:
                assert values.null_count == 0, (path.stem, column.name)
            if column.values:
                assert set(values.drop_null().unique().to_pylist()) <= {*column.values}
        key = found.select(list(table.key))
        assert key.group_by(list(table.key)).aggregate([]).num_rows == len(key)


def test_every_id_points_to_a_row(world):
    for name, table in TABLES.items():
        for column in table.columns:
            if column.refers_to and name in world and column.name in world[name]:
                known = world[column.refers_to][TABLES[column.refers_to].key[0]]
                assert world[name][column.name].dropna().isin(known).all(), name


def test_the_window_is_that_of_the_settings(world):
    accounts, scans = world["accounts"], world["scans"]
    assert (accounts["registered_at"] >= START).sum() == SMALL["new"]
    assert len(accounts) == SMALL["new"] + SMALL["existing"]
    assert scans["scanned_at"].min() == START
    assert world["logins"]["logged_in_at"].max() == END - pd.Timedelta(seconds=1)
    for name, frame in world.items():
        if name in TABLES:
            for column in TABLES[name].columns:
                if column.kind == "time" and column.name in {*frame} - {"until"}:
                    assert frame[column.name].max() < END, (name, column.name)


def test_nothing_comes_before_its_cause(world):
    registered = world["accounts"].set_index("account_id")["registered_at"]
    helps, scans = world["helps"], world["scans"]
    for side in ("helper_id", "helped_id"):
        assert not (helps["helped_at"] < helps[side].map(registered)).any()
    assert (helps["helper_id"] != helps["helped_id"]).all()
    issued = world["codes"].set_index("code_id")["issued_at"]
    assert not (scans["scanned_at"] < scans["code_issued_at"]).any()
    assert not (scans["scanned_at"] < scans["code_id"].map(issued)).any()
    assert not (scans["confirmed_at"] < scans["scanned_at"]).any()
    assert not (scans["scanned_at"] < scans["scanner_id"].map(registered)).any()
    served = scans["code_id"].map(world["codes"].set_index("code_id")["account_id"])
    assert not (scans["scanned_at"] < served.map(registered)).any()
    logins = world["logins"]
    assert not (logins["logged_in_at"] < logins["account_id"].map(registered)).any()
    ties = world["ties"]
    for side in ("account_a", "account_b"):
        assert not (ties["since"] < ties[side].map(registered)).any()
    for table, column in (("complaints", "filed_at"), ("sanctions", "applied_at")):
        at, who = world[table][column], world[table]["account_id"]
        assert not (at < who.map(registered)).any(), table


def test_nobody_succeeds_twice_within_thirty_days(world):
    helps = world["helps"].dropna(subset=["helped_at"])
    done = helps[helps["result"] == "ok"].sort_values("helped_at", kind="stable")
    gap = done.groupby("helper_id")["helped_at"].diff().dropna()
    assert (gap >= pd.Timedelta(days=30)).all()
    assert (gap < pd.Timedelta(days=40)).any()


def test_the_truth_agrees_with_the_tables(world):
    truth = world["truth_accounts"].set_index("account_id")
    assert set(truth.index) == set(world["accounts"]["account_id"])
    assert (truth["role"] == "batch_registered").sum() == SMALL["new"] // 10
    assert (truth["team_ids"].map(len).gt(0) == truth["role"].notna()).all()
    assert not (truth["role"].notna() & truth["innocent_kind"].notna()).any()
    kinds = world["truth_teams"].set_index("team_id")["kind"]
    assert truth["team_ids"].explode().dropna().isin(kinds.index).all()
    helps = world["truth_helps"].merge(world["helps"], on="help_id", validate="1:1")
    assert len(helps) == len(world["truth_helps"])
    pattern = {
        "stall": "scanning_crew",
        "platform": "helper_platform",
        "owned": "registration_farm",
    }
    assert (helps["team_id"].map(kinds) == helps["pattern"].map(pattern)).all()
    helper = helps["helper_id"].map(truth["role"])
    owned = helps["pattern"] == "owned"
    assert (helper[owned] == "owned_helper").all()
    stall = helper[helps["pattern"] == "stall"]
    assert (stall == "lured_helper").mean() > 0.9


def test_a_farm_account_is_helped_by_those_who_serve_it(world):
    truth = world["truth_accounts"].set_index("account_id")["role"]
    helps = world["helps"]
    ours = helps["helped_id"].map(truth) == "batch_registered"
    assert set(helps.loc[ours, "help_id"]) <= set(world["truth_helps"]["help_id"])
    helped = helps.loc[ours & (helps["result"] == "ok"), "helped_id"]
    assert helped.nunique() > 0.9 * (truth == "batch_registered").sum()


@pytest.mark.long
def test_a_stall_is_as_the_field_report_says(tmp_path):
    out = make(tmp_path / "world", new=20_000, existing=60_000)
    truth = pd.read_parquet(out / "truth/helps.parquet")
    stall = truth[truth["pattern"] == "stall"]
    helps = stall.merge(pd.read_parquet(out / "helps.parquet"), on="help_id")
    scans = helps.merge(
        pd.read_parquet(out / "scans.parquet"), on="scan_id", suffixes=("", "_scan")
    )
    took = (scans["confirmed_at"] - scans["scanned_at"]).dt.total_seconds().dropna()
    assert (took < 10).mean() > 0.85
    done = helps[helps["result"] == "ok"]
    assert (done["helper_id"].value_counts() == 1).mean() > 0.97
    # One crew holds one session a day, at one place.
    scans["day"] = scans["scanned_at"].dt.floor("D")
    north = scans.groupby(["team_id", "day"])["latitude"]
    metres = (north.max() - north.min()) * 111_320
    assert metres.max() < 200
    assert (north.count() >= 2).sum() > 10


def test_a_platforms_takers_race_for_one_code(world):
    orders = world["truth_helps"].query("pattern == 'platform'")
    helps = orders.merge(world["helps"], on="help_id")
    takers = helps.groupby("helped_id")["helper_id"].nunique()
    assert (takers > 1).mean() > 0.3
    assert {"ok", "lost_race", "quota_refused"} <= set(helps["result"].dropna())
    succeeded = helps[helps["result"] == "ok"].groupby("helped_id").size()
    assert (succeeded == 1).all()


def test_no_crews_means_no_stalls(tmp_path):
    out = make(tmp_path / "world", crews=0)
    patterns = pd.read_parquet(out / "truth/helps.parquet")["pattern"]
    assert set(patterns) == {"platform", "owned"}
    teams = pd.read_parquet(out / "truth/teams.parquet")["kind"]
    assert set(teams) == {"registration_farm", "helper_platform"}


def test_crews_and_platforms_are_as_many_as_asked(tmp_path):
    out = make(tmp_path / "world", crews=3, platforms=2)
    kinds = pd.read_parquet(out / "truth/teams.parquet")["kind"].value_counts()
    assert kinds["scanning_crew"] == 3
    assert kinds["helper_platform"] == 2


def test_a_world_may_hold_nothing_but_look_alikes(tmp_path):
    out = make(tmp_path / "world", farmed=0.0)
    truth = pd.read_parquet(out / "truth/accounts.parquet")
    assert truth["role"].isna().all()
    assert set(truth["innocent_kind"].dropna()) == set(DESIGNS["nationwide"].shares)
    assert len(pd.read_parquet(out / "truth/teams.parquet")) == 0
    assert len(pd.read_parquet(out / "truth/helps.parquet")) == 0


def test_only_the_look_alikes_asked_for_are_there(tmp_path):
    out = make(tmp_path / "world", look_alikes=("agency", "event"))
    truth = pd.read_parquet(out / "truth/accounts.parquet")
    assert set(truth["innocent_kind"].dropna()) == {"agency", "event"}


def test_the_missing_share_is_that_of_the_settings(tmp_path):
    none = pd.read_parquet(make(tmp_path / "none", missing=0.0) / "helps.parquet")
    assert none["result"].notna().all()
    some = pd.read_parquet(make(tmp_path / "some", missing=0.3) / "helps.parquet")
    assert abs(some["result"].isna().mean() - 0.3) < 0.03


def test_without_an_aftermath_nobody_is_complained_about(tmp_path):
    out = make(tmp_path / "world", aftermath=False)
    assert not (out / "complaints.parquet").exists()
    assert not (out / "activity.parquet").exists()


def test_csv_in_parts_holds_the_same_rows(tmp_path, folder):
    out = make(tmp_path / "world", seed=3, format="csv.gz", parts=3)
    parts = sorted((out / "helps.csv.gz").iterdir())
    assert len(parts) == 3
    rows = ds.dataset(parts, format="csv").to_table().to_pandas()
    whole = pd.read_parquet(folder / "helps.parquet")
    assert rows["help_id"].tolist() == whole["help_id"].tolist()
    at = pd.read_csv(parts[0], dtype="string")["helped_at"].dropna()
    assert at.str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d").all()


def test_a_very_small_world_can_be_made(tmp_path):
    out = make(tmp_path / "world", new=100, existing=200)
    assert len(pd.read_parquet(out / "accounts.parquet")) == 300


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not empty"):
        simulate(tmp_path, WorldSettings(**SMALL))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"farmed": 1.5}, "farmed is 1.5: give a share between 0 and 1"),
        ({"new": 0}, "new is 0: give 1 or more"),
        ({"crews": -1}, "crews is -1: give 0 or more"),
        ({"style": "carefull"}, "did you mean 'careful'"),
        ({"look_alikes": ("agencies",)}, "look_alikes is 'agencies'"),
        ({"start": "1 March"}, "give a day as 2026-03-01"),
    ],
)
def test_a_wrong_setting_is_named(options, message):
    with pytest.raises(InputError, match=message):
        WorldSettings(**options)


def test_farm_sizes_are_heavy_tailed_and_add_up():
    from loaders.simulator.farms import farm_sizes

    habits = DESIGNS["nationwide"].farms

    size = np.concatenate(
        [farm_sizes(np.random.default_rng(seed), 4_000, habits) for seed in range(20)]
    )
    assert size.sum() == 80_000
    assert size.min() >= 15
    assert 25 * 20 <= len(size) <= 50 * 20
    assert size.max() > 400
