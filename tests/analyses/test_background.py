"""An hour added to a day is the whole with the day's background, and nothing drifts."""

import json

import duckdb
import pytest

from analyses.background import BACKGROUND_FILE, read_background, write_background
from analyses.casework.before import Before
from analyses.pipeline import run
from analyses.reporting.digest import digest
from graph.errors import InputError
from graph.numbering import HAPPENS_AT
from loaders.simulator import WorldSettings, simulate

HOUR = 3600


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Return the folders of a whole, of a day and of what came afterwards."""
    folder = tmp_path_factory.mktemp("added")
    simulate(folder / "whole", WorldSettings(new=400, existing=1_200, days=3, seed=4))
    for name in ("day", "hour"):
        (folder / name).mkdir()
    with duckdb.connect() as database:
        last = database.execute(
            f"SELECT max(scanned_at) FROM '{folder}/whole/scans.parquet'"
        ).fetchall()[0][0]
        for path in sorted((folder / "whole").glob("*.parquet")):
            at = HAPPENS_AT.get(path.stem)
            late = f"{at} > TIMESTAMP '{last}' - INTERVAL 5 HOUR" if at else "false"
            day = f"{late} IS NOT true"
            # Devices are told of again, as platforms do.
            for part, wanted in (("day", day), ("hour", late if at else "true")):
                database.execute(
                    f"COPY (FROM '{path}' WHERE {wanted}) "
                    f"TO '{folder}/{part}/{path.name}'"
                )
    run(folder / "day", folder / "run_day")
    return folder


def test_an_hour_is_added_as_if_all_had_been_read_with_the_same_background(world):
    earlier = world / "run_day"
    added = run(world / "hour", world / "added", before=Before(add_to=earlier))
    whole = run(world / "whole", world / "all", before=Before(background=earlier))
    assert digest(world / "added") == digest(world / "all")
    assert digest(world / "added") != digest(earlier)
    assert added.manifest["window"] == whole.manifest["window"]
    assert added.manifest["background"]["rows_there_twice"] > 0
    for folder in ("added", "all"):
        assert (world / folder / BACKGROUND_FILE).read_bytes() == (
            earlier / BACKGROUND_FILE
        ).read_bytes()


@pytest.mark.long
def test_without_a_background_the_shares_are_estimated_anew(world):
    run(world / "whole", world / "anew")
    assert (world / "anew" / BACKGROUND_FILE).read_bytes() != (
        world / "run_day" / BACKGROUND_FILE
    ).read_bytes()


def test_a_background_is_read_to_the_last_bit(world, tmp_path):
    frozen = read_background(world / "run_day")
    write_background(frozen.background, tmp_path)
    text = (world / "run_day" / BACKGROUND_FILE).read_text()
    assert (tmp_path / BACKGROUND_FILE).read_text() == text


def test_the_background_of_another_version_is_refused(world):
    path = world / "run_day" / BACKGROUND_FILE
    kept = path.read_text()
    try:
        for part, shares, code in (
            ("accounts", "collusive", "payment"),
            ("sessions", "one_crew", "same_hours"),
        ):
            said = json.loads(kept)
            del said[part][shares][code]
            path.write_text(json.dumps(said))
            with pytest.raises(InputError, match="not the background of a run of this"):
                read_background(world / "run_day")
        path.unlink()
        with pytest.raises(InputError, match="an older version made it"):
            read_background(world / "run_day")
    finally:
        path.write_text(kept)


def test_a_background_and_a_run_to_add_to_are_not_both_given(world):
    both = Before(background=world / "run_day", add_to=world / "run_day")
    with pytest.raises(InputError, match="give one of them"):
        run(world / "hour", world / "none", before=both)
    assert not (world / "none").exists()
