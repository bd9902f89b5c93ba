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
from neo4j.graph import Node, Path, Relationship

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
"""Procedures that may be called in a graph that is not ours: they read."""

BEGINNINGS = ("MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN")
"""The words that a question begins with."""

ONE_STORE_ONLY = {
    "labels": "return a.what, the kind of a node in lower case",
    "type": "name the type in the pattern, as in -[h:HELPED]-",
    "tostring": "return the value itself",
    "duration": "times are whole seconds: subtract them",
    "datetime": "times are whole seconds: give one as a parameter",
    "shortestpath": "the questions chain-within-1 to chain-within-5 find it",
    "allshortestpaths": "the questions chain-within-1 to chain-within-5 find one",
}
"""Functions that the two stores do not share, and what to write instead."""

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

    A whole node or relationship becomes its properties that are not null, a path its
    nodes and relationships.
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        if "_LABEL" in value:
            inner = {"_ID", "_LABEL", "_SRC", "_DST"}
            return {
                key: plain(each)
                for key, each in sorted(value.items())
                if key not in inner and each is not None
            }
        if value.keys() == {"_NODES", "_RELS"}:
            value = {"nodes": value["_NODES"], "relationships": value["_RELS"]}
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, Node | Relationship):
        return {key: plain(each) for key, each in sorted(value.items())}
    if isinstance(value, Path):
        return {
            "nodes": plain(list(value.nodes)),
            "relationships": plain(list(value.relationships)),
        }
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
    if not _is_text(text):
        raise QueryError("the query has half a character in it (a lone surrogate)")
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
    _in_both(found)
    _known(found)
    _given(found, parameters)


def only_reads(found: list[Token]) -> None:
    """Raise QueryError for the pieces of a statement that would not only read."""
    for place, token in enumerate(found):
        if token.kind != "word" or _is_a_name(found, place):
            continue
        if token.upper in WRITING:
            raise QueryError(
                f"{token.upper} is refused: a query only reads, and with this word it "
                f"could change or load something (a name is written `{token.text}`)"
            )
        if token.upper == "CALL" and not _calls_what_reads(found[place + 1 :]):
            raise QueryError(
                "CALL is refused: a query only reads, and a procedure may do anything"
            )


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _in_both(found: list[Token]) -> None:
    """Raise QueryError for what one of the stores does not know, or knows otherwise."""
    first = found[0]
    if first.kind != "word" or first.upper not in BEGINNINGS:
        raise QueryError(
            f"a question in Cypher begins with MATCH, OPTIONAL MATCH, UNWIND, WITH or "
            f"RETURN, and this one with {first.text!r}"
        )
    for place, token in enumerate(found):
        before = found[place - 1] if place else Token("sign", "")
        after = found[place + 1].text if place + 1 < len(found) else ""
        name = token.text.lower()
        if token.kind == "word" and not _is_a_name(found, place):
            if token.upper == "CALL":
                raise QueryError("CALL is refused: not both stores understand it")
            if after == "(" and name in ONE_STORE_ONLY:
                raise QueryError(
                    f"{token.text}() is not the same in both stores: "
                    f"{ONE_STORE_ONLY[name]}"
                )
        if token.text == "[" and _is_value(before):
            raise QueryError(
                "values in square brackets after a value (a['id'], list[0]) are not "
                "the same in both stores: write a.id, or UNWIND the list"
            )


def _is_value(before: Token) -> bool:
    """Tell whether a square bracket after this token would pick from a value."""
    if before.kind == "word":
        return before.upper not in {
            *("RETURN", "WITH", "WHERE", "AND", "OR", "XOR", "NOT", "IN", "UNWIND"),
            *("WHEN", "THEN", "ELSE", "CASE", "BY", "DISTINCT", "CONTAINS"),
        }
    return before.kind in {"name", "parameter", "text"} or before.text in {")", "]"}


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
        variable, names, end = _named_in(found, place + 1)
        is_node = token.text == "("
        for name in names:
            _must_be_a_kind(name, is_node=is_node)
        if variable and names:
            kinds.setdefault(variable, set()).update(names)
        has_map = end < len(found) and found[end].text == "{"
        if has_map and (is_node or variable or names):
            some: Iterable[str] = names or (NODES if is_node else RELATIONSHIPS)
            for key in _keys(found, end):
                _must_be_a_property(key, names, set().union(*map(_properties, some)))
    for place in range(1, len(found) - 1):
        before, colon, name_ = found[place - 1 : place + 2]
        if (
            colon.text == ":"
            and before.kind == "word"
            and name_.kind in {"word", "name"}
            and (place < 2 or found[place - 2].text not in {"(", "[", "{", ","})
        ):
            _must_be_a_kind(name_.text.strip("`"), is_node=True)
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
        _must_be_a_property(named.text, of, there)


def _must_be_a_kind(name: str, *, is_node: bool) -> None:
    known: Mapping[str, Any] = NODES if is_node else RELATIONSHIPS
    if name not in known:
        word = "label" if is_node else "relationship type"
        raise NotFoundError(
            f"the graph has no {word} {name}{did_you_mean(name, known)}; it has "
            f"{', '.join(known)}"
        )


def _must_be_a_property(name: str, of: Iterable[str], there: set[str]) -> None:
    if name not in there:
        whose = " or ".join(sorted(of))
        has = (
            f"it has {', '.join(sorted(there))}"
            if whose
            else "see scanring query --schema"
        )
        raise NotFoundError(
            f"{whose or 'the graph'} has no property {name}"
            f"{did_you_mean(name, there)}; {has}"
        )


def _keys(found: list[Token], place: int) -> list[str]:
    """Return the keys of the map that opens at a place, not those of maps within."""
    keys, depth = [], 0
    for at in range(place, len(found)):
        token = found[at]
        if token.text in {"{", "[", "("}:
            depth += 1
        elif token.text in {"}", "]", ")"}:
            depth -= 1
            if depth == 0:
                break
        elif (
            depth == 1
            and token.kind in {"word", "name"}
            and found[at - 1].text in {"{", ","}
            and at + 1 < len(found)
            and found[at + 1].text == ":"
        ):
            keys.append(token.text.strip("`"))
    return keys


def _is_call(before: Token) -> bool:
    """Tell whether a bracket after this token opens the arguments of a function."""
    return before.kind == "word" and before.upper not in {
        *("MATCH", "WHERE", "AND", "OR", "NOT", "XOR", "RETURN", "WITH", "WHEN"),
        *("THEN", "ELSE", "IN", "BY", "UNWIND", "EXISTS", "COUNT", "CASE", "DISTINCT"),
    }


def _named_in(found: list[Token], place: int) -> tuple[str, list[str], int]:
    """Read `variable:Name|Name` after an opening bracket, and where it ends."""
    variable, names = "", []
    if place < len(found) and found[place].kind == "word":
        variable = found[place].text
        place += 1
    if place >= len(found) or found[place].text != ":":
        return variable, [], place
    while place + 1 < len(found) and found[place].text in {":", "|", "&"}:
        place += 1
        if found[place].text == ":":
            place += 1
        if place < len(found) and found[place].kind in {"word", "name"}:
            names.append(found[place].text.strip("`"))
        place += 1
    return variable, names, place


def _properties(name: str) -> set[str]:
    if name in NODES:
        return {each.name for each in NODES[name].columns}
    return {each.name for each in RELATIONSHIPS[name].all_properties}


def _given(found: Iterable[Token], parameters: Mapping[str, Any]) -> None:
    asked = {t.text[1:].strip("`") for t in found if t.kind == "parameter"}
    for name, value in parameters.items():
        if isinstance(value, str) and not _is_text(value):
            raise InputError(f"{name} has half a character in it (a lone surrogate)")
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
    >>> told_by("ladybug", "Runtime exception: Divide by zero.")
    'ladybug cannot answer the query: Divide by zero.'
    """
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    said = lines[0] if lines else "no reason given"
    wrong = re.match(r"(Runtime|Overflow|Conversion|Buffer manager) exception", said)
    verb = "cannot answer" if wrong else "does not understand"
    said = re.sub(r"^[\w ]+ exception: ", "", said)
    said = re.sub(r",? expecting \{.*\}", "", said)
    if re.search(r"Order by (NODE|REL) is not supported", said):
        said += " Give the column a name (AS …) that no node or relationship has"
    return f"{store} {verb} the query: {said}"
