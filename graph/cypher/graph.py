"""A graph that is asked in Cypher: the same object whichever store is behind it."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

import pandas as pd

from graph.cypher.book import Question, question
from graph.cypher.statements import Answer, QueryError, check, only_reads, tokens
from graph.errors import NotFoundError
from graph.property_graph import NODES


class CypherStore(Protocol):
    """What a store must do: answer a statement that was checked, and close."""

    def ask(
        self, text: str, parameters: dict[str, Any], *, timeout: float | None = None
    ) -> Answer:
        """Run a reading statement; `timeout` in seconds."""
        ...

    def close(self) -> None:
        """Close the store."""
        ...


class CypherGraph:
    """A run's graph, in the embedded store or on a Neo4j server.

    Answers are pandas frames, the same on both. Use it in a `with` block.
    """

    def __init__(self, store: CypherStore) -> None:
        """Ask this store; `Run.open(…).graph` and `neo4j_store.connect` make one."""
        self._store = store

    def cypher(
        self, text: str, *, timeout: float | None = None, **parameters: Any
    ) -> pd.DataFrame:
        """Return the answer to a Cypher statement that only reads.

        Values are given as parameters and never written into the text. Raises
        QueryError for what is not understood or would write, TimedOutError after
        `timeout` seconds.
        """
        return self.ask(text, parameters, timeout=timeout)

    def query(
        self, name: str, *, timeout: float | None = None, **parameters: Any
    ) -> pd.DataFrame:
        """Return the answer to a question of the query book (`graph.cypher.book`).

        Raises NotFoundError when there is no answer because the account, team … that
        is asked about is not in the graph.
        """
        asked = question(name)
        values = asked.values(parameters)
        found = self.ask(asked.cypher, values, timeout=timeout)
        if found.empty:
            self._must_know(asked, values)
        return found

    def _must_know(self, asked: Question, values: Mapping[str, Any]) -> None:
        for parameter in asked.parameters:
            if parameter.type not in NODES:
                continue
            value = values[parameter.name]
            there = f"MATCH (n:{parameter.type}) WHERE n.id = $id RETURN n.id AS id"
            if not self._store.ask(there, {"id": value}).rows:
                raise NotFoundError(
                    f"the graph has no {NODES[parameter.type].what} {value!r}: an id "
                    "is written in full, and capitals matter"
                )

    def ask(
        self,
        text: str,
        parameters: Mapping[str, Any],
        *,
        timeout: float | None = None,
    ) -> pd.DataFrame:
        """Return the answer to a statement whose parameters may have any name."""
        check(text, parameters)
        text = text.strip().rstrip(";")
        answer = self._store.ask(text, dict(parameters), timeout=timeout)
        twice = [name for name in answer.columns if answer.columns.count(name) > 1]
        if twice:
            raise QueryError(
                f"two columns are called {twice[0]}: name each with AS, as in "
                "RETURN a.id AS helper, b.id AS helped"
            )
        return answer.frame()

    def answer(self, text: str) -> Answer:
        """Return the answer to a statement over labels that need not be ours.

        It must only read; what it names is not compared with the schema.
        """
        only_reads(list(tokens(text)))
        return self._store.ask(text.strip().rstrip(";"), {})

    def close(self) -> None:
        """Close the store behind the graph."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
