"""Whole sample worlds: what is found, what is not, and that the answer is one."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyses.evaluation.evaluate import evaluate
from analyses.pipeline import Settings, run
from analyses.reporting.digest import digest
from analyses.run import Run
from loaders.simulator import LOOK_ALIKES, WorldSettings, simulate

ROOT = Path(__file__).parents[2]
SMALL: dict[str, Any] = {"new": 8_000, "existing": 24_000}
GIVERS = ("scanning_crew", "helper_platform")


DRAWN = (669_233, 480_800, 933_380)
"""Seeds that were drawn when the figures of the documents were first measured.

`make quality` draws new ones each time; a test must give the same answer twice.
"""


@pytest.fixture
def found_in(tmp_path):
    """Return a function from the options of a world to its run, opened, and truth."""
    opened: list[Run] = []

    def make(**options):
        folder = tmp_path / f"world{len(opened)}"
        simulate(folder / "data", WorldSettings(**options))
        opened.append(run(folder / "data", folder / "run"))
        return opened[-1], folder / "data" / "truth"

    yield make
    for one in opened:
        one.close()


def risky(found, kinds=GIVERS):
    """The teams of these kinds that are more likely than not."""
    teams = found.teams
    return teams[teams["kind"].isin(kinds) & (teams["risk"] >= 0.5)]


NO_CREW = {
    "no farms": {"farmed": 0.0, "crews": 0, "platforms": 0},
    "farms without crews": {"farmed": 0.1, "crews": 0},
    "farms that help themselves": {"farmed": 0.1, "crews": 0, "platforms": 0},
}
EACH_WITHOUT_CREW = pytest.mark.parametrize("options", NO_CREW.values(), ids=NO_CREW)


def assert_no_crew(found, options):
    kinds = GIVERS if options.get("platforms") == 0 else ("scanning_crew",)
    wrong = risky(found, kinds)
    assert wrong.empty, f"{options}: {wrong.to_dict('records')}"
    # What is less likely than not is kept, so that a person can look at it.
    lured = found.accounts["role"].eq("lured_helper").sum()
    assert lured <= len(found.accounts) * 0.005, f"{options}: {lured} lured"


@EACH_WITHOUT_CREW
def test_every_look_alike_and_no_crew_gives_no_crew(found_in, options):
    assert "event" in LOOK_ALIKES
    found, _ = found_in(seed=11, **SMALL, **options)
    assert_no_crew(found, options)


@pytest.mark.long
@EACH_WITHOUT_CREW
def test_every_look_alike_and_no_crew_gives_none_in_a_large_world(found_in, options):
    seed = DRAWN[0]
    found, _ = found_in(
        seed=seed, new=30_000, existing=90_000, look_alike_share=0.8, **options
    )
    assert_no_crew(found, options | {"seed": seed})


def stall_recall(found, truth):
    """The share of the true stall helps that are in a team with risk."""
    planted = pd.read_parquet(truth / "helps.parquet")
    true = planted.loc[planted["pattern"] == "stall", "help_id"]
    helps = found.helps
    given = helps[helps["team_id"].isin(risky(found, ("scanning_crew",))["team_id"])]
    assert len(true) >= 30
    return true.isin(given["help_id"]).mean()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(
            {"seed": 884, "missing": 0.0, "farmed": 0.02}, id="nothing missing"
        ),
        pytest.param(
            {"seed": 881, "farmed": 0.01},
            id="a hundredth farmed",
        ),
        pytest.param(
            {"seed": 883, "farmed": 0.005, "style": "careful"},
            id="one careful farm",
        ),
    ],
)
def test_one_crew_is_found_though_almost_no_farm_is_known(found_in, options):
    found, truth = found_in(**SMALL, crews=1, platforms=0, **options)
    assert stall_recall(found, truth) >= 0.7


def test_whoever_is_a_lured_member_and_nothing_worse_is_told(found_in):
    found, _ = found_in(
        seed=884, **SMALL, crews=1, platforms=0, missing=0.0, farmed=0.02
    )
    members = found.members[found.members["role"] == "lured_helper"]
    assert len(members) > 100
    said = found.accounts.set_index("account_id").reindex(members["account_id"])
    innocent = said[said["role"].isna() | (said["role"] == "lured_helper")]
    actions = innocent["action"].fillna("not mentioned")
    assert set(actions) == {"educate"}, actions.value_counts().to_dict()


BARS = {
    "batch_registered.found.precision": 0.90,
    "batch_registered.found.recall": 0.80,
    "roles.worker_or_owned.recall": 0.70,
    "helps.stall.precision": 0.95,
    "helps.stall.recall": 0.90,
    "scanning_crew.bcubed_f1": 0.70,
    "roles.lured_helper.precision": 0.95,
    "roles.lured_helper.recall": 0.90,
}
"""What the mean of three drawn worlds must reach."""

EACH_WORLD = {
    "batch_registered.found.precision": 0.88,
    "batch_registered.found.recall": 0.78,
}
"""What none of them may fall below."""


@pytest.mark.long
def test_three_worlds_whose_seeds_were_drawn(found_in, tmp_path):
    """What is found in them, and that crews and roles take under a quarter of a run."""
    figures, educated = {}, {}
    spent: Counter[str] = Counter()
    for seed in DRAWN:
        found, truth = found_in(seed=seed, new=40_000, existing=120_000)
        # The processor's time: another program may have the machine for a while.
        for phase in found.manifest["phases"]:
            spent[phase["phase"]] += phase["cpu_seconds"]
        measured = evaluate(found.folder, truth).figures
        figures[seed] = {name: measured[name] or 0.0 for name in BARS}
        accounts = found.accounts
        lured = accounts[accounts["role"] == "lured_helper"]
        assert not lured["listed"].any(), seed
        educated[seed] = set(lured["action"])
    table = pd.DataFrame(figures)
    said = f"\n{table.round(3).to_string()}"
    mean = table.mean(axis=1)
    low = [name for name, bar in BARS.items() if mean[name] < bar]
    low += [name for name, bar in EACH_WORLD.items() if table.loc[name].min() < bar]
    assert not low, f"{low}{said}"
    assert set().union(*educated.values()) == {"educate"}, educated
    assert spent.total() > 3
    share = (spent["helpers"] + spent["crews"]) / spent.total()
    assert 0 < share < 0.25, spent


# The same answer, however the same rows come.


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A sample world of many patterns, and the digest of its run."""
    folder = tmp_path_factory.mktemp("sample")
    simulate(folder / "data", WorldSettings(seed=21, **SMALL))
    with run(folder / "data", folder / "run", settings=Settings(threads=2)) as found:
        kinds = set(found.teams["kind"])
        assert kinds == {"registration_farm", *GIVERS}
    return folder / "data", digest(folder / "run")


def digest_of(data, out, *, threads=2):
    run(data, out, settings=Settings(threads=threads)).close()
    return digest(out)


@pytest.mark.long
def test_the_order_of_rows_changes_no_digest_of_a_sample_world(sample, tmp_path):
    data, expected = sample
    seed = DRAWN[0]
    random = np.random.default_rng(seed)
    (tmp_path / "data").mkdir()
    for path in sorted(data.glob("*.parquet")):
        table = pq.read_table(path)
        order = pa.array(random.permutation(len(table)))
        pq.write_table(table.take(order), tmp_path / "data" / path.name)
    assert digest_of(tmp_path / "data", tmp_path / "run") == expected, seed


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [{"parts": 4}, {"format": "csv"}, {"format": "csv.gz", "parts": 3}],
    ids=["part files", "CSV", "CSV in part files, packed"],
)
def test_other_files_change_no_digest_of_a_sample_world(sample, tmp_path, options):
    _, expected = sample
    simulate(tmp_path / "data", WorldSettings(seed=21, **SMALL, **options))
    assert digest_of(tmp_path / "data", tmp_path / "run") == expected


@pytest.mark.long
@pytest.mark.parametrize("threads", [1, 4])
def test_threads_change_no_digest_of_a_sample_world(sample, tmp_path, threads):
    data, expected = sample
    assert digest_of(data, tmp_path / "run", threads=threads) == expected


@pytest.mark.long
def test_another_hash_seed_changes_no_digest_of_a_sample_world(sample, tmp_path):
    data, expected = sample
    program = (
        "import sys, json; from pathlib import Path;"
        "from analyses.pipeline import run;"
        "from analyses.reporting.digest import digest;"
        "data, out = map(Path, sys.argv[1:]);"
        "run(data, out).close();"
        "print(json.dumps(digest(out)))"
    )
    hash_seed = DRAWN[0]
    done = subprocess.run(
        [sys.executable, "-c", program, data, tmp_path / "run"],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == expected, hash_seed
