"""The command line: it translates words into calls of the library, and nothing else.

The commands are functions in `analyses.commands`; here stand their order and what
happens to errors.
"""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import duckdb
import pyarrow as pa
import typer

from analyses.commands.analysing import check, run
from analyses.commands.casework import (
    appeal,
    calibrate,
    cases,
    compare,
    forget,
    review,
)
from analyses.commands.judging import backtest, evaluate
from analyses.commands.querying import neo4j, query
from analyses.commands.reading import digest, explain, signals, teams
from analyses.commands.reporting import lists, report, stalls
from analyses.commands.terminal import say
from analyses.commands.worlds import demo, simulate
from graph.errors import ScanringError

COMMANDS = (
    check,
    simulate,
    run,
    explain,
    report,
    lists,
    stalls,
    teams,
    cases,
    review,
    compare,
    appeal,
    forget,
    query,
    evaluate,
    calibrate,
    backtest,
    digest,
    signals,
    demo,
)
"""The commands, in the order in which the help lists them."""

app = typer.Typer(
    name="scanring",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _command in COMMANDS:
    _ = app.command()(_command)
app.add_typer(neo4j, help="Bring a run to a Neo4j server, or data from one.")


def _version(asked: bool) -> None:
    if asked:
        say(f"scanring {version('scanring')}")
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
    except duckdb.OutOfMemoryException as error:
        if not any(word in str(error) for word in NOT_GIVEN):
            _fail("the memory allowed is not enough: give more with --memory")
        _fail(NO_MORE)
    except MemoryError:
        _fail(NO_MORE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (pa.ArrowException, RuntimeError) as error:
        if not any(word in str(error) for word in NO_THREAD):
            raise
        _fail(NO_MORE)
    except OSError as error:
        if error.errno is None:
            raise
        place = "" if error.filename is None else f"{error.filename}: "
        _fail(f"{place}{os.strerror(error.errno)}")


NO_MORE = (
    "the system gives no more memory: allow less with --memory, so that more goes to "
    "disk, or fewer --threads"
)
NOT_GIVEN = ("bad allocation", "Allocation failure")
"""What DuckDB says when it is the system that has no more, and not its own limit."""

NO_THREAD = ("Failed to launch worker thread", "can't start new thread")
"""What is said when there is no memory for one more thread."""


def _fail(message: str) -> None:
    print(f"scanring: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
