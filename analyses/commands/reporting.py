"""Commands that write what people read: case file, lists, the stalls of crews."""

from pathlib import Path
from typing import Annotated

import typer

from analyses.capacity import Fitted
from analyses.commands.arguments import Language, Overwrite, Redact, RunFolder
from analyses.commands.terminal import say
from analyses.pipeline import WORDS
from analyses.reporting.page.case_file import FILE_NAME, write_report
from analyses.reporting.redaction import redacted
from analyses.reporting.risk_list import write_lists
from analyses.reporting.stall_list import stalls_text
from analyses.reporting.texts import texts_in
from analyses.run import Run
from graph.errors import InputError


def report(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="the file to write; default: RUN/report.html")
    ] = None,
    language: Language = "en",
    redact: Redact = "none",
    overwrite: Overwrite = False,
) -> None:
    """Write the case file: one page for a browser."""
    texts = texts_in(language)
    path = _elsewhere(out, redact) or run / FILE_NAME
    with redacted(run, redact) as opened:
        _ = write_report(opened, WORDS, path=path, texts=texts, overwrite=overwrite)
    size = path.stat().st_size / 1e6
    say(f"{path}: {size:.1f} MB, opens in any browser of 2023 or later")


def lists(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="the folder to write into; default: RUN")
    ] = None,
    language: Language = "en",
    redact: Redact = "none",
    overwrite: Overwrite = False,
) -> None:
    """Write the lists of a run again, in another language."""
    texts, folder = texts_in(language), _elsewhere(out, redact) or run
    with redacted(run, redact) as opened:
        fitted = opened.manifest.get("capacity")
        said = [Fitted(**fitted).note] if fitted else []
        notes = write_lists(
            opened, folder, WORDS, explanation=said, texts=texts, overwrite=overwrite
        )
    for line in (f"{folder / 'risk-list.xlsx'}", *notes):
        say(line)


def _elsewhere(out: Path | None, redact: str) -> Path | None:
    """Return where to write; what is redacted does not go into the run."""
    if out is None and redact != "none":
        raise InputError(
            "--redact needs --out: what leaves the team is no part of a run"
        )
    return out


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
