"""A small world in files, from end to end.

farm00 … farm11  one phone, helped by strangers; the first six by `worker` as well, who
                 raced for their codes and was refused; four of them were blocked since
office, plain    newcomers helped by people they know
"""

import csv
import json
import math
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from analyses.capacity import Capacity
from analyses.phases import PHASES
from analyses.pipeline import Settings, run
from analyses.reporting.digest import digest
from analyses.reporting.outputs import OUTPUTS
from analyses.run import Run
from graph.errors import InputError, OutputError
from graph.schema import TABLES

START = 1_772_323_200  # 2026-03-01
DAY = 86_400
SETTINGS = Settings(new_since=START, threads=2)


@pytest.fixture
def tables(farm_and_worker):
    return with_sanctions(farm_and_worker)


def with_sanctions(tables):
    sanctions = [
        {
            "account_id": f"farm{i:02}",
            "action": "short_block",
            "applied_at": 30 * DAY,
        }
        for i in range(4)
    ]
    return tables | {"sanctions": sanctions}


def write_csv(folder: Path, tables, *, parts=1, order=None):
    """Write tables as CSV in the contract's units, each in one or in several parts."""
    for name, rows in tables.items():
        rows = list(rows)
        if order is not None:
            np.random.default_rng(order).shuffle(rows)
        kinds = {column.name: column.kind for column in TABLES[name].columns}
        written = [
            {column: written_as(value, kinds[column]) for column, value in row.items()}
            for row in rows
        ]
        columns = [c for c in kinds if any(c in row for row in rows)]
        (folder / name).mkdir(parents=True)
        for part in range(parts):
            path = folder / name / f"part{part}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(written[part::parts])
    return folder


def written_as(value, kind):
    if kind not in ("time", "date"):
        return value
    at = datetime.fromtimestamp(START + value, UTC)
    return at.strftime("%Y-%m-%d" if kind == "date" else "%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def data(tables, tmp_path):
    return write_csv(tmp_path / "data", tables)


@pytest.fixture(scope="module")
def finished(farm_and_worker, tmp_path_factory):
    """The run of this world, made once; nothing may be changed in it."""
    here = tmp_path_factory.mktemp("finished")
    data = write_csv(here / "data", with_sanctions(farm_and_worker))
    with run(data, here / "out", settings=SETTINGS) as opened:
        yield opened


def test_the_farm_is_found_and_nobody_else(finished):
    accounts = finished.accounts.set_index("account_id")
    farm = accounts[accounts["role"] == "batch_registered"]
    assert set(farm.index) == {f"farm{i:02}" for i in range(12)}
    assert farm["listed"].all()
    teams = finished.teams[finished.teams["kind"] == "registration_farm"]
    assert set(farm["team_id"]) == set(teams["team_id"])
    assert teams["members"].tolist() == [12]
    innocent = accounts[accounts.index.str.match("office|plain|old")]
    assert not innocent["listed"].any()
    # Found is who is at 0.5 or more; all others are far from it.
    assert farm["risk"].min() > 0.5 and farm["risk"].median() > 0.8
    assert (innocent["risk"] < 0.1).all()


def test_the_worker_is_listed_by_the_two_part_test(finished):
    worker = finished.account("worker").facts
    assert worker["role"] == "platform_worker"
    assert worker["listed"]
    scores = finished.accounts["helper_score"]
    assert worker["helper_score"] == scores.max()


def test_the_tables_have_the_columns_of_the_contract(finished):
    for name, output in OUTPUTS.items():
        schema = pq.read_schema(finished.folder / output.file_name)
        assert schema.names[: len(output.columns)] == output.schema.names
        for column in output.columns:
            assert schema.field(column.name).type == column.type, (name, column.name)


def test_the_evidence_of_a_listed_account_adds_up_to_its_risk(finished):
    evidence = finished.evidence
    listed = finished.accounts[finished.accounts["listed"]]
    assert len(listed) == 13
    for account in listed.itertuples():
        own = evidence[evidence["account_id"] == account.account_id]
        odds = math.log2(account.risk / (1 - account.risk))
        assert own["bits"].sum() == pytest.approx(odds, abs=1e-6), account.account_id


def test_the_evidence_of_a_team_adds_up_to_its_risk(finished):
    of_team = finished.evidence[finished.evidence["account_id"].isna()]
    bits = of_team.groupby("team_id")["bits"].sum()
    assert set(bits.index) == set(finished.teams["team_id"])
    for team in finished.teams.itertuples():
        odds = math.log2(team.risk / (1 - team.risk))
        assert bits[team.team_id] == pytest.approx(odds, abs=1e-6)


def test_evidence_names_rows_that_are_there(finished, tables):
    ids = {("accounts", row["account_id"]) for row in tables["accounts"]} | {
        ("helps", row["help_id"]) for row in tables["helps"]
    }
    named: Counter[str] = Counter()
    for events in finished.evidence["events"]:
        pairs = [(event["table"], event["id"]) for event in events]
        assert len(set(pairs)) == len(pairs)
        assert pairs == sorted(pairs)
        for table, row_id in pairs:
            assert table in TABLES
            assert table not in ("accounts", "helps") or (table, row_id) in ids
            named[table] += 1
    assert {"accounts", "helps", "activity"} <= set(named)


def test_every_reason_is_evidence_that_speaks_for_it(finished):
    for account in finished.accounts.itertuples():
        own = finished.account(account.account_id).evidence
        for_it = set(own[own["bits"] > 0]["signal"])
        assert set(account.reasons) <= for_it, account.account_id
        assert not account.listed or len(account.reasons) >= 2


def test_actions_follow_the_rules(finished):
    accounts = finished.accounts
    assert (
        accounts["listed"] == ~accounts["action"].isin(["none", "educate", "watch"])
    ).all()
    lured = accounts[accounts["role"] == "lured_helper"]
    assert set(lured["action"]) <= {"educate"}
    assert accounts["account_id"].is_unique


def test_the_run_folder_is_complete(finished):
    there = {path.name for path in finished.folder.iterdir()}
    assert there >= {
        *(output.file_name for output in OUTPUTS.values()),
        "risk-list.csv",
        "risk-list.xlsx",
        "risk-list.jsonl",
        "watch-list.csv",
        "manifest.json",
    }
    manifest = json.loads((finished.folder / "manifest.json").read_text())
    assert set(manifest["files"]) == there
    assert manifest["window"] == {"new_since": START, "as_of": START + 30 * DAY}
    assert manifest["rows"]["accounts"] == {"read": 114, "loaded": 114, "rejected": 0}
    assert [phase["phase"] for phase in manifest["phases"]] == list(PHASES)
    assert manifest["inputs"].keys() >= {"accounts/part0.csv", "helps/part0.csv"}
    assert manifest["parameters"]["teams"]["minimum_members"] == 5


def test_the_lists_name_the_listed_and_the_watched(finished):
    accounts = finished.accounts
    for file, chosen in (
        ("risk-list.csv", accounts["listed"]),
        ("watch-list.csv", accounts["action"] == "watch"),
    ):
        with (finished.folder / file).open(encoding="utf-8-sig", newline="") as lines:
            named = {row["account_id"] for row in csv.DictReader(lines)}
        assert named == set(accounts[chosen]["account_id"])


def test_phases_are_told_as_they_begin(data, tmp_path):
    told = []
    run(
        data,
        tmp_path / "out",
        settings=SETTINGS,
        progress=lambda *phase: told.append(phase),
    ).close()
    assert told == [(name, i, len(PHASES)) for i, name in enumerate(PHASES)]


def digest_of(data, out, *, threads=2):
    run(data, out, settings=Settings(new_since=START, threads=threads)).close()
    return digest(out)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_no_digest(finished, tables, tmp_path, seed):
    shuffled = write_csv(tmp_path / "shuffled", tables, order=seed)
    assert digest_of(shuffled, tmp_path / "other") == digest(finished.folder)


def test_part_files_change_no_digest(finished, tables, tmp_path):
    in_parts = write_csv(tmp_path / "parts", tables, parts=3, order=3)
    assert digest_of(in_parts, tmp_path / "other") == digest(finished.folder)


def test_parquet_and_csv_have_the_same_digest(finished, data, tmp_path):
    for path in sorted(data.glob("*/*.csv")):
        table = pyarrow.csv.read_csv(path)
        pq.write_table(table, path.with_suffix(".parquet"))
        path.unlink()
    assert digest_of(data, tmp_path / "other") == digest(finished.folder)


def test_threads_change_no_digest(finished, data, tmp_path):
    expected = digest(finished.folder)
    for threads in (1, 4):
        out = tmp_path / f"threads{threads}"
        assert digest_of(data, out, threads=threads) == expected


def test_another_process_with_another_hash_seed_and_clock_has_the_same_digest(
    finished, data, tmp_path
):
    program = (
        "import sys, json; from pathlib import Path;"
        "from analyses.pipeline import Settings, run;"
        "from analyses.reporting.digest import digest;"
        "data, out, since = sys.argv[1:];"
        "run(Path(data), Path(out), settings=Settings(new_since=int(since))).close();"
        "print(json.dumps(digest(Path(out))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, data, tmp_path / "other", str(START)],
        env=os.environ
        | {
            "PYTHONHASHSEED": "12345",
            "TZ": "Asia/Shanghai",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == digest(finished.folder)


def test_a_run_can_be_repeated_over_itself(finished, data, tmp_path):
    out = tmp_path / "out"
    assert digest_of(data, out) == digest(finished.folder)
    with pytest.raises(OutputError, match="--overwrite"):
        run(data, out, settings=SETTINGS)
    run(data, out, settings=SETTINGS, overwrite=True).close()
    assert digest(out) == digest(finished.folder)


def test_nothing_is_written_into_the_data(data, tmp_path):
    before = sorted(data.rglob("*"))
    run(data, tmp_path / "out", settings=SETTINGS).close()
    assert sorted(data.rglob("*")) == before


def nothing_left(folder):
    return {path.name for path in folder.iterdir()} <= {"data"}


def test_a_run_without_accounts_leaves_nothing_behind(data, tmp_path):
    (data / "accounts" / "part0.csv").unlink()
    (data / "accounts").rmdir()
    with pytest.raises(InputError, match="accounts"):
        run(data, tmp_path / "out", settings=SETTINGS)
    assert nothing_left(tmp_path)


def test_a_run_in_an_empty_window_leaves_nothing_behind(data, tmp_path):
    with pytest.raises(InputError, match="window is empty"):
        run(data, tmp_path / "out", settings=Settings(new_since=9_000, as_of=8_000))
    assert nothing_left(tmp_path)


def test_a_run_that_breaks_at_the_end_leaves_nothing_behind(data, tmp_path):
    def break_down(name, at, of):
        if at == of - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(data, tmp_path / "out", settings=SETTINGS, progress=break_down)
    assert nothing_left(tmp_path)


def test_a_bad_row_is_written_to_the_rejects_and_the_run_goes_on(data, tmp_path):
    with (data / "helps" / "part0.csv").open("a") as file:
        file.write("broken,a,b,marriage,,,\n")
    with run(data, tmp_path / "out", settings=SETTINGS) as finished:
        helps = finished.manifest["rows"]["helps"]
    assert helps["read"] == helps["loaded"] + 1
    rejects = (tmp_path / "out" / "rejects" / "helps.csv").read_text()
    assert "marriage" in rejects


def write_accounts_and_helps(folder, accounts, helps):
    return write_csv(
        folder,
        {
            "accounts": [{"account_id": a, "registered_at": at} for a, at in accounts],
            "helps": [
                {
                    "help_id": f"h{i}",
                    "helper_id": helper,
                    "helped_id": helped,
                    "kind": "registration",
                    "helped_at": at,
                }
                for i, (helper, helped, at) in enumerate(helps)
            ],
        },
    )


def test_the_smallest_world_has_nothing_to_say(tmp_path):
    data = write_accounts_and_helps(
        tmp_path / "data", [("ann", 5), ("max", 0)], [("max", "ann", 5)]
    )
    with run(data, tmp_path / "out") as finished:
        assert finished.accounts.empty or not finished.accounts["listed"].any()
        assert finished.teams.empty


def test_a_world_in_which_nobody_is_new_is_a_run_too(tmp_path):
    data = write_accounts_and_helps(
        tmp_path / "data", [("ann", 0), ("max", 0)], [("max", "ann", 5)]
    )
    with run(data, tmp_path / "out") as finished:
        assert finished.accounts.empty


def test_hostile_names_are_names(tmp_path, tables):
    evil = "'; DROP TABLE accounts; --"
    renamed = {
        name: [
            {c: f"{evil}{v}" if v == "farm00" else v for c, v in row.items()}
            for row in rows
        ]
        for name, rows in tables.items()
    }
    data = write_csv(tmp_path / "it's data", renamed)
    with run(data, tmp_path / "it's out", settings=SETTINGS) as finished:
        assert f"{evil}farm00" in set(finished.accounts["account_id"])


@pytest.mark.parametrize("missing", ["ties", "activity", "sanctions", "scans"])
def test_what_is_missing_is_left_out_and_said(tables, tmp_path, missing):
    del tables[missing]
    data = write_csv(tmp_path / "data", tables)
    with run(data, tmp_path / "out", settings=SETTINGS) as finished:
        assert any(missing in line for line in finished.manifest["not_analysed"])
        assert isinstance(finished, Run)


def test_a_list_is_as_long_as_those_who_look_at_it_can_take(data, tmp_path):
    settings = Settings(new_since=START, threads=2, capacity=Capacity(accounts=3))
    found = run(data, tmp_path / "run", settings=settings)
    accounts = found.accounts
    listed = accounts[accounts["listed"]]
    fitted = found.manifest["capacity"]
    assert len(listed) == fitted["listed"] == 3
    assert listed["risk"].min() == fitted["threshold"]
    put_off = accounts[(accounts["action"] == "watch") & (accounts["risk"] >= 0.5)]
    assert len(put_off) >= fitted["put_off"] > 0
    assert fitted["put_off"] and "3 accounts" in found.manifest["notes"][0]
