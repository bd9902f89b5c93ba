"""The demo: a sample world, its analysis, and the found beside the planted."""

import shutil
from pathlib import Path

from analyses.evaluation.baselines import beside_baselines
from analyses.evaluation.evaluate import evaluate
from analyses.pipeline import Progress, run
from analyses.run import Run
from graph.errors import OutputError
from loaders.simulator import WorldSettings, simulate


def demo(
    out: Path,
    *,
    seed: int,
    overwrite: bool = False,
    settings: WorldSettings | None = None,
    progress: Progress | None = None,
) -> str:
    """Make the world OUT/world, the run OUT/run, and return the comparison as text."""
    world, folder = out / "world", out / "run"
    if world.exists() and not overwrite:
        raise OutputError(f"{world} is there already: add --overwrite to replace it")
    if world.exists():
        shutil.rmtree(world)
    if progress:
        progress("sample world", 0, 1)
    simulate(world, settings or WorldSettings(seed=seed))
    found = run(world, folder, overwrite=overwrite, progress=progress)
    parts = [
        evaluate(folder, world / "truth").text(),
        beside_baselines(folder, world / "truth").text(),
        _what_to_open(found, out),
    ]
    return "\n\n".join(parts)


def _what_to_open(found: Run, out: Path) -> str:
    teams = found.teams.sort_values(["risk", "members"], ascending=False)
    listed = found.accounts[found.accounts["listed"]]
    lines = ["Look at"]
    for path, what in (
        ("run/risk-list.xlsx", "the accounts to act on, with the reasons"),
        ("run/watch-list.csv", "the accounts to look at again"),
        ("run/teams.parquet", "the farms"),
        ("world/truth", "what was planted"),
    ):
        lines.append(f"  {out / path!s:30} {what}")
    lines.append("Ask")
    if len(teams):
        lines.append(f"  scanring explain {out / 'run'} {teams['team_id'].iloc[0]}")
    if len(listed):
        first = listed.sort_values("account_id")["account_id"].iloc[0]
        lines.append(f"  scanring explain {out / 'run'} {first}")
    return "\n".join(lines)
