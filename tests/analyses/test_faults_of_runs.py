"""What a run does when it is killed, has no room or memory, or is two at once."""

import resource
import subprocess
from pathlib import Path

import duckdb
import pytest

from analyses import cli
from analyses.reporting.run_folder import read_manifest
from loaders.simulator import WorldSettings, simulate
from tests.analyses.kill_test import NEW, OLD, command, contents, kill_runs, stands


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A small world with a finished run over it, which no test may change for good."""
    place = tmp_path_factory.mktemp("faults")
    simulate(place / "data", WorldSettings(seed=5, new=300, existing=900))
    done = run(place, OLD)
    assert done.returncode == 0, done.stderr
    return place


def run(place, many, **options):
    return subprocess.run(
        command(place / "data", place / "out", many),
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def one_line(done):
    """The one line that a run which failed says."""
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("scanring: ")
    return line


def unharmed(place, before):
    assert contents(place / "out") == before
    assert str(read_manifest(place / "out")["parameters"]["policy"]["many"]) == OLD
    assert not list(place.glob(".out*"))


@pytest.mark.long
def test_a_killed_run_leaves_the_old_output_or_the_new_one(tmp_path):
    killed = kill_runs(4, seed=1, place=tmp_path)
    assert len(killed) == 4
    resumable = [one for one in killed[1::2] if one.stands == "old"]
    assert resumable, "the seed killed none of them in time"
    assert all(one.went_on is not None for one in resumable)


@pytest.mark.parametrize("size", [1_000, 1_000_000])
def test_a_file_that_may_not_grow_is_told_in_one_line(place, size):
    before = contents(place / "out")

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    assert "File too large" in one_line(run(place, NEW, preexec_fn=limited))
    unharmed(place, before)


@pytest.mark.parametrize("kibibytes", [100, 3_000])
def test_a_full_disk_is_told_in_one_line(place, kibibytes, lacking):
    small = place / "small"
    small.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", small],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        lacking("mount", "only root can make a small disk")
    try:
        done = subprocess.run(
            command(place / "data", small / "out", NEW),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "No space left on device" in one_line(done)
        assert list(small.iterdir()) == []
        subprocess.run(["mount", "-o", "remount,ro", small], check=True)
        done = subprocess.run(
            command(place / "data", small / "out", NEW),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Read-only file system" in one_line(done)
    finally:
        subprocess.run(["umount", small], check=True)
        small.rmdir()


def test_too_little_memory_for_queries_is_told_in_one_line(place):
    before = contents(place / "out")
    words = [*command(place / "data", place / "out", NEW), "--memory", "1MB"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "memory" in one_line(done)
    unharmed(place, before)


@pytest.mark.long
@pytest.mark.parametrize("megabytes", [900, 1300, 1700, 2600])
def test_a_system_that_gives_no_more_memory_harms_no_output(place, megabytes):
    """One line about memory, ours where a library lets us say it.

    OpenBLAS ends the process itself, with a line of its own; others end it by a signal.
    Arrow may wait for ever for a thread that the system did not give, until the run is
    killed.
    """
    before = contents(place / "out")

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    try:
        done = run(place, OLD, preexec_fn=limited, timeout=45)
    except subprocess.TimeoutExpired:
        done = None
    if done and done.returncode == 1 and "OpenBLAS error" not in done.stderr:
        assert "memory" in one_line(done)
    elif done and done.returncode != 0:
        assert "Traceback" not in done.stderr
    assert stands(place / "out", {OLD: before}) == OLD


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            duckdb.OutOfMemoryException("... (bad allocation)"),
            "the system gives no more",
        ),
        (duckdb.OutOfMemoryException("could not allocate block"), "give more with"),
        (MemoryError(), "the system gives no more"),
        (RuntimeError("can't start new thread"), "the system gives no more"),
    ],
)
def test_where_the_memory_ended_is_told(monkeypatch, capsys, error, line):
    def ended():
        raise error

    monkeypatch.setattr(cli, "app", ended)
    with pytest.raises(SystemExit):
        cli.main()
    assert line in capsys.readouterr().err


def test_two_runs_into_one_folder_one_waits_or_both_end_well(place):
    words = command(place / "data", place / "out", OLD)
    both = [
        subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    said = [each.communicate()[1].decode() for each in both]
    codes = sorted(each.returncode for each in both)
    assert codes in ([0, 0], [0, 1]), said
    if codes == [0, 1]:
        assert any("another run is writing" in line for line in said)
    assert stands(place / "out", {OLD: contents(place / "out")}) == OLD


def test_the_kill_test_is_a_command():
    makefile = Path(__file__).parents[2] / "Makefile"
    assert "tests.analyses.kill_test 200" in makefile.read_text(encoding="utf-8")
