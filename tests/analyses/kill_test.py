"""Runs that are killed at random moments: the old output stands whole, or the new one.

    python -m tests.analyses.kill_test 200

A run over a small sample world replaces an older one, and is killed (SIGKILL) at a
random moment between its start and its end. Afterwards OUT must be the old run or the
new one, file by file as it was written. Every other run is `--resumable`: then the same
run must go on after its last finished phase, and end with the same files.
"""

import hashlib
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from analyses import cli
from analyses.phases import PHASES
from analyses.reporting.digest import digest
from analyses.reporting.run_folder import MANIFEST, read_manifest
from loaders.simulator import WorldSettings, simulate

OLD, NEW = "3", "2"
"""The number of helps that make many: it stands in the manifest of each run."""


@dataclass(frozen=True)
class Killed:
    """What came of one kill: after how many processor seconds, and which run stands.

    `went_on` is the phase after which the same run went on, where that was asked for;
    empty when none had finished.
    """

    after: float
    stands: str
    went_on: str | None = None


def words_of(data: Path, out: Path, many: str, *more: str) -> list[str]:
    """Return the words of a run that replaces OUT."""
    words = ["run", data, out, "--overwrite", "--no-decisions", "--many", many, *more]
    return [str(word) for word in words]


def command(data: Path, out: Path, many: str) -> list[str]:
    """Return the command of such a run."""
    return [sys.executable, "-m", "analyses.cli", *words_of(data, out, many)]


SAID = Path(gettempdir(), f"scanring-kill-test-{os.getpid()}.txt")
"""What the last run said, for when it fails."""


def _work(words: list[str], said: Path) -> None:
    """Be the command line; what it says goes into a file."""
    written = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(written, 1)
    os.dup2(written, 2)
    sys.argv = ["scanring", *words]
    cli.main()


PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["analyses.cli"])
"""Processes of their own that have read the program already: kills hit the run."""


def begin(words: list[str]) -> "multiprocessing.process.BaseProcess":
    """Begin a run in a process of its own."""
    process = PROCESSES.Process(target=_work, args=(words, SAID))
    process.start()
    return process


def finish(words: list[str]) -> float:
    """Let a run come to its end; return its processor seconds."""
    seconds, process = run_until(words, float("inf"))
    assert process.exitcode == 0, (
        f"scanring {' '.join(words)}: {process.exitcode}: {SAID.read_text()}"
    )
    SAID.unlink()
    return seconds


def run_until(
    words: list[str], seconds: float, *, wait: float = 0.0
) -> tuple[float, "multiprocessing.process.BaseProcess"]:
    """Kill a run after so many processor seconds, and a wait; or let it end by itself.

    What else the machine does then moves no kill. Returns what was last seen of its
    processor seconds, and the process.
    """
    process = begin(words)
    began, used = time.monotonic(), 0.0
    while process.is_alive() and used < seconds:
        time.sleep(0.005)
        if Path("/proc/self/stat").exists():
            used = max(used, _processor_seconds(process.pid))
        else:  # not Linux: by the clock
            used = time.monotonic() - began
    if process.is_alive():
        time.sleep(wait)
        process.kill()
    process.join()
    return used, process


def _processor_seconds(pid: int | None) -> float:
    """Return the processor seconds of all threads of a process; 0 when it is gone."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def contents(folder: Path) -> str:
    """Return a hash of all files of a run folder but its manifest, and their names."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name not in (MANIFEST, "store.duckdb"):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def stands(out: Path, whole: dict[str, str]) -> str:
    """Return the number of the run that stands in OUT.

    AssertionError when it is neither of both, or not whole.
    """
    manifest = read_manifest(out)
    many = str(manifest["parameters"]["policy"]["many"])
    missing = [name for name in manifest["files"] if not (out / name).exists()]
    assert not missing, f"the run with --many {many} lacks {missing}"
    assert contents(out) == whole[many], f"the run with --many {many} is not whole"
    return many


def kill_runs(
    kills: int,
    *,
    seed: int,
    place: Path,
    said: Callable[[Killed], None] = lambda one: None,
) -> list[Killed]:
    """Kill so many runs at moments that the seed chooses; check what is left of each.

    One at a time; a run that was not killed in time ends by itself. `said` is told of
    each.
    """
    draw = random.Random(seed)
    data, out = place / "data", place / "out"
    simulate(data, WorldSettings(seed=seed, new=300, existing=900))
    finish(words_of(data, out, NEW))  # the first one also reads the program
    whole, seconds = {NEW: contents(out)}, finish(words_of(data, out, OLD))
    whole[OLD] = contents(out)
    assert whole[NEW] != whole[OLD]
    killed, now = [], OLD
    for number in range(kills):
        other = {OLD: NEW, NEW: OLD}[now]
        resumable = number % 2 == 1
        words = words_of(data, out, other, *["--resumable"] * resumable)
        after = draw.uniform(0, 1.05 * seconds)
        run_until(words, after, wait=draw.uniform(0, 0.1))
        left = stands(out, whole)
        went_on = None
        if resumable and left == now:
            finish(words)
            assert stands(out, whole) == other
            went_on = read_manifest(out)["resumed_after"] or ""
            now = other
        else:
            now = left
        killed.append(Killed(after, "old" if left != other else "new", went_on))
        said(killed[-1])
    finish(words_of(data, out, NEW))
    assert stands(out, whole) == NEW
    assert digest(out)
    there = {path.name for path in place.iterdir()}
    assert there == {"data", "out"}, f"left behind: {there}"
    return killed


def _say(one: Killed) -> None:
    went_on = "" if one.went_on is None else f", went on after {one.went_on or 'none'}"
    sys.stderr.write(f"{one.after:.2f} s: {one.stands}{went_on}\n")


def main() -> None:
    """Kill as many runs as are asked for, and say what was left."""
    kills, seed = int(sys.argv[1]), int.from_bytes(os.urandom(2))
    with TemporaryDirectory() as place:
        killed = kill_runs(kills, seed=seed, place=Path(place), said=_say)
    counts = Counter(one.stands for one in killed)
    latest = max(one.after for one in killed)
    went_on = Counter(one.went_on for one in killed if one.went_on is not None)
    anew = went_on.pop("", 0)
    phases = ", ".join(f"{name} {went_on[name]}" for name in PHASES if name in went_on)
    sys.stdout.write(
        f"seed {seed}: {kills} runs killed between 0 and {latest:.1f} processor "
        "seconds; the old "
        f"output stood whole {counts['old']} times, the new one {counts['new']} times; "
        "the next run worked and left nothing behind\n"
        f"{went_on.total() + anew} of the killed were resumable: {went_on.total()} "
        f"went on after a phase ({phases}), {anew} had finished none; all ended with "
        "the files of a run that nothing killed\n"
    )


if __name__ == "__main__":
    main()
