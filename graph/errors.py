"""The errors that Scanring raises for a reader, in one tree.

    ScanringError
    ├── InputError      the data, a mapping or a path is not what was asked for
    ├── OutputError     a folder cannot be written, or would be overwritten
    ├── NotFoundError   an id, a team or a signal that the run does not know
    └── ConflictError   somebody else has decided in the meantime

Every message is one line: what was asked, what is there, what to try. The command
line prints it and exits with 1; anything else that escapes is a defect of ours.
"""

import difflib
from collections.abc import Iterable


class ScanringError(Exception):
    """Base of all errors meant for the reader."""


class InputError(ScanringError):
    """The data, a mapping or a path is not what was asked for."""


class OutputError(ScanringError):
    """A folder cannot be written, or something there would be overwritten."""


class NotFoundError(ScanringError):
    """An id, a team or a name that is not there."""


class ConflictError(ScanringError):
    """Somebody else has decided in the meantime."""


def did_you_mean(asked: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the nearest known word, or nothing.

    >>> did_you_mean("regster_help", ["register_help", "follow"])
    " (did you mean 'register_help'?)"
    >>> did_you_mean("qqq", ["register_help"])
    ''
    """
    folded = {word.lower(): word for word in sorted(known)}
    near = difflib.get_close_matches(asked.lower(), sorted(folded), n=1, cutoff=0.6)
    return f" (did you mean {folded[near[0]]!r}?)" if near else ""
