"""Every design is a world of its own that keeps the contract and its truth."""

import ast
import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from graph.schema import TABLES
from loaders.simulator import DESIGNS, WorldSettings, simulate
from loaders.simulator.designs import nationwide

FOLDER = Path(nationwide.__file__).parent
SMALL: dict[str, Any] = {"new": 3_000, "existing": 9_000, "seed": 3}


@pytest.fixture(scope="module", params=list(DESIGNS))
def design(request):
    return DESIGNS[request.param]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, design):
    out = tmp_path_factory.mktemp("worlds") / design.name
    simulate(out, WorldSettings(design=design.name, farmed=0.1, **SMALL))
    return out


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def test_each_design_is_a_file_that_says_who_lives_there(design):
    said = ast.get_docstring(ast.parse((FOLDER / f"{design.name}.py").read_text()))
    assert said is not None
    assert len(said.split()) > 60


def test_a_design_gives_the_same_bytes_again(design, folder, tmp_path):
    simulate(tmp_path / "again", WorldSettings(design=design.name, farmed=0.1, **SMALL))
    for path in folder.rglob("*.parquet"):
        again = tmp_path / "again" / path.relative_to(folder)
        assert (
            hashlib.sha256(path.read_bytes()).digest()
            == hashlib.sha256(again.read_bytes()).digest()
        ), path.name


def test_the_look_alikes_of_a_design_live_there(design, folder):
    truth = read(folder, "truth/accounts")
    assert set(truth["innocent_kind"].dropna()) == set(design.shares)
    assert (truth["role"] == "batch_registered").sum() == 300


def test_what_a_design_leaves_out_is_not_there(design, folder):
    for name, gap in design.gaps.items():
        table, _, column = name.partition(".")
        path = folder / f"{table}.parquet"
        if not column:
            assert path.exists() == (gap < 1), name
        elif path.exists():
            found = read(folder, table)
            if gap == 1:
                assert column not in found, name
            else:
                assert found[column].isna().mean() > 0.8 * gap, name


def test_a_design_has_a_prevalence_of_its_own(design, tmp_path):
    simulate(tmp_path / "world", WorldSettings(design=design.name, **SMALL))
    truth = read(tmp_path / "world", "truth/accounts")
    farmed = (truth["role"] == "batch_registered").sum()
    assert farmed == round(design.farmed * SMALL["new"])


def test_nothing_comes_before_its_cause(design, folder):
    registered = read(folder, "accounts").set_index("account_id")["registered_at"]
    helps, scans = read(folder, "helps"), read(folder, "scans")
    for side in ("helper_id", "helped_id"):
        assert not (helps["helped_at"] < helps[side].map(registered)).any()
    if "code_issued_at" in scans:
        assert not (scans["scanned_at"] < scans["code_issued_at"]).any()
    owner = read(folder, "codes").set_index("code_id")["account_id"]
    served = scans["code_id"].map(owner).map(registered)
    assert not (scans["scanned_at"] < served).any()


def test_nobody_succeeds_twice_within_thirty_days(design, folder):
    helps = read(folder, "helps").dropna(subset=["helped_at"])
    done = helps[helps["result"] == "ok"].sort_values("helped_at", kind="stable")
    gap = done.groupby("helper_id")["helped_at"].diff().dropna()
    assert (gap >= pd.Timedelta(days=30)).all()


def test_a_crew_is_never_at_two_places_at_once(design, folder):
    """Sessions of a crew follow one another, also with shifts and pitches."""
    if "latitude" not in read(folder, "scans") or design.crews.relayed:
        pytest.skip("positions are missing, or helpers are elsewhere")
    helps = read(folder, "truth/helps").query("pattern == 'stall'")
    scans = helps.merge(read(folder, "helps"), on="help_id").merge(
        read(folder, "scans"), on="scan_id"
    )
    scans = scans.dropna(subset=["latitude", "longitude"]).sort_values("scanned_at")
    for _, crew in scans.groupby("team_id"):
        metres = crew["latitude"].diff().abs() * 111_320
        moved = metres > 300
        passed = crew["scanned_at"].diff()[moved]
        assert (passed > pd.Timedelta(minutes=5)).all()


def test_only_words_of_the_contract_are_written(design, folder):
    for path in folder.glob("*.parquet"):
        frame = pd.read_parquet(path)
        for column in TABLES[path.stem].columns:
            if column.values and column.name in frame:
                assert set(frame[column.name].dropna()) <= set(column.values)


def test_the_documents_name_every_design(design):
    root = FOLDER.parents[2]
    assert f"| `{design.name}` |" in (root / "docs/worlds.md").read_text("utf-8")
    assert f"`{design.name}`" in (root / "docs/commands.md").read_text("utf-8")
