"""A push that is interrupted and repeated, or meets what is not ours."""

import os
import random
import subprocess

import pytest
from neo4j import GraphDatabase

from graph.cypher.neo4j_export import command_text, export
from graph.cypher.neo4j_push import push, statement
from graph.cypher.neo4j_store import connect, open_driver
from graph.errors import InputError, OutputError
from graph.help_facts import gather_help_facts
from graph.property_graph import NODES, RELATIONSHIPS
from tests.graph.cypher.found import put_found

INTERRUPTIONS = 10
BATCH = 7


class KilledError(Exception):
    """Stands for the moment at which a push is killed."""


@pytest.fixture
def store(world):
    made = world(
        accounts="\n".join(
            ["account_id registered_at registration_device_id registration_ip"]
            + [f"a{i:02} {i} phone{i % 5} 10.0.{i % 3}.{i}" for i in range(40)]
        ),
        helps="\n".join(
            ["help_id helper_id helped_id kind helped_at result"]
            + [
                f"h{i} a{i % 7:02} a{(i * 3 + 1) % 40:02} registration {100 + i} ok"
                for i in range(60)
            ]
        ),
        ties="account_a account_b kind since\na01 a02 friend -\na03 a01 family 5",
    )
    gather_help_facts(made)
    put_found(made)
    return made


def graph_there(driver):
    """All that is in the database, in one order."""
    nodes, _, _ = driver.execute_query(
        "MATCH (n) RETURN labels(n) AS l, properties(n) AS p"
    )
    between, _, _ = driver.execute_query(
        "MATCH (a)-[r]->(b) "
        "RETURN type(r) AS t, properties(r) AS p, a.id AS a, b.id AS b"
    )
    return (
        sorted(repr((sorted(row["l"]), sorted(row["p"].items()))) for row in nodes),
        sorted(
            repr((row["t"], sorted(row["p"].items()), row["a"], row["b"]))
            for row in between
        ),
    )


def clear(driver):
    driver.execute_query("MATCH (n) DETACH DELETE n")


def loaded(driver, store, **options):
    return push(store, "r", driver, database="neo4j", batch=BATCH, **options)


def test_a_statement_names_what_the_schema_has_and_nothing_else():
    text = statement(RELATIONSHIPS["SERVES"])
    assert text.splitlines() == [
        "UNWIND $rows AS row",
        "MATCH (a:Team {id: row.source})",
        "MATCH (b:Team {id: row.target})",
        "MERGE (a)-[r:SERVES {id: row.id}]->(b)",
        "SET r.kind = row.kind, r.events = row.events",
    ]


def test_a_push_is_repeated_without_a_difference(store, neo4j_uri):
    with open_driver(neo4j_uri) as driver:
        first = loaded(driver, store)
        there = graph_there(driver)
        again = loaded(driver, store)
        assert (first.before, again.before) == ("nothing", "the same run")
        assert graph_there(driver) == there
        assert len(there[0]) == 1 + sum(again.rows[name] for name in NODES)
        assert len(there[1]) == sum(again.rows[name] for name in RELATIONSHIPS)


@pytest.mark.long
def test_a_push_interrupted_anywhere_and_repeated_is_a_clean_one(store, neo4j_uri):
    with open_driver(neo4j_uri) as driver:
        batches = []
        loaded(driver, store, progress=lambda *told: batches.append(told))
        clean = graph_there(driver)
        with connect(neo4j_uri) as graph:
            answer = graph.query("repeat-helpers", minimum=1)
        moments = random.Random(7).sample(range(len(batches)), INTERRUPTIONS)
        for moment in moments:
            clear(driver)
            done = 0

            def stop(*told, at=moment):
                nonlocal done
                done += 1
                if done > at:
                    raise KilledError

            with pytest.raises(KilledError):
                loaded(driver, store, progress=stop)
            assert graph_there(driver) != clean
            assert loaded(driver, store).before == "the same run, in part"
            assert graph_there(driver) == clean
            with connect(neo4j_uri) as graph:
                assert graph.query("repeat-helpers", minimum=1).equals(answer)


def test_what_is_not_ours_is_not_touched(store, neo4j_uri):
    with open_driver(neo4j_uri) as driver:
        driver.execute_query("CREATE (:Account {id: 'theirs'})")
        with pytest.raises(OutputError, match="1 nodes Account that Scanring did not"):
            loaded(driver, store)
        assert len(graph_there(driver)[0]) == 1


def test_another_run_is_replaced_only_when_asked_for(store, neo4j_uri):
    with open_driver(neo4j_uri) as driver:
        push(store, "older", driver, database="neo4j")
        driver.execute_query("CREATE (:Stranger {id: 'stays'})")
        with pytest.raises(OutputError, match="holds another run: add --replace"):
            loaded(driver, store)
        assert loaded(driver, store, replace=True).before == "another run"
        left, _, _ = driver.execute_query("MATCH (n:Stranger) RETURN n.id AS id")
        assert [row["id"] for row in left] == ["stays"]


def test_a_dry_run_changes_nothing(store, neo4j_uri):
    with open_driver(neo4j_uri) as driver:
        assert loaded(driver, store, dry_run=True).rows["Account"] == 40
        assert graph_there(driver) == ([], [])


def test_a_writing_statement_is_refused_by_the_server_too(store, neo4j_uri):
    with GraphDatabase.driver(neo4j_uri) as driver, connect(neo4j_uri) as graph:
        with pytest.raises(Exception, match="(?i)read access mode"):
            graph._store.ask("CREATE (:Account {id: 'x'})", {})
        assert graph_there(driver) == ([], [])


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("http://127.0.0.1:1", "is no address of a Neo4j server: write bolt://HOST"),
        ("127.0.0.1:1", "is no address"),
        ("", "is no address"),
        ("bolt+s://127.0.0.1:1", "does it take TLS connections"),
        ("bolt://no.such.host.invalid:1", "is the name of the host right"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(uri, said):
    with pytest.raises(InputError, match=said):
        open_driver(uri)


def test_a_password_in_an_address_is_not_told():
    with pytest.raises(InputError, match="no user or password in it") as told:
        open_driver("bolt://ann:secret@127.0.0.1:1")
    assert "secret" not in str(told.value)


def test_a_server_that_is_not_there_is_one_line():
    with pytest.raises(InputError, match="no Neo4j server answers at bolt"):
        open_driver("bolt://127.0.0.1:1")
    with pytest.raises(InputError, match="is no address of a Neo4j server"):
        open_driver("nonsense")


def test_an_export_has_a_file_a_kind_and_the_command(store, tmp_path):
    rows = export(store, "r", tmp_path / "out")
    head = (tmp_path / "out" / "HELPED.csv").read_text().splitlines()[0]
    assert head.startswith('":START_ID(Account)",":END_ID(Account)","id:string"')
    assert rows["HELPED"] == 60
    for name in (*NODES, *RELATIONSHIPS):
        assert f"={name}.csv" in command_text("neo4j")
        assert (tmp_path / "out" / f"{name}.csv").is_file()
    with pytest.raises(OutputError, match="is there already"):
        export(store, "r", tmp_path / "out")


@pytest.mark.long
def test_the_importer_of_neo4j_makes_the_graph_of_a_push(store, neo4j_server, tmp_path):
    """The real importer fills a database of its own, and a server on it answers."""
    rows = export(store, "r", tmp_path / "out")
    home = tmp_path / "home"
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "neo4j.conf").write_text("dbms.usage_report.enabled=false\n")
    script = (tmp_path / "out" / "import.sh").read_text()
    java = f"java -cp '{neo4j_server.jars}/*' org.neo4j.cli.AdminTool database"
    command = script.replace("neo4j-admin database", java)
    done = subprocess.run(
        ["sh", "-c", command.replace('cd "$(dirname "$0")" || exit 1', "")],
        cwd=tmp_path / "out",
        env=os.environ | {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    nodes = 1 + sum(rows[name] for name in NODES)
    between = sum(rows[name] for name in RELATIONSHIPS)
    assert f"{nodes} nodes" in done.stdout
    assert f"{between} relationships" in done.stdout
