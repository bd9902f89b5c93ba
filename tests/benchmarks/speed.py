"""How fast a run is: a platform's day, its growth, and networkx on the same graph.

    python -m tests.benchmarks.speed [--new N] [--times N] [--memory SIZE] [--keep]

Each run is a process of its own, so that its memory is its own. Times are given in
seconds, in seconds of processor time (all threads; other work on the machine hardly
changes them), and as ratios to the yardstick of `analyses.estimate`, which is measured
before and after. `--keep` adds the ratios to `history.jsonl`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import networkit
import networkx as nx
import numpy as np

from analyses.estimate import estimate, yardstick
from analyses.pipeline import WORDS
from analyses.reporting.cards import explain
from analyses.reporting.digest import digest
from analyses.reporting.report_tables import Cell, Section
from analyses.run import Run
from graph.communities import find_communities
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.lockstep import build_lockstep
from graph.numbering import HAPPENS_AT, find_window, number
from graph.shared_keys import collect_shared_keys
from graph.store import Store
from loaders import load
from tests.benchmarks.pairwise import project
from tests.benchmarks.platform_day import make_day

HISTORY = Path(__file__).with_name("history.jsonl")
SMALL = 10_000
"""New accounts of the world that networkx is compared on: 40,000 accounts in all."""

HOUR = 3600

GOALS = {
    "a day, whole run": "30 s",
    "a day, memory": "4 GB",
    "growth of processor time, ten times the events": "11 times",
    "an hour added to a tenth of the day": "5 s",
    "a card of the day's run": "0.2 s",
    "components and communities, beside networkx": "30 times",
    "a whole run, beside pairwise projection and networkx": "50 times",
    "its communities, beside pairwise projection and networkx": "50 times",
}
"""What is to be reached, of the day of a million new accounts."""

RUN = """
import json, resource, sys, time
from pathlib import Path
began, worked = time.perf_counter(), time.process_time()
from analyses.casework.before import Before
from analyses.pipeline import Settings, run
add_to = Path(sys.argv[4]) if len(sys.argv) > 4 else None
found = run(Path(sys.argv[1]), Path(sys.argv[2]), overwrite=True,
            settings=Settings(memory=sys.argv[3] or None), before=Before(add_to=add_to))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": time.perf_counter() - began,
    "cpu_seconds": time.process_time() - worked,
    "peak_memory_bytes": max(p["peak_memory_bytes"] for p in found.manifest["phases"]),
    "phases": found.manifest["phases"]}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--new", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3, help="runs of the day")
    parser.add_argument("--memory", default="", help="limit for queries, as 3GB")
    parser.add_argument("--keep", action="store_true", help="add to the history")
    wanted = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        for new in (SMALL, wanted.new // 10, wanted.new):
            began = time.perf_counter()
            make_day(here / str(new), new=new)
            print(f"made a day of {new:,} in {time.perf_counter() - began:.0f} s")
        measured = beside_networkx(here / str(SMALL), here / "small")
        tenth = run_once(here / str(wanted.new // 10), here / "tenth", wanted.memory)
        expected = estimate(here / str(wanted.new), memory=wanted.memory or None)
        print("estimated:", expected.text())
        whole = [
            run_once(here / str(wanted.new), here / "run", wanted.memory)
            for _ in range(wanted.times)
        ]
        show(wanted.new, tenth, whole)
        measured |= {
            "a day, whole run": ", ".join(f"{one['seconds']:.1f} s" for one in whole),
            "a day, memory": ", ".join(
                f"{one['peak_memory_bytes'] / 1e9:.2f} GB" for one in whole
            ),
            "growth of processor time, ten times the events": (
                f"{whole[-1]['cpu_seconds'] / tenth['cpu_seconds']:.1f} times"
            ),
            "an hour added to a tenth of the day": f"{add_hour(here, wanted):.1f} s",
            "a card of the day's run": f"{time_card(here / 'run'):.2f} s",
        }
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (name, goal, measured[name]) for name, goal in GOALS.items()
        )
        title = f"Goals, and measured on a day of {wanted.new:,} new accounts"
        print(Section(title, ("", "goal", "measured"), rows).text())
        for name, value in digest(here / "run").items():
            print(f"{value}  {name}")
        if wanted.keep:
            keep(wanted.new, whole[-1])


def add_hour(here: Path, wanted: argparse.Namespace) -> float:
    """Return the seconds of adding the last hour of a tenth of the day to the rest."""
    data, parts = here / str(wanted.new // 10), (here / "before", here / "hour")
    for part in parts:
        part.mkdir()
    with Store() as store:
        last = store.rows(f"SELECT max(scanned_at) FROM '{data}/scans.parquet'")[0][0]
        for path in sorted(data.glob("*.parquet")):
            at = HAPPENS_AT.get(path.stem)
            late = f"{at} > TIMESTAMP '{last}' - INTERVAL {HOUR} SECOND"
            late = f"({late}) IS TRUE" if at else "FALSE"
            for part, kept in zip(parts, (f"NOT {late}", late), strict=True):
                store.connection.execute(
                    f"COPY (FROM '{path}' WHERE {kept}) TO '{part}/{path.name}'"
                )
    earlier = here / "earlier"
    run_once(parts[0], earlier, wanted.memory)
    found = run_once(parts[1], here / "added", wanted.memory, add_to=earlier)
    return float(found["seconds"])


def time_card(folder: Path) -> float:
    """Return the seconds that the card of a listed account takes, in an open run."""
    with Run.open(folder) as run:
        chosen = run.store.rows(
            f"""SELECT account_id FROM '{folder}/accounts.parquet' WHERE listed
                ORDER BY account_id LIMIT 1"""
        )
        return _seconds(lambda: explain(run, chosen[0][0], WORDS))


def run_once(
    data: Path, out: Path, memory: str, *, add_to: Path | None = None
) -> dict[str, Any]:
    """Run in a process of its own; return its figures, in yardsticks too."""
    before = yardstick(time.process_time)
    said = subprocess.run(
        [sys.executable, "-c", RUN, str(data), str(out), memory]
        + ([str(add_to)] if add_to else []),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    figures["yardstick"] = min(before, yardstick(time.process_time))
    return figures


def show(new: int, tenth: dict[str, Any], whole: list[dict[str, Any]]) -> None:
    rows: list[tuple[Cell, ...]] = []
    for place, phase in enumerate(whole[-1]["phases"]):
        rows.append(
            (
                phase["phase"],
                phase["rows"],
                tenth["phases"][place]["cpu_seconds"],
                *(float(one["phases"][place]["seconds"]) for one in whole),
                phase["cpu_seconds"],
                phase["peak_memory_bytes"] / 1e9,
            )
        )
    rows.append(
        (
            "whole run",
            None,
            float(tenth["cpu_seconds"]),
            *(float(one["seconds"]) for one in whole),
            float(whole[-1]["cpu_seconds"]),
            max(one["peak_memory_bytes"] for one in whole) / 1e9,
        )
    )
    columns = (
        "phase",
        "rows",
        f"cpu s, {new // 10:,}",
        *(f"s, run {n}" for n in range(1, len(whole) + 1)),
        "cpu s",
        "GB",
    )
    growth = whole[-1]["cpu_seconds"] / tenth["cpu_seconds"]
    print(
        Section(
            f"A day of {new:,} new accounts",
            columns,
            tuple(rows),
            (("times a tenth of it (processor time)", growth),),
        ).text()
    )


def keep(new: int, figures: dict[str, Any]) -> None:
    """Add the ratios of a run to the yardstick to the history."""
    unit = figures["yardstick"]
    entry = {
        "day": time.strftime("%Y-%m-%d"),
        "new": new,
        "whole": round(figures["cpu_seconds"] / unit, 1),
        "phases": {
            phase["phase"]: round(phase["cpu_seconds"] / unit, 1)
            for phase in figures["phases"]
        },
    }
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def beside_networkx(data: Path, out: Path) -> dict[str, str]:
    """Time components and communities here and by networkx, on the same graph.

    Return what of it the goals are about; OUT is for the whole run.
    """
    with Store() as store:
        load(data, store)
        number(store, find_window(store))
        gather_help_facts(store)
        find_gatherings(store)
        collect_shared_keys(store)
        graph = build_lockstep(store)
    linked = graph.weight > 0
    count = len(graph.accounts)
    ends = (
        graph.account[linked].astype(np.int64),
        count + graph.key[linked].astype(np.int64),
    )
    nodes, weight = count + len(graph.kinds), graph.weight[linked]
    theirs = nx.Graph()
    theirs.add_nodes_from(range(nodes))
    theirs.add_weighted_edges_from(
        zip(*(end.tolist() for end in ends), weight.tolist(), strict=True)
    )
    ours = _seconds(lambda: _components(ends, nodes))
    them = _seconds(lambda: list(nx.connected_components(theirs)))
    here = _seconds(
        lambda: find_communities(ends, weight, nodes=nodes, resolution=2e-4)
    )
    there = _seconds(lambda: nx.community.louvain_communities(theirs, seed=1))
    pairs = _seconds(lambda: nx.community.louvain_communities(project(graph), seed=1))
    rows: list[tuple[Cell, ...]] = [
        ("components", ours, them, them / ours),
        ("communities", here, there, there / here),
        ("both", ours + here, them + there, (them + there) / (ours + here)),
        ("pairwise projection and its communities", here, pairs, pairs / here),
    ]
    whole = run_once(data, out, "")["seconds"]
    rows.append(("the same beside a whole run", whole, pairs, pairs / whole))
    title = f"The lockstep graph of {nodes:,} nodes and {len(weight):,} links, seconds"
    print(Section(title, ("", "here", "networkx", "times"), tuple(rows)).text())
    times = (them + there) / (ours + here), pairs / whole, pairs / here
    return dict(zip(list(GOALS)[-3:], (f"{n:.0f} times" for n in times), strict=True))


def _components(ends: tuple[np.ndarray, np.ndarray], nodes: int) -> int:
    graph = networkit.GraphFromCoo(ends, n=nodes, directed=False)
    found = networkit.components.ConnectedComponents(graph)
    found.run()
    return int(found.numberOfComponents())


def _seconds(work: Any) -> float:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
        if times[-1] > 5:
            break
    return min(times)


if __name__ == "__main__":
    main()
