import json
import os
import signal
import stat
import subprocess
import sys

import pytest

from analyses.reporting.outputs import OUTPUTS
from analyses.reporting.run_folder import (
    read_manifest,
    staged,
    write_manifest,
    write_run_folder,
)
from graph.errors import InputError, OutputError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def kept(store):
    """Return how the output tables are made again: writing them drops them."""
    tables = {
        t.store_name: store.arrow(f"FROM {t.store_name}") for t in OUTPUTS.values()
    }

    def again(order):
        for table in OUTPUTS.values():
            store.put("was", tables[table.store_name])
            store.materialise(
                table.store_name, f"SELECT * FROM was ORDER BY {order(table)}"
            )

    return again


def test_a_run_folder_holds_the_tables_and_the_manifest(store, tmp_path):
    write_run_folder(store, tmp_path / "out", {"version": "1"})
    files = sorted([*(table.file_name for table in OUTPUTS.values()), "manifest.json"])
    assert names(tmp_path / "out") == files
    assert names(tmp_path) == ["out"]
    assert read_manifest(tmp_path / "out")["files"] == files


def test_the_same_rows_in_another_order_give_the_same_bytes(store, tmp_path):
    again = kept(store)
    write_run_folder(store, tmp_path / "one", {})
    again(lambda table: f"md5(({table.key[0]}, 7)::text)")
    write_run_folder(store, tmp_path / "two", {})
    for name in names(tmp_path / "one"):
        one, two = (tmp_path / run / name for run in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_only_the_owner_can_read_it(store, tmp_path):
    with staged(tmp_path / "out") as folder:
        (folder / "rejects").mkdir(mode=0o755)
        (folder / "rejects" / "helps.csv").write_text("x")
        write_manifest(folder, {})
    rights = {
        path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "out").rglob("*")
    }
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert rights == {
        "out/rejects": 0o700,
        "out/rejects/helps.csv": 0o600,
        "out/manifest.json": 0o600,
    }


def test_a_run_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), staged(tmp_path / "out") as folder:
        (folder / "half").write_text("half")
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_run_that_fails_leaves_the_old_one_as_it_was(store, tmp_path):
    write_run_folder(store, tmp_path / "out", {"version": "old"})
    with (
        pytest.raises(ValueError, match="broken"),
        staged(tmp_path / "out", overwrite=True),
    ):
        raise ValueError("broken")
    assert names(tmp_path) == ["out"]
    assert read_manifest(tmp_path / "out")["version"] == "old"


def test_a_killed_run_leaves_no_run_folder_and_the_next_one_clears_up(tmp_path):
    program = (
        "import sys, time; from pathlib import Path\n"
        "from analyses.reporting.run_folder import staged\n"
        "with staged(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'half').write_text('half')\n"
        "    print('writing', flush=True); time.sleep(60)\n"
    )
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(out)], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "writing\n"
        with pytest.raises(OutputError, match="another run"), staged(out):
            pass
        run.send_signal(signal.SIGKILL)
    assert names(tmp_path) == [".out.staging"]
    with staged(out) as folder:
        assert names(folder) == []
        write_manifest(folder, {})
    assert names(tmp_path) == ["out"]


def test_a_run_killed_between_the_renames_is_put_right(store, tmp_path):
    write_run_folder(store, tmp_path / "out", {"version": "old"})
    (tmp_path / "out").rename(tmp_path / ".out.replaced")
    with (
        pytest.raises(OutputError, match="holds a run already"),
        staged(tmp_path / "out"),
    ):
        pass
    assert names(tmp_path) == ["out"]


def test_a_run_is_replaced_only_when_asked_for(store, tmp_path):
    again = kept(store)
    write_run_folder(store, tmp_path / "out", {"version": "old"})
    with pytest.raises(OutputError, match="add --overwrite"):
        write_run_folder(store, tmp_path / "out", {"version": "new"})
    assert read_manifest(tmp_path / "out")["version"] == "old"
    again(lambda table: table.key[0])
    write_run_folder(store, tmp_path / "out", {"version": "new"}, overwrite=True)
    assert read_manifest(tmp_path / "out")["version"] == "new"
    assert names(tmp_path) == ["out"]


def test_an_empty_folder_may_be_used(store, tmp_path):
    (tmp_path / "out").mkdir()
    write_run_folder(store, tmp_path / "out", {})
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("manifest", [None, "{}", "[1]", "no json", '{"format": "x"}'])
def test_a_folder_that_is_no_run_is_never_overwritten(store, tmp_path, manifest):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    if manifest is not None:
        (tmp_path / "out" / "manifest.json").write_text(manifest)
    with pytest.raises(OutputError, match="not the folder of a run"):
        write_run_folder(store, tmp_path / "out", {}, overwrite=True)
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"


def test_what_somebody_put_into_a_run_folder_is_never_lost(store, tmp_path):
    write_run_folder(store, tmp_path / "out", {})
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"holds notes\.txt, which no run wrote"):
        write_run_folder(store, tmp_path / "out", {}, overwrite=True)
    assert (tmp_path / "out" / "notes.txt").exists()


def test_a_file_and_a_link_are_refused(store, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    with pytest.raises(OutputError, match="is a file"):
        write_run_folder(store, tmp_path / "file", {}, overwrite=True)
    with pytest.raises(OutputError, match="is a link"):
        write_run_folder(store, tmp_path / "link", {}, overwrite=True)
    with pytest.raises(OutputError, match="cannot be written"):
        write_run_folder(store, tmp_path / "file" / "below", {})


def test_a_manifest_is_read_or_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match="not the folder of a finished run"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "other"}))
    with pytest.raises(InputError, match="not the manifest of a run"):
        read_manifest(tmp_path)


def test_a_staging_folder_of_somebody_else_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_text("x")
    os.symlink(tmp_path / "elsewhere", tmp_path / ".out.staging")
    with (
        pytest.raises(OutputError, match="cannot be written"),
        staged(tmp_path / "out"),
    ):
        pass
    assert names(tmp_path / "elsewhere") == ["kept"]
