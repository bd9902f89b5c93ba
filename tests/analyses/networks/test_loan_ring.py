"""A lender of eight strangers, and who else has money back.

lender    pays eight strangers 1,400 and gets 2,000 of each a week later
tout      posts the lender's advert five times, and is paid by the lender
b0 … b7   the borrowers; two complain of threats
"""

import pytest

DAY = 86_400
AT = 40 * DAY


def paid(name, payer, payee, fen, at):
    return {
        "payment_id": name,
        "payer_id": payer,
        "payee_id": payee,
        "amount_fen": fen,
        "paid_at": at,
    }


def loans(lender, prefix, count, *, out=140_000, back=200_000):
    return [
        row
        for i in range(count)
        for row in (
            paid(f"{lender}_out{i}", lender, f"{prefix}{i}", out, AT + i * DAY),
            paid(f"{lender}_in{i}", f"{prefix}{i}", lender, back, AT + (i + 7) * DAY),
        )
    ]


def complaints(about, count):
    return [
        {
            "complaint_id": f"c{i}",
            "account_id": about,
            "category": "malicious_collection",
            "filed_at": AT + 20 * DAY,
            "complainant_id": f"b{i}",
        }
        for i in range(count)
    ]


def ring():
    adverts = [
        {
            "post_id": f"advert{i}",
            "account_id": "tout",
            "posted_at": AT + i * DAY,
            "content_hash": "money in five minutes",
            "topic": "illegal_loan",
        }
        for i in range(5)
    ]
    return {
        "payments": [
            *loans("lender", "b", 8),
            paid("wage", "lender", "tout", 30_000, AT + 5 * DAY),
        ],
        "complaints": complaints("lender", 2),
        "posts": adverts,
        "ties": [{"account_a": "x", "account_b": "y", "kind": "friend"}],
    }


@pytest.fixture
def found(world, network_of):
    return lambda tables: network_of(world(**tables), "loan_ring")


def test_a_lender_is_found_with_its_advertiser_and_borrowers(found):
    teams = found(ring())
    assert teams.roles("lender") == {"lender"}
    assert teams.roles("advertiser") == {"tout"}
    assert teams.roles("victim") == {f"b{i}" for i in range(8)}
    assert {"more_paid_back", "borrowers_strangers", "collection"} <= teams.signals


def test_a_fee_before_the_loan_speaks_for_it(found):
    tables = ring()
    tables["payments"] += [
        paid(f"fee{i}", f"b{i}", "lender", 30_000, AT + i * DAY - 3600)
        for i in range(8)
    ]
    assert "fee_first" in found(tables).signals


def test_a_licence_speaks_against_it(found):
    licence = {"kind": "account", "value": "lender", "licence": "L1"}
    fair = loans("lender", "b", 8, back=145_000)
    tables = ring() | {"payments": fair, "declared": [licence], "posts": []}
    assert found(tables).members == {}


def test_friends_who_have_back_what_they_lent_are_no_ring(found):
    tables = {
        "payments": loans("friend", "b", 5, back=140_000),
        "ties": [
            {"account_a": "friend", "account_b": f"b{i}", "kind": "friend"}
            for i in range(5)
        ],
    }
    assert found(tables).members == {}


def test_an_employer_is_no_lender(found):
    wages = [row for row in loans("firm", "b", 12) if row["payer_id"] == "firm"]
    assert found({"payments": wages}).members == {}


def test_a_shop_that_gives_something_back_is_no_lender(found):
    bills = [
        paid(f"bill{i}", f"b{i % 60}", "shop", 20_000, AT + i * 3600)
        for i in range(120)
    ]
    refunds = [
        paid(f"refund{i}", "shop", f"b{i}", 15_000, AT + i * 3600 - 60)
        for i in range(4)
    ]
    assert found({"payments": bills + refunds}).members == {}


def given_back(house, prefix, count, *, paid_in, back, again, wait=10 * DAY):
    """Each pays in, has something back later, and pays in once more."""
    return [
        row
        for i in range(count)
        for at in [AT + i * DAY]
        for row in (
            paid(f"{house}_in{i}", f"{prefix}{i}", house, paid_in, at),
            paid(f"{house}_out{i}", house, f"{prefix}{i}", back, at + wait),
            paid(f"{house}_more{i}", f"{prefix}{i}", house, again, at + 15 * DAY),
        )
    ]


@pytest.mark.parametrize("wait", [DAY, 10 * DAY])
@pytest.mark.parametrize(
    ("paid_in", "back", "again"),
    [
        (20_000, 20_000, 22_000),  # a shop whose customers buy something else instead
        (20_000, 15_000, 20_000),  # one that keeps a part
        (50_000, 50_000, 56_000),  # a house that gives deposits back, and rents again
    ],
)
def test_whoever_gives_back_what_was_paid_before_is_no_lender(
    found, paid_in, back, again, wait
):
    rows = given_back(
        "house", "b", 8, paid_in=paid_in, back=back, again=again, wait=wait
    )
    angry = complaints("house", 2)
    tables = ring() | {"payments": rows, "posts": [], "complaints": angry}
    assert found(tables).members == {}


def test_a_house_whose_first_deposits_are_not_in_the_input_is_no_lender(found):
    """Half of its guests paid in before the payments begin: they look like loans."""
    whole = given_back("house", "b", 16, paid_in=50_000, back=50_000, again=56_000)
    seen = [
        row
        for row in whole
        if row["payment_id"] not in {f"house_in{i}" for i in range(0, 16, 2)}
    ]
    angry = complaints("house", 2)
    tables = ring() | {"payments": seen, "posts": [], "complaints": angry}
    assert found(tables).members == {}


def test_borrowers_who_paid_off_an_older_loan_first_do_not_make_it_a_shop(found):
    tables = ring()
    tables["payments"] += [
        paid(f"older{i}", f"b{i}", "lender", 200_000, AT + i * DAY - 20 * DAY)
        for i in range(2)
    ]
    assert found(tables).roles("lender") == {"lender"}


def test_who_has_paid_nothing_back_yet_is_a_borrower_too(found):
    """And a landlord, who is paid much less, is none; nor is a friend."""
    tables = ring()
    tables["payments"] += [
        paid("late", "lender", "late", 140_000, AT + 60 * DAY),
        paid("rent", "lender", "landlord", 60_000, AT + 2 * DAY),
        paid("gift", "lender", "x", 140_000, AT + 3 * DAY),
    ]
    tables["ties"] = [{"account_a": "lender", "account_b": "x", "kind": "friend"}]
    assert found(tables).roles("victim") == {f"b{i}" for i in range(8)} | {"late"}
