from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.cypher.statements import Answer, QueryError, check
from graph.errors import InputError, NotFoundError, ScanringError

WRITING = [
    "CREATE (:Account {id: 'x'})",
    "MATCH (a:Account) SET a.risk = 1",
    "MATCH (a:Account) DETACH DELETE a",
    "MERGE (a:Account {id: 'x'}) RETURN a.id",
    "MATCH (a:Account) REMOVE a.risk",
    "COPY (MATCH (a:Account) RETURN a.id) TO 'out.csv'",
    "LOAD CSV FROM 'http://example.org' AS row RETURN row",
    "LOAD FROM 'x.csv' RETURN *",
    "INSTALL httpfs",
    "ATTACH 'x' AS y (dbtype duckdb)",
    "CALL threads=5",
    "CALL apoc.create.node(['A'], {}) YIELD node RETURN node",
    "CALL { CREATE (n:Account) RETURN n } RETURN 1",
    "MATCH (a) /* harmless */ dElEtE a",
    "EXPORT DATABASE 'x'",
    "FOREACH (i IN [1] | CREATE (:Account))",
]


@pytest.mark.parametrize("text", WRITING)
def test_what_writes_is_refused(text):
    with pytest.raises(QueryError, match="is refused"):
        check(text, {})


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (a:Account) RETURN 'SET x; DELETE' AS words",
        "MATCH (a:Account) RETURN a.id AS `CREATE`",
        "MATCH (a:Account) // DELETE a\nRETURN count(*) AS n",
        "MATCH (t:Team {kind: 'scanning_crew'}) RETURN t.id AS id;",
        "MATCH (a:Account)-[:HELPED|PAID*1..3]-(b:Account) RETURN count(*) AS n",
        "MATCH (a:Account) WHERE EXISTS { MATCH (a)-[:GOT]->(:Sanction) } RETURN 1",
        "MATCH (a:Account) RETURN 1.5 * a.risk AS x",
    ],
)
def test_what_only_reads_is_let_through(text):
    check(text, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SHOW DATABASES", "begins with MATCH.* and this one with 'SHOW'"),
        ("EXPLAIN MATCH (a) RETURN a.id", "begins with MATCH"),
        ("MATCH (a) RETURN labels(a)", "not the same in both stores: return a.what"),
        ("MATCH (a:Account) RETURN a['risk'] AS x", "square brackets after a value"),
        ("MATCH (a) RETURN collect(a.id)[0] AS x", "square brackets after a value"),
        ("MATCH (a) CALL { RETURN 1 AS n } RETURN n", "CALL is refused"),
        ("MATCH (a:Account) RETURN '\ud800'", "half a character"),
        ("", "is empty"),
        (
            "MATCH (a:Account) RETURN a.id; MATCH (b:Account) RETURN b.id",
            "one statement",
        ),
        ("RETURN 'open", "never closes"),
        ("RETURN '\\u0027 CREATE'", "has no .u in it"),
    ],
)
def test_what_is_no_statement_is_said(text, said):
    with pytest.raises(QueryError, match=said):
        check(text, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MATCH (a:Acount) RETURN a.id", "no label Acount .did you mean 'Account'"),
        ("MATCH (a:Account)-[:HELPS]->(b) RETURN 1", "no relationship type HELPS"),
        ("MATCH (a:Account {idd: 'x'}) RETURN 1", "Account has no property idd"),
        ("MATCH ({idd: 'x'})-[:HELPED]->() RETURN 1", "the graph has no property idd"),
        ("MATCH ()-[:HELPED {ad: 1}]->() RETURN 1", "HELPED has no property ad"),
        ("MATCH (a) WHERE a:Acount RETURN 1", "no label Acount .did you mean"),
        ("MATCH (a:Account) RETURN a.riks", "Account has no property riks .did you"),
        ("MATCH ()-[h:HELPED]->() RETURN h.amount_fen", "HELPED has no property"),
        (
            "MATCH (x) WHERE x.nope = 1 RETURN 1",
            "no property nope; see scanring query",
        ),
    ],
)
def test_names_that_are_not_in_the_schema_are_told(text, said):
    with pytest.raises(NotFoundError, match=said):
        check(text, {})


def test_every_parameter_has_a_value_and_every_value_a_parameter():
    with pytest.raises(InputError, match=r"needs a value for \$id: give"):
        check("MATCH (a:Account) WHERE a.id = $id RETURN 1", {})
    with pytest.raises(InputError, match=r"has no \$account .did you"):
        check(
            "MATCH (a:Account) WHERE a.id = $acount RETURN 1",
            {"acount": 1, "account": 2},
        )


@given(st.text())
def test_any_text_is_refused_in_words_or_let_through(text):
    try:
        check(text, {})
    except ScanringError as error:
        assert "\n" not in str(error).strip()


@given(st.text(alphabet="'\"`/*\\ \nCREATE(){}", max_size=12))
def test_quotation_hides_a_command_only_where_the_stores_think_so_too(text):
    whole = f"MATCH (a:Account) WHERE a.nickname = '{text}' RETURN 1"
    if "'" not in text and "\\" not in text:
        check(whole, {})


def test_a_frame_has_the_same_types_whatever_the_store_sent():
    ours = Answer(("n", "x", "b"), [[Decimal(3), 1.5, None], [None, 2, True]]).frame()
    assert [str(kind) for kind in ours.dtypes] == ["Int64", "Float64", "boolean"]
    assert ours.equals(
        Answer(("n", "x", "b"), [(3, 1.5, None), (None, 2.0, True)]).frame()
    )
    assert list(Answer(("n",), []).frame().columns) == ["n"]
