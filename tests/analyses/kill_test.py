"""Runs that are killed at random moments: the old output stands whole, or the new one.

    python -m tests.analyses.kill_test 200

A run over a small sample world replaces an older one, and is killed (SIGKILL) at a
random moment between its start and its end. Afterwards OUT must be the old run or the
new one, file by file as it was written; the next run must work.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from analyses.reporting.digest import digest
from analyses.reporting.run_folder import MANIFEST, read_manifest
from loaders.simulator import WorldSettings, simulate

OLD, NEW = "3", "2"
"""The number of helps that make many: it stands in the manifest of each run."""


@dataclass(frozen=True)
class Killed:
    """What came of one kill: after how many seconds, and which run stands."""

    after: float
    stands: str


def command(data: Path, out: Path, many: str) -> list[str]:
    """Return the command of a run that replaces OUT."""
    words = ["run", data, out, "--overwrite", "--no-decisions", "--many", many]
    return [sys.executable, "-m", "analyses.cli", *map(str, words)]


def contents(folder: Path) -> str:
    """Return a hash of all files of a run folder but its manifest, and their names."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name not in (MANIFEST, "store.duckdb"):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def stands(out: Path, whole: dict[str, str]) -> str:
    """Say which run stands in OUT; AssertionError when it is neither, or not whole."""
    manifest = read_manifest(out)
    many = str(manifest["parameters"]["policy"]["many"])
    missing = [name for name in manifest["files"] if not (out / name).exists()]
    assert not missing, f"the run with --many {many} lacks {missing}"
    assert contents(out) == whole[many], f"the run with --many {many} is not whole"
    return {OLD: "old", NEW: "new"}[many]


def kill_runs(kills: int, *, seed: int, place: Path) -> list[Killed]:
    """Kill so many runs at moments that the seed chooses; check what is left of each.

    One at a time; a run that was not killed in time ends by itself.
    """
    draw = random.Random(seed)
    data, out = place / "data", place / "out"
    simulate(data, WorldSettings(seed=seed, new=300, existing=900))
    whole, seconds = {}, 0.0
    for many in (NEW, OLD):
        began = time.monotonic()
        subprocess.run(command(data, out, many), check=True, capture_output=True)
        seconds = time.monotonic() - began
        whole[many] = contents(out)
    killed = []
    for _ in range(kills):
        after = draw.uniform(0, 1.05 * seconds)
        with subprocess.Popen(
            command(data, out, NEW),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as run:
            time.sleep(after)
            run.send_signal(signal.SIGKILL)
        now = stands(out, whole)
        killed.append(Killed(after, now))
        if now == "new":  # back to the old one, which also shows that a run works
            subprocess.run(command(data, out, OLD), check=True, capture_output=True)
            assert stands(out, whole) == "old"
    subprocess.run(command(data, out, NEW), check=True, capture_output=True)
    assert stands(out, whole) == "new"
    assert digest(out)
    left = {path.name for path in place.iterdir()}
    assert left == {"data", "out"}, f"left behind: {left}"
    return killed


def main() -> None:
    """Kill as many runs as are asked for, and say what was left."""
    kills, seed = int(sys.argv[1]), int.from_bytes(os.urandom(2))
    with TemporaryDirectory() as place:
        killed = kill_runs(kills, seed=seed, place=Path(place))
    counts = Counter(one.stands for one in killed)
    latest = max(one.after for one in killed)
    sys.stdout.write(
        f"seed {seed}: {kills} runs killed between 0 and {latest:.1f} seconds; the old "
        f"output stood whole {counts['old']} times, the new one {counts['new']} times; "
        "the next run worked and left nothing behind\n"
    )


if __name__ == "__main__":
    main()
