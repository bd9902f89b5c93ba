"""No personal value where it does not belong: pseudonymised runs, logs, manifests."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from datetime import timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyses.pipeline import Settings, run
from analyses.reporting.redaction import redacted
from analyses.reporting.run_folder import MANIFEST
from analyses.run import Run
from loaders import Pseudonyms
from loaders.simulator import WorldSettings, simulate

KEY = "a key that the test keeps"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world") / "data"
    simulate(folder, WorldSettings(seed=3, new=400, existing=1200))
    return folder


@pytest.fixture(scope="module")
def personal(world):
    """Ids, addresses, numbers and names of the people in the world."""
    columns = {
        "accounts": ("account_id", "nickname", "registration_ip", "registration_wifi"),
        "devices": ("device_id",),
        "helps": ("help_id",),
        "scans": ("scan_id", "code_id"),
    }
    values = {
        value
        for table, names in columns.items()
        for name in names
        for (value,) in duckdb.execute(
            f"SELECT DISTINCT {name} FROM '{world}/{table}.parquet' "
            f"WHERE length({name}) > 6"
        ).fetchall()
    }
    assert len(values) > 3000
    return values


def words_in(folder):
    """All that is text in a folder's files, unpacked, split where ids end."""
    words = set()
    for path in folder.rglob("*"):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                texts = [book.read(name).decode() for name in book.namelist()]
        elif path.suffix == ".parquet":
            texts = [repr(duckdb.execute(f"SELECT * FROM '{path}'").fetchall())]
        elif path.name == "store.duckdb":
            with duckdb.connect(str(path), read_only=True) as store:
                names = store.execute("SELECT table_name FROM duckdb_tables()")
                texts = [
                    repr(store.execute(f'SELECT * FROM "{name}"').fetchall())
                    for (name,) in names.fetchall()
                ]
        elif path.is_file():
            texts = [path.read_text(encoding="utf-8")]
        else:
            continue
        for text in texts:
            words |= set(re.findall(r"[\w.:-]+", text))
    return words


def scanring(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "analyses.cli", *map(str, words)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_pseudonymised_run_has_no_personal_value_in_any_file(
    world, personal, tmp_path
):
    done = scanring("run", world, tmp_path / "out", "--pseudonymise", SCANRING_KEY=KEY)
    assert done.returncode == 0, done.stderr
    words = words_in(tmp_path / "out")
    assert len(words) > 5000
    assert words & personal == set()
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text())
    assert manifest["pseudonyms"] == {"key": Pseudonyms(KEY.encode()).mark}
    assert KEY not in json.dumps(manifest)


def test_the_same_is_found_under_other_names(world, tmp_path):
    names = Pseudonyms(KEY.encode())
    with (
        run(world, tmp_path / "plain", settings=Settings(threads=2)) as plain,
        run(
            world, tmp_path / "hidden", settings=Settings(threads=2), pseudonyms=names
        ) as hidden,
    ):
        open_ = plain.accounts.set_index("account_id")
        open_.index = open_.index.map(names.name)
        there = hidden.accounts.set_index("account_id").reindex(open_.index)
        assert (open_["risk"] - there["risk"]).abs().max() < 0.01
        assert (open_["role"].fillna("") == there["role"].fillna("")).mean() > 0.99


def test_an_earlier_run_under_other_names_is_refused(finished, world, tmp_path):
    done = scanring(
        "run",
        world,
        tmp_path / "out",
        "--previous",
        finished,
        "--pseudonymise",
        SCANRING_KEY=KEY,
    )
    assert done.returncode == 1
    assert "the same key" in done.stderr


def test_what_a_run_says_and_its_manifest_and_file_names_are_not_personal(
    world, personal, tmp_path
):
    done = scanring("run", world, tmp_path / "out")
    said = set(re.findall(r"[\w.:-]+", done.stdout + done.stderr))
    said |= set(re.findall(r"[\w.:-]+", (tmp_path / "out" / MANIFEST).read_text()))
    said |= {path.name for path in tmp_path.rglob("*")}
    assert said & personal == set()


def test_faults_in_the_data_are_told_without_a_personal_value(
    world, personal, tmp_path
):
    data = shutil.copytree(world, tmp_path / "data")
    path = data / "accounts.parquet"
    accounts = pq.read_table(path)
    a_day = timedelta(days=1)
    other = [at + a_day for at in accounts["registered_at"].to_pylist()[:50]]
    at = accounts.column_names.index("registered_at")
    twice = accounts.slice(0, 50).set_column(
        at, "registered_at", pa.array(other, accounts.schema.field(at).type)
    )
    pq.write_table(pa.concat_tables([accounts, twice]), path)
    done = scanring("run", data, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "rows were rejected" in done.stdout
    pq.write_table(accounts.drop_columns(["registered_at"]), path)
    failed = scanring("run", data, tmp_path / "none")
    assert failed.returncode == 1
    manifest = (tmp_path / "out" / MANIFEST).read_text()
    texts = [done.stdout, done.stderr, failed.stdout, failed.stderr, manifest]
    said = set(re.findall(r"[\w.:-]+", " ".join(texts)))
    said |= {path.name for path in tmp_path.rglob("*")}
    assert said & personal == set()


def test_everything_in_a_run_folder_is_the_owners_alone(world, tmp_path):
    before = os.umask(0)
    try:
        run(world, tmp_path / "out", settings=Settings(threads=2)).close()
        done = scanring("report", tmp_path / "out")
        assert done.returncode == 0, done.stderr
    finally:
        os.umask(before)
    for path in (tmp_path / "out", *(tmp_path / "out").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_password_is_no_option_and_stands_in_no_file_of_ours():
    done = scanring("neo4j", "push", "--help")
    assert "NEO4J_PASSWORD" in done.stdout
    assert not re.search(r"--pass|--key|--secret", done.stdout)
    refused = scanring(
        "query", "--uri", "bolt://me:secret@example.org", "repeat-helpers"
    )
    assert refused.returncode == 1
    assert "secret" not in refused.stderr


@pytest.fixture(scope="module")
def finished(world, tmp_path_factory):
    out = tmp_path_factory.mktemp("finished") / "out"
    run(world, out, settings=Settings(threads=2)).close()
    return out


@pytest.mark.parametrize("level", ["ids", "all"])
def test_what_leaves_the_team_has_no_personal_value(
    finished, personal, tmp_path, level
):
    with redacted(finished, level) as other:
        words = words_in(other.folder)
        assert len(words) > 5000
        assert words & personal == set()
        team = other.teams["team_id"].iloc[0]
        assert team in set(Run.open(finished).teams["team_id"])
    done = scanring("lists", finished, "--out", tmp_path, "--redact", level)
    assert done.returncode == 0, done.stderr
    assert words_in(tmp_path) & personal == set()
    done = scanring("explain", finished, team, "--redact", level)
    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"[\w.:-]+", done.stdout)) & personal == set()


def test_a_redacted_card_is_that_of_the_same_account(finished):
    with Run.open(finished) as plain:
        who = plain.accounts.sort_values("risk")["account_id"].iloc[-1]
    card = scanring("explain", finished, who)
    hidden = scanring("explain", finished, who, "--redact", "all")
    assert who in card.stdout
    assert who not in hidden.stdout
    risk = re.search(r"risk +([\d.]+)", card.stdout)
    assert risk
    assert risk[0] in hidden.stdout


@pytest.mark.parametrize("level", ["ids", "all"])
def test_a_redacted_case_file_is_written_elsewhere(finished, tmp_path, level):
    assert "--out" in scanring("report", finished, "--redact", level).stderr
    page = tmp_path / "page.html"
    done = scanring("report", finished, "--redact", level, "--out", page)
    assert done.returncode == 0, done.stderr
    assert page.stat().st_size > 10_000


def test_a_level_that_there_is_none_of_is_told(finished):
    assert (
        "none, ids, all" in scanring("explain", finished, "x", "--redact", "x").stderr
    )
