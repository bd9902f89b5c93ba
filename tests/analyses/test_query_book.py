"""The query book and made-up questions: on both stores, and without Cypher."""

from contextlib import ExitStack

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from analyses.reporting.page.cypher_text import team_cypher
from analyses.run import Run
from analyses.run_graph import graph_id, graph_sources, open_graph
from graph.cypher.book import book
from graph.cypher.graph import CypherGraph
from graph.cypher.neo4j_push import push
from graph.cypher.neo4j_store import connect, open_driver
from graph.cypher.rows import kinds, name_of, prepare, select
from graph.cypher.statements import QueryError
from graph.errors import NotFoundError
from tests.generated_queries import Made, questions
from tests.plain_answers import Plain
from tests.query_worlds import WORLDS, make_world, values_to_ask_with

GENERATED = 60
"""How many questions are made up for each world."""

MADE_UP = settings(
    max_examples=GENERATED,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


WHOLE = (
    "MATCH (a:Account) WITH a, a.id AS id RETURN a AS whole, id ORDER BY id LIMIT 20",
    "MATCH (:Account)-[h:HELPED]->(:Account) WITH h, h.id AS id "
    "RETURN h AS whole, id ORDER BY id LIMIT 20",
    "MATCH p = (:Account)-[h:HELPED]->(:Account) WITH p, h.id AS id "
    "RETURN p AS whole, id ORDER BY id LIMIT 20",
)
"""Questions whose answers hold whole nodes, relationships and paths."""


NEAR = {"device", "access_point", "address_block", "phone_segment", "gathering"}
"""What the case file shows between the accounts of a team."""


def rows(frame):
    return [
        [None if value is None or value != value else value for value in row]
        for row in frame.astype(object).where(frame.notna(), None).values.tolist()
    ]


def asked(graph, name, values):
    """Ask, and say `no rows` where what is asked about is not there."""
    try:
        return graph.query(name, **values)
    except NotFoundError:
        return pd.DataFrame()


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    return {name: make_world(name, tmp_path_factory.mktemp(name)) for name in WORLDS}


def asked_of(plain):
    for name, asked in book().items():
        for values in values_to_ask_with(plain, asked):
            yield name, values


MONEY = ("money-passed-on", "more-paid-back")
"""Questions that only the hostile world has an answer to."""


@pytest.mark.parametrize("world", WORLDS)
def test_the_book_has_the_plain_answers(runs, world, record_property):
    plain, compared, filled = Plain(runs[world]), 0, set()
    with CypherGraph(open_graph(runs[world])) as graph:
        for name, values in asked_of(plain):
            answer = rows(asked(graph, name, values))
            assert answer == plain.answer(name, values), (name, values)
            compared += 1
            filled |= {name} if answer else set()
    record_property("questions compared", compared)
    assert compared >= len(book())
    if world == "mixed":
        # Nobody in a sample world of this size does what these ask for.
        assert set(book()) - filled <= {"mutual-helps", "payments-in-team", *MONEY}
    if world == "hostile":
        assert set(MONEY) <= filled


@pytest.mark.parametrize("world", WORLDS)
def test_what_the_case_file_shows_of_a_team_can_be_asked(runs, world):
    with Run.open(runs[world]) as run:
        members = run.members.groupby("team_id")["account_id"].apply(set)
        for team_id in run.teams["team_id"].head(5):
            answer = run.cypher(team_cypher(team_id))
            assert {row["id"] for row in answer["account"]} == members[team_id]
            assert {row["id"] for row in answer["team"]} == {team_id}
            near = {row["what"] for row in answer["near"] if isinstance(row, dict)}
            assert near <= NEAR


def test_what_is_not_in_the_graph_is_told(runs):
    with CypherGraph(open_graph(runs["mixed"])) as graph:
        with pytest.raises(NotFoundError, match="no account 'nobody': an id"):
            graph.query("repeat-helpers-of", account="nobody")
        with pytest.raises(NotFoundError, match="the graph has no team 'none'"):
            graph.query("members-of", team="none")
        with pytest.raises(QueryError, match="two columns are called x"):
            graph.cypher("MATCH (a:Account) RETURN a.id AS x, a.id AS x LIMIT 1")


@pytest.mark.parametrize("world", WORLDS)
def test_made_up_questions_have_the_plain_answers(runs, world, record_property):
    compared = []
    with CypherGraph(open_graph(runs[world])) as graph, graph_sources(runs[world]) as s:
        put_kinds(s)

        @MADE_UP
        @given(made=questions())
        def compare(made: Made) -> None:
            plain = [list(row) for row in s.rows(made.sql, made.values)]
            assert rows(graph.ask(made.cypher, made.values)) == plain, made
            compared.append(bool(plain))

        compare()
    record_property("questions compared", len(compared))
    assert len(compared) == GENERATED
    assert sum(compared) > GENERATED // 4


def put_kinds(store):
    prepare(store)
    for kind in kinds():
        store.connection.execute(
            f'CREATE OR REPLACE TEMP TABLE "{name_of(kind)}_rows" AS {select(kind)}'
        )
    for kind in kinds():
        store.connection.execute(
            f'CREATE OR REPLACE TEMP VIEW "{name_of(kind)}" AS '
            f'FROM "{name_of(kind)}_rows"'
        )


@pytest.mark.long
@pytest.mark.parametrize("world", WORLDS)
def test_both_stores_answer_the_same(runs, world, neo4j_uri, record_property):
    with open_driver(neo4j_uri) as driver, graph_sources(runs[world]) as store:
        push(store, graph_id(runs[world]), driver, database="neo4j")
    plain, compared = Plain(runs[world]), []
    with ExitStack() as opened:
        here = opened.enter_context(Run.open(runs[world]))
        there = opened.enter_context(connect(neo4j_uri))
        for name, values in asked_of(plain):
            ours, theirs = asked(here, name, values), asked(there, name, values)
            assert list(ours.columns) == list(theirs.columns)
            assert list(ours.dtypes) == list(theirs.dtypes), (name, values)
            assert rows(ours) == rows(theirs), (name, values)
            compared.append(name)

        @MADE_UP
        @given(made=questions())
        def compare(made: Made) -> None:
            ours = here.graph.ask(made.cypher, made.values)
            theirs = there.ask(made.cypher, made.values)
            assert rows(ours) == rows(theirs), made
            compared.append(made.cypher)

        compare()
        shown = [team_cypher(team) for team in here.teams["team_id"].head(3)]
        for text in (*WHOLE, *shown):
            ours, theirs = here.cypher(text), there.cypher(text)
            assert rows(ours) == rows(theirs), text
            assert len(ours), text
        none = team_cypher("it's \\ no \"team")
        assert here.cypher(none).empty and there.cypher(none).empty
    record_property("questions compared", len(compared))
    assert len(compared) >= len(book()) + GENERATED
