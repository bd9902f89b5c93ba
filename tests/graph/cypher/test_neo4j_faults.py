"""A Neo4j server that goes away: one more try, then one line."""

import socket
import threading
from contextlib import contextmanager, suppress
from urllib.parse import urlparse

import neo4j
import pytest

from graph.cypher import neo4j_store
from graph.cypher.neo4j_push import push
from graph.cypher.neo4j_store import DATABASE, connect, open_driver
from graph.errors import ScanringError
from graph.help_facts import gather_help_facts
from tests.graph.cypher.found import put_found


class Wire:
    """A wire to a server that can be cut: now and then, or for good."""

    def __init__(self, uri):
        there = urlparse(uri)
        self.server = (there.hostname, there.port)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.uri = f"bolt://127.0.0.1:{self.listening.getsockname()[1]}"
        self.open: list[socket.socket] = []
        self.made: list[socket.socket] = [self.listening]
        self.threads: list[threading.Thread] = []
        self.bytes_left: float = float("inf")
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Break all connections that are open; new ones may be made."""
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def cut_after(self, count):
        """Break the connections after so many bytes more from the client."""
        self.bytes_left = count

    def stop(self):
        """Break all connections and take no new ones."""
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.cut()

    def close(self):
        """End everything."""
        self.stop()
        for thread in self.threads:
            thread.join()
        for each in self.made:
            each.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            server = socket.create_connection(self.server)
            self.open += [client, server]
            self.made += [client, server]
            for source, target in ((client, server), (server, client)):
                thread = threading.Thread(
                    target=self._pass_on, args=(source, target), daemon=True
                )
                self.threads.append(thread)
                thread.start()

    def _pass_on(self, source, target):
        with suppress(OSError):
            while data := source.recv(65_536):
                if source.getpeername() != self.server:
                    self.bytes_left -= len(data)
                if self.bytes_left < 0:
                    self.bytes_left = float("inf")
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


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
