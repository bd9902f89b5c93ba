"""Commands that ask the graph of a run in Cypher, and bring it to a Neo4j server."""

import json
import re
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from analyses.commands.arguments import RunFolder
from analyses.commands.terminal import progress_bars, say
from analyses.reporting.answers import written
from analyses.reporting.run_folder import read_manifest
from analyses.run_graph import graph_id, graph_sources, open_graph
from graph.cypher.book import Question, book, question
from graph.cypher.graph import CypherGraph
from graph.cypher.neo4j_export import COMMAND_FILE
from graph.cypher.neo4j_export import export as export_csv
from graph.cypher.neo4j_push import push as push_graph
from graph.cypher.neo4j_store import DATABASE, USER, connect, open_driver
from graph.cypher.statements import BEGINNINGS, tokens
from graph.errors import InputError, did_you_mean
from graph.property_graph import schema_table
from loaders.neo4j_source import pull as pull_tables
from loaders.neo4j_source import read_queries

Uri = Annotated[str, typer.Option(help="address of the server: bolt://HOST:7687")]
Database = Annotated[str, typer.Option(help="name of the database on the server")]
User = Annotated[
    str, typer.Option(help="user; the password is read from NEO4J_PASSWORD")
]


def query(
    run: Annotated[
        str | None,
        typer.Argument(help="folder of a finished run; left out with --uri"),
    ] = None,
    asked: Annotated[
        str | None,
        typer.Argument(metavar="QUERY", help="name of a question, or a Cypher text"),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="a parameter's value: name=value"),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="list the questions of the query book")
    ] = False,
    show: Annotated[
        bool, typer.Option(help="print the Cypher of a question, and do not run it")
    ] = False,
    schema: Annotated[
        bool, typer.Option(help="print the nodes, relationships and properties")
    ] = False,
    format: Annotated[
        str, typer.Option(help="of the answer: table, csv or jsonl")
    ] = "table",
    timeout: Annotated[
        float,
        typer.Option(
            min=0.001, help="seconds after which it is stopped, once there is a store"
        ),
    ] = 60.0,
    uri: Annotated[
        str | None, typer.Option(help="ask a Neo4j server instead: bolt://HOST:7687")
    ] = None,
    database: Database = DATABASE,
    user: User = USER,
) -> None:
    """Ask the graph of a run, by name or in Cypher."""
    if list_:
        say(_listed())
        return
    if schema:
        say(schema_table())
        return
    words = [word for word in (run, asked) if word is not None]
    given: dict[str, str] = {}
    for name, value in map(_parameter, parameter or []):
        if name in given:
            raise InputError(f"-p {name} is given twice")
        given[name] = value
    if not words:
        raise InputError(
            "name a question: scanring query NAME --show; --list lists them"
            if show
            else "name a run and a question: see scanring query --list"
        )
    if show:
        say(question(words[-1]).shown(given))
        return
    if uri is None and len(words) < 2:
        raise InputError(
            "name a folder and a question, as in: scanring query RUN repeat-helpers"
        )
    if uri is not None and len(words) > 1:
        raise InputError("with --uri no run is named: the server has one")
    if words[0] in book() and len(words) > 1:
        raise InputError(f"the run comes first: scanring query {words[1]} {words[0]}")
    with _opened(words[0], uri, database, user) as graph:
        say(_answer(graph, words[-1], given, format, timeout))


def _opened(folder: str, uri: str | None, database: str, user: str) -> CypherGraph:
    if uri is not None:
        return connect(uri, database=database, user=user)
    read_manifest(Path(folder))
    with progress_bars() as bar:
        return CypherGraph(open_graph(Path(folder), progress=bar))


def _answer(
    graph: CypherGraph, text: str, given: dict[str, str], form: str, timeout: float
) -> str:
    first = next((token for token in tokens(text)), None)
    near = did_you_mean("-".join(text.lower().split()), book())
    if len(text.split()) == 1 or (
        near and first is not None and first.upper not in BEGINNINGS
    ):
        found = question("-".join(text.split()))
        values: dict[str, Any] = dict(found.values(given))
        text = found.cypher
    else:
        values = {name: _value(value) for name, value in given.items()}
    return written(graph.ask(text, values, timeout=timeout), form)


def _listed() -> str:
    lines = []
    for each in book().values():
        if re.search(r"-[2-9]\b", each.name):
            continue
        lines += [f"{each.name}", f"    {each.question}", *_parameters(each)]
        if "-1" in each.name:
            also = [name for name in book() if re.fullmatch(_any_hops(each.name), name)]
            lines.append(f"    the same for more hops: {', '.join(also[1:])}")
    return "\n".join([*lines, "", f"{len(book())} questions"])


def _any_hops(name: str) -> str:
    return name.replace("-1", "-[0-9]").replace("-hops", "-hops?")


def _parameters(each: Question) -> list[str]:
    return [
        f"    -p {one.name}={'…' if one.default is None else one.default}  {one.says}"
        for one in each.parameters
    ]


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise InputError(f"-p {text!r} is not name=value")
    return name, value


def _value(text: str) -> Any:
    """Return a value as JSON where it is JSON, and else as a text.

    So 30 is a number, "30" in quotation marks is a text, and ["a", "b"] is a list.
    """
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, dict) else value


neo4j = typer.Typer(
    name="neo4j", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)
"""The commands about a Neo4j server."""


@neo4j.command()
def push(
    run: RunFolder,
    uri: Uri,
    database: Database = DATABASE,
    user: User = USER,
    replace: Annotated[
        bool, typer.Option("--replace", help="remove the run that is there first")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only say what would be done")
    ] = False,
) -> None:
    """Load the graph of a run into a Neo4j server."""
    read_manifest(run)
    began = time.perf_counter()
    with (
        open_driver(uri, user=user) as driver,
        graph_sources(run) as store,
        progress_bars() as bar,
    ):
        shown: list[str] = []

        def tell(name: str, done: int, of: int) -> None:
            if name not in shown:
                shown.append(name)
                bar(name, done, of)

        pushed = push_graph(
            store,
            graph_id(run),
            driver,
            database=database,
            replace=replace,
            dry_run=dry_run,
            progress=tell,
        )
    rows = sum(pushed.rows.values())
    for name, count in pushed.rows.items():
        say(f"  {name:18} {count:>12,}")
    if dry_run:
        again = pushed.before == "the same run"
        done = "set again, to what they are" if again else "loaded"
        say(
            f"{uri}, database {database}, has {pushed.before}: {rows:,} nodes and "
            f"relationships would be {done}; nothing was changed"
        )
        return
    seconds = time.perf_counter() - began
    say(
        f"{uri}, database {database}: {rows:,} nodes and relationships in "
        f"{seconds:.1f} s, {rows / seconds:,.0f} a second"
    )


@neo4j.command()
def export(
    run: RunFolder,
    out: Annotated[Path, typer.Argument(help="folder for the CSV files")],
    database: Database = DATABASE,
) -> None:
    """Write CSV files, and the command that imports them."""
    read_manifest(run)
    with graph_sources(run) as store:
        rows = export_csv(store, graph_id(run), out, database=database)
    say(f"{out}: {sum(rows.values()):,} rows; import them with {out / COMMAND_FILE}")


@neo4j.command()
def pull(
    out: Annotated[Path, typer.Argument(help="folder for the tables")],
    uri: Uri,
    database: Database = DATABASE,
    user: User = USER,
    mapping: Annotated[
        Path | None,
        typer.Option(help="TOML: the Cypher for each table; default: as pushed"),
    ] = None,
) -> None:
    """Read event tables from a Neo4j server."""
    queries = read_queries(mapping) if mapping else None
    with connect(uri, database=database, user=user) as graph:
        rows = pull_tables(graph, out, queries)
    for name, count in rows.items():
        say(f"  {name:18} {count:>12,}")
    say(f"{out}: analyse it with scanring run {out} OUT")
