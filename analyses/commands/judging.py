"""Commands that say how good the findings are: evaluate, backtest."""

from pathlib import Path
from typing import Annotated

import typer

from analyses.casework.decisions import read_decisions
from analyses.commands.arguments import Data, Mapping, RunFolder, seconds_of
from analyses.commands.terminal import progress_bars, say
from analyses.evaluation.backtest import backtest as replay
from analyses.evaluation.baselines import beside_baselines
from analyses.evaluation.decided import evaluate_decisions
from analyses.evaluation.evaluate import evaluate as evaluate_run
from analyses.pipeline import Settings
from analyses.run import Run
from graph.errors import InputError


def evaluate(
    run: RunFolder,
    truth: Annotated[
        Path | None, typer.Argument(help="truth folder, or a file of groups")
    ] = None,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="show plain methods beside it")
    ] = False,
    decisions: Annotated[
        Path | None, typer.Option(help="file of decisions, to be taken as labels")
    ] = None,
) -> None:
    """Compare a run with a known truth, or with decisions."""
    with Run.open(run) as opened:
        if truth is None and decisions is None:
            raise InputError("give a truth, or decisions with --decisions FILE")
        if decisions is not None:
            say(evaluate_decisions(opened, read_decisions(decisions)).text())
    if truth is None:
        return
    say(evaluate_run(run, truth).text())
    if baselines and truth.is_dir():
        say("\n" + beside_baselines(run, truth).text())


def backtest(
    data: Data,
    mapping: Mapping = None,
    every: Annotated[
        int, typer.Option(help="days from one night that is looked at to the next")
    ] = 1,
    as_of: Annotated[
        str | None, typer.Option(help="the last night (UTC); default: the last event")
    ] = None,
    new_since: Annotated[
        str | None,
        typer.Option(help="accounts registered from this time on are new, as in run"),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(help="how many threads queries may use; default: all cores"),
    ] = None,
    memory: Annotated[
        str | None, typer.Option(help="how much memory queries may use, as 3GB")
    ] = None,
) -> None:
    """Replay the window night by night: how early, how steady."""
    settings = Settings(
        as_of=seconds_of("--as-of", as_of),
        new_since=seconds_of("--new-since", new_since),
        threads=threads,
        memory=memory,
    )
    with progress_bars() as bar:
        found = replay(
            data, mapping=mapping, settings=settings, every=every, progress=bar
        )
    say(found.text())
