"""Commands for what people decide: cases, review, appeal, compare, calibrate."""

import getpass
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from analyses.casework.appeal import appeal as appeal_of
from analyses.casework.calibrate import calibrate as calibrate_run
from analyses.casework.calibrate import default_weights
from analyses.casework.case_list import (
    cases_text,
    decide,
    find_case,
    history_text,
    take_back,
)
from analyses.casework.comparison import compare_text
from analyses.casework.decisions import (
    ALLOW,
    ALLOWED,
    STATES,
    Decision,
    decisions_beside,
    forget_subject,
    read_decisions,
)
from analyses.casework.forgetting import forget as forget_account
from analyses.casework.forgetting import prove_file
from analyses.casework.review_server import ReviewServer
from analyses.casework.weights import write_weights
from analyses.commands.arguments import Language, Overwrite, RunFolder
from analyses.commands.terminal import say
from analyses.reporting.safe_text import visible
from analyses.reporting.texts import Texts, texts_in
from analyses.run import Run
from graph.errors import InputError

DecisionsFile = Annotated[
    Path | None,
    typer.Option(help="file of decisions; default: decisions.jsonl beside the run"),
]
Person = Annotated[
    str | None, typer.Option(help="who decides; default: your name on this machine")
]


def cases(
    run: RunFolder,
    subject: Annotated[
        str | None, typer.Argument(help="id of a team or account: what was decided")
    ] = None,
    decide_as: Annotated[
        str | None,
        typer.Option("--decide", help=f"its new state: {', '.join(STATES)}"),
    ] = None,
    allow: Annotated[
        str | None,
        typer.Option(
            help=f"put KIND=VALUE on the allow list; kinds: {', '.join(ALLOWED)}"
        ),
    ] = None,
    undo: Annotated[
        int | None, typer.Option(help="take back the decision of this number")
    ] = None,
    note: Annotated[str, typer.Option(help="why; every decision needs it")] = "",
    person: Person = None,
    state: Annotated[
        str | None, typer.Option(help="list only the cases in this state")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many to list")] = 20,
    decisions: DecisionsFile = None,
    language: Language = "en",
) -> None:
    """List cases; decide, allow, undo; show what was decided."""
    path, texts = decisions or decisions_beside(run), texts_in(language)
    asked = [x for x in (decide_as, allow, undo) if x is not None]
    if len(asked) > 1:
        raise InputError("one decision at a time: --decide, --allow or --undo")
    if decide_as is not None and subject is None:
        raise InputError("--decide needs the id of a team or an account")
    if not path.parent.is_dir():
        raise InputError(
            f"there is no folder {path.parent}, so there can be no decisions in it"
        )
    with Run.open(run) as opened:
        who = person or getpass.getuser()
        if undo is not None:
            _kept(path, take_back(path, undo, person=who, note=note), texts)
        elif allow is not None:
            kind, _, value = allow.partition("=")
            thing = (kind.strip(), value)
            kept = decide(opened, path, thing, ALLOW, person=who, note=note)
            _kept(path, kept, texts)
        elif subject is not None and decide_as is not None:
            state_asked = decide_as.replace("-", "_")
            case = find_case(opened, subject)
            before = read_decisions(path).standing().get(case)
            kept = decide(opened, path, case, state_asked, person=who, note=note)
            _kept(path, kept, texts, before)
        elif subject is not None:
            case = find_case(opened, subject)
            say(history_text(opened, read_decisions(path), case, texts).rstrip())
        else:
            ledger = read_decisions(path)
            asked_for = state.replace("-", "_") if state else None
            told = cases_text(opened, ledger, state=asked_for, limit=limit, texts=texts)
            say(told.rstrip())
            if decisions is not None and not path.exists():
                say(texts("Note: there is no file {path} yet", path=path))


def compare(
    old: Annotated[Path, typer.Argument(help="folder of the earlier run")],
    new: Annotated[Path, typer.Argument(help="folder of the later run")],
    limit: Annotated[int, typer.Option(min=1, help="how many of each to print")] = 10,
    language: Language = "en",
) -> None:
    """Compare two runs: teams through time, who is newly listed."""
    texts = texts_in(language)
    with Run.open(old) as first, Run.open(new) as second:
        say(compare_text(first, second, limit=limit, texts=texts).rstrip())


def appeal(
    run: RunFolder,
    account: Annotated[str, typer.Argument(help="id of a listed account")],
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="go by the card alone, and do not repeat the analysis"
        ),
    ] = False,
    language: Language = "en",
) -> None:
    """Print the fewest events that a listing rests on."""
    texts = texts_in(language)
    with Run.open(run) as opened:
        found = appeal_of(opened, account, check=not quick, texts=texts)
        say(found.text(texts).rstrip())


def review(
    run: RunFolder,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="port; default 0: a free one")
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="print the address, open no browser")
    ] = False,
    person: Person = None,
    decisions: DecisionsFile = None,
    language: Language = "en",
) -> None:
    """Decide in the browser, on a page that only this machine serves."""
    path, texts = decisions or decisions_beside(run), texts_in(language)
    for fault in read_decisions(path).faults:
        say(visible(fault))
    with Run.open(run) as opened:
        server = ReviewServer(
            opened,
            path,
            person=person or getpass.getuser(),
            port=port,
            texts=texts,
        )
        say(f"{server.address}\n  keep this address to yourself; Ctrl-C ends it")
        sys.stdout.flush()
        if not no_browser and sys.stdout.isatty():
            webbrowser.open(server.address)
        server.serve()


def calibrate(
    run: RunFolder,
    out: Annotated[
        Path | None,
        typer.Option(help="file for the weights; default: weights.json beside the run"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many accounts to print")] = 20,
    decisions: DecisionsFile = None,
    overwrite: Overwrite = False,
) -> None:
    """Correct weights by decisions; say what would change."""
    file = out or default_weights(run)
    with Run.open(run) as opened:
        ledger = read_decisions(decisions or decisions_beside(run))
        found = calibrate_run(opened, ledger)
    write_weights(file, found.weights, overwrite=overwrite)
    say(found.text(limit=limit))
    say(f"written: {file}; to use it: scanring run DATA OUT --weights {file}")


def _kept(
    path: Path, decision: Decision, texts: Texts, before: Decision | None = None
) -> None:
    kind, name = decision.subject
    said = texts(", kept in {path}", path=path)
    say(visible(f"{texts(kind)} {name}: {decision.in_short(texts)}{said}"))
    if before:
        said = texts("before it was {said}", said=before.in_short(texts))
        say(visible(f"  {said}"))


def forget(
    runs: Annotated[list[Path], typer.Argument(help="folders of finished runs")],
    account: Annotated[str, typer.Option(help="id of the account to delete")],
    decisions: DecisionsFile = None,
) -> None:
    """Delete a person from runs and decisions, and prove it."""
    for run in runs:
        gone = forget_account(run, account)
        say(
            f"{run}: {sum(gone.rows.values()):,} rows deleted from "
            f"{len(gone.rows)} tables; {gone.searched} files searched: nothing left"
        )
        if gone.files:
            say(f"  removed, to be made again: {', '.join(gone.files)}")
    for path in sorted({decisions or decisions_beside(run) for run in runs}):
        lines = forget_subject(path, account)
        prove_file(path, account)
        say(f"{path}: {lines} lines emptied")
