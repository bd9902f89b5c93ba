"""Commands that write what people read: case file, lists, the stalls of crews."""

from pathlib import Path
from typing import Annotated

import typer

from analyses.capacity import Fitted
from analyses.commands.arguments import Language, Overwrite, RunFolder
from analyses.commands.terminal import say
from analyses.pipeline import WORDS
from analyses.reporting.page.case_file import write_report
from analyses.reporting.risk_list import write_lists
from analyses.reporting.stall_list import stalls_text
from analyses.reporting.texts import texts_in
from analyses.run import Run


def report(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="the file to write; default: RUN/report.html")
    ] = None,
    language: Language = "en",
    overwrite: Overwrite = False,
) -> None:
    """Write the case file: one page for a browser."""
    texts = texts_in(language)
    with Run.open(run) as opened:
        path = write_report(opened, WORDS, path=out, texts=texts, overwrite=overwrite)
    size = path.stat().st_size / 1e6
    say(f"{path}: {size:.1f} MB, opens in any browser of 2023 or later")


def lists(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="the folder to write into; default: RUN")
    ] = None,
    language: Language = "en",
    overwrite: Overwrite = False,
) -> None:
    """Write the lists of a run again, in another language."""
    texts, folder = texts_in(language), out or run
    with Run.open(run) as opened:
        fitted = opened.manifest.get("capacity")
        said = [Fitted(**fitted).note] if fitted else []
        notes = write_lists(
            opened, folder, WORDS, explanation=said, texts=texts, overwrite=overwrite
        )
    for line in (f"{folder / 'risk-list.xlsx'}", *notes):
        say(line)


def stalls(
    run: RunFolder,
    crew: Annotated[str | None, typer.Option(help="only this crew")] = None,
    people: Annotated[
        bool, typer.Option("--people", help="with those who were lured at each stall")
    ] = False,
    language: Language = "en",
) -> None:
    """List the stalls of the crews, and the likely next ones."""
    texts = texts_in(language)
    with Run.open(run) as opened:
        say(stalls_text(opened, crew=crew, people=people, texts=texts))
