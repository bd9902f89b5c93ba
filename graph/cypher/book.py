"""The query book: named questions with parameters, each a `.cypher` file.

A file begins with a comment: the question in words, a line `parameter NAME: TYPE: what
it is` or `parameter NAME: TYPE = DEFAULT: what it is` for each parameter, and `row:`
with what a row of the answer means. The text below it is the same for both stores.

How far something lies cannot be a parameter in Cypher, so `within-K-hops` and
`chain-within-K` are written here for each K from 1 to 5, along every kind of
relationship that the schema says to follow.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from graph.errors import InputError, NotFoundError, did_you_mean
from graph.property_graph import NODES, RELATIONSHIPS

NUMBERS = ("integer", "time")
PARAMETER_TYPES = (*NUMBERS, *NODES)
"""`integer` counts, and is not below 0; `time` is a date or time in UTC, or seconds
since 1970; the label of a node stands for the id of one such node."""

MOST_HOPS = 5


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question; `default` is None when a value must be given."""

    name: str
    type: str
    """One of `PARAMETER_TYPES`."""

    says: str
    default: str | int | None = None

    def value(self, given: Any) -> str | int:
        """Return what was given as a value of the type; InputError when it is none.

        >>> Parameter("days", "integer", "").value("30")
        30
        >>> Parameter("since", "time", "").value("1970-01-02")
        86400
        """
        text = str(given).strip()
        if self.type not in NUMBERS:
            if not text:
                raise InputError(f"{self.name} is empty: give {self.says}")
            return str(given)
        if re.fullmatch(r"-?\d+", text) and not isinstance(given, bool):
            least = int(self.name == "limit")
            if abs(int(text)) >= 10**18:
                raise InputError(f"{self.name}={text} is too large")
            if self.type == "integer" and int(text) < least:
                raise InputError(f"{self.name}={text} is less than {least}")
            return int(text)
        if self.type == "time":
            try:
                time = datetime.fromisoformat(text)
            except ValueError:
                pass
            else:
                return int(
                    (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
                )
        wanted = {
            "integer": "a whole number",
            "time": "a time such as 2026-03-01T08:00:00 (UTC) or seconds since 1970",
        }
        raise InputError(f"{self.name}={given!r} is not {wanted[self.type]}")


@dataclass(frozen=True)
class Question:
    """A question of the book, and the Cypher that answers it."""

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    row: str
    cypher: str

    def values(self, given: Mapping[str, Any]) -> dict[str, str | int]:
        """Return a value for each parameter.

        Raises InputError for one that is missing, unknown, or of the wrong type.
        """
        names = [each.name for each in self.parameters]
        for name in sorted(given.keys() - set(names)):
            raise InputError(
                f"{self.name} has no parameter {name}{did_you_mean(name, names)}; it "
                f"has {', '.join(names) or 'none'}"
            )
        values: dict[str, str | int] = {}
        for parameter in self.parameters:
            asked = given.get(parameter.name, parameter.default)
            if asked is None:
                raise InputError(
                    f"{self.name} needs {parameter.name}, {parameter.says}: add "
                    f"-p {parameter.name}=…"
                )
            values[parameter.name] = parameter.value(asked)
        return values

    def shown(self, given: Mapping[str, Any]) -> str:
        """Return the question as text for Neo4j Browser, parameters first.

        One that has no value yet stands there as a comment with what it is.
        """
        lines = [f"// {self.question}", f"// A row: {self.row}"]
        for parameter in self.parameters:
            asked = given.get(parameter.name, parameter.default)
            if asked is None:
                lines.append(f"// :param {parameter.name} => … // {parameter.says}")
            else:
                value = parameter.value(asked)
                lines.append(f":param {parameter.name} => {_literal(value)};")
        return "\n".join([*lines, f"{self.cypher};"])


def _literal(value: str | int) -> str:
    """Return a value as Cypher writes it, with nothing in it that could end a text."""
    if isinstance(value, int):
        return str(value)
    safe = "".join(
        letter
        if letter.isprintable() and letter not in "\\'"
        else f"\\u{ord(letter):04x}"
        if ord(letter) < 0x10000
        else letter
        for letter in value
    )
    return f"'{safe}'"


@cache
def book() -> dict[str, Question]:
    """Return the questions by name, sorted."""
    found = [
        read(path.name.removesuffix(".cypher"), path.read_text(encoding="utf-8"))
        for path in (files("graph.cypher") / "book").iterdir()
        if path.name.endswith(".cypher")
    ]
    for hops in range(1, MOST_HOPS + 1):
        found += [_within(hops), _chain(hops)]
    return {each.name: each for each in sorted(found, key=lambda each: each.name)}


def question(name: str) -> Question:
    """Return a question; NotFoundError, with the nearest name, when there is none."""
    if name not in book():
        raise NotFoundError(
            f"the query book has no {name!r}{did_you_mean(name, book())}: see "
            "scanring query --list"
        )
    return book()[name]


def read(name: str, text: str) -> Question:
    """Read a `.cypher` file; ValueError when its header is not as described above."""
    head: list[str] = []
    body: list[str] = []
    for line in text.strip().splitlines():
        (head if line.startswith("//") and not body else body).append(line)
    said, parameters, row = [], [], ""
    for line in (line.removeprefix("//").strip() for line in head):
        if line.startswith("parameter "):
            parameters.append(_parameter(line))
        elif line.startswith("row: "):
            row = line.removeprefix("row: ")
        elif line:
            said.append(line)
    if not (said and row and body):
        raise ValueError(f"{name}: a question, a row and a query are needed")
    return Question(name, " ".join(said), tuple(parameters), row, "\n".join(body))


def _parameter(line: str) -> Parameter:
    found = re.fullmatch(r"parameter (\w+): (\w+)(?: = ([^:]+))?: (.+)", line)
    if found is None or found[2] not in PARAMETER_TYPES:
        raise ValueError(f"not the line of a parameter: {line}")
    name, kind, default, says = found[1], found[2], found[3], found[4]
    parameter = Parameter(name, kind, says)
    return (
        parameter
        if default is None
        else Parameter(name, kind, says, parameter.value(default))
    )


def _walk(hops: int, start: str) -> list[str]:
    """Write the walk from an account: each node reached, and how far it is.

    A step goes from all that is reached to all that is next to it. A node `d` hops away
    is next to one at `d - 1`, so that the least of its neighbours' distances and one
    more is its own; only the start must be told again that it is at 0. Each node is
    walked from once a step: the walk costs what the neighbourhood is large, and not
    what its paths are many, and no path is kept.
    """
    along = "|".join(kind.type for kind in RELATIONSHIPS.values() if kind.followed)
    lines = [
        f"MATCH (a:Account)-[:{along}*0..1]-(n1)",
        f"WHERE a.id = ${start}",
        f"WITH n1, min(CASE WHEN {_is('n1', start)} THEN 0 ELSE 1 END) AS h1",
    ]
    for at in range(2, hops + 1):
        step = f"CASE WHEN {_is(f'n{at}', start)} THEN 0 ELSE h{at - 1} + 1 END"
        lines += [
            f"MATCH (n{at - 1})-[:{along}]-(n{at})",
            f"WITH n{at}, min({step}) AS h{at}",
        ]
    return lines


def _is(node: str, start: str) -> str:
    return f"{node}.id = ${start} AND {node}.what = 'account'"


def _within(hops: int) -> Question:
    """Write the text for everything within so many hops."""
    last = f"n{hops}"
    return Question(
        f"within-{hops}-hops",
        f"What lies within {hops} hop{'s' * (hops > 1)} of an account?",
        (Parameter("account", "Account", "id of the account"),),
        "a node and how many hops away it is",
        "\n".join(
            [
                *_walk(hops, "account"),
                f"WITH {last}.what AS what, {last}.id AS id, h{hops} AS hops",
                "WHERE hops > 0",
                "RETURN what, id, hops",
                "ORDER BY hops, what, id",
            ]
        ),
    )


def _chain(hops: int) -> Question:
    """Write the text for the shortest chain of at most so many hops.

    The walk begins at the other account and keeps one chain for each node: its hops,
    the node, and the chain of the node before. Because the hops stand first, the least
    text is that of a shortest chain, and of several always the same.
    """
    lines = []
    for line in _walk(hops, "other"):
        lines.append(line)
        if not line.startswith("WITH"):
            continue
        node = line.removeprefix("WITH ").split(",")[0]
        at = int(node[1:])
        before = f"{node}.what + ' ' + {node}.id"
        begin = f"CASE WHEN {_is(node, 'other')} THEN '0 account ' + $other ELSE "
        far = "'1 '" if at == 1 else _hops_text(f"h{at - 1} + 1", at)
        tail = "' > 0 account ' + $other" if at == 1 else f"' > ' + c{at - 1}"
        lines[-1] += f",\n     min({begin}{far} + {before} + {tail} END) AS c{at}"
    # Two texts joined: a plain condition on the node would make ladybug look for the
    # end first, and walk from everywhere at once.
    lines += [
        f"WITH n{hops}.what + ' ' + n{hops}.id AS found, h{hops} AS hops, "
        f"c{hops} AS chain",
        "WHERE found = 'account ' + $account AND hops > 0",
        "RETURN hops, chain",
    ]
    return Question(
        f"chain-within-{hops}",
        f"What is the shortest chain of at most {hops} hop{'s' * (hops > 1)} between "
        "two accounts?",
        (
            Parameter("account", "Account", "id of one account"),
            Parameter("other", "Account", "id of the other account"),
        ),
        "the chain, each node with the hops that are left; no row when the two are "
        "further apart",
        "\n".join(lines),
    )


def _hops_text(hops: str, most: int) -> str:
    """Write a number of hops as a text and a blank; neither store's way is portable."""
    cases = " ".join(f"WHEN {hops} = {n} THEN '{n} '" for n in range(1, most))
    return f"CASE {cases} ELSE '{most} ' END"
