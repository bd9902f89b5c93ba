"""The demo: a sample world, its analysis, and the found beside the planted."""

import shutil
import sys
from pathlib import Path

from analyses.evaluation.baselines import beside_baselines
from analyses.evaluation.evaluate import evaluate
from analyses.phases import Progress
from analyses.pipeline import run
from analyses.reporting.team_list import rank_teams
from analyses.run import Run
from analyses.run_events import open_store
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
    listed = found.accounts[found.accounts["listed"]]
    folder = str(out / "run")
    shown = [
        (str(out / path), what)
        for path, what in (
            ("run/risk-list.xlsx", "the accounts to act on, with the reasons"),
            ("run/watch-list.csv", "the accounts to look at again"),
            ("run/educate-list.csv", "the people to be told how they were used"),
            ("run/teams.parquet", "the farms, crews and platforms"),
            ("world/truth", "what was planted"),
        )
    ]
    asked = [
        (f"scanring report {folder}", "the case file, a page for a browser"),
        (f"scanring review {folder}", "the same, to decide in"),
        (f"scanring teams {folder} --rank disruption", "whom to stop first"),
    ]
    for kind, what in (("registration_farm", "a farm"), ("scanning_crew", "a crew")):
        for team_id in rank_teams(found, kind=kind, limit=1)["team_id"]:
            asked.append((f"scanring explain {folder} {team_id}", what))
    for account_id in sorted(listed["account_id"])[:1]:
        asked.append((f"scanring explain {folder} {account_id}", "a listed account"))
    for account_id in _helped_by_workers(found)[:1]:
        question = f"repeat-helpers-of -p account={account_id}"
        asked.append((f"scanring query {folder} {question}", "and whom else"))
    asked = [(_as_typed(command), what) for command, what in asked]
    return "\n".join(["Look at", *_aligned(shown), "Ask", *_aligned(asked)])


def _as_typed(command: str) -> str:
    """Return a command as it must be typed where this one was."""
    program = sys.argv[0]
    typed = program if Path(program).name == "scanring" else "scanring"
    if shutil.which("scanring") == str(Path(typed).absolute()):
        typed = "scanring"
    return command.replace("scanring", typed, 1)


def _helped_by_workers(found: Run) -> list[str]:
    """Return the listed accounts that a platform's worker helped, by id."""
    listed = set(found.accounts.loc[found.accounts["listed"], "account_id"])
    workers = found.accounts["role"] == "platform_worker"
    with open_store(found.folder) as store:
        rows = store.rows(
            """SELECT DISTINCT helped.account_id, helper.account_id FROM helps
               JOIN account_names helped ON helped.account = helps.helped
               JOIN account_names helper ON helper.account = helps.helper
               WHERE result = 'ok'"""
        )
    known = set(found.accounts.loc[workers, "account_id"])
    return sorted({one for one, other in rows if one in listed and other in known})


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(left) for left, _ in rows)
    return [f"  {left:{width}}  {right}" for left, right in rows]
