"""No phase of a run may become more than a third slower against the yardstick.

`speed_limits.json` has the processor time of each phase, in yardsticks, on a day of
60,000 new accounts; `python -m tests.benchmarks.test_speed` measures it anew. The
least of several runs counts, for other work on the machine only ever adds time (cores
share their caches). So `make test-long` runs these tests after all others, alone.
"""

import json
import tempfile
from pathlib import Path

import pytest

from tests.benchmarks.platform_day import make_day
from tests.benchmarks.speed import run_once

LIMITS = Path(__file__).with_name("speed_limits.json")
NEW = 60_000
RUNS, MOST_RUNS = 3, 9

SLOWER = 4 / 3
SLACK = 4.0
"""Yardsticks by which a phase may differ in any case: a tenth of a second."""


def measure(data: Path, out: Path, found: dict[str, float]) -> dict[str, float]:
    """Run once; return the least seconds so far, of each phase and the yardstick."""
    figures = run_once(data, out, "")
    seconds = {one["phase"]: one["cpu_seconds"] for one in figures["phases"]}
    seconds |= {"whole": figures["cpu_seconds"], "yardstick": figures["yardstick"]}
    return {name: min(now, found.get(name, now)) for name, now in seconds.items()}


def ratios(least: dict[str, float]) -> dict[str, float]:
    """Return the phases in yardsticks.

    >>> ratios({"read": 0.5, "yardstick": 0.025})
    {'read': 20.0}
    """
    phases = {name: value for name, value in least.items() if name != "yardstick"}
    return {
        name: round(value / least["yardstick"], 1) for name, value in phases.items()
    }


def slower(found: dict[str, float], known: dict[str, float]) -> dict[str, float]:
    """Return the phases that are too slow, with how often their limit they take."""
    return {
        name: round(found[name] / limit, 2)
        for name, limit in known.items()
        if found[name] > max(limit * SLOWER, limit + SLACK)
    }


def test_a_phase_a_third_slower_is_told():
    known = {"read": 24.0, "store": 2.0, "whole": 300.0}
    assert slower({"read": 31.9, "store": 5.9, "whole": 399.0}, known) == {}
    told = slower({"read": 32.4, "store": 6.2, "whole": 401.0}, known)
    assert told == {"read": 1.35, "store": 3.1, "whole": 1.34}


@pytest.mark.long
@pytest.mark.alone
@pytest.mark.benchmark(group="day of 60,000")
def test_no_phase_is_a_third_slower_than_it_was(benchmark, tmp_path):
    make_day(tmp_path / "day", new=NEW)
    known: dict[str, float] = json.loads(LIMITS.read_text())
    found: dict[str, float] = {}

    def once() -> None:
        found.update(measure(tmp_path / "day", tmp_path / "run", found))

    benchmark.pedantic(once, rounds=RUNS, warmup_rounds=0)
    for _ in range(RUNS, MOST_RUNS):
        if not slower(ratios(found), known):
            break
        once()
    assert known.keys() <= ratios(found).keys()
    assert slower(ratios(found), known) == {}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_day(Path(folder, "day"), new=NEW)
        found: dict[str, float] = {}
        for _ in range(MOST_RUNS):
            found = measure(Path(folder, "day"), Path(folder, "run"), found)
    text = json.dumps(ratios(found), indent=1)
    LIMITS.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
