"""Six accounts that come to one phone, and who else shares a device.

r0 … r5   aged accounts from six towns; each scans a login code at home, and is on
          `desk` from then on; `broker` pays each owner; two are complained of
"""

import pytest

DAY = 86_400
AT = 40 * DAY


def accounts(prefix, count, *, region="town{i}", at=-400 * DAY):
    return [
        {
            "account_id": f"{prefix}{i}",
            "registered_at": at,
            "registration_device_id": f"{prefix}_own{i}",
            "profile_region": region.format(i=i),
        }
        for i in range(count)
    ]


def logins(prefix, count, device, *, ip="5.5.5.5", at=AT, codes=False):
    return [
        {
            "account_id": f"{prefix}{i}",
            "device_id": device,
            "logged_in_at": at + i * 3600,
            "ip": ip,
            "method": "qr" if codes else "password",
            "code_id": f"{prefix}_code{i}" if codes else None,
        }
        for i in range(count)
    ]


def scans(prefix, count, ip, *, at=AT):
    return [
        {
            "scan_id": f"{prefix}_scan{i}",
            "scanner_id": f"{prefix}{i}",
            "code_id": f"{prefix}_code{i}",
            "purpose": "login",
            "scanned_at": at + i * 3600 - 5,
            "ip": ip.format(i=i),
        }
        for i in range(count)
    ]


def friends(prefix, count):
    return [
        {"account_a": f"{prefix}{i}", "account_b": f"{prefix}{i + 1}"}
        for i in range(count - 1)
    ]


OTHERS = [{"account_a": "x", "account_b": "y"}]  # so that ties are known at all


def ring():
    return {
        "accounts": accounts("r", 6),
        "logins": logins("r", 6, "desk", codes=True),
        "scans": scans("r", 6, "{i}.1.1.1"),
        "payments": [
            {
                "payment_id": f"pay{i}",
                "payer_id": "broker",
                "payee_id": f"r{i}",
                "paid_at": AT + DAY,
                "amount_fen": 8000,
            }
            for i in range(6)
        ],
        "complaints": [
            {
                "complaint_id": f"c{i}",
                "account_id": f"r{i}",
                "category": "fraud",
                "filed_at": AT + 3 * DAY,
                "complainant_id": f"loser{i}",
            }
            for i in range(2)
        ],
        "ties": OTHERS,
    }


@pytest.fixture
def found(world, network_of):
    return lambda tables: network_of(world(**tables), "rental_ring")


def test_a_ring_is_found_with_its_broker_and_its_victims(found):
    teams = found(ring())
    assert teams.roles("rented_account") == {f"r{i}" for i in range(6)}
    assert teams.roles("broker") == {"broker"}
    assert teams.roles("victim") == {"loser0", "loser1"}
    assert {"owners_apart", "code_elsewhere", "owners_paid"} <= teams.signals


def test_victims_have_no_risk(found):
    members = found(ring()).found.members
    assert members.loc[members["role"] == "victim", "risk"].tolist() == [0, 0]


def test_who_is_paid_again_and_again_sells(found):
    tables = ring()
    tables["payments"] += [
        {
            "payment_id": f"again{i}",
            "payer_id": "broker",
            "payee_id": "dealer",
            "paid_at": AT + i * DAY,
            "amount_fen": 9000,
        }
        for i in range(4)
    ]
    assert found(tables).roles("seller") == {"dealer"}


def test_a_family_with_a_tablet_is_no_ring(found):
    tables = {
        "accounts": accounts("f", 6, region="village"),
        "logins": logins("f", 6, "tablet", ip="7.7.7.7"),
        "ties": friends("f", 6) + OTHERS,
    }
    assert found(tables).members == {}


def test_a_declared_desk_in_shifts_is_no_ring(found):
    tables = {
        "accounts": accounts("d", 6),
        "logins": [
            login
            for day in range(3)
            for login in logins("d", 6, f"desk{day}", at=AT + day * DAY)
        ],
        "ties": friends("d", 6) + OTHERS,
        "declared": [
            {"kind": "account", "value": f"d{i}", "organisation": "a firm"}
            for i in range(6)
        ],
    }
    assert found(tables).members == {}


def test_new_phones_in_their_own_town_are_no_ring(found):
    tables = {
        "accounts": accounts("n", 6),
        "logins": [
            login | {"device_id": f"new{i}"}
            for i, login in enumerate(logins("n", 6, "", codes=True))
        ],
        "scans": scans("n", 6, "5.5.5.5"),
        "ties": OTHERS,
    }
    assert found(tables).members == {}


def test_a_device_of_newcomers_is_a_farms(found):
    tables = ring() | {"accounts": accounts("r", 6, at=AT - DAY)}
    assert found(tables).members == {}


def own_phones(prefix, count, *, every=DAY, times=12):
    """Each goes on with its own phone, before, while and after."""
    return [
        {
            "account_id": f"{prefix}{i}",
            "device_id": f"{prefix}_own{i}",
            "logged_in_at": AT - 3 * DAY + number * every + 7000 * i,
            "method": "sms",
        }
        for i in range(count)
        for number in range(times)
    ]


@pytest.mark.parametrize("complaints", [[], "of others"])
def test_a_family_that_lives_apart_and_shares_a_tablet_is_no_ring(found, complaints):
    """Nobody knows of their ties: all each does is to log in there now and then."""
    tablet = [
        login
        for day in range(0, 9, 4)
        for login in logins("f", 6, "tablet", at=AT + day * DAY)
    ]
    other = [
        {"complaint_id": "c", "account_id": "x", "filed_at": AT, "category": "spam"}
    ]
    tables = {
        "accounts": accounts("f", 6),
        "logins": tablet + own_phones("f", 6),
        "complaints": other if complaints else [],
    }
    assert found(tables).members == {}


def test_a_desk_of_which_no_ties_are_known_is_no_ring(found):
    """Half of its people work from afar; nobody pays them for it or complains."""
    shifts = [
        login
        for day in range(6)
        for login in logins(
            "d", 12, f"desk{day % 3}", at=AT + day * 2 * DAY, codes=day == 0
        )
    ]
    tables = {
        "accounts": accounts("d", 12),
        "logins": shifts,
        "scans": scans("d", 12, "{i}.1.1.1"),
        "complaints": [
            {"complaint_id": "c", "account_id": "x", "filed_at": AT, "category": "spam"}
        ],
    }
    assert found(tables).members == {}


def test_a_ring_of_which_nothing_but_logins_and_scans_is_known_is_found(found):
    silent = [row for row in own_phones("r", 6) if row["logged_in_at"] < AT - DAY]
    again = logins("r", 6, "desk", at=AT + 5 * DAY)
    tables = {
        "accounts": accounts("r", 6),
        "logins": [*logins("r", 6, "desk", codes=True), *again, *silent],
        "scans": scans("r", 6, "{i}.1.1.1"),
    }
    assert len(found(tables).roles("rented_account")) == 6


def test_whose_money_goes_straight_to_the_broker_was_cheated(found):
    tables = ring()
    for name, payer, payee, fen, at in (
        ("lost", "loser7", "r3", 50_000, AT + 5 * DAY),
        ("on", "r3", "broker", 47_500, AT + 5 * DAY + 2400),
        ("kept", "friend", "r4", 50_000, AT + 5 * DAY),
    ):
        tables["payments"].append(
            {
                "payment_id": name,
                "payer_id": payer,
                "payee_id": payee,
                "amount_fen": fen,
                "paid_at": at,
            }
        )
    assert found(tables).roles("victim") == {"loser0", "loser1", "loser7"}
