"""The command line: it translates words into calls of the library, and nothing else."""

import dataclasses
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from analyses.demo import demo as run_demo
from analyses.detection.table import signal_table
from analyses.evaluation.baselines import beside_baselines
from analyses.evaluation.evaluate import evaluate as evaluate_run
from analyses.pipeline import WORDS, Settings
from analyses.pipeline import run as run_analysis
from analyses.policy import PolicySettings
from analyses.reporting.cards import explain as explain_card
from analyses.reporting.digest import digest as digest_of
from analyses.reporting.team_list import RANKS, teams_text
from analyses.reporting.wording import KINDS
from analyses.run import Run
from graph.errors import InputError, ScanringError
from graph.store import Store
from loaders import load, render
from loaders.simulator import WorldSettings
from loaders.simulator import simulate as simulate_world

app = typer.Typer(
    name="scanring",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Argument(help="folder of event tables")]
RunFolder = Annotated[Path, typer.Argument(help="folder of a finished run")]
Mapping = Annotated[
    Path | None, typer.Option(help="mapping.toml from the source's names to ours")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace what is there")]


def _version(asked: bool) -> None:
    if asked:
        _say(f"scanring {version('scanring')}")
        raise typer.Exit


@app.callback()
def scanring(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help="print the version"
        ),
    ] = False,
) -> None:
    """Find the teams behind batch-registered accounts, and who vouched for them."""


@app.command()
def check(data: Data, mapping: Mapping = None) -> None:
    """Read event tables and report all problems at once."""
    with Store() as store:
        report = load(data, store, mapping=mapping)
        _say("\n".join(render(report)))
    if report.blocking:
        raise typer.Exit(1)


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(help="folder to write the world into")],
    seed: Annotated[
        int, typer.Option(help="another seed, another world")
    ] = WorldSettings.seed,
    new: Annotated[
        int, typer.Option(help="accounts registered in the window")
    ] = WorldSettings.new,
    existing: Annotated[
        int, typer.Option(help="accounts registered before the window")
    ] = WorldSettings.existing,
    farmed: Annotated[
        float, typer.Option(help="share of the new that farms registered, 0 to 1")
    ] = WorldSettings.farmed,
    style: Annotated[
        str, typer.Option(help="skill of the farms: mixed, careful, middling, naive")
    ] = WorldSettings.style,
    crews: Annotated[
        int | None,
        typer.Option(help="how many crews have stalls; default: as the farms need"),
    ] = None,
    platforms: Annotated[
        int | None,
        typer.Option(help="how many platforms sell helps; default: as the farms need"),
    ] = None,
    days: Annotated[
        int, typer.Option(help="length of the window in days")
    ] = WorldSettings.days,
    look_alike_share: Annotated[
        float,
        typer.Option(
            help="share of honest newcomers in households, offices, agencies …"
        ),
    ] = WorldSettings.look_alike_share,
    missing: Annotated[
        float, typer.Option(help="share of values left out where they may be, 0 to 1")
    ] = WorldSettings.missing,
    format: Annotated[
        str, typer.Option(help="of the files: parquet, csv, csv.gz")
    ] = WorldSettings.format,
    parts: Annotated[
        int, typer.Option(help="part files of each table")
    ] = WorldSettings.parts,
    overwrite: Overwrite = False,
) -> None:
    """Write a sample world, with its truth in OUT/truth."""
    settings = WorldSettings(
        seed=seed,
        new=new,
        existing=existing,
        farmed=farmed,
        style=style,  # type: ignore[arg-type]  # checked by WorldSettings
        crews=crews,
        platforms=platforms,
        days=days,
        look_alike_share=look_alike_share,
        missing=missing,
        format=format,  # type: ignore[arg-type]  # checked by WorldSettings
        parts=parts,
    )
    _write_world(out, settings, overwrite=overwrite)
    _say(f"{out}: a world of {new:,} new and {existing:,} established accounts")


@app.command()
def run(
    data: Data,
    out: Annotated[Path, typer.Argument(help="folder for the run")],
    mapping: Mapping = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="look at nothing after this time (UTC, 2026-03-01T08:00:00); "
            "default: the last event"
        ),
    ] = None,
    new_since: Annotated[
        str | None,
        typer.Option(
            help="accounts registered from this time on are new; "
            "default: the first help or scan"
        ),
    ] = None,
    many: Annotated[
        int,
        typer.Option(
            min=1,
            help="how many verified malicious accounts a helper must have helped "
            "before more than watch is suggested",
        ),
    ] = PolicySettings.many,
    threads: Annotated[
        int | None,
        typer.Option(help="how many threads queries may use; default: all cores"),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="how much memory queries may use, as 3GB; more goes to disk"),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Analyse event tables; write teams, risk list and evidence."""
    settings = Settings(
        as_of=_seconds("--as-of", as_of),
        new_since=_seconds("--new-since", new_since),
        threads=threads,
        memory=memory,
        policy=dataclasses.replace(PolicySettings(), many=many),
    )
    with _progress() as bar:
        finished = run_analysis(
            data,
            out,
            mapping=mapping,
            settings=settings,
            overwrite=overwrite,
            progress=bar,
        )
    _say(summary(finished))


@app.command()
def explain(
    run: RunFolder,
    id: Annotated[str, typer.Argument(help="id of an account or of a team")],
) -> None:
    """Print the card of an account or a team, with its evidence."""
    _say(explain_card(Run.open(run), id, WORDS))


@app.command()
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
) -> None:
    """List the teams, by risk, members or disruption."""
    with Run.open(run) as opened:
        _say(teams_text(opened, kind=kind, rank=rank, limit=limit))


@app.command()
def evaluate(
    run: RunFolder,
    truth: Annotated[Path, typer.Argument(help="truth folder, or a file of groups")],
    baselines: Annotated[
        bool, typer.Option("--baselines", help="show plain methods beside it")
    ] = False,
) -> None:
    """Compare a run with a known truth."""
    Run.open(run)
    _say(evaluate_run(run, truth).text())
    if baselines and truth.is_dir():
        _say("\n" + beside_baselines(run, truth).text())


@app.command()
def digest(run: RunFolder) -> None:
    """Print one hash per output table: same findings, same hash."""
    Run.open(run)
    for name, value in digest_of(run).items():
        _say(f"{value}  {name}")


@app.command()
def signals() -> None:
    """Print every rule that scores something, with its weights."""
    _say(signal_table())


@app.command()
def demo(
    out: Annotated[Path, typer.Argument(help="folder for the demo")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="another seed, another sample world")] = 7,
    overwrite: Overwrite = False,
) -> None:
    """Make a sample world, analyse it, compare found and true."""
    with _progress() as bar:
        _say(run_demo(out, seed=seed, overwrite=overwrite, progress=bar))


def summary(run: Run) -> str:
    """Return what a run found, in a few lines."""
    accounts, teams = run.accounts, run.teams
    roles = accounts[accounts["listed"]]["role"].value_counts().sort_index()
    lines = [
        f"{run.folder}: {int(accounts['listed'].sum()):,} accounts listed, "
        f"{int((accounts['action'] == 'watch').sum()):,} to watch, "
        f"{int((teams['risk'] >= 0.5).sum()):,} teams at a risk of 0.5 or more",
        *(f"  {role:20} {number:,} listed" for role, number in roles.items()),
    ]
    rejected = sum(table["rejected"] for table in run.manifest["rows"].values())
    if rejected:
        lines.append(f"  {rejected:,} rows were rejected: see {run.folder / 'rejects'}")
    lines += [f"  not analysed: {line}" for line in run.manifest["not_analysed"]]
    lines += [f"  {note}" for note in run.manifest["notes"]]
    lines.append(f"  open {run.folder / 'risk-list.xlsx'}")
    return "\n".join(lines)


def main() -> None:
    """Run the command line; errors meant for the reader are one line and exit 1."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
    try:
        app()
    except ScanringError as error:
        _fail(str(error))
    except duckdb.OutOfMemoryException:
        _fail("the memory allowed is not enough: give more with --memory")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(message: str) -> None:
    print(f"scanring: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(1)


def _say(text: str) -> None:
    print(text)


def _seconds(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{option} {text!r} is no time: write it as 2026-03-01T08:00:00 (UTC)"
        ) from error
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def _write_world(out: Path, settings: WorldSettings, *, overwrite: bool) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file: name a folder that is not there yet")
    if out.exists() and any(out.iterdir()):
        if not overwrite:
            raise InputError(f"{out} is not empty: name another, or add --overwrite")
        if not (out / "truth").is_dir():
            raise InputError(f"{out} is no sample world, and is not overwritten")
        shutil.rmtree(out)
    simulate_world(out, settings)


@contextmanager
def _progress() -> Iterator["_Bars"]:
    """Show a named bar per phase on a terminal, and nothing in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Bars(None)
        return
    with Progress(
        TextColumn("{task.description:16}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        bars = _Bars(progress)
        yield bars
        bars.finish()


class _Bars:
    """Turns the phases of a run into bars."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.task: int | None = None

    def __call__(self, name: str, at: int, of: int) -> None:
        if self.progress is None:
            return
        self.finish()
        self.task = self.progress.add_task(name, total=None)

    def finish(self) -> None:
        if self.progress is not None and self.task is not None:
            self.progress.update(self.task, total=1, completed=1)  # type: ignore[arg-type]
            self.progress.stop_task(self.task)  # type: ignore[arg-type]
            self.task = None


if __name__ == "__main__":
    main()
