"""A finished run as an object: its tables, its teams and accounts, and its graph.

run = Run.open("OUT")
run.accounts                      # pandas frames, read when first asked for
run.team("F12").members
run.team("F12").graph()           # networkx.MultiDiGraph
run.neighbourhood("acc-7", hops=2)
run.query("repeat-helpers-of", account="acc-7")   # the query book
run.cypher("MATCH (t:Team) RETURN t.id AS team, t.members AS members ORDER BY team")
run.plot_risk(); run.team("F12").plot(); run.team("F12").timeline()

A notebook shows a run, a team or an account as a small table. How they are drawn is in
`analyses.reporting.notebook_views`, which needs this module, so it is imported late.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import networkx as nx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from matplotlib.figure import Figure

from analyses.reporting.outputs import OUTPUTS, output_path, read_output
from analyses.reporting.run_folder import read_manifest
from analyses.run_events import open_store
from analyses.run_graph import open_graph
from graph.cypher.graph import CypherGraph
from graph.errors import NotFoundError, did_you_mean
from graph.store import Store
from graph.views import among, neighbourhood


class Run:
    """What a run wrote, and the events that it was made from.

    The frames have the columns of the output tables (`analyses.reporting.outputs`).
    `store` is opened for reading when first needed; close it with `close`, or use the
    run in a `with` block.
    """

    def __init__(self, folder: Path, *, store: Store | None = None) -> None:
        """Look at a folder of output tables; a `store` that is open already is used."""
        self.folder = folder
        self._store = store
        self._opened = False
        self._graph: CypherGraph | None = None

    @classmethod
    def open(cls, folder: str | Path) -> "Run":
        """Open the folder of a finished run; InputError when it is not one."""
        run = cls(Path(folder))
        assert run.manifest
        return run

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Versions, input hashes, parameters, window, rows and times of the run."""
        return read_manifest(self.folder)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The accounts that the run has something to say about."""
        return self._frame("accounts")

    @cached_property
    def teams(self) -> pd.DataFrame:
        """The teams."""
        return self._frame("teams")

    @cached_property
    def members(self) -> pd.DataFrame:
        """The accounts in the teams."""
        return self._frame("members")

    @cached_property
    def helps(self) -> pd.DataFrame:
        """The helps that belong to a pattern."""
        return self._frame("helps")

    @cached_property
    def links(self) -> pd.DataFrame:
        """Which teams work together."""
        return self._frame("links")

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """All pieces of evidence."""
        frame: pd.DataFrame = self._evidence.to_pandas()
        return frame

    def evidence_of(
        self, *, accounts: Iterable[str] = (), teams: Iterable[str] = ()
    ) -> pd.DataFrame:
        """Return the evidence on these accounts, and that on these teams as a whole.

        It is much faster than looking in `evidence`, which unpacks all events first.
        """
        return self._chosen(
            "evidence",
            """account_id IN (SELECT unnest($accounts)) OR account_id IS NULL
               AND team_id IN (SELECT unnest($teams))""",
            {"accounts": sorted(set(accounts)), "teams": sorted(set(teams))},
        )

    def accounts_of(self, account_ids: Iterable[str]) -> pd.DataFrame:
        """Return the rows of these accounts, those that the run says something of."""
        return self._chosen(
            "accounts",
            "account_id IN (SELECT unnest($ids))",
            {"ids": sorted(set(account_ids))},
        )

    def evidence_on(self, account_id: str, team_id: str | None) -> pd.DataFrame:
        """Return the evidence on an account as a member of a team, and on the team."""
        if team_id is None:
            return self._chosen(
                "evidence", "team_id IS NULL AND account_id = $id", {"id": account_id}
            )
        return self._chosen(
            "evidence",
            "team_id = $team AND (account_id = $id OR account_id IS NULL)",
            {"id": account_id, "team": team_id},
        )

    def evidence_codes(self) -> list[str]:
        """Return the codes of all evidence, sorted."""
        codes: list[str] = sorted(self.columns("evidence", "signal")["signal"].unique())
        return codes

    def columns(self, name: str, *columns: str) -> pd.DataFrame:
        """Return some columns of an output table; the others are not read."""
        path = output_path(self.folder, name)
        table = pq.read_table(path, columns=list(columns), partitioning=None)
        frame: pd.DataFrame = table.to_pandas(
            strings_to_categorical=True, ignore_metadata=True
        )
        return frame

    def rows(self, name: str, **equal: str) -> pd.DataFrame:
        """Return the rows of an output table in which columns have these values.

        Only the parts of the file are read in which such rows may stand.
        """
        if name in self.__dict__:  # it has been read as a whole
            frame: pd.DataFrame = self.__dict__[name]
            for column, value in equal.items():
                frame = frame[frame[column] == value]
            return frame.reset_index(drop=True)
        wanted = " AND ".join(f'"{column}" = ${column}' for column in equal)
        return self._chosen(name, wanted, equal)

    def _chosen(
        self, name: str, condition: str, parameters: dict[str, Any]
    ) -> pd.DataFrame:
        path = str(output_path(self.folder, name)).replace("'", "''")
        order = ", ".join(f"{column} NULLS FIRST" for column in OUTPUTS[name].key)
        found = self.store.arrow(
            f"""SELECT * FROM read_parquet('{path}', hive_partitioning = false)
                WHERE {condition} ORDER BY {order}""",
            parameters,
        )
        frame: pd.DataFrame = found.to_pandas()
        return frame

    @cached_property
    def _evidence(self) -> pa.Table:
        return read_output(self.folder, "evidence")

    @property
    def store(self) -> Store:
        """The event store of the run, opened for reading."""
        if self._store is None:
            self._store = open_store(self.folder)
            self._opened = True
        return self._store

    def team(self, team_id: str) -> "Team":
        """Return a team; NotFoundError, with the nearest id, when there is none."""
        rows = self.rows("teams", team_id=team_id)
        if rows.empty:
            raise NotFoundError(
                f"the run found no team {team_id!r}"
                f"{nearest_id(team_id, self.teams['team_id'])}"
            )
        return Team(self, team_id, _facts(rows))

    def account(self, account_id: str) -> "Account":
        """Return an account that the run has something to say about.

        NotFoundError, with the nearest id, when there is none of this id.
        """
        rows = self.rows("accounts", account_id=account_id)
        if rows.empty:
            raise NotFoundError(
                f"the run has nothing to say about an account {account_id!r}"
                f"{did_you_mean(account_id, self.teams['team_id'])}"
                f"{nearest_id(account_id, self.accounts['account_id'])}"
            )
        return Account(self, account_id, _facts(rows))

    def neighbourhood(
        self, account_id: str, *, hops: int = 2, maximum_degree: int = 200
    ) -> nx.MultiDiGraph:
        """Return what is around an account, as described in `graph.views`."""
        return neighbourhood(
            self.store, account_id, hops=hops, maximum_degree=maximum_degree
        )

    def plot_risk(self, *, language: str = "en") -> Figure:
        """Return a figure: how many accounts and teams there are by risk."""
        from analyses.reporting import notebook_views

        return notebook_views.plot_risk(self, language)

    def _repr_html_(self) -> str:
        from analyses.reporting import notebook_views

        return notebook_views.run_html(self)

    @property
    def graph(self) -> CypherGraph:
        """The run's graph in Cypher; its store is made when first asked for."""
        if self._graph is None:
            self._graph = CypherGraph(open_graph(self.folder))
        return self._graph

    def query(
        self, name: str, *, timeout: float | None = None, **parameters: Any
    ) -> pd.DataFrame:
        """Return the answer to a question of the query book (`graph.cypher.book`).

        Raises NotFoundError for a question that is not in it, InputError for a wrong
        parameter, TimedOutError after `timeout` seconds.
        """
        return self.graph.query(name, timeout=timeout, **parameters)

    def cypher(
        self, text: str, *, timeout: float | None = None, **parameters: Any
    ) -> pd.DataFrame:
        """Return the answer to a Cypher statement that only reads."""
        return self.graph.cypher(text, timeout=timeout, **parameters)

    def close(self) -> None:
        """Close the event store and the graph, if this run opened them."""
        if self._graph is not None:
            self._graph.close()
            self._graph = None
        if self._opened and self._store is not None:
            self._store.close()
        self._store, self._opened = None, False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _frame(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = read_output(self.folder, name).to_pandas()
        return frame


@dataclass(frozen=True)
class Team:
    """One team of a run; `facts` is its row of teams.parquet, without nulls."""

    run: Run
    team_id: str
    facts: dict[str, Any]

    @property
    def members(self) -> pd.DataFrame:
        """Its rows of members.parquet."""
        return self.run.rows("members", team_id=self.team_id)

    @property
    def helps(self) -> pd.DataFrame:
        """The helps that it gave: its rows of helps.parquet."""
        return self.run.rows("helps", team_id=self.team_id)

    @property
    def evidence(self) -> pd.DataFrame:
        """Its rows of evidence.parquet, those of its members among them."""
        return self.run.rows("evidence", team_id=self.team_id)

    @property
    def own_evidence(self) -> pd.DataFrame:
        """The evidence on it as a whole."""
        return self.run.evidence_on("", self.team_id)

    @property
    def links(self) -> pd.DataFrame:
        """Its rows of links.parquet, in both directions."""
        links = self.run.links
        mine = (links["team_a"] == self.team_id) | (links["team_b"] == self.team_id)
        return links[mine].reset_index(drop=True)

    def graph(self) -> nx.MultiDiGraph:
        """Return its members, their devices and codes, and all edges between them.

        Each account of the graph has the attributes `role` and `evidence_bits`.
        """
        members = self.members
        graph = among(self.run.store, members["account_id"])
        for row in members.itertuples(index=False):
            graph.nodes[f"account:{row.account_id}"].update(
                role=row.role, evidence_bits=row.evidence_bits
            )
        return graph

    def plot(self, *, language: str = "en") -> Figure:
        """Return a figure of its network: who is joined by what, and whom it serves.

        Of a large team the accounts that matter most are drawn.
        """
        from analyses.reporting import notebook_views

        return notebook_views.plot_team(self, language)

    def timeline(self, *, language: str = "en") -> Figure:
        """Return a figure of what happened to its members on which day."""
        from analyses.reporting import notebook_views

        return notebook_views.plot_timeline(self, language)

    def _repr_html_(self) -> str:
        from analyses.reporting import notebook_views

        return notebook_views.team_html(self)


@dataclass(frozen=True)
class Account:
    """One account of a run; `facts` is its row of accounts.parquet, without nulls."""

    run: Run
    account_id: str
    facts: dict[str, Any]

    @property
    def memberships(self) -> pd.DataFrame:
        """Its rows of members.parquet: it may be in several teams."""
        return self.run.rows("members", account_id=self.account_id)

    @property
    def evidence(self) -> pd.DataFrame:
        """The evidence that its risk adds up from: its own, and that of its team."""
        return self.run.evidence_on(self.account_id, self.facts.get("team_id"))

    def graph(self, *, hops: int = 1) -> nx.MultiDiGraph:
        """Return what is around it."""
        return self.run.neighbourhood(self.account_id, hops=hops)

    def _repr_html_(self) -> str:
        from analyses.reporting import notebook_views

        return notebook_views.account_html(self)


def _facts(rows: pd.DataFrame) -> dict[str, Any]:
    facts = {str(name): value for name, value in rows.iloc[0].items()}
    for name, value in facts.items():
        if hasattr(value, "tolist"):
            facts[name] = value.tolist()
    return {
        name: value
        for name, value in facts.items()
        if isinstance(value, list) or not pd.isna(value)
    }


def nearest_id(asked: str, known: Iterable[str]) -> str:
    """Return the nearest known id; a cheap measure first, as there may be millions."""
    alike = heapq.nlargest(
        50,
        (word for word in known if abs(len(word) - len(asked)) <= 2),
        key=lambda word: (sum(map(str.__eq__, word, asked)), word),
    )
    return did_you_mean(asked, alike)
