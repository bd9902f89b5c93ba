"""Arguments and options that several commands have, described once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from graph.errors import InputError

Data = Annotated[Path, typer.Argument(help="folder of event tables")]
RunFolder = Annotated[Path, typer.Argument(help="folder of a finished run")]
Mapping = Annotated[
    Path | None, typer.Option(help="mapping.toml from the source's names to ours")
]
Language = Annotated[str, typer.Option(help="en or zh: the language of the texts")]
Redact = Annotated[
    str, typer.Option(help="none, ids or all: what is left out for other readers")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace what is there")]


def seconds_of(option: str, text: str | None) -> int | None:
    """Return the seconds since 1970 of a time in UTC; InputError when it is none."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{option} {text!r} is no time: write it as 2026-03-01T08:00:00 (UTC)"
        ) from error
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
