"""What an organisation has declared as its own, in stores of two or three accounts."""

import pytest

from analyses.networks.declarations import find_declared


def login(account, number, *, wifi=None, device=None, ip=None):
    return {
        "account_id": account,
        "device_id": device or "own",
        "logged_in_at": number,
        "wifi": wifi,
        "ip": ip,
    }


@pytest.fixture
def declared(world):
    def look(kind, value, **tables):
        accounts = [{"account_id": "ann"}, {"account_id": "ben"}]
        said = [{"kind": kind, "value": value}]
        store = world(**{"accounts": accounts, "declared": said} | tables)
        find_declared(store)
        return [
            name
            for (name,) in store.rows(
                """SELECT n.account_id FROM network_declared AS d
                   JOIN account_names AS n ON n.account = d.account ORDER BY 1"""
            )
        ]

    return look


def test_an_account_that_is_declared_itself(declared):
    assert declared("account", "ann") == ["ann"]


@pytest.mark.parametrize(
    ("kind", "column", "value", "said"),
    [
        ("device", "registration_device_id", "till", "till"),
        ("wifi", "registration_wifi", "office", "office"),
        ("phone_prefix", "phone_prefix", "1380000", "1380000"),
        ("ip", "registration_ip", "5.6.7.8", "5.6.7.99"),  # the same block
    ],
)
def test_who_registered_with_what_is_declared(declared, kind, column, value, said):
    accounts = [{"account_id": "ann", column: value}, {"account_id": "ben"}]
    assert declared(kind, said, accounts=accounts) == ["ann"]


def test_whoever_logs_in_on_a_declared_device(declared):
    logins = [login("ben", i) for i in range(9)] + [login("ben", 10, device="till")]
    assert declared("device", "till", logins=logins) == ["ben"]


def test_one_login_on_a_declared_wifi_makes_nobody_staff(declared):
    guest = [login("ann", i, wifi="office" if i == 0 else "home") for i in range(3)]
    staff = [login("ben", i, wifi="office" if i < 2 else "home") for i in range(4)]
    assert declared("wifi", "office", logins=guest + staff) == ["ben"]


def test_whoever_applied_on_a_declared_device(declared):
    form = {"application_id": "f", "account_id": "ann", "applied_at": 5}
    forms = [form | {"device_id": "counter"}]
    assert declared("device", "counter", unseal_applications=forms) == ["ann"]


def test_without_declarations_nobody_is(declared):
    assert declared("account", "ann", declared=[]) == []
