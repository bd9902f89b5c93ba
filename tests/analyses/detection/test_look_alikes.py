"""What looks like a stall and is none, by itself and with a real stall across the road.

Each is twelve people who stand at one spot of a town for an hour. At the stall twelve
strangers scan for a farm that sits elsewhere; at the others something else is going on.
"""

import pytest

DAY, MINUTE = 86_400, 60
MORNING = 21 * DAY
METRE = 9
"""Millionths of a degree in a metre, or nearly."""

LATITUDE, LONGITUDE = 39_900_000, 116_400_000
MOBILE = "117.136.5.{i}"
"""Addresses that people in this town have on the road."""


class Town:
    """Rows of tables, written down one sentence at a time."""

    def __init__(self, tables):
        self.tables = {name: list(rows) for name, rows in tables.items()}
        for table in ("scans", "ties"):
            self.tables.setdefault(table, [])
        self.passers_by(
            "resident", 5, purpose="pay", ip=MOBILE, every=DAY, day=0, code="shop{i}"
        )

    def scan(self, name, scanner, at, *, north=0, **columns):
        self.tables["scans"].append(
            {
                "scan_id": name,
                "scanner_id": scanner,
                "code_id": f"code_of_{name}",
                "purpose": "register_help",
                "scanned_at": at,
                "confirmed_at": at + 6,
                "latitude": LATITUDE + north * METRE,
                "longitude": LONGITUDE,
                **columns,
            }
        )

    def passers_by(self, name, count, *, purpose, ip, code, every=MINUTE, day=21):
        for i in range(count):
            self.scan(
                f"{name}{i}",
                f"old{30 + i}",
                day * DAY + i * every,
                north=500,
                purpose=purpose,
                ip=ip.format(i=i),
                code_id=code.format(i=i),
            )

    def newcomers(self, name, helpers, *, ties=0, scan=None, every=MINUTE, **columns):
        """Twelve register here, each with the next helper, who scans here too.

        The first so many of them know who helps them; `{i}` is the number of each.
        """
        for i in range(12):
            new, helper = f"{name}{i:02}", helpers[i % len(helpers)]
            at = MORNING + i * every
            numbered = {
                kind: {column: text.format(i=i) for column, text in texts.items()}
                for kind, texts in (("account", columns), ("scan", scan or {}))
            }
            self.tables["accounts"].append(
                {
                    "account_id": new,
                    "registered_at": at - MINUTE,
                    "registration_device_id": f"{new}_phone",
                    **numbered["account"],
                }
            )
            self.tables["helps"].append(
                {
                    "help_id": f"{helper}>{new}",
                    "helper_id": helper,
                    "helped_id": new,
                    "kind": "registration",
                    "helped_at": at,
                    "scan_id": f"{helper}>{new}",
                    "result": "ok",
                }
            )
            self.scan(f"{helper}>{new}", helper, at, north=500, **numbered["scan"])
            if i < ties:
                tie = {"account_a": new, "account_b": helper, "kind": "friend"}
                self.tables["ties"].append(tie)


@pytest.fixture
def town(farm_and_office):
    return Town(farm_and_office)


STALL = {f"stranger{i:02}>farm{i:02}" for i in range(12)}


def put_up_the_stall(town):
    """Let the strangers who help the farm's accounts scan their codes at one place."""
    for i in range(12):
        name = f"stranger{i:02}>farm{i:02}"
        town.scan(name, f"stranger{i:02}", MORNING + i * MINUTE)
    town.tables["helps"] = [
        help_ | {"scan_id": help_["help_id"]} if help_["help_id"] in STALL else help_
        for help_ in town.tables["helps"]
    ]


@pytest.fixture(params=[False, True], ids=["alone", "beside a stall"])
def only_the_stall_is_found(request, world, analysed, town):
    """Return what looks at the finished town: the stall's crew, if any, and no other.

    Nothing but the stall's helps is a stall's.
    """
    if request.param:
        put_up_the_stall(town)

    def look():
        store = analysed(world(**town.tables))
        crews = store.rows("SELECT risk FROM out_teams WHERE kind = 'scanning_crew'")
        stall = {
            help_id
            for (help_id,) in store.rows(
                "SELECT help_id FROM out_helps WHERE pattern = 'stall'"
            )
        }
        assert stall == (STALL if request.param else set())
        assert len(crews) == request.param
        assert all(risk > 0.9 for (risk,) in crews)

    return look


NEIGHBOURS = [f"old{30 + i}" for i in range(12)]


def test_an_ordinary_day(only_the_stall_is_found):
    only_the_stall_is_found()


def test_a_merchant_whose_followers_help_nobody(town, only_the_stall_is_found):
    town.passers_by("gift", 12, purpose="follow", ip=MOBILE, code="shop")
    only_the_stall_is_found()


def test_a_phone_shop_whose_clerks_help_its_customers(town, only_the_stall_is_found):
    town.newcomers(
        "customer",
        ["clerk1", "clerk2", "clerk3"],
        registration_wifi="shop_wifi",
        scan={"wifi": "shop_wifi"},
    )
    only_the_stall_is_found()


def test_a_phone_shop_whose_customers_bring_a_friend(town, only_the_stall_is_found):
    town.newcomers("customer", NEIGHBOURS, ties=7, registration_wifi="shop_wifi")
    only_the_stall_is_found()


def test_a_first_day_on_campus_on_one_network(town, only_the_stall_is_found):
    town.newcomers(
        "fresher",
        NEIGHBOURS,
        ties=5,
        registration_wifi="campus",
        scan={"wifi": "campus"},
    )
    only_the_stall_is_found()


def test_a_first_day_on_campus_on_their_own_phones(town, only_the_stall_is_found):
    town.newcomers(
        "fresher", NEIGHBOURS, ties=5, registration_ip=MOBILE, scan={"ip": MOBILE}
    )
    only_the_stall_is_found()


def test_a_first_day_on_campus_where_nobody_knows_anybody(
    town, only_the_stall_is_found
):
    town.newcomers(
        "fresher", NEIGHBOURS, registration_wifi="campus_{i}", registration_ip=MOBILE
    )
    only_the_stall_is_found()


def test_an_office_whose_people_help_their_new_colleagues(
    town, only_the_stall_is_found
):
    town.newcomers(
        "colleague",
        NEIGHBOURS,
        ties=7,
        registration_wifi="desk",
        scan={"wifi": "desk"},
    )
    only_the_stall_is_found()


def test_an_agency_s_counter(town, only_the_stall_is_found):
    town.newcomers(
        "foreigner",
        ["agent1", "agent2"],
        registration_wifi="counter",
        scan={"wifi": "counter"},
    )
    only_the_stall_is_found()


def test_an_agency_s_counter_whose_customers_use_their_own_phones(
    town, only_the_stall_is_found
):
    town.newcomers("foreigner", ["agent1", "agent2", "agent3"], registration_ip=MOBILE)
    only_the_stall_is_found()


def test_an_event_where_people_register_on_their_own_phones(
    town, only_the_stall_is_found
):
    town.newcomers(
        "visitor", NEIGHBOURS, ties=5, registration_ip=MOBILE, scan={"ip": MOBILE}
    )
    only_the_stall_is_found()


def test_an_event_where_strangers_help_each_other(town, only_the_stall_is_found):
    town.newcomers("visitor", NEIGHBOURS, registration_ip=MOBILE, scan={"wifi": "hall"})
    only_the_stall_is_found()


def test_a_campaign_whose_visitors_are_from_the_same_region_as_who_helps_them(
    town, only_the_stall_is_found
):
    # Nobody's network is known, and the region is too large to be a place.
    town.tables["accounts"] = [
        row | {"profile_region": "Here"} if row["account_id"] in NEIGHBOURS else row
        for row in town.tables["accounts"]
    ]
    town.scan("far", NEIGHBOURS[0], 3 * DAY, latitude=LATITUDE + 2_000_000)
    town.newcomers(
        "visitor",
        NEIGHBOURS,
        profile_region="Here",
        registration_wifi="own_{i}",
    )
    only_the_stall_is_found()


def test_an_event_at_the_stall_s_own_place_and_hour(town, only_the_stall_is_found):
    # A stall puts itself where people are: of what is scanned there only the farm's
    # codes come from elsewhere.
    before = len(town.tables["scans"])
    town.newcomers("visitor", NEIGHBOURS, registration_ip=MOBILE, every=5 * MINUTE)
    for scan in town.tables["scans"][before:]:
        scan["latitude"] = LATITUDE
    only_the_stall_is_found()


@pytest.fixture(
    params=[
        pytest.param(0, id="few others"),
        pytest.param(1500, id="many others"),
    ]
)
def others(request, town):
    """Newcomers whom a friend helped, at home."""
    for i in range(request.param):
        new, friend = f"other{i:04}", f"friend{i:04}"
        at = 20 * DAY + i * MINUTE
        town.tables["accounts"].append({"account_id": new, "registered_at": at})
        town.tables["ties"].append({"account_a": new, "account_b": friend})
        town.tables["helps"].append(
            {
                "help_id": f"{friend}>{new}",
                "helper_id": friend,
                "helped_id": new,
                "kind": "registration",
                "helped_at": at + MINUTE,
                "scan_id": f"{friend}>{new}",
                "result": "ok",
            }
        )
        town.scan(f"{friend}>{new}", friend, at, north=3_000 * (i + 1))


def live_as_others_do(town, account, friends):
    """Give an account friends, and requests for friendship that are accepted."""
    town.tables["ties"] += [
        {"account_a": account, "account_b": friend} for friend in friends
    ]
    town.tables["activity"].append(
        {
            "account_id": account,
            "day": MORNING,
            "friend_requests_sent": 4,
            "friend_requests_accepted": 4,
        }
    )


def test_a_stall_is_found_though_the_farm_it_serves_looks_innocent(
    town, others, world, analysed
):
    strangers = [f"passer{i:02}" for i in range(12)]
    town.newcomers("hidden", strangers, registration_wifi="home_of_hidden{i}")
    for i in range(12):
        live_as_others_do(town, f"hidden{i:02}", [f"old{i + j:02}" for j in range(4)])
    store = analysed(world(**town.tables))
    assert store.rows(
        "SELECT count(*) FROM out_accounts WHERE account_id LIKE 'hidden%' AND listed"
    ) == [(0,)]
    assert store.rows(
        "SELECT risk > 0.5 FROM out_teams WHERE kind = 'scanning_crew'"
    ) == [(True,)]
    assert {
        help_id
        for (help_id,) in store.rows(
            "SELECT help_id FROM out_helps WHERE pattern = 'stall'"
        )
    } == {f"passer{i:02}>hidden{i:02}" for i in range(12)}
