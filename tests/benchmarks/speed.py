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
from analyses.reporting.digest import digest
from analyses.reporting.report_tables import Cell, Section
from graph.communities import find_communities
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.lockstep import build_lockstep
from graph.numbering import find_window, number
from graph.shared_keys import collect_shared_keys
from graph.store import Store
from loaders import load
from tests.benchmarks.pairwise import project
from tests.benchmarks.platform_day import make_day

HISTORY = Path(__file__).with_name("history.jsonl")
SMALL = 10_000
"""New accounts of the world that networkx is compared on: 40,000 accounts in all."""

RUN = """
import json, resource, sys, time
from pathlib import Path
began, worked = time.perf_counter(), time.process_time()
from analyses.pipeline import Settings, run
found = run(Path(sys.argv[1]), Path(sys.argv[2]), overwrite=True,
            settings=Settings(memory=sys.argv[3] or None))
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
        beside_networkx(here / str(SMALL))
        tenth = run_once(here / str(wanted.new // 10), here / "tenth", wanted.memory)
        expected = estimate(here / str(wanted.new), memory=wanted.memory or None)
        print("estimated:", expected.text())
        whole = [
            run_once(here / str(wanted.new), here / "run", wanted.memory)
            for _ in range(wanted.times)
        ]
        show(wanted.new, tenth, whole)
        for name, value in digest(here / "run").items():
            print(f"{value}  {name}")
        if wanted.keep:
            keep(wanted.new, whole[-1])


def run_once(data: Path, out: Path, memory: str) -> dict[str, Any]:
    """Run in a process of its own; return its figures, in yardsticks too."""
    before = yardstick()
    said = subprocess.run(
        [sys.executable, "-c", RUN, str(data), str(out), memory],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    figures["yardstick"] = min(before, yardstick())
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


def beside_networkx(data: Path) -> None:
    """Time components and communities here and by networkx, on the same graph."""
    with Store() as store:
        load(data, store)
        number(store, find_window(store))
        gather_help_facts(store)
        find_gatherings(store)
        collect_shared_keys(store)
        graph = build_lockstep(store)
    linked = graph.weight > 0
    count = len(graph.accounts)
    ends = graph.account[linked], count + graph.key[linked]
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
    title = f"The lockstep graph of {nodes:,} nodes and {len(weight):,} links, seconds"
    print(Section(title, ("", "here", "networkx", "times"), tuple(rows)).text())


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
