"""Bolt with TLS where the address asks for it: nothing readable goes over the wire."""

import pytest

from graph.cypher.neo4j_push import push
from graph.cypher.neo4j_store import DATABASE, connect, open_driver
from graph.errors import InputError
from graph.help_facts import gather_help_facts
from tests.graph.cypher.found import put_found
from tests.graph.cypher.wire import Wire

PERSON = "person-of-the-test"
ASKED = f"MATCH (a:Account) WHERE a.id = '{PERSON}' RETURN a.id AS id"


@pytest.fixture
def certificate(neo4j_server, lacking):
    if neo4j_server.certificate is None:
        lacking("openssl", "it makes the certificate of the server")
    return neo4j_server.certificate


@pytest.fixture
def sources(world):
    made = world(
        accounts=f"account_id registered_at\n{PERSON} 1\nann 2",
        helps=f"""help_id helper_id helped_id kind helped_at result
                  h1      ann       {PERSON}  registration 100 ok""",
    )
    gather_help_facts(made)
    put_found(made)
    return made


@pytest.fixture
def wire(neo4j_uri, certificate):
    made = Wire(neo4j_uri)
    yield made
    made.close()


def pushed_and_asked(sources, uri):
    with open_driver(uri) as driver:
        push(sources, "run", driver, database=DATABASE)
    with connect(uri) as graph:
        return graph.answer(ASKED).rows


def test_without_tls_an_id_can_be_read_on_the_wire(wire, sources):
    assert pushed_and_asked(sources, wire.uri) == [[PERSON]]
    assert PERSON.encode() in wire.heard


def test_with_tls_nothing_can_be_read_on_the_wire(wire, sources):
    uri = wire.uri.replace("bolt:", "bolt+ssc:")
    assert pushed_and_asked(sources, uri) == [[PERSON]]
    assert len(wire.heard) > 5_000
    for word in (PERSON, "MATCH", "Account", "scanring"):
        assert word.encode() not in wire.heard


def test_a_certificate_that_the_machine_trusts_is_taken(
    wire, sources, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    uri = wire.uri.replace("bolt:", "bolt+s:")
    assert pushed_and_asked(sources, uri) == [[PERSON]]
    assert PERSON.encode() not in wire.heard


@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s"])
def test_a_certificate_that_nobody_vouches_for_is_refused_in_one_line(wire, scheme):
    uri = wire.uri.replace("bolt", scheme)
    with pytest.raises(InputError, match="certificate is not trusted") as told:
        open_driver(uri)
    assert "\n" not in str(told.value)
    assert "+ssc" in str(told.value)


def test_a_certificate_for_another_host_is_refused_in_one_line(
    wire, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    uri = wire.uri.replace("bolt:", "bolt+s:").replace("127.0.0.1", "localhost")
    with pytest.raises(InputError, match="not trusted .Hostname mismatch"):
        open_driver(uri)
