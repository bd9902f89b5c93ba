import pytest

from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.shared_keys import SHARED_KEYS, collect_shared_keys


def keys(store):
    """Return what is shared: kind, value, holders new and established, and who."""
    gather_help_facts(store)
    find_gatherings(store)
    collect_shared_keys(store)
    return store.rows(
        """SELECT k.kind, k.value, k.new_holders, k.established_holders,
                  list(n.account_id ORDER BY n.account_id)
           FROM shared_keys AS k JOIN key_holders AS h ON h.key = k.key
           JOIN account_names AS n ON n.account = h.account
           GROUP BY ALL ORDER BY k.key""".replace(
            "GROUP BY ALL",
            "GROUP BY k.key, k.kind, k.value, k.new_holders, k.established_holders",
        )
    )


def test_two_on_a_phone_share_it_and_one_on_a_tablet_shares_nothing(world):
    store = world(
        accounts="""account_id registration_device_id
                    ann        phone
                    ben        phone
                    zoe        tablet"""
    )
    assert keys(store) == [("device", "0", 2, 0, ["ann", "ben"])]


def test_a_device_is_shared_by_logging_in_as_well(world):
    store = world(
        accounts="account_id registration_device_id\nann phone\nben tablet",
        logins="""account_id device_id logged_in_at
                  ben        phone     5
                  ben        phone     6""",
    )
    assert keys(store) == [("device", "0", 2, 0, ["ann", "ben"])]


@pytest.mark.parametrize(
    ("kind", "column", "first", "second", "value"),
    [
        ("access_point", "registration_wifi", "cafe", "cafe", "cafe"),
        ("address_block", "registration_ip", "10.0.0.1", "10.0.0.9", "10.0.0.0/24"),
        ("phone_segment", "phone_prefix", "+861380000", "+861380000", "+861380000"),
    ],
)
def test_where_they_registered(world, kind, column, first, second, value):
    store = world(accounts=f"account_id {column}\nann {first}\nben {second}\nzoe -")
    assert keys(store) == [(kind, value, 2, 0, ["ann", "ben"])]


def test_the_same_helper_and_the_helper_itself(world):
    store = world(
        accounts="account_id registered_at\nann 1\nben 1\nmax 1",
        helps="""help_id helper_id helped_id kind
                 h1      max       ann       registration
                 h2      max       ben       registration""",
    )
    assert keys(store) == [("helper", "2", 3, 0, ["ann", "ben", "max"])]


def test_an_established_helper_is_counted_but_holds_no_link(world):
    store = world(
        accounts="account_id registered_at\nann 1\nben 1\nmax -1",
        helps="""help_id helper_id helped_id kind
                 h1      max       ann       registration
                 h2      max       ben       registration""",
    )
    assert keys(store) == [("helper", "0", 2, 1, ["ann", "ben"])]


def test_who_helped_the_same_account(world):
    store = world(
        accounts="account_id registered_at\nann 1\nben 1\nold -1",
        helps="""help_id helper_id helped_id kind
                 h1      ann       old       registration
                 h2      ben       old       registration""",
    )
    assert ("helped", "0", 2, 0, ["ann", "ben"]) in keys(store)


def test_helped_from_the_same_device_by_different_helpers(world):
    store = world(
        accounts="account_id registered_at\nann 1\nben 1\no1 -1\no2 -1",
        helps="""help_id helper_id helped_id kind         scan_id
                 h1      o1        ann       registration s1
                 h2      o2        ben       registration s2""",
        scans="""scan_id scanner_id code_id purpose       scanned_at device_id
                 s1      o1         c1      register_help 5          pool
                 s2      o2         c2      register_help 6          pool""",
    )
    assert keys(store) == [("helper_device", "0", 2, 0, ["ann", "ben"])]


def test_helped_at_the_same_gathering(helped_at):
    names = [f"new{i:03}" for i in range(5)]
    assert keys(helped_at([(0, 0, 0)] * 5)) == [("gathering", "0", 5, 0, names)]


def test_a_key_of_one_newcomer_is_not_kept_however_many_held_it_before(world):
    store = world(
        accounts="""account_id registered_at registration_wifi
                    ann        1             cafe
                    ben        -1            cafe
                    max        -1            cafe"""
    )
    assert keys(store) == []


def test_an_account_from_outside_holds_nothing(world):
    store = world(
        accounts="account_id registration_device_id\nann phone",
        logins="account_id device_id logged_in_at\nstranger phone 5",
    )
    assert keys(store) == []


def test_keys_are_numbered_by_kind_and_by_their_first_holder(world):
    store = world(
        accounts="""account_id registration_wifi phone_prefix registration_device_id
                    ann        w2                p1           phone
                    ben        w2                p1           phone
                    max        w1                -            -
                    zoe        w1                -            -"""
    )
    assert [(kind, value) for kind, value, *_ in keys(store)] == [
        ("access_point", "w2"),
        ("access_point", "w1"),
        ("device", "0"),
        ("phone_segment", "p1"),
    ]


def test_what_a_key_is_called_decides_only_between_keys_of_the_same_holders(world):
    store = world(
        accounts="account_id\nann\nben\nmax",
        logins="""account_id device_id logged_in_at
                  ann        d1        5
                  max        d1        5
                  ann        d2        5
                  ben        d2        5
                  ann        d0        5
                  max        d0        5""",
    )
    assert [(value, held) for _, value, _, _, held in keys(store)] == [
        ("2", ["ann", "ben"]),
        ("0", ["ann", "max"]),
        ("1", ["ann", "max"]),
    ]


def test_every_kind_has_a_worth_and_says_what_it_is():
    kinds = [key.kind for key in SHARED_KEYS]
    assert len(set(kinds)) == len(kinds)
    for key in SHARED_KEYS:
        assert 0 < key.worth <= 100
        assert key.says
