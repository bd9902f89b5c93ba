"""A Neo4j server that goes away: one more try, then one line."""

import os
import signal
import threading
from contextlib import contextmanager

import neo4j
import pytest

from graph.cypher import neo4j_store
from graph.cypher.neo4j_push import push
from graph.cypher.neo4j_store import DATABASE, connect, open_driver
from graph.errors import ScanringError
from graph.help_facts import gather_help_facts
from tests.graph.cypher.found import put_found
from tests.graph.cypher.wire import Wire
from tests.neo4j_server import server


@pytest.fixture
def sources(world):
    rows = [f"a{i:02} {i} phone{i % 5}" for i in range(40)]
    made = world(
        accounts="\n".join(["account_id registered_at registration_device_id", *rows]),
        helps="""help_id helper_id helped_id kind helped_at result
                 h1      a01       a02       registration 100 ok""",
    )
    gather_help_facts(made)
    put_found(made)
    return made


@pytest.fixture
def wire(neo4j_uri, monkeypatch):
    monkeypatch.setattr(neo4j_store, "WAIT_SECONDS", 0.1)
    made = Wire(neo4j_uri)
    yield made
    made.close()


def test_a_question_is_asked_again_when_the_connection_breaks(wire):
    with connect(wire.uri) as graph:
        assert graph.answer("RETURN 1 AS one").rows == [[1]]
        wire.cut()
        assert graph.answer("RETURN 2 AS two").rows == [[2]]


def test_a_server_that_stays_away_is_told_in_one_line(wire):
    with connect(wire.uri) as graph:
        wire.stop()
        with pytest.raises(ScanringError, match="went away, and did not answer again"):
            graph.answer("RETURN 1 AS one")


@contextmanager
def no_long_retry(wire, monkeypatch):
    """A driver that does not try a batch again for half a minute."""
    plain = neo4j.GraphDatabase.driver

    def impatient(uri, **options):
        return plain(uri, max_transaction_retry_time=0, **options)

    monkeypatch.setattr(neo4j.GraphDatabase, "driver", impatient)
    with open_driver(wire.uri) as driver:
        yield driver


@pytest.mark.parametrize("after", [2_000, 20_000])
def test_a_push_goes_on_when_the_connection_breaks(
    wire, sources, monkeypatch, after, neo4j_uri
):
    with no_long_retry(wire, monkeypatch) as driver:
        wire.cut_after(after)
        pushed = push(sources, "run", driver, database=DATABASE, batch=5)
    with connect(neo4j_uri) as graph:
        (row,) = graph.answer("MATCH (a:Account) RETURN count(a) AS n").rows
    assert row == [pushed.rows["Account"]]


def test_a_push_to_a_server_that_stays_away_is_told_in_one_line(
    wire, sources, monkeypatch
):
    def stop(name, done, of):
        wire.stop()

    with (
        no_long_retry(wire, monkeypatch) as driver,
        pytest.raises(ScanringError, match="went away") as told,
    ):
        push(sources, "run", driver, database=DATABASE, batch=5, progress=stop)
    assert "\n" not in str(told.value)


@pytest.fixture
def own_server(monkeypatch):
    """A server of the test's own, which it may kill."""
    monkeypatch.setattr(neo4j_store, "WAIT_SECONDS", 0.1)
    with server() as running:
        yield running


@pytest.mark.long
def test_a_server_killed_in_the_middle_of_a_push_is_told_in_one_line(
    own_server, sources, monkeypatch
):
    def kill(name, done, of):
        os.kill(own_server.pid, signal.SIGKILL)

    with (
        no_long_retry(own_server, monkeypatch) as driver,
        pytest.raises(ScanringError, match="went away") as told,
    ):
        push(sources, "run", driver, database=DATABASE, batch=5, progress=kill)
    assert "\n" not in str(told.value)


@pytest.mark.long
def test_a_server_killed_in_the_middle_of_a_question_is_told_in_one_line(own_server):
    endless = (
        "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b "
        "RETURN count(a * b) AS n"
    )
    killing = threading.Timer(2, os.kill, (own_server.pid, signal.SIGKILL))
    with connect(own_server.uri) as graph:
        killing.start()
        with pytest.raises(ScanringError, match="went away") as told:
            graph.answer(endless)
    killing.join()
    assert "\n" not in str(told.value)
