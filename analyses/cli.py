"""The command line: it translates words into calls of the library, and nothing else."""

import dataclasses
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
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
from analyses.run import Run
from graph.errors import InputError, ScanringError
from graph.store import Store
from loaders import load, render
from loaders.simulator import WorldSettings
from loaders.simulator import simulate as simulate_world

app = typer.Typer(
    name="scanring",
    help="Find the teams behind batch-registered accounts, and who vouched for them.",
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


@app.command()
def check(data: Data, mapping: Mapping = None) -> None:
    """Read the event tables and report all problems at once."""
    with Store() as store:
        report = load(data, store, mapping=mapping)
        _say("\n".join(render(report)))
    if report.blocking:
        raise typer.Exit(1)


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(help="folder to write the world into")],
    seed: Annotated[
        int, typer.Option(help="the same seed, the same world")
    ] = WorldSettings.seed,
    new: Annotated[
        int, typer.Option(help="accounts registered in the window")
    ] = WorldSettings.new,
    existing: Annotated[
        int, typer.Option(help="accounts older than that")
    ] = WorldSettings.existing,
    farmed: Annotated[
        float, typer.Option(help="share of new that farms made")
    ] = WorldSettings.farmed,
    style: Annotated[
        str, typer.Option(help="skill of the farms: mixed, careful, middling, naive")
    ] = WorldSettings.style,
    crews: Annotated[int | None, typer.Option(help="roadside crews")] = None,
    platforms: Annotated[int | None, typer.Option(help="task platforms")] = None,
    days: Annotated[
        int, typer.Option(help="length of the window")
    ] = WorldSettings.days,
    look_alike_share: Annotated[
        float, typer.Option(help="share of honest newcomers that look alike")
    ] = WorldSettings.look_alike_share,
    missing: Annotated[
        float, typer.Option(help="share of values left out")
    ] = WorldSettings.missing,
    format: Annotated[
        str, typer.Option(help="parquet, csv or csv.gz")
    ] = WorldSettings.format,
    parts: Annotated[
        int, typer.Option(help="part files a table")
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
        str | None, typer.Option(help="look at nothing later; 2026-03-01T08:00:00")
    ] = None,
    new_since: Annotated[
        str | None, typer.Option(help="accounts registered since are new")
    ] = None,
    many: Annotated[
        int, typer.Option(help="verified malicious accounts helped, of the rules")
    ] = PolicySettings.many,
    threads: Annotated[int | None, typer.Option(help="of the store")] = None,
    memory: Annotated[str | None, typer.Option(help="of the store, as 3GB")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Analyse event tables: farms, those who vouched for them, the risk list."""
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
    id: Annotated[str, typer.Argument(help="an account or a team")],
) -> None:
    """Print the card of an account or a team: evidence, events, role, action."""
    _say(explain_card(Run.open(run), id, WORDS))


@app.command()
def evaluate(
    run: RunFolder,
    truth: Annotated[Path, typer.Argument(help="truth folder, or a file of groups")],
    baselines: Annotated[
        bool, typer.Option("--baselines", help="beside plain methods")
    ] = False,
) -> None:
    """Compare a run with a known truth: precision, recall, groups, calibration."""
    Run.open(run)
    _say(evaluate_run(run, truth).text())
    if baselines and truth.is_dir():
        _say("\n" + beside_baselines(run, truth).text())


@app.command()
def digest(run: RunFolder) -> None:
    """Print one hash per output table: equal findings, equal hashes."""
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
    seed: Annotated[int, typer.Option(help="of the sample world")] = 7,
    overwrite: Overwrite = False,
) -> None:
    """Make a sample world, analyse it, and compare what was found with what is true."""
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
