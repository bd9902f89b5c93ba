import networkx as nx
import pytest

from graph.errors import NotFoundError
from graph.store import Store
from graph.views import RELATIONS, among, neighbourhood

# anna ── helped by ── ben ── scanned ── code;  carl and anna share a phone;
# dora knows carl;  eve stands alone;  xeno is outside.
NAMES = ["anna", "ben", "carl", "dora", "eve", "xeno"]
ANNA, BEN, CARL, DORA, EVE, XENO = range(6)


@pytest.fixture
def store():
    with Store() as opened:
        opened.connection.execute(
            f"""
            CREATE TABLE account_names AS
                SELECT unnest(range(6))::INTEGER AS account,
                       unnest({NAMES}) AS account_id,
                       unnest(range(6)) = 5 AS outside;
            CREATE TABLE accounts AS
                SELECT account, account_id, 100 + account AS registered_at,
                       '1.2.3.4' AS registration_ip, NULL AS registration_wifi,
                       CASE WHEN account IN (0, 2) THEN 0 END::INTEGER
                           AS registration_device
                FROM account_names WHERE NOT outside;
            CREATE TABLE devices AS
                SELECT 0::INTEGER AS device, 'phone' AS device_id, true AS is_emulator;
            """
        )
        for name, columns, rows in (
            (
                "helps",
                "help_id, helper, helped, kind, helped_at, channel, result",
                f"('h1', {BEN}, {ANNA}, 'registration', 200, 'qr', 'ok'),"
                f"('h2', {XENO}, {CARL}, 'registration', 201, NULL, 'ok')",
            ),
            (
                "scans",
                "scan_id, scanner, code_id, purpose, scanned_at, result, ip, wifi",
                f"('s1', {BEN}, 'qr1', 'register_help', 199, 'ok', NULL, NULL)",
            ),
            (
                "codes",
                "code_id, account, purpose, issued_at",
                f"('qr2', {EVE}, 'follow', 150)",
            ),
            (
                "logins",
                "account, device, logged_in_at, method, ip, wifi",
                f"({CARL}, 0, 300, 'sms', NULL, NULL),"
                f"({CARL}, 0, 301, 'qr', NULL, NULL)",
            ),
            (
                "ties",
                "account_a, account_b, kind, since",
                f"({DORA}, {CARL}, 'friend', NULL)",
            ),
            (
                "complaints",
                "complaint_id, account, complainant, filed_at, category, verified",
                f"('c1', {ANNA}, NULL, 400, 'fraud', true)",
            ),
            (
                "payments",
                "payment_id, payer, payee, paid_at, amount_fen",
                f"('p1', {ANNA}, {BEN}, 401, 1200)",
            ),
        ):
            opened.materialise(name, f"SELECT * FROM (VALUES {rows}) AS v({columns})")
        yield opened


def test_a_group_has_its_devices_and_what_happened_between(store):
    graph = among(store, ["carl", "anna", "ben"])
    assert list(graph) == [
        "account:anna",
        "account:ben",
        "account:carl",
        "device:phone",
        "code:qr1",
    ]
    assert [(*edge, kind) for *edge, kind in graph.edges(keys=True, data="kind")] == [
        ("account:anna", "device:phone", "registration:anna", "registered_on"),
        ("account:anna", "account:ben", "payment:p1", "paid"),
        ("account:ben", "account:anna", "help:h1", "helped"),
        ("account:ben", "code:qr1", "scan:s1", "scanned"),
        ("account:carl", "device:phone", "registration:carl", "registered_on"),
        ("account:carl", "device:phone", "login:carl@300", "logged_in_on"),
        ("account:carl", "device:phone", "login:carl@301", "logged_in_on"),
    ]


def test_nodes_and_edges_say_what_is_known_of_them(store):
    graph = among(store, ["anna", "ben"])
    assert graph.nodes["account:anna"] == {
        "kind": "account",
        "id": "anna",
        "outside": False,
        "registered_at": 100,
        "registration_ip": "1.2.3.4",
    }
    assert graph.nodes["device:phone"]["is_emulator"] is True
    assert graph.nodes["code:qr1"] == {"kind": "code", "id": "qr1"}
    assert graph.edges["account:ben", "account:anna", "help:h1"] == {
        "kind": "helped",
        "at": 200,
        "purpose": "registration",
        "channel": "qr",
        "result": "ok",
    }


@pytest.mark.parametrize(
    ("hops", "near"),
    [
        (0, {"account:anna"}),
        (1, {"account:anna", "account:ben", "device:phone"}),
        (
            2,
            {"account:anna", "account:ben", "device:phone", "code:qr1", "account:carl"},
        ),
    ],
)
def test_a_neighbourhood_is_what_so_many_edges_lead_to(store, hops, near):
    assert set(neighbourhood(store, "anna", hops=hops)) == near


def test_further_hops_reach_those_outside(store):
    graph = neighbourhood(store, "anna", hops=3)
    assert graph.nodes["account:xeno"] == {
        "kind": "account",
        "id": "xeno",
        "outside": True,
    }


def test_a_busy_device_is_shown_but_not_followed(store):
    graph = neighbourhood(store, "dora", hops=4, maximum_degree=1)
    assert graph.nodes["account:carl"]["not_followed"] is True
    assert set(graph) == {"account:dora", "account:carl"}


def test_every_kind_of_edge_can_be_asked_for(store):
    graph = among(store, NAMES)
    drawn = {kind for _, _, kind in graph.edges(data="kind")}
    # The one complaint has no complainant.
    assert drawn == {relation.kind for relation in RELATIONS} - {"complained_about"}


def test_the_neighbourhood_agrees_with_networkx(store):
    whole = among(store, NAMES).to_undirected()
    for name in NAMES:
        for hops in range(5):
            expected = nx.ego_graph(whole, f"account:{name}", radius=hops)
            assert set(neighbourhood(store, name, hops=hops)) == set(expected)


def test_an_unknown_account_is_named_with_the_nearest(store):
    with pytest.raises(NotFoundError, match="no account 'anne'.*did you mean 'anna'"):
        among(store, ["anne"])
