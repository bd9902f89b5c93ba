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


def complaint(about, by, category="fraud"):
    return {
        "complaint_id": f"about {about} by {by}",
        "account_id": about,
        "category": category,
        "filed_at": AT + 6 * DAY,
        "complainant_id": by,
    }


def test_buyers_whom_their_boss_knows_are_no_ring(found):
    """The boss sends each money in the morning; all buy of one wholesaler by noon."""
    ties = [
        {"account_a": "boss", "account_b": f"m{i}", "kind": "friend"} for i in range(8)
    ]
    buying = rounds(6, source="boss", collector="wholesaler", kept=1.0)
    assert found(buying, ties=ties).members == {}


def test_buyers_of_whom_nobody_complains_are_no_ring(found):
    """Nothing is known of ties; complaints are known, of others."""
    buying = rounds(6, source="boss", collector="wholesaler", kept=1.0)
    others = [complaint("x", "y")]
    assert found(buying, ties=[], complaints=others).members == {}


def test_declared_buyers_are_no_ring(found):
    buying = rounds(6, source="boss", collector="wholesaler", kept=1.0)
    firm = [
        {"kind": "account", "value": f"m{i}", "organisation": "a firm"}
        for i in range(8)
    ]
    assert found(buying, declared=firm).members == {}


def test_mules_of_whom_people_complain_are_found(found):
    told = [complaint("source", "loser"), complaint("m3", "another")]
    teams = found(rounds(2), complaints=told)
    assert teams.roles("mule") == {f"m{i}" for i in range(8)}


def stall_market(*, at_home):
    """Stalls m0 … m7 of town0; tourists of twenty towns pay their codes all week.

    Every evening each pays the market's wholesaler, and a guide pays each a share.
    """
    keepers = accounts("m", 8, "town0")
    tourists = accounts("t", 40, "far{i}")
    rows, scans = [], []
    for day in range(4):
        for stall in range(8):
            total = 0
            for turn in range(5):
                guest = (day * 11 + stall * 5 + turn) % 40
                at = AT + day * DAY + turn * HOUR + stall
                name = f"pay{day}_{stall}_{turn}"
                rows.append(
                    paid(name, f"t{guest}", f"m{stall}", 3_000 + turn, at)
                    | {"code_id": f"code{stall}"}
                )
                scans.append(
                    {
                        "scan_id": name,
                        "scanner_id": f"t{guest}",
                        "code_id": f"code{stall}",
                        "purpose": "pay",
                        "scanned_at": at - 5,
                        "latitude": 30_000_000 + stall if at_home else 40_000_000,
                        "longitude": 110_000_000,
                    }
                )
                total += 3_000 + turn
            evening = AT + day * DAY + 9 * HOUR
            guide = paid(f"guide{day}_{stall}", "guide", f"m{stall}", 5_000, evening)
            rows += [
                guide,
                paid(
                    f"out{day}_{stall}",
                    f"m{stall}",
                    "wholesaler",
                    total + 5_000,
                    evening + HOUR,
                ),
            ]
    at_work = [
        {
            "scan_id": f"home{i}",
            "scanner_id": f"m{i}",
            "code_id": "own",
            "purpose": "follow",
            "scanned_at": AT - DAY,
            "latitude": 30_000_000 + i,
            "longitude": 110_000_000,
        }
        for i in range(8)
    ]
    return {
        "payments": rows,
        "scans": scans + at_work,
        "accounts": keepers + tourists,
        "codes": [
            {"code_id": f"code{i}", "account_id": f"m{i}", "purpose": "pay"}
            for i in range(8)
        ],
    }


def test_the_stalls_of_a_market_full_of_tourists_are_no_ring(found):
    tables = stall_market(at_home=True)
    rows = tables.pop("payments")
    assert found(rows, **tables).members == {}


def test_nor_where_nothing_is_known_of_ties_and_of_where_they_stand(found):
    tables = stall_market(at_home=True) | {"ties": [], "scans": []}
    rows = tables.pop("payments")
    assert found(rows, **tables).members == {}


def test_stalls_whose_keepers_come_from_elsewhere_are_no_ring(found):
    """Keepers keep the region that they came from in their profiles."""
    tables = stall_market(at_home=True)
    tables["accounts"][:8] = accounts("m", 8, "town{i}")
    rows = tables.pop("payments")
    assert found(rows, **tables).members == {}
