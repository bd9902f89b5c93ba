"""The nightly job of docs/spark.md, word for word, on a standalone master and workers.

The environment that is packed has the wheel, and leads to the tests' own for what the
wheel needs.
"""

import os
import re
import socket
import subprocess
import sys
import tarfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import need_spark

need_spark()

import pyspark  # noqa: E402

from analyses.reporting.digest import digest  # noqa: E402
from analyses.run import Run  # noqa: E402
from loaders.simulator import WorldSettings, simulate  # noqa: E402
from tests.analyses.same_answer import run  # noqa: E402
from tests.engines import CLUSTER_SETTINGS  # noqa: E402

pytestmark = [
    pytest.mark.long,
    pytest.mark.longer,
    pytest.mark.skipif(sys.platform == "win32", reason="the recipe is for a shell"),
]

ROOT = Path(__file__).parents[2]
SPARK = Path(pyspark.__file__).parent
HERE = "127.0.0.1"


def recipe() -> str:
    """Return the lines that run each night, as the page has them."""
    page = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
    section = page.split("## As a nightly job")[1].split("\n## ")[0]
    lines = section.split("Then, each night:")[1].split("\n")
    kept = [line for line in lines if line.startswith("    ") or not line]
    first = next(at for at, line in enumerate(kept) if line)
    end = next(at for at in range(first, len(kept)) if not kept[at])
    return "\n".join(line.removeprefix("    ") for line in kept[first:end])


def pack(folder: Path) -> None:
    """Make the environment of the wheel in `folder`, and the archive beside it."""
    wheels = folder.parent / "wheels"
    build = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True, capture_output=True)
    venv.create(folder, symlinks=True)
    python = str(folder / "bin" / "python")
    (wheel,) = map(str, wheels.glob("*.whl"))
    words = ["-m", "pip", "--python", python, "install", "--no-deps", "--no-index"]
    subprocess.run([sys.executable, *words, wheel], check=True, capture_output=True)
    (packages,) = folder.glob("lib/python3.*/site-packages")
    (packages / "needs.pth").write_text(f"{SPARK.parent}\n", encoding="utf-8")
    with tarfile.open(f"{folder}.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(folder, ".")
    program = "from analyses.cli import main\n\nmain()\n"
    (folder.parent / "scanring-nightly.py").write_text(program, encoding="utf-8")


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a master and two workers of one core each; give the master's address."""
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    name = f"spark://{HERE}:{port}"
    at = ["--host", HERE, "--webui-port", "0"]
    worker = [*at, "--cores", "1", "--memory", "1500m", name]
    commands = [
        ["master.Master", *at, "--port", str(port)],
        ["worker.Worker", "--work-dir", str(folder / "first"), *worker],
        ["worker.Worker", "--work-dir", str(folder / "second"), *worker],
    ]
    folder.mkdir()
    started = []
    try:
        for number, (kind, *words) in enumerate(commands):
            log = folder / f"{number}.log"
            with log.open("w") as lines:
                started.append(
                    subprocess.Popen(
                        [
                            str(SPARK / "bin" / "spark-class"),
                            f"org.apache.spark.deploy.{kind}",
                            *words,
                        ],
                        env=os.environ | {"SPARK_DAEMON_MEMORY": "256m"},
                        stdout=lines,
                        stderr=subprocess.STDOUT,
                    )
                )
            told = "registered with master" if number else "New state: ALIVE"
            wait_for(log, told)
        yield name
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def wait_for(log: Path, words: str, seconds: float = 180) -> None:
    """Wait until a log has these words."""
    until = time.monotonic() + seconds
    while words not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < until, log.read_text(encoding="utf-8")
        time.sleep(0.2)


def test_the_nightly_job_of_the_page_finds_the_same(tmp_path):
    settings = WorldSettings(seed=24, new=300, existing=600)
    simulate(tmp_path / "events" / "today", settings)
    plain = run(tmp_path / "events" / "today", tmp_path / "plain")
    opt, runs = tmp_path / "opt", tmp_path / "runs"
    runs.mkdir()
    plain.rename(runs / "yesterday")
    opt.mkdir()
    pack(opt / "scanring-environment")
    conf = tmp_path / "conf"
    conf.mkdir()
    defaults = "".join(f"{name} {value}\n" for name, value in CLUSTER_SETTINGS.items())
    (conf / "spark-defaults.conf").write_text(defaults, encoding="utf-8")
    written = recipe()
    with cluster(tmp_path / "cluster") as master:
        for said, here in {
            "spark://HOST:7077": master,
            "/opt/": f"{opt}/",
            "/events/": f"{tmp_path}/events/",
            "/runs/": f"{runs}/",
            "file:///shared": f"file://{tmp_path}/shared",
            "--driver-memory 4g --executor-memory 4g": (
                "--driver-memory 1g --executor-memory 1g"
            ),
            "--executor-cores 2": "--executor-cores 1",
            "--total-executor-cores 16": "--total-executor-cores 2",
            "partitions=48": "partitions=4",
        }.items():
            assert said in written, said
            written = written.replace(said, here)
        (tmp_path / "shared").mkdir()
        words = {
            "PATH": f"{SPARK / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "SPARK_CONF_DIR": str(conf),
            "PYTHONPATH": "",
        }
        night = subprocess.run(
            ["sh", "-e", "-c", written],
            cwd=tmp_path,
            env=os.environ | words,
            capture_output=True,
            text=True,
            timeout=1500,
        )
        assert night.returncode == 0, night.stdout[-3000:] + night.stderr[-3000:]
        unpacked = list((tmp_path / "cluster").glob("*/app-*/*/environment/bin/python"))
    assert len(unpacked) == 2, "on each of two executors"
    # spark-submit joins what its program writes to standard error with the rest.
    ended = re.findall(r"^phase=(\w+) state=ended", night.stdout, re.MULTILINE)
    assert ended[0] == "read" and ended[-1] == "write" and len(ended) == 12
    assert list((tmp_path / "shared" / "scanring").iterdir()) == []
    found = Run.open(runs / "today")
    assert found.manifest["engine"]["name"] == "spark"
    again = run(
        tmp_path / "events" / "today",
        tmp_path / "again",
        more=["--previous", runs / "yesterday"],
    )
    assert digest(runs / "today") == digest(again)
