import pytest

from graph.errors import InputError
from graph.numbering import (
    Window,
    address_block,
    find_window,
    lonely_end,
    number,
)
from graph.schema import TABLES
from graph.store import Store

PEOPLE = """account_id registered_at registration_device_id
            ann        10            phone
            ben        20            tablet
            zoe        30            -"""


def names(store):
    return store.rows("SELECT account, account_id, outside FROM account_names")


def test_the_window_runs_from_the_first_help_or_scan_to_the_last_event(world):
    store = world(
        accounts=PEOPLE,
        helps="help_id helper_id helped_id kind helped_at\nh ann ben registration 25",
        scans="scan_id scanner_id code_id purpose scanned_at\ns ann c follow 22",
        sanctions="account_id action applied_at\nben limit 90",
    )
    assert find_window(store) == Window(new_since=22, as_of=90)
    assert find_window(store, as_of=40) == Window(new_since=22, as_of=40)
    assert find_window(store, new_since=5) == Window(new_since=5, as_of=90)


def test_without_times_of_help_everybody_is_new(world):
    store = world(accounts=PEOPLE)
    assert find_window(store) == Window(new_since=10, as_of=30)


def test_an_empty_window_is_refused(world):
    said = "new since 1970-01-01T00:00:50 is after as of 1970-01-01T00:00:40"
    with pytest.raises(InputError, match=said):
        find_window(world(accounts=PEOPLE), new_since=50, as_of=40)


def test_new_is_who_registered_inside_the_window(world):
    store = world(accounts=PEOPLE, window=Window(new_since=20, as_of=30))
    asked = "SELECT account_id, is_new FROM accounts ORDER BY account"
    assert store.rows(asked) == [("ann", False), ("ben", True), ("zoe", True)]


def test_nothing_after_the_end_is_looked_at(world):
    store = world(
        accounts=PEOPLE,
        ties="account_a account_b since\nann ben 20\nann ben 21\nann ben -",
        logins="account_id device_id logged_in_at\nann phone 20\nann burner 21",
        window=Window(new_since=0, as_of=20),
    )
    assert store.rows("SELECT account_id FROM accounts ORDER BY 1") == [
        ("ann",),
        ("ben",),
    ]
    assert store.rows("SELECT since FROM ties ORDER BY 1") == [(20,), (None,)]
    assert store.rows("SELECT device_id FROM devices ORDER BY 1") == [
        ("phone",),
        ("tablet",),
    ]
    assert names(store) == [(0, "ann", False), (1, "ben", False)]


EVERY_EVENT = [
    table
    for table in TABLES.values()
    if any(c.kind in ("time", "date") for c in table.columns)
    and table.name not in ("accounts", "declared")
]


@pytest.mark.parametrize("table", EVERY_EVENT, ids=[t.name for t in EVERY_EVENT])
def test_each_table_of_events_is_cut_at_the_end(world, table):
    times = {c.name: 51 for c in table.columns if c.kind in ("time", "date")}
    row = {c.name: "x" for c in table.columns if c.required and c.kind != "integer"}
    row |= {c.name: 1 for c in table.columns if c.required and c.kind == "integer"}
    store = world(
        accounts=PEOPLE,
        window=Window(new_since=0, as_of=50),
        **{table.name: [row | times]},
    )
    assert store.rows(f"SELECT count(*) FROM {table.name}") == [(0,)]
    assert not any(outside for _, _, outside in names(store))


def test_a_declaration_after_the_end_is_not_known_yet(world):
    store = world(
        accounts=PEOPLE,
        declared="kind value since\ndevice phone 51\ndevice tablet 50\nwifi w -",
        window=Window(new_since=0, as_of=50),
    )
    assert store.rows("SELECT value FROM declared ORDER BY 1") == [("tablet",), ("w",)]


def test_who_is_known_from_events_alone_is_outside(world):
    store = world(
        accounts=PEOPLE,
        helps="help_id helper_id helped_id kind\nh stranger ben registration",
        complaints="complaint_id account_id complainant_id\nc ann somebody",
    )
    assert names(store) == [
        (0, "ann", False),
        (1, "ben", False),
        (2, "zoe", False),
        (3, "somebody", True),
        (4, "stranger", True),
    ]
    assert store.rows("SELECT helper, helped FROM helps") == [(4, 1)]
    assert store.rows("SELECT count(*) FROM accounts") == [(3,)]


def test_ids_become_numbers_and_a_null_stays_null(world):
    store = world(
        accounts=PEOPLE,
        codes="code_id account_id\nc1 zoe\nc2 -",
        unseal_applications="application_id account_id applied_at device_id\n"
        "u ann 9 phone",
    )
    assert store.rows("SELECT code_id, account FROM codes ORDER BY 1") == [
        ("c1", 2),
        ("c2", None),
    ]
    assert store.rows("SELECT account, device FROM unseal_applications") == [(0, 0)]
    assert store.rows(
        "SELECT account, registration_device FROM accounts ORDER BY account"
    ) == [(0, 0), (1, 1), (2, None)]


def test_a_renaming_that_keeps_the_order_changes_no_number(world):
    renamed = PEOPLE
    for old, new in (("ann", "a·1"), ("ben", "a·2"), ("zoe", "天")):
        renamed = renamed.replace(old, new)
    asked = "SELECT account, registered_at, registration_device FROM accounts"
    first, second = (
        world(accounts=people).rows(f"{asked} ORDER BY account")
        for people in (PEOPLE, renamed)
    )
    assert first == second


@pytest.mark.parametrize(
    ("accounts", "order"),
    [
        ("account_id registered_at\nann 30\nben 20\nzoe 10", ["zoe", "ben", "ann"]),
        # In one second: by address, number, nickname; an id is the last resort.
        (
            """account_id registered_at registration_ip phone_prefix nickname
               ann        10            10.0.0.2        1            a
               ben        10            10.0.0.1        2            b
               kim        10            10.0.0.1        1            d
               leo        10            10.0.0.1        1            c
               max        10            10.0.0.1        1            c""",
            ["leo", "max", "kim", "ben", "ann"],
        ),
    ],
)
def test_who_registered_first_comes_first_whatever_the_id(world, accounts, order):
    assert [name for _, name, _ in sorted(names(world(accounts=accounts)))] == order


def test_who_is_known_from_events_alone_comes_last_by_the_first_of_them(world):
    store = world(
        accounts="account_id registered_at\nzoe 90",
        helps="""help_id helper_id helped_id kind helped_at
                 h1      ann       zoe       registration 7
                 h2      ben       zoe       registration 5
                 h3      kim       zoe       registration 7
                 h4      ann       zoe       registration 8""",
    )
    assert [name for _, name, _ in sorted(names(store))] == ["zoe", "ben", "kim", "ann"]


def test_the_order_of_rows_changes_no_number(world):
    head, *rows = PEOPLE.splitlines()
    shuffled = world(accounts="\n".join([head, *rows[::-1]]))
    assert names(shuffled) == names(world(accounts=PEOPLE))


def test_numbering_again_with_another_window_starts_afresh(world):
    store = world(accounts=PEOPLE)
    number(store, Window(new_since=0, as_of=10))
    assert names(store) == [(0, "ann", False)]


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("10.1.2.3", "10.1.2.0/24"),
        ("255.255.255.255", "255.255.255.0/24"),
        ("2001:db8:7:1::9", "2001:db8:7::/48"),
        ("2001:db8::9", "2001:db8:0::/48"),
        ("2001::9", "2001:0:0::/48"),
        ("::1", "0:0:0::/48"),
        ("::", "0:0:0::/48"),
        ("1:2:3:4:5:6:7:8", "1:2:3::/48"),
        ("1:2:3:4:5:6::", "1:2:3::/48"),
        (None, None),
    ],
)
def test_the_block_of_an_address(address, block):
    with Store() as store:
        sql = f"SELECT {address_block('$address::VARCHAR')}"
        assert store.rows(sql, {"address": address}) == [(block,)]


def test_one_time_far_behind_all_others_is_told(world):
    day = 86_400
    helps = [
        {"help_id": f"h{i}", "helper_id": "old", "helped_id": f"new{i}"}
        | {"kind": "registration", "helped_at": i * 60}
        for i in range(1_200)
    ]
    usual = world(helps=helps)
    assert lonely_end(usual, find_window(usual)) == []
    wrong = world(helps=[*helps[1:], helps[0] | {"helped_at": 36_500 * day}])
    (said,) = lonely_end(wrong, find_window(wrong))
    assert "2069" in said and "only 1 of " in said and "--as-of" in said
    until = Window(new_since=0, as_of=1_200 * 60)
    assert lonely_end(wrong, until) == []
