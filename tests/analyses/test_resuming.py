"""A run that is interrupted goes on after its last finished phase, to the same end."""

import dataclasses
import shutil

import pyarrow.parquet as pq
import pytest

from analyses.casework.before import Before
from analyses.casework.decisions import Decision, append
from analyses.phases import PHASES
from analyses.pipeline import Settings, run
from analyses.policy import PolicySettings
from analyses.reporting.digest import digest
from analyses.reporting.run_folder import read_manifest
from analyses.run import Run
from graph.errors import InputError
from loaders import Pseudonyms
from loaders.simulator import WorldSettings, simulate


class Interrupted(Exception):
    """What stands for Ctrl-C, a full disk or the like."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A small world, and a run over it that nothing interrupted."""
    place = tmp_path_factory.mktemp("resuming")
    simulate(place / "data", WorldSettings(seed=8, new=300, existing=900))
    run(place / "data", place / "plain")
    return place


def interrupted(phase, data, out, **options):
    """Begin a run, or go on with one; it ends when the phase begins."""

    def progress(name, at, of):
        if name == phase:
            raise Interrupted

    with pytest.raises(Interrupted):
        run(data, out, resumable=True, progress=progress, **options)


def begun(data, out, **options):
    """Go on to the end; give the phases that were worked on, and the run's manifest."""
    worked = []

    def progress(name, at, of):
        worked.append(name)

    run(data, out, resumable=True, progress=progress, **options)
    return worked, read_manifest(out)


def outputs(folder):
    """All files of a run but those that say when, byte by byte."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("manifest.json", "store.duckdb")
    }


def test_interrupted_at_each_phase_it_goes_on_to_the_same_files(place, tmp_path):
    data, out = place / "data", tmp_path / "out"
    for phase in PHASES[1:]:
        interrupted(phase, data, out)
        assert not out.exists()
    worked, manifest = begun(data, out)
    assert worked == ["write"]
    assert manifest["resumed_after"] == "store"
    assert [each["phase"] for each in manifest["phases"]] == list(PHASES)
    assert digest(out) == digest(place / "plain")
    assert outputs(out) == outputs(place / "plain")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    whole = read_manifest(place / "plain")
    assert manifest["rows"] == whole["rows"]
    assert manifest["files"] == whole["files"]


@pytest.fixture(scope="module")
def left(place):
    """A run of which the phases before belief are kept; it is copied, not changed."""
    interrupted("belief", place / "data", place / "left")
    return place / ".left.staging"


@pytest.fixture
def out(left, tmp_path):
    """Where to go on from a copy of it."""
    shutil.copytree(left, tmp_path / ".out.staging")
    return tmp_path / "out"


def test_what_is_kept_is_for_its_owner_alone(left):
    assert [path.name for path in left.iterdir()] == [".kept"]
    assert left.stat().st_mode & 0o077 == 0


def test_threads_and_memory_may_be_others(place, out):
    settings = Settings(threads=1, memory="2GB")
    worked, manifest = begun(place / "data", out, settings=settings)
    assert worked[0] == "belief"
    assert manifest["resumed_after"] == "communities"
    assert digest(out) == digest(place / "plain")


def test_another_parameter_begins_anew(place, out):
    policy = dataclasses.replace(PolicySettings(), many=2)
    worked, manifest = begun(place / "data", out, settings=Settings(policy=policy))
    assert worked == list(PHASES)
    assert manifest["resumed_after"] is None


def test_another_value_in_the_data_begins_anew(place, out, tmp_path):
    shutil.copytree(place / "data", tmp_path / "data")
    path = tmp_path / "data" / "accounts.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    worked, manifest = begun(tmp_path / "data", out)
    assert worked == list(PHASES)
    assert manifest["rows"]["accounts"]["read"] == len(table) - 1


def test_other_decisions_begin_anew(place, out, tmp_path):
    file = tmp_path / "decisions.jsonl"
    file.touch()
    worked, _ = begun(place / "data", out, before=Before(decisions=file))
    assert worked == list(PHASES)


def test_another_version_of_the_program_begins_anew(place, out, monkeypatch):
    monkeypatch.setattr("analyses.pipeline._versions", lambda: {"scanring": "9"})
    worked, _ = begun(place / "data", out)
    assert worked == list(PHASES)


def test_a_plain_run_clears_away_what_was_kept(place, out):
    run(place / "data", out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert "resumed_after" not in read_manifest(out)


def test_what_cannot_be_read_keeps_nothing(tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(InputError):
        run(tmp_path / "data", tmp_path / "out", resumable=True)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_pseudonyms_and_keeping_what_is_read_exclude_each_other(place, tmp_path):
    with pytest.raises(InputError, match="give one of them"):
        run(
            place / "data",
            tmp_path / "out",
            resumable=True,
            pseudonyms=Pseudonyms(b"a key of sixteen bytes or more"),
        )


def test_decisions_that_were_taken_before_are_told_of_as_in_a_plain_run(
    place, tmp_path
):
    with Run.open(place / "plain") as whole:
        listed = whole.accounts.loc[whole.accounts["listed"], "account_id"].iloc[0]
    file = tmp_path / "decisions.jsonl"
    append(file, Decision(("account", listed), "dismissed", "eve", "a reason"))
    before = Before(decisions=file, previous=place / "plain")
    run(place / "data", tmp_path / "whole", before=before)
    for phase in ("number", "write"):
        interrupted(phase, place / "data", tmp_path / "out", before=before)
    begun(place / "data", tmp_path / "out", before=before)
    kinds = ("decisions", "previous", "notes", "rows", "not_analysed")
    ours, theirs = (
        {kind: read_manifest(tmp_path / name)[kind] for kind in kinds}
        for name in ("out", "whole")
    )
    assert ours == theirs
    assert outputs(tmp_path / "out") == outputs(tmp_path / "whole")
