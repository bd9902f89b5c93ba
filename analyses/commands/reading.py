"""Commands that read a finished run: its cards, teams, hashes, rules."""

from typing import Annotated

import typer

from analyses.commands.arguments import Language, Redact, RunFolder
from analyses.commands.terminal import say
from analyses.detection.table import signal_table
from analyses.pipeline import WORDS
from analyses.reporting.cards import explain as explain_card
from analyses.reporting.digest import digest as digest_of
from analyses.reporting.redaction import name_in, redacted
from analyses.reporting.team_list import RANKS, teams_text
from analyses.reporting.texts import texts_in
from analyses.reporting.wording import KINDS
from analyses.run import Run


def explain(
    run: RunFolder,
    id: Annotated[str, typer.Argument(help="id of an account or of a team")],
    language: Language = "en",
    redact: Redact = "none",
) -> None:
    """Print the card of an account or a team, with its evidence."""
    texts = texts_in(language)
    with redacted(run, redact) as opened:
        asked = id if redact == "none" else name_in(opened, run, id)
        say(explain_card(opened, asked, WORDS, texts))


def teams(
    run: RunFolder,
    kind: Annotated[
        str | None, typer.Option(help=f"only this kind: {', '.join(list(KINDS)[:3])}")
    ] = None,
    rank: Annotated[
        str,
        typer.Option(
            help=f"the first by: {', '.join(RANKS)} (how many farms would lose half or "
            "more of their helps without the team)"
        ),
    ] = "risk",
    limit: Annotated[int, typer.Option(help="how many to print")] = 20,
    language: Language = "en",
) -> None:
    """List the teams, by risk, members or disruption."""
    texts = texts_in(language)
    with Run.open(run) as opened:
        say(teams_text(opened, kind=kind, rank=rank, limit=limit, texts=texts))


def digest(run: RunFolder) -> None:
    """Print one hash per output table: same findings, same hash."""
    Run.open(run)
    for name, value in digest_of(run).items():
        say(f"{value}  {name}")


def signals() -> None:
    """Print every rule that scores something, with its weights."""
    say(signal_table())
