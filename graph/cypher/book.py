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
from typing import Any, Literal, get_args

from graph.errors import InputError, NotFoundError, did_you_mean
from graph.property_graph import RELATIONSHIPS

ParameterType = Literal["string", "integer", "time"]
"""`time` is a date or time in UTC, or seconds since 1970."""

MOST_HOPS = 5


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question; `default` is None when a value must be given."""

    name: str
    type: ParameterType
    says: str
    default: str | int | None = None

    def value(self, given: Any) -> str | int:
        """Return what was given as a value of the type; InputError when it is none.

        >>> Parameter("days", "integer", "").value("30")
        30
        >>> Parameter("since", "time", "").value("1970-01-02")
        86400
        """
        if self.type == "string":
            return str(given)
        text = str(given).strip()
        if re.fullmatch(r"-?\d{1,18}", text) and not isinstance(given, bool):
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
    if found is None or found[2] not in get_args(ParameterType):
        raise ValueError(f"not the line of a parameter: {line}")
    name, default, says = found[1], found[3], found[4]
    kind: ParameterType = found[2]  # type: ignore[assignment]  # checked above
    parameter = Parameter(name, kind, says)
    return (
        parameter
        if default is None
        else Parameter(name, kind, says, parameter.value(default))
    )


def _followed() -> str:
    return "|".join(kind.type for kind in RELATIONSHIPS.values() if kind.followed)


def _step(old: int, at: int) -> str:
    """Return how far it is from one node to the next: to itself 0, else 1.

    `length(path)` says the same, but to name the path makes ladybug keep all of them.
    """
    return f"CASE WHEN {_same(old, at)} THEN 0 ELSE 1 END"


def _same(old: int, at: int) -> str:
    return f"n{at}.id = n{old}.id AND n{at}.what = n{old}.what"


def _within(hops: int) -> Question:
    """Write the text for everything within so many hops.

    Each step goes one hop further from the nodes reached, every node once: the walk
    costs what the neighbourhood is large, and not what its paths are many.
    """
    lines = [
        f"MATCH (a:Account)-[:{_followed()}*0..1]-(n1)",
        "WHERE a.id = $account",
        "WITH n1, min(CASE WHEN n1.id = a.id AND n1.what = a.what THEN 0 ELSE 1 END) "
        "AS h1",
    ]
    for at in range(2, hops + 1):
        old = at - 1
        lines += [
            f"MATCH (n{old})-[:{_followed()}*0..1]-(n{at})",
            f"WITH n{at}, min(h{old} + {_step(old, at)}) AS h{at}",
        ]
    lines += [
        f"RETURN n{hops}.what AS what, n{hops}.id AS id, h{hops} AS hops",
        "ORDER BY hops, what, id",
    ]
    return Question(
        f"within-{hops}-hops",
        f"What lies within {hops} hop{'s' * (hops > 1)} of an account?",
        (Parameter("account", "string", "id of the account"),),
        "a node and how many hops away it is; the account itself is 0 hops away",
        "\n".join(lines),
    )


def _chain(hops: int) -> Question:
    """Write the text for the shortest chain of at most so many hops.

    As `_within`, with one chain kept for each node: of the shortest the first by ids.
    """
    start = "n1.id = a.id AND n1.what = a.what"
    lines = [
        f"MATCH (a:Account)-[:{_followed()}*0..1]-(n1)",
        "WHERE a.id = $account",
        f"WITH n1, min(CASE WHEN {start} THEN 0 ELSE 1 END) AS h1,",
        f"     min(CASE WHEN {start} THEN a.id ELSE a.id + ' > ' + n1.what + ' ' "
        "+ n1.id END) AS c1",
    ]
    for at in range(2, hops + 1):
        old = at - 1
        lines += [
            f"MATCH (n{old})-[:{_followed()}*0..1]-(n{at})",
            f"WITH n{at}, min(h{old} + {_step(old, at)}) AS h{at},",
            f"     min(CASE WHEN {_same(old, at)} THEN c{old} END) AS kept,",
            f"     min(CASE WHEN {_same(old, at)} THEN NULL ELSE "
            f"c{old} + ' > ' + n{at}.what + ' ' + n{at}.id END) AS longer",
            f"WITH n{at}, h{at}, coalesce(kept, longer) AS c{at}",
        ]
    lines += [
        # Two texts joined: a plain condition on the node would make ladybug walk from
        # every account at once, because it looks for the end before the chain.
        f"WITH n{hops}.what + ' ' + n{hops}.id AS found, h{hops}, c{hops}",
        "WHERE found = 'account ' + $other",
        f"RETURN h{hops} AS hops, c{hops} AS chain",
    ]
    return Question(
        f"chain-within-{hops}",
        f"What is the shortest chain of at most {hops} hop{'s' * (hops > 1)} between "
        "two accounts?",
        (
            Parameter("account", "string", "id of one account"),
            Parameter("other", "string", "id of the other account"),
        ),
        "the chain; there is no row when the two are further apart",
        "\n".join(lines),
    )
