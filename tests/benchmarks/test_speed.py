"""No phase of a run may become more than a third slower against the yardstick.

`speed_limits.json` has the processor time of each phase, in yardsticks, on a day of
20,000 new accounts; `python -m tests.benchmarks.test_speed` measures it anew. A phase
of a few yardsticks is too short to tell and counts within the whole run only.
"""

import json
from pathlib import Path

import pytest

from tests.benchmarks.platform_day import make_day
from tests.benchmarks.speed import run_once

LIMITS = Path(__file__).with_name("speed_limits.json")
NEW = 20_000
SHORT = 4.0
"""Yardsticks under which a phase is too short to be judged by itself."""

SLOWER = 4 / 3


def ratios(data: Path, out: Path) -> dict[str, float]:
    """Return the least ratio of each phase in three runs, and that of the whole."""
    runs = [run_once(data, out, "") for _ in range(3)]
    least = {
        phase["phase"]: min(
            one["phases"][place]["cpu_seconds"] / one["yardstick"] for one in runs
        )
        for place, phase in enumerate(runs[0]["phases"])
    }
    return least | {"whole": min(one["cpu_seconds"] / one["yardstick"] for one in runs)}


@pytest.mark.long
def test_no_phase_is_a_third_slower_than_it_was(tmp_path):
    make_day(tmp_path / "day", new=NEW)
    found, known = (
        ratios(tmp_path / "day", tmp_path / "run"),
        json.loads(LIMITS.read_text()),
    )
    slower = {
        name: (round(found[name], 1), limit)
        for name, limit in known.items()
        if limit >= SHORT and found[name] > limit * SLOWER
    }
    assert not slower


@pytest.mark.long
@pytest.mark.benchmark(group="day of 20,000")
def test_a_small_day(benchmark, tmp_path):
    make_day(tmp_path / "day", new=NEW)
    benchmark.pedantic(
        run_once, (tmp_path / "day", tmp_path / "run", ""), rounds=3, warmup_rounds=0
    )


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        make_day(Path(folder, "day"), new=NEW)
        measured = ratios(Path(folder, "day"), Path(folder, "run"))
        text = json.dumps(
            {name: round(value, 1) for name, value in measured.items()}, indent=1
        )
        LIMITS.write_text(text + "\n")
        print(text)
