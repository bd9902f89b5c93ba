"""Runs on Apache Spark with workers of their own: worlds and Hop, and a loss.

One cluster does them one after the other, each as the command line has it: a master and
two workers, whose executors are processes of their own. The last is another
world, and one of the executors is killed in the middle of it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need_spark

need_spark()

from analyses.networks.registry import NETWORKS  # noqa: E402
from analyses.reporting.digest import digest  # noqa: E402
from analyses.run import Run  # noqa: E402
from analyses.run_events import open_store  # noqa: E402
from loaders.simulator import WorldSettings, simulate  # noqa: E402
from tests.analyses.same_answer import run  # noqa: E402
from tests.engines import CLUSTER  # noqa: E402

pytestmark = pytest.mark.long

EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend"

HOP = Path(__file__).parents[2] / "loaders" / "mappings" / "hop.toml"

FOR_MORE_ROWS = [
    word
    for name, value in {
        "spark.sql.codegen.factoryMode": "FALLBACK",
        "spark.sql.codegen.wholeStage": "true",
    }.items()
    for word in ("--spark-property", f"{name}={value}")
]
"""Spark's own, which are worth it from some hundred thousand rows."""

SMALL: dict[str, Any] = {"new": 500, "existing": 1000}
WORLDS = {
    "all networks": WorldSettings(seed=21, networks=tuple(NETWORKS), **SMALL),
    "nationwide": WorldSettings(seed=22, design="nationwide", **SMALL),
}
LOSES_AN_EXECUTOR = WorldSettings(seed=22, design="student_towns", **SMALL)


class Cluster:
    """A process with a session on the cluster, which does one run after the other."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.analyses.several_runs"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._codes: list[int] = []
        self._ended = False
        self._told = threading.Condition()
        self._readers = [
            threading.Thread(target=read, daemon=True)
            for read in (self._read_lines, self._read_codes)
        ]
        for reader in self._readers:
            reader.start()

    def _read_lines(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._told:
                self.lines.append(line.rstrip())
                self._told.notify_all()

    def _read_codes(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._told:
                self._codes.append(int(line))
                self._told.notify_all()
        with self._told:
            self._ended = True
            self._told.notify_all()

    def begin(self, data: Path, out: Path, *more: str) -> None:
        """Begin a run; the one before must have ended."""
        words = ["run", str(data), str(out), "--no-decisions", "--engine", "spark"]
        self.lines.clear()
        self._codes.clear()
        assert self.process.stdin is not None
        line = json.dumps([*words, "--master", CLUSTER, *more])
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def wait_for(self, words: str, seconds: float) -> None:
        """Wait for a line that begins with these words."""
        with self._told:
            self._told.wait_for(
                lambda: self._ended or self._has(words),
                seconds,
            )
            assert self._has(words), "\n".join(self.lines[-30:])

    def _has(self, words: str) -> bool:
        return any(line.startswith(words) for line in self.lines)

    def finish(self, seconds: float) -> None:
        """Wait for the end of the run, which must be a good one."""
        with self._told:
            assert self._told.wait_for(lambda: self._codes or self._ended, seconds), (
                "\n".join(self.lines[-30:])
            )
        assert self._codes == [0], "\n".join(self.lines[-30:])

    def executors(self) -> list[int]:
        """Return the processes of the executors."""
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

    def close(self) -> None:
        """End the session, and the process with it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(60)
        finally:
            self.process.kill()
        for reader in self._readers:
            reader.join(10)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One session on the cluster for all runs of this file."""
    opened = Cluster()
    try:
        yield opened
    finally:
        opened.close()


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


@pytest.mark.parametrize(
    "settings",
    [
        WORLDS["all networks"],
        # The same design without networks: the one above does all that it does.
        pytest.param(WORLDS["nationwide"], marks=pytest.mark.longer),
    ],
    ids=WORLDS,
)
def test_workers_of_their_own_find_the_same(cluster, settings, tmp_path):
    simulate(tmp_path / "data", settings)
    cluster.begin(tmp_path / "data", tmp_path / "spark")
    plain = run(tmp_path / "data", tmp_path / "embedded")
    cluster.finish(1200)
    same(tmp_path / "spark", plain)


def test_hop_is_the_same_on_two_workers(cluster, public_data, tmp_path):
    """43,052 accounts, and 758,877 transfers that are read as helps."""
    mapping = ["--mapping", str(HOP)]
    data = public_data / "hop"
    cluster.begin(data, tmp_path / "spark", *mapping, *FOR_MORE_ROWS)
    plain = run(data, tmp_path / "embedded", more=mapping)
    cluster.finish(3000)
    same(tmp_path / "spark", plain)
    found = Run.open(plain)
    assert found.manifest["phases"][0]["rows"] > 800_000
    assert len(found.accounts) > 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_an_executor_that_is_killed_changes_nothing(cluster, tmp_path):
    """In another world, on the cluster that has done the others."""
    simulate(tmp_path / "data", LOSES_AN_EXECUTOR)
    work = tmp_path / "work"
    cluster.begin(tmp_path / "data", tmp_path / "spark", "--work", str(work))
    cluster.wait_for("phase=shared_keys number=4 of=12 state=begun", 900)
    first, *others = cluster.executors()
    assert others, "two executors"
    os.kill(first, signal.SIGKILL)
    plain = run(tmp_path / "data", tmp_path / "embedded")
    cluster.finish(1200)
    assert any("Lost executor" in line for line in cluster.lines)
    same(tmp_path / "spark", plain)
    ended = [line.split()[0] for line in cluster.lines if " state=ended" in line]
    assert ended == [
        f"phase={phase['phase'].replace(' ', '_')}"
        for phase in Run.open(plain).manifest["phases"]
    ]
    assert list(work.iterdir()) == []
