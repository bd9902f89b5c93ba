"""A run on Apache Spark with workers of their own, and one of them killed."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.conftest import need_spark

need_spark()

from analyses.networks.registry import NETWORKS  # noqa: E402
from analyses.reporting.digest import digest  # noqa: E402
from analyses.run import Run  # noqa: E402
from analyses.run_events import open_store  # noqa: E402
from loaders.simulator import WorldSettings, simulate  # noqa: E402
from tests.analyses.same_answer import run  # noqa: E402
from tests.engines import CLUSTER, CLUSTER_SETTINGS  # noqa: E402

pytestmark = pytest.mark.long

EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend"


class Job:
    """A run on the cluster, in a process of its own, and the lines that it writes."""

    def __init__(self, data: Path, out: Path, *more: str) -> None:
        properties = [
            word
            for name, value in CLUSTER_SETTINGS.items()
            for word in ("--spark-property", f"{name}={value}")
        ]
        words = ["run", str(data), str(out), "--no-decisions", "--engine", "spark"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "analyses.cli", *words, "--master", CLUSTER]
            + properties
            + [*more],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.lines: list[str] = []
        self._told = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._told:
                self.lines.append(line.rstrip())
                self._told.notify_all()

    def wait_for(self, words: str, seconds: float) -> None:
        """Wait for a line that begins with these words."""
        with self._told:
            assert self._told.wait_for(
                lambda: any(line.startswith(words) for line in self.lines), seconds
            ), "\n".join(self.lines[-30:])

    def executors(self) -> list[int]:
        """Return the processes of the executors that this job started."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if EXECUTOR.encode() in command and self._is_ours(int(folder.name)):
                found.append(int(folder.name))
        return sorted(found)

    def _is_ours(self, process: int) -> bool:
        while process > 1:
            if process == self.process.pid:
                return True
            try:
                stat = Path(f"/proc/{process}/stat").read_text()
            except OSError:
                return False
            process = int(stat.rpartition(")")[2].split()[1])
        return False

    def finish(self, seconds: float) -> None:
        """Wait for the end, which must be a good one."""
        try:
            code = self.process.wait(seconds)
        finally:
            self.process.kill()
        self._reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()
        assert code == 0, "\n".join(self.lines[-30:])


def stored(folder: Path) -> dict[str, tuple[int, list[tuple[str, str]]]]:
    """Return the tables that cards and graphs are made of: their rows and columns."""
    with open_store(folder) as store:
        names = [
            name for (name,) in store.rows("SELECT table_name FROM duckdb_tables()")
        ]
        return {
            name: (
                store.count(name),
                [row[:2] for row in store.rows(f'DESCRIBE "{name}"')],
            )
            for name in sorted(names)
        }


def same(spark: Path, plain: Path) -> None:
    """Compare a run on Spark with an embedded one: digests, files, stored tables."""
    assert digest(spark) == digest(plain)
    assert Run.open(spark).manifest["engine"]["name"] == "spark"
    files = [{path.name for path in folder.iterdir()} for folder in (spark, plain)]
    assert files[0] == files[1]
    assert stored(spark) == stored(plain)


@pytest.mark.longer
@pytest.mark.parametrize("design", ["nationwide", "student_towns"])
def test_workers_of_their_own_find_the_same(design, tmp_path):
    settings = WorldSettings(seed=22, new=500, existing=1000, design=design)
    simulate(tmp_path / "data", settings)
    job = Job(tmp_path / "data", tmp_path / "spark")
    plain = run(tmp_path / "data", tmp_path / "embedded")
    job.finish(1200)
    same(tmp_path / "spark", plain)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_an_executor_that_is_killed_changes_nothing(tmp_path):
    """In a world with every kind of network."""
    settings = WorldSettings(seed=21, new=500, existing=1000, networks=tuple(NETWORKS))
    simulate(tmp_path / "data", settings)
    job = Job(tmp_path / "data", tmp_path / "spark", "--work", str(tmp_path / "work"))
    job.wait_for("phase=shared_keys number=4 of=12 state=begun", 900)
    first, *others = job.executors()
    assert others, "two executors"
    os.kill(first, signal.SIGKILL)
    plain = run(tmp_path / "data", tmp_path / "embedded")
    job.finish(1200)
    assert any("Lost executor" in line for line in job.lines)
    same(tmp_path / "spark", plain)
    ended = [line.split()[0] for line in job.lines if " state=ended" in line]
    assert ended == [
        f"phase={phase['phase'].replace(' ', '_')}"
        for phase in Run.open(plain).manifest["phases"]
    ]
    assert list((tmp_path / "work").iterdir()) == []
