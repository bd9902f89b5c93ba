"""Commands that go from event tables to findings: check, run."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from analyses.capacity import Capacity
from analyses.casework.before import Before
from analyses.casework.decisions import decisions_beside
from analyses.commands.arguments import Data, Language, Mapping, Overwrite, seconds_of
from analyses.commands.terminal import progress_bars, say
from analyses.estimate import estimate as estimate_run
from analyses.networks.analysis import not_analysed
from analyses.on_spark import SparkSettings
from analyses.pipeline import Settings
from analyses.pipeline import run as run_analysis
from analyses.policy import PolicySettings
from analyses.reporting.texts import texts_in
from analyses.run import Run
from analyses.run_graph import build_graph
from graph.errors import InputError
from graph.numbering import find_window, lonely_end
from graph.store import Store
from loaders import Pseudonyms, load, render
from loaders.pseudonyms import KEY

LIKELY = 0.5
"""The risk from which a team is counted in a run's summary."""


def check(data: Data, mapping: Mapping = None) -> None:
    """Read event tables and report all problems at once."""
    with Store() as store:
        report = load(data, store, mapping=mapping)
        say("\n".join(render(report)))
        networks = not_analysed(store, numbered=False)
        lonely = [] if report.blocking else lonely_end(store, find_window(store))
    if networks and not report.blocking:
        say("\n".join(["", "Networks:", *(f"  {line}" for line in networks)]))
    if lonely:
        say("\n".join(["", "Times:", *(f"  {line}" for line in lonely)]))
    if report.blocking:
        raise typer.Exit(1)


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
    capacity: Annotated[
        int | None,
        typer.Option(
            help="list only as many accounts as can be looked at, the surest first"
        ),
    ] = None,
    team_capacity: Annotated[
        int | None,
        typer.Option(help="list only the accounts of so many teams, likewise"),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(help="how many threads queries may use; default: all cores"),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="how much memory queries may use, as 3GB; more goes to disk"),
    ] = None,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate", help="only say how long it will take and how much memory"
        ),
    ] = False,
    profile: Annotated[
        Path | None,
        typer.Option(help="folder for the plan of each query, with times and rows"),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(
            help="file of decisions to respect; default: decisions.jsonl beside OUT, "
            "when there"
        ),
    ] = None,
    no_decisions: Annotated[
        bool, typer.Option("--no-decisions", help="respect no decisions")
    ] = False,
    previous: Annotated[
        Path | None,
        typer.Option(help="an earlier run: teams that go on keep its ids"),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="file of corrected weights, made by calibrate"),
    ] = None,
    background: Annotated[
        Path | None,
        typer.Option(
            help="an earlier run: its shares and priors are taken, none estimated"
        ),
    ] = None,
    add_to: Annotated[
        Path | None,
        typer.Option(
            help="an earlier run: DATA is added to its events, with its background"
        ),
    ] = None,
    cypher: Annotated[
        bool,
        typer.Option("--cypher", help="make the Cypher store too, for scanring query"),
    ] = False,
    language: Language = "en",
    pseudonymise: Annotated[
        bool,
        typer.Option(
            "--pseudonymise",
            help=f"replace ids and addresses by keyed hashes; the key is in {KEY}",
        ),
    ] = False,
    resumable: Annotated[
        bool,
        typer.Option(
            "--resumable",
            help="keep finished phases on disk, and go on after the last one of an "
            "interrupted run over the same data",
        ),
    ] = False,
    engine: Annotated[
        str,
        typer.Option(help="embedded, or spark: statements over events run there"),
    ] = "embedded",
    master: Annotated[
        str | None,
        typer.Option(
            help="with --engine spark, the cluster: local[2], spark://HOST:7077, yarn; "
            "default: that of spark-submit"
        ),
    ] = None,
    work: Annotated[
        str | None,
        typer.Option(
            help="with --engine spark, a folder that all machines reach, such as "
            "hdfs://HOST/scanring; default: beside OUT"
        ),
    ] = None,
    spark_property: Annotated[
        list[str] | None,
        typer.Option(help="with --engine spark, a property, as spark.NAME=VALUE"),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Analyse event tables; write teams, risk list and evidence."""
    spark = _spark(engine, master, work, spark_property or [])
    if estimate:
        say(estimate_run(data, mapping=mapping, memory=memory).text())
        return
    settings = Settings(
        as_of=seconds_of("--as-of", as_of),
        new_since=seconds_of("--new-since", new_since),
        threads=threads,
        memory=memory,
        policy=dataclasses.replace(PolicySettings(), many=many),
        capacity=Capacity(accounts=capacity, teams=team_capacity),
    )
    beside = decisions_beside(out)
    if decisions is None and not no_decisions and beside.exists():
        decisions = beside
    if no_decisions and decisions is not None:
        raise InputError("--decisions and --no-decisions: give one of them")
    texts = texts_in(language)
    before = Before(
        decisions=decisions,
        previous=previous,
        weights=weights,
        background=background,
        add_to=add_to,
    )
    with progress_bars(lines=spark is not None) as bar:
        finished = run_analysis(
            data,
            out,
            mapping=mapping,
            settings=settings,
            before=before,
            texts=texts,
            overwrite=overwrite,
            progress=bar,
            profile=profile,
            pseudonyms=Pseudonyms.from_environment() if pseudonymise else None,
            resumable=resumable,
            spark=spark,
        )
        if cypher:
            build_graph(out, progress=bar)
    say(summary(finished))


def _spark(
    engine: str, master: str | None, work: str | None, properties: list[str]
) -> SparkSettings | None:
    """Return where Spark is; None for the embedded engine."""
    if engine not in ("embedded", "spark"):
        raise InputError(f"--engine {engine!r}: give embedded or spark")
    if engine == "embedded":
        if master or work or properties:
            raise InputError(
                "--master, --work and --spark-property are for --engine spark: add it"
            )
        return None
    named = [text.partition("=") for text in properties]
    for name, sign, _ in named:
        if not (sign and name.startswith("spark.")):
            raise InputError(f"--spark-property {name!r}: write it as spark.NAME=VALUE")
    return SparkSettings(master, work, {name: value for name, _, value in named})


def summary(run: Run) -> str:
    """Return what a run found, in a few lines."""
    accounts, teams = run.accounts, run.teams
    roles = accounts[accounts["listed"]]["role"].value_counts().sort_index()
    likely = teams[teams["risk"] >= LIKELY]
    kinds = likely["kind"].value_counts().sort_index()
    lines = [
        f"{run.folder}: {int(accounts['listed'].sum()):,} accounts listed, "
        f"{int((accounts['action'] == 'watch').sum()):,} to watch, "
        f"{len(likely):,} teams at a risk of {LIKELY} or more",
        *(f"  {role:20} {number:,} listed" for role, number in roles.items()),
    ]
    if len(kinds):
        counted = ", ".join(f"{kind} {number:,}" for kind, number in kinds.items())
        lines.append(f"  these teams: {counted}")
    counts = run.manifest["rows"]
    rejected = sum(table["rejected"] for table in counts.values())
    if rejected:
        most = ", ".join(
            f"{name} {table['rejected']:,} of {table['read']:,}"
            for name, table in counts.items()
            if table["rejected"] * 2 >= table["read"] > 0
        )
        lines.append(
            f"  {rejected:,} rows were rejected"
            + (f", most or all of some tables ({most})" if most else "")
            + f": see {run.folder / 'rejects'}"
        )
    if run.manifest.get("resumed_after"):
        lines.append(
            f"  gone on after {run.manifest['resumed_after']}: the phases up to it are "
            "of a run that was interrupted"
        )
    lines += [
        f"  {line}" if ": not analysed, " in line else f"  not analysed: {line}"
        for line in run.manifest["not_analysed"]
    ]
    lines += [f"  {note}" for note in run.manifest["notes"]]
    lines.append(f"  open {run.folder / 'risk-list.xlsx'}")
    return "\n".join(lines)
