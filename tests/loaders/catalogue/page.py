"""The catalogue as a page: each fault, what becomes of the rows, and what is said.

    python -m tests.loaders.catalogue.page            # print it
    python -m tests.loaders.catalogue.page --write    # into docs/faults.md

`test_catalogue.py` fails when a message is not the one on the page.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.loaders.catalogue.fault import Fault, Seen, observe
from tests.loaders.catalogue.files import FILES
from tests.loaders.catalogue.ids import IDS
from tests.loaders.catalogue.rows import ROWS
from tests.loaders.catalogue.tables import EVENTS, KEYS, MAPPINGS, TOO_LITTLE
from tests.loaders.catalogue.values import ADDRESSES, NUMBERS, TIMES, WORDS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "faults.md"

CATALOGUE: dict[str, tuple[Fault, ...]] = {
    "Times": TIMES,
    "Numbers and coordinates": NUMBERS,
    "Words and truths": WORDS,
    "Addresses and lists": ADDRESSES,
    "Ids": IDS,
    "Rows of CSV": ROWS,
    "Files": FILES,
    "Same and conflicting keys": KEYS,
    "Events that cannot be": EVENTS,
    "Too little": TOO_LITTLE,
    "Mappings": MAPPINGS,
}

HEAD = """# What is said of each fault

The catalogue of faults in files and values: {count} of them, each a test
(`tests/loaders/test_catalogue.py`). Written by `make faults`; the messages are those
of `scanring check`. What else is tried is in [trust.md](trust.md).

Counted are the rows of the tables that the fault is in. A dash means that the folder is
refused as a whole, before a row is read, and that nothing is written. Where nothing is
said the rows are taken as they are: hostile ids are ids.
"""


def page() -> Iterator[str]:
    """Give the lines of the page; every fault is tried for it."""
    yield HEAD.format(count=sum(map(len, CATALOGUE.values())))
    for group, faults in CATALOGUE.items():
        yield f"## {group}\n"
        yield "| fault | loaded | rejected | what is said |"
        yield "|---|--:|--:|---|"
        for fault in faults:
            with TemporaryDirectory() as place:
                yield row(fault, observe(fault, Path(place)))
        yield ""


def row(fault: Fault, seen: Seen) -> str:
    """Return a fault as a row of the page."""
    loaded = "–" if seen.loaded is None else f"{seen.loaded:,}"
    said = " <br> ".join(map(cell, seen.lines))
    return f"| {cell(fault.what)} | {loaded} | {seen.rejected:,} | {said} |"


def rows() -> dict[str, str]:
    """Return the rows of the page in docs, by the fault."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    found = [re.match(r"\| (.+?) \| [\d,–]+ \| [\d,]+ \|", line) for line in lines]
    return {line[1]: line.string for line in found if line}


def cell(text: str) -> str:
    for character, code in {"|": "\\|", "<": "&lt;", "*": "\\*"}.items():
        text = text.replace(character, code)
    return text


def main() -> None:
    """Print the page, or write it."""
    text = "\n".join(page()).rstrip() + "\n"
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
