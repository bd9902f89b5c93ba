"""Commands that say how good the findings are."""

from pathlib import Path
from typing import Annotated

import typer

from analyses.casework.decisions import read_decisions
from analyses.commands.arguments import RunFolder
from analyses.commands.terminal import say
from analyses.evaluation.baselines import beside_baselines
from analyses.evaluation.decided import evaluate_decisions
from analyses.evaluation.evaluate import evaluate as evaluate_run
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
