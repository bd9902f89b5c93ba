"""Commands that say how good the findings are."""

from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.arguments import RunFolder
from analyses.commands.terminal import say
from analyses.evaluation.baselines import beside_baselines
from analyses.evaluation.evaluate import evaluate as evaluate_run
from analyses.run import Run


def evaluate(
    run: RunFolder,
    truth: Annotated[Path, typer.Argument(help="truth folder, or a file of groups")],
    baselines: Annotated[
        bool, typer.Option("--baselines", help="show plain methods beside it")
    ] = False,
) -> None:
    """Compare a run with a known truth."""
    Run.open(run)
    say(evaluate_run(run, truth).text())
    if baselines and truth.is_dir():
        say("\n" + beside_baselines(run, truth).text())
