"""Eight people who post the same text on three days, and who else posts together.

p0 … p7      from eight towns; three campaigns, each with a text and a shop of its own;
             `recruiter` pays each of them ten yuan in the evening
"""

import pytest

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
