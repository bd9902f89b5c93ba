"""Eight accounts that pass on what they get, and who else splits or gathers money.

m0 … m7   from eight towns; `source` pays each on two days, and an hour later each pays
          nearly all of it to `collector`
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
            "real_name_verified": True,
        }
        for i in range(count)
    ]


def paid(name, payer, payee, fen, at):
    return {
        "payment_id": name,
        "payer_id": payer,
        "payee_id": payee,
        "amount_fen": fen,
        "paid_at": at,
    }


def rounds(days=2, *, source="source", collector="collector", kept=0.99, later=HOUR):
    return [
        row
        for day in range(days)
        for i in range(8)
        for at in [AT + day * 5 * DAY + 60 * i]
        for row in (
            paid(f"in{day}_{i}", source.format(i=i), f"m{i}", 50_000 + i, at),
            paid(
                f"out{day}_{i}",
                f"m{i}",
                collector.format(i=i),
                int((50_000 + i) * kept),
                at + later,
            ),
        )
    ]


OTHERS = [{"account_a": "x", "account_b": "y", "kind": "friend"}]


@pytest.fixture
def found(world, network_of):
    def look(payments, **tables):
        rows = {"accounts": accounts("m", 8), "ties": OTHERS} | tables
        return network_of(world(payments=payments, **rows), "laundering_ring")

    return look


def test_mules_their_source_and_their_collector_are_found(found):
    teams = found(rounds())
    assert teams.roles("mule") == {f"m{i}" for i in range(8)}
    assert teams.roles("operator") == {"source", "collector"}
    assert {"one_source", "mules_return", "mules_untied"} <= teams.signals


def test_staff_who_pay_the_same_landlord_keep_most_of_their_wages(found):
    assert found(rounds(kept=0.3)).members == {}


def test_money_that_stays_for_days_is_not_passed_on(found):
    assert found(rounds(later=3 * DAY)).members == {}


def test_a_bill_that_is_shared_is_gathered_and_not_passed_on(found):
    gathered = [row for row in rounds(1) if row["payment_id"].startswith("out")]
    assert found(gathered).members == {}


def test_stall_keepers_who_empty_their_codes_are_no_ring(found):
    assert found(rounds(source="customer{i}", collector="purse{i}")).members == {}


def test_a_family_that_passes_on_presents_is_no_ring(found):
    ties = [
        {"account_a": f"m{i}", "account_b": name, "kind": "family"}
        for i in range(8)
        for name in ("source", "collector")
    ]
    once = rounds(1)
    assert found(once, ties=ties, accounts=accounts("m", 8, "home")).members == {}
