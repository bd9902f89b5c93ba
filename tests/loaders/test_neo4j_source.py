import pytest
from neo4j import GraphDatabase

from graph.cypher.neo4j_push import push
from graph.cypher.neo4j_store import connect, open_driver
from graph.cypher.statements import QueryError
from graph.errors import InputError, OutputError
from graph.help_facts import gather_help_facts
from graph.store import Store
from loaders import load
from loaders.neo4j_source import pull, read_queries
from tests.graph.cypher.found import put_found

FOREIGN = """
[tables.accounts]
cypher = "MATCH (u:User) RETURN u.uid AS account_id, u.created AS registered_at"
[tables.helps]
cypher = '''MATCH (u:User)-[v:VOUCHED]->(w:User)
RETURN v.no AS help_id, u.uid AS helper_id, w.uid AS helped_id,
       'registration' AS kind, v.at AS helped_at'''
"""


def loaded(folder):
    with Store() as store:
        report = load(folder, store)
        assert not report.blocking
        return {
            table.name: sorted(
                store.rows(f"SELECT * FROM loaded_{table.name}"), key=repr
            )
            for table in report.tables
            if not table.absent
        }


def test_what_was_pushed_comes_back(world, neo4j_uri, tmp_path):
    store = world(
        accounts="""account_id registered_at registration_device_id registration_ip
                    ann        500           phone                  10.0.0.1
                    ben        700           phone                  -""",
        helps="""help_id helper_id helped_id kind         helped_at result scan_id
                 h1      ann       ben       registration 900       ok     s1
                 h2      stranger  ben       unsealing    -         -      -""",
        scans="""scan_id scanner_id code_id purpose scanned_at latitude longitude wifi
                 s1      ann        c1      verify  900        31200001 -121500002 w""",
    )
    gather_help_facts(store)
    put_found(store)
    store.materialise("found_members", "SELECT * FROM found_members LIMIT 0")
    with open_driver(neo4j_uri) as driver:
        push(store, "r", driver, database="neo4j")
    with connect(neo4j_uri) as graph:
        rows = pull(graph, tmp_path / "out")
        assert (rows["accounts"], rows["helps"], rows["scans"]) == (2, 2, 1)
        with pytest.raises(OutputError, match="is there already"):
            pull(graph, tmp_path / "out")
    back = loaded(tmp_path / "out")
    assert [row[:2] for row in back["accounts"]] == [("ann", 500), ("ben", 700)]
    assert back["accounts"][0][3] == "10.0.0.1"
    assert back["accounts"][0][5] == "phone"
    assert back["scans"][0][10:12] == (31200001, -121500002)
    assert (back["scans"][0][8], back["helps"][0][6]) == ("w", "s1")
    assert [row[:5] for row in back["helps"]] == [
        ("h1", "ann", "ben", "registration", 900),
        ("h2", "stranger", "ben", "unsealing", None),
    ]


def test_a_foreign_graph_is_read_through_a_mapping(neo4j_uri, tmp_path):
    with GraphDatabase.driver(neo4j_uri) as driver:
        driver.execute_query(
            """CREATE (:User {uid: 1, created: datetime('2026-02-01T08:00:00+08:00')})
               -[:VOUCHED {no: 'v1', at: 1772352000}]->
               (:User {uid: 2, created: localdatetime('2026-02-02T00:00:00')})"""
        )
    mapping = tmp_path / "map.toml"
    mapping.write_text(FOREIGN, encoding="utf-8")
    with connect(neo4j_uri) as graph:
        assert pull(graph, tmp_path / "out", read_queries(mapping)) == {
            "accounts": 2,
            "helps": 1,
        }
    back = loaded(tmp_path / "out")
    assert [row[:2] for row in back["accounts"]] == [
        ("1", 1_769_904_000),
        ("2", 1_769_990_400),
    ]
    assert back["helps"][0][:3] == ("v1", "1", "2")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("MATCH (n) SET n.x = 1 RETURN n.id AS account_id", QueryError, "SET is ref"),
        ("RETURN 'a' AS acount_id", InputError, "did you mean 'account_id'"),
        ("RETURN 'a' AS account_id", InputError, "gives no registered_at"),
        (
            "RETURN 'a' AS account_id, 'x' AS registered_at",
            InputError,
            "accounts.registered_at: a value is no time",
        ),
    ],
)
def test_a_wrong_mapping_is_told_and_leaves_nothing(
    text, error, said, neo4j_uri, tmp_path
):
    with connect(neo4j_uri) as graph, pytest.raises(error, match=said):
        pull(graph, tmp_path / "out", {"accounts": text})
    assert list(tmp_path.iterdir()) == []


def test_a_mapping_that_is_none_is_told(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text("tables = 1")
    with pytest.raises(InputError, match="is no mapping for neo4j pull"):
        read_queries(path)
    path.write_text("[tables.acounts]\ncypher = 'RETURN 1'")
    with pytest.raises(InputError, match="did you mean 'accounts'"):
        read_queries(path)
