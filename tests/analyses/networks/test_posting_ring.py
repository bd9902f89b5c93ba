"""Eight people who post the same text on three days, and who else posts together.

p0 … p7      from eight towns; three campaigns, each with a text and a shop of its own;
             `recruiter` pays each of them ten yuan in the evening
"""

import pytest

from analyses.analysis import Settings, analyse
from analyses.networks.outputs import NO_HARM
from graph.store import Store

HOUR, DAY = 3600, 86_400
AT = 40 * DAY


def accounts(prefix, count, region="town{i}"):
    return [
        {
            "account_id": f"{prefix}{i}",
            "registered_at": -400 * DAY,
            "profile_region": region.format(i=i),
        }
        for i in range(count)
    ]


def campaign(prefix, count, number, *, text="text{n}", target="shop{n}", topic="other"):
    return [
        {
            "post_id": f"{prefix}_post{number}_{i}",
            "account_id": f"{prefix}{i}",
            "posted_at": AT + number * 7 * DAY + i * 600,
            "content_hash": prefix + text.format(n=number),
            "diversion_target": target and prefix + target.format(n=number),
            "topic": topic,
        }
        for i in range(count)
    ]


def ring(days=3, topic="weight_loss"):
    return {
        "accounts": accounts("p", 8),
        "posts": [
            post for day in range(days) for post in campaign("p", 8, day, topic=topic)
        ],
        "payments": [
            {
                "payment_id": f"pay{day}_{i}",
                "payer_id": "recruiter",
                "payee_id": f"p{i}",
                "paid_at": AT + day * 7 * DAY + 10 * HOUR,
                "amount_fen": 1000,
            }
            for day in range(days)
            for i in range(8)
        ],
        "ties": [{"account_a": "x", "account_b": "y"}],
    }


@pytest.fixture
def found(world, network_of):
    return lambda tables: network_of(world(**tables), "posting_ring")


def test_posters_and_their_recruiter_are_found(found):
    teams = found(ring())
    assert teams.roles("poster") == {f"p{i}" for i in range(8)}
    assert teams.roles("recruiter") == {"recruiter"}
    assert {"posters_return", "posters_paid", "new_targets"} <= teams.signals


def test_without_payments_they_are_found_as_well(found):
    assert len(found(ring() | {"payments": []}).roles("poster")) == 8


def test_a_text_that_goes_round_once_is_no_ring(found):
    tables = ring(days=1, topic="other") | {"payments": []}
    assert found(tables).members == {}


def test_the_staff_of_a_company_is_no_ring(found):
    tables = {
        "accounts": accounts("s", 8, region="one town"),
        "posts": [
            post
            for day in range(5)
            for post in campaign("s", 8, day, target="ours", topic="advertising")
        ],
        "ties": [
            {"account_a": f"s{i}", "account_b": f"s{(i + 1) % 8}"} for i in range(8)
        ],
    }
    assert found(tables).members == {}


def test_fans_who_know_each_other_are_no_ring(found):
    tables = {
        "accounts": accounts("f", 8),
        "posts": [
            post for day in range(4) for post in campaign("f", 8, day, target="")
        ],
        "ties": [
            {"account_a": f"f{i}", "account_b": f"f{(i + 1) % 8}"} for i in range(8)
        ],
    }
    assert found(tables).members == {}


def own_lives(prefix, count, posts=6):
    """Each posts about its own life as well."""
    return [
        {
            "post_id": f"{prefix}_own{i}_{number}",
            "account_id": f"{prefix}{i}",
            "posted_at": AT + number * 5 * DAY + i * 7000,
            "content_hash": f"{prefix} life {i} {number}",
            "topic": "other",
        }
        for i in range(count)
        for number in range(posts)
    ]


def wages(payer, prefix, count, *, months=3, fen=400_000):
    return [
        {
            "payment_id": f"{payer}_wage{month}_{i}",
            "payer_id": payer,
            "payee_id": f"{prefix}{i}",
            "paid_at": AT + month * 30 * DAY + 2 * HOUR,
            "amount_fen": fen,
        }
        for month in range(months)
        for i in range(count)
    ]


def chain_shop(*, topic="advertising", target="page{n}"):
    """Ten clerks of one chain in ten towns, who do not know each other."""
    return {
        "accounts": accounts("s", 10),
        "posts": [
            post
            for day in range(5)
            for post in campaign("s", 10, day, target=target, topic=topic)
        ]
        + own_lives("s", 10),
        "payments": wages("chain", "s", 10),
        "ties": [{"account_a": "x", "account_b": "y"}],
    }


def test_the_staff_of_a_chain_is_no_ring(found):
    assert found(chain_shop()).members == {}


def test_nor_when_its_offers_sound_like_what_people_are_hired_for(found):
    assert found(chain_shop(topic="weight_loss")).members == {}
    assert found(chain_shop(topic="order_brushing", target="ours")).members == {}


def test_nor_when_nothing_is_known_of_ties_and_payments(found):
    tables = chain_shop(topic="weight_loss") | {"ties": [], "payments": []}
    assert found(tables).members == {}


def test_declared_staff_is_no_ring(found):
    """Even where nothing else but payments tells them from a ring."""
    firm = [
        {"kind": "account", "value": f"p{i}", "organisation": "a firm"}
        for i in range(8)
    ]
    tables = ring() | {"payments": []}
    assert len(found(tables).members) == 8
    assert found(tables | {"declared": firm}).members == {}


def test_a_text_that_goes_round_among_posters_brings_nobody_else_in(found):
    """Two posters of a ring pass on a joke; so do twenty others, once."""
    tables = ring()
    tables["accounts"] += accounts("v", 20)
    joke = [
        {
            "post_id": f"joke_{name}",
            "account_id": name,
            "posted_at": AT + 11 * DAY + number * HOUR,
            "content_hash": "a joke",
            "topic": "weight_loss",
        }
        for number, name in enumerate(["p0", "p1", *(f"v{i}" for i in range(20))])
    ]
    tables["posts"] += joke
    assert set(found(tables).members) == {f"p{i}" for i in range(8)} | {"recruiter"}


def test_small_merchants_with_the_texts_of_one_brand_are_no_ring(found):
    """All over the country, every day, and each sells to customers of its own."""
    posts = [
        post | {"diversion_target": f"contact of {post['account_id']}"}
        for day in range(6)
        for post in campaign("m", 12, day, topic="weight_loss")
    ]
    others = [{"account_a": "x", "account_b": "y"}]
    tables = {"accounts": accounts("m", 12), "posts": posts, "ties": others}
    assert found(tables).members == {}


def actions_of_posters(store: Store) -> list[tuple[str, list[str]]]:
    analyse(store, Settings())
    return store.rows(
        """SELECT action, lacks FROM out_accounts
           WHERE role = 'poster' ORDER BY account_id"""
    )


def test_without_a_farm_or_a_crew_the_ring_is_listed_all_the_same(world):
    found = actions_of_posters(world(**ring()))
    assert len(found) == 8
    assert {action for action, _ in found} <= {"warn", "limit"}


def test_pay_for_what_harms_nobody_is_looked_at_and_not_listed(world):
    """A firm may pay its staff a bonus for passing on its offers."""
    found = actions_of_posters(world(**ring(topic="advertising")))
    assert found == [("watch", [NO_HARM])] * 8


def test_nor_where_the_topics_are_not_known(world):
    found = actions_of_posters(world(**ring(topic=None)))
    assert found == [("watch", [NO_HARM])] * 8
