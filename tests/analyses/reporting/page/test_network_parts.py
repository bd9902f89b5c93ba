"""What the drawing of a further network shows: three members, and what joins them."""

from typing import Any

import pandas as pd
import pytest

from analyses.reporting.page.network_parts import parts_of_networks


class Little:
    """A run of one team of three members, over a store of literal rows."""

    def __init__(self, store, kind):
        self.store = store
        self.teams = pd.DataFrame({"team_id": ["t"], "kind": [kind]})


@pytest.fixture
def drawn(world):
    def look(kind, **tables):
        rows = {"accounts": [{"account_id": name} for name in ("ann", "ben", "eve")]}
        shown = pd.DataFrame({"team_id": "t", "account_id": ["ann", "ben", "eve"]})
        run: Any = Little(world(**rows | tables), kind)
        parts = parts_of_networks(run, shown)
        nodes, links = parts.get("t", ([], []))
        return (
            {node.key for node in nodes},
            {(link.source, link.target, link.kind, link.events) for link in links},
        )

    return look


def post(name, account, text, target=None):
    return {
        "post_id": name,
        "account_id": account,
        "posted_at": 5,
        "content_hash": text,
        "diversion_target": target,
    }


def test_posters_hang_together_by_texts_and_where_they_lead(drawn):
    posts = [
        post("1", "ann", "buy", "shop"),
        post("2", "ben", "buy"),
        post("3", "ben", "buy"),
        post("4", "eve", "of my own", "shop"),
    ]
    nodes, links = drawn("posting_ring", posts=posts)
    assert nodes == {"text:buy", "target:shop"}
    assert links == {
        ("account:ann", "text:buy", "text", 1),
        ("account:ben", "text:buy", "text", 2),
        ("account:ann", "target:shop", "target", 1),
        ("account:eve", "target:shop", "target", 1),
    }


def test_money_is_drawn_from_payer_to_payee(drawn):
    paid = [
        {
            "payment_id": f"p{number}",
            "payer_id": payer,
            "payee_id": payee,
            "paid_at": 5,
            "amount_fen": 100,
        }
        for number, (payer, payee) in enumerate(
            [("ann", "ben"), ("ann", "ben"), ("ben", "eve"), ("eve", "outsider")]
        )
    ]
    assert drawn("laundering_ring", payments=paid) == (
        set(),
        {
            ("account:ann", "account:ben", "paid", 2),
            ("account:ben", "account:eve", "paid", 1),
        },
    )


def test_rented_accounts_hang_together_by_the_device(drawn):
    logins = [
        {"account_id": name, "device_id": device, "logged_in_at": 5 + number}
        for number, (name, device) in enumerate(
            [("ann", "desk"), ("ann", "desk"), ("ben", "desk"), ("eve", "own")]
        )
    ]
    nodes, links = drawn("rental_ring", logins=logins)
    assert nodes == {"device:desk"}
    assert ("account:ann", "device:desk", "device", 2) in links
    assert len(links) == 2


def test_a_farm_is_drawn_as_it_was(drawn):
    posts = [post("1", "ann", "buy"), post("2", "ben", "buy")]
    assert drawn("registration_farm", posts=posts) == (set(), set())
