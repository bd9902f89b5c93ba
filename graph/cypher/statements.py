"""What may be asked: a statement is checked before any store sees it.

One statement that only reads; labels, types and properties of the schema; every `$name`
with a value. The words of the statement are looked at outside comments, quoted texts
and names, so that a nickname in a text cannot be mistaken for a command, nor the other
way round. The stores are opened for reading as well: this check gives the clear
message, and stops what "reading" does not stop: writing files and fetching addresses.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from graph.errors import InputError, NotFoundError, ScanringError, did_you_mean
from graph.property_graph import NODES, RELATIONSHIPS

WRITING = frozenset(
    {
        *("CREATE", "MERGE", "SET", "DELETE", "DETACH", "REMOVE", "DROP", "ALTER"),
        *("FOREACH", "COPY", "LOAD", "INSTALL", "UNINSTALL", "ATTACH", "USE"),
        *("EXPORT", "IMPORT", "BEGIN", "COMMIT", "ROLLBACK", "CHECKPOINT", "GRANT"),
        *("REVOKE", "DENY", "TERMINATE", "START", "STOP", "PROJECT_GRAPH", "COMMENT"),
        *("UPDATE", "INSERT", "RENAME", "ENABLE", "DEALLOCATE"),
    }
)
"""Words that a statement which only reads never has, in Cypher or in ladybug."""

CALLED = frozenset({"db.labels", "db.relationshiptypes", "db.propertykeys"})
"""Procedures that may be called: they read, whoever provides them."""

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
      |(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      |(?P<name>`(?:[^`]|``)*`)
      |(?P<parameter>\$(?:\w+|`[^`]*`))
      |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<word>[^\W\d]\w*)
      |(?P<open>['"`]|/\*)
      |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


class QueryError(ScanringError):
    """A statement that a store does not understand, or must not run."""


class TimedOutError(QueryError):
    """A statement that ran longer than it was allowed to."""

    @classmethod
    def after(cls, seconds: float) -> "TimedOutError":
        """Say after how many seconds, and what to try."""
        return cls(
            f"the query was stopped after {seconds:g} seconds: ask for less (fewer "
            "hops, a shorter time, LIMIT), or allow more with --timeout"
        )


@dataclass(frozen=True)
class Token:
    """A piece of a statement: its kind (word, text, name, sign …) and how it stands."""

    kind: str
    text: str

    @property
    def upper(self) -> str:
        """The word in capitals, as keywords are compared."""
        return self.text.upper()


@dataclass(frozen=True)
class Answer:
    """Names of columns, and rows, as a store gives them."""

    columns: tuple[str, ...]
    rows: list[Any]

    def frame(self) -> pd.DataFrame:
        """Return a pandas frame that is the same whichever store answered.

        Whole numbers are `Int64`, others `Float64`, both with `<NA>` for null; true
        and false `boolean`; texts `string`; all else stays as it is.
        """
        columns = {}
        for place in range(len(self.columns)):
            values = [plain(row[place]) for row in self.rows]
            columns[place] = pd.Series(values, dtype=_dtype(values))
        frame = pd.DataFrame(columns, index=range(len(self.rows)))
        frame.columns = pd.Index(list(self.columns), dtype=object)
        return frame


def plain(value: Any) -> Any:
    """Return a value of either store as the same plain Python value.

    >>> plain(Decimal("3")), plain((1, Decimal("2")))
    (3, [1, 2])
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def _dtype(values: list[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int} and all(abs(v) < 2**63 for v in values if v is not None):
        return "Int64"
    if kinds and kinds <= {int, float}:
        return "Float64"
    return {frozenset({bool}): "boolean", frozenset({str}): "string"}.get(
        frozenset(kinds), "object"
    )


def tokens(text: str) -> Iterator[Token]:
    r"""Return the pieces of a statement without comments and blanks.

    Raises QueryError for a text that is not closed, and for `\u` outside a text or in
    one: Neo4j reads it as a character before anything else, a quotation mark for one.
    """
    if re.search(r"\\u", text, re.IGNORECASE):
        raise QueryError(
            "a query has no \\u in it: write the character itself, or give the text "
            "as a parameter"
        )
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "sign"
        if kind == "open":
            raise QueryError(f"the query opens {found[0]} and never closes it")
        if kind != "skip":
            yield Token(kind, found[0])


def check(text: str, parameters: Mapping[str, Any]) -> None:
    """Raise QueryError or NotFoundError for a statement that must not or cannot run."""
    found = list(tokens(text))
    while found and found[-1].text == ";":
        found.pop()
    if not found:
        raise QueryError("the query is empty: try MATCH (a:Account) RETURN count(*)")
    if any(token.text == ";" for token in found):
        raise QueryError("one statement at a time: the query has a ; in it")
    only_reads(found)
    _known(found)
    _given(found, parameters)


def only_reads(found: list[Token]) -> None:
    """Raise QueryError for the pieces of a statement that would not only read."""
    for place, token in enumerate(found):
        if token.kind != "word" or _is_a_name(found, place):
            continue
        if token.upper in WRITING:
            raise QueryError(
                f"{token.upper} is refused: a query only reads, and this one would "
                "change or load something"
            )
        if token.upper == "CALL" and not _calls_what_reads(found[place + 1 :]):
            raise QueryError(
                "CALL is refused: a query only reads, and a procedure may do anything"
            )


def _is_a_name(found: list[Token], place: int) -> bool:
    """Tell whether a word is a property, a label, a type, or the key of a map."""
    before = found[place - 1].text if place else ""
    after = found[place + 1].text if place + 1 < len(found) else ""
    return before in {".", ":"} or (after == ":" and before in {"{", ","})


def _calls_what_reads(following: list[Token]) -> bool:
    name = ""
    for token in following:
        if token.kind not in {"word", "name"} and token.text != ".":
            break
        name += token.text
    return name.lower() in CALLED or (
        not name and bool(following) and following[0].text in {"{", "("}
    )


def _known(found: list[Token]) -> None:
    """Raise NotFoundError for labels, types and properties that no kind has."""
    kinds: dict[str, set[str]] = {}
    for place, token in enumerate(found):
        if token.text not in {"(", "["} or (
            place and token.text == "(" and _is_call(found[place - 1])
        ):
            continue
        variable, names = _named_in(found, place + 1)
        known: Mapping[str, Any] = NODES if token.text == "(" else RELATIONSHIPS
        for name in names:
            if name not in known:
                word = "label" if token.text == "(" else "relationship type"
                raise NotFoundError(
                    f"the graph has no {word} {name}{did_you_mean(name, known)}; it "
                    f"has {', '.join(known)}"
                )
        if variable and names:
            kinds.setdefault(variable, set()).update(names)
    every = set().union(*(_properties(name) for name in (*NODES, *RELATIONSHIPS)))
    for place in range(len(found) - 2):
        owner, dot, named = found[place : place + 3]
        if (
            dot.text != "."
            or owner.kind not in {"word", "name"}
            or named.kind != "word"
        ):
            continue
        if place + 3 < len(found) and found[place + 3].text == "(":
            continue  # a function with a dot in its name
        if place and found[place - 1].text in {".", "CALL", "call"}:
            continue
        of = kinds.get(owner.text, set())
        there = set().union(*map(_properties, of)) if of else every
        if named.text not in there:
            whose = " or ".join(sorted(of)) or "graph"
            raise NotFoundError(
                f"{whose} has no property {named.text}"
                f"{did_you_mean(named.text, there)}; it has {', '.join(sorted(there))}"
            )


def _is_call(before: Token) -> bool:
    """Tell whether a bracket after this token opens the arguments of a function."""
    return before.kind == "word" and before.upper not in {
        *("MATCH", "WHERE", "AND", "OR", "NOT", "XOR", "RETURN", "WITH", "WHEN"),
        *("THEN", "ELSE", "IN", "BY", "UNWIND", "EXISTS", "COUNT", "CASE", "DISTINCT"),
    }


def _named_in(found: list[Token], place: int) -> tuple[str, list[str]]:
    """Read `variable:Name|Name` after an opening bracket."""
    variable, names = "", []
    if place < len(found) and found[place].kind == "word":
        variable = found[place].text
        place += 1
    if place >= len(found) or found[place].text != ":":
        return variable, []
    while place + 1 < len(found) and found[place].text in {":", "|", "&"}:
        place += 1
        if found[place].text == ":":
            place += 1
        if place < len(found) and found[place].kind in {"word", "name"}:
            names.append(found[place].text.strip("`"))
        place += 1
    return variable, names


def _properties(name: str) -> set[str]:
    if name in NODES:
        return {each.name for each in NODES[name].columns}
    return {each.name for each in RELATIONSHIPS[name].all_properties}


def _given(found: Iterable[Token], parameters: Mapping[str, Any]) -> None:
    asked = {t.text[1:].strip("`") for t in found if t.kind == "parameter"}
    missing = sorted(asked - parameters.keys())
    if missing:
        raise InputError(
            f"the query needs a value for ${missing[0]}: give it with -p {missing[0]}=…"
        )
    unused = sorted(parameters.keys() - asked)
    if unused:
        raise InputError(
            f"the query has no ${unused[0]}{did_you_mean(unused[0], asked)}"
        )


def told_by(store: str, message: str) -> str:
    r"""Return the first line of a store's message, with who said it.

    >>> told_by("ladybug", "Parser exception: extraneous input\nMATCH\n^^^")
    'ladybug does not understand the query: extraneous input'
    """
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    said = re.sub(r"^\w+ exception: ", "", lines[0] if lines else "no reason given")
    if re.search(r"Order by (NODE|REL) is not supported", said):
        said += " Give the column a name (AS …) that no node or relationship has"
    return f"{store} does not understand the query: {said}"
