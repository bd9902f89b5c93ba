"""One farm on one phone, and three ways in which its accounts were helped.

farm00 … farm11  helped at a stall on two days, by a stranger each; `boss` scanned there
                 once a day too
farm00 … farm05  raced for by five workers as well, and tried again inside the quota
farm06 … farm11  helped by owned0 … owned2 as well, who sit on one phone of the farm's
"""

import pytest

DAY, MINUTE = 86_400, 60
METRE = 9
"""Millionths of a degree in a metre, or nearly."""


def two_stalls():
    """Yield helper, helped and the columns of the scan: strangers, and the operator."""
    for i in range(12):
        day, at = divmod(i, 6)
        where = {"latitude": day * 2_000 * METRE, "longitude": at}
        yield (f"stranger{i:02}", i, (21 + day) * DAY + at * MINUTE, where)
        if at == 5:
            yield ("boss", i, (21 + day) * DAY + 7 * MINUTE, where)


def races():
    """Yield five workers who take turns at six codes, three at each."""
    for i in range(6):
        for j in range(3):
            yield (
                f"worker{(i + j) % 5}",
                i,
                (30 + 7 * i) * DAY + j,
                {"code_id": f"order{i}", "wifi": f"home_of_worker{(i + j) % 5}"},
            )


def own_helpers():
    """Yield three helpers of the farm's own, each twice."""
    for i in range(6):
        yield (f"owned{i % 3}", 6 + i, (40 + i) * DAY, {"device_id": "second_phone"})


@pytest.fixture
def tables(farm_and_office):
    """The tables of this world."""
    kept = [
        row
        for row in farm_and_office["helps"]
        if not row["helper_id"].startswith("stranger")
    ]
    helps, scans = [], []
    for pattern, given in (
        ("stall", two_stalls()),
        ("platform", races()),
        ("owned", own_helpers()),
    ):
        for n, (helper, helped, at, scan) in enumerate(given):
            name = f"{pattern}{n:02}"
            helps.append(
                {
                    "help_id": name,
                    "helper_id": helper,
                    "helped_id": f"farm{helped:02}",
                    "kind": "registration",
                    "helped_at": at,
                    "scan_id": name,
                    "result": "lost_race" if scan.get("code_id") and n % 3 else "ok",
                }
            )
            scans.append(
                {
                    "scan_id": name,
                    "scanner_id": helper,
                    "code_id": f"code_of_{name}",
                    "purpose": "register_help",
                    "scanned_at": at,
                    **scan,
                }
            )
    sanctions = [
        {
            "account_id": f"farm{i:02}",
            "action": "short_block",
            "applied_at": 90 * DAY,
        }
        for i in range(12)
    ]
    return farm_and_office | {
        "helps": kept + helps,
        "scans": scans,
        "sanctions": sanctions,
    }


@pytest.fixture
def found(world, analysed, tables):
    return analysed(world(**tables))


@pytest.fixture
def team(found):
    """The id of the one team of each kind."""
    rows = found.rows("SELECT kind, team_id FROM out_teams")
    assert sorted(kind for kind, _ in rows) == [
        "helper_platform",
        "registration_farm",
        "scanning_crew",
    ]
    return dict(rows)


def test_each_help_has_its_pattern_and_its_team(found, team):
    patterns = {
        "stall": ("scanning_crew", 14),
        "platform": ("helper_platform", 18),
        "owned": ("registration_farm", 6),
    }
    expected = [
        (f"{pattern}{n:02}", team[kind], pattern)
        for pattern, (kind, count) in patterns.items()
        for n in range(count)
    ]
    given = found.rows("SELECT help_id, team_id, pattern FROM out_helps ORDER BY 1")
    assert given == sorted(expected)


def test_a_link_counts_the_helps_that_one_team_gave_to_another(found, team):
    farm = team["registration_farm"]
    links = found.rows("SELECT team_a, team_b, kind, events FROM out_links")
    assert sorted(links) == sorted(
        [
            (team["scanning_crew"], farm, "serves", 14),
            (team["helper_platform"], farm, "supplies_workers_to", 18),
        ]
    )


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        (
            "scanning_crew",
            {"boss": "operator"}
            | {f"stranger{i:02}": "lured_helper" for i in range(12)},
        ),
        ("helper_platform", {f"worker{i}": "platform_worker" for i in range(5)}),
        (
            "registration_farm",
            {f"farm{i:02}": "batch_registered" for i in range(12)}
            | {f"owned{i}": "owned_helper" for i in range(3)},
        ),
    ],
    ids=["crew", "platform", "farm"],
)
def test_a_team_has_its_members_each_in_its_role(found, team, kind, roles):
    members = found.rows(
        "SELECT account_id, role FROM out_members WHERE team_id = $team",
        {"team": team[kind]},
    )
    assert len(members) == len(dict(members))
    assert dict(members) == roles
    assert found.rows(
        "SELECT members FROM out_teams WHERE kind = $kind", {"kind": kind}
    ) == [(len(roles),)]


def test_each_member_has_the_probability_of_its_role_in_the_team(found):
    low = found.rows(
        "SELECT account_id, role, probability FROM out_members WHERE probability < 0.6"
    )
    assert low == []
    assert found.rows("SELECT max(probability) <= 1 FROM out_members") == [(True,)]


def test_who_helps_for_a_team_is_no_surer_to_than_the_team_is_one(found):
    assert not found.rows(
        """SELECT m.account_id FROM out_members AS m
           JOIN out_teams AS t ON t.team_id = m.team_id
           WHERE t.kind <> 'registration_farm' AND m.probability > t.risk"""
    )


def test_a_farm_s_account_that_works_for_a_platform_too_is_a_member_of_both(
    world, analysed, tables
):
    # The strongest pattern is its role; the other is kept, with a probability each.
    for i in range(6):
        name = f"moonlight{i}"
        tables["helps"].append(
            tables["helps"][-1]
            | {
                "help_id": name,
                "helper_id": "farm00",
                "helped_id": f"farm{i:02}" if i else "farm06",
                "helped_at": (30 + 7 * i) * DAY + 4,
                "scan_id": name,
                "result": "lost_race",
            }
        )
        tables["scans"].append(
            {
                "scan_id": name,
                "scanner_id": "farm00",
                "code_id": f"order{i}",
                "purpose": "register_help",
                "scanned_at": (30 + 7 * i) * DAY + 4,
                "wifi": "home_of_farm00",
            }
        )
    found = analysed(world(**tables))
    members = found.rows(
        """SELECT t.kind, m.role, m.probability > 0.5 FROM out_members AS m
           JOIN out_teams AS t ON t.team_id = m.team_id
           WHERE m.account_id = 'farm00' ORDER BY t.kind"""
    )
    assert members == [
        ("helper_platform", "platform_worker", True),
        ("registration_farm", "batch_registered", True),
    ]


def test_a_lured_helper_is_told_and_never_listed(found):
    assert found.rows(
        """SELECT DISTINCT role, action, listed, risk FROM out_accounts
           WHERE account_id LIKE 'stranger%'"""
    ) == [("lured_helper", "educate", False, 0.0)]


def test_who_lured_them_may_be_listed(found):
    ((role, action, listed),) = found.rows(
        "SELECT role, action, listed FROM out_accounts WHERE account_id = 'boss'"
    )
    assert role == "operator"
    assert not listed  # it helped two of them itself: not many
    assert action == "watch"


def test_a_team_is_seen_from_its_first_help_or_registration_to_its_last(found):
    seen = {
        kind: (first, last)
        for kind, first, last in found.rows(
            "SELECT kind, first_seen, last_seen FROM out_teams"
        )
    }
    noon = 20 * DAY + DAY // 2
    assert seen == {
        "scanning_crew": (21 * DAY, 22 * DAY + 7 * MINUTE),
        "helper_platform": (30 * DAY, 65 * DAY + 2),
        "registration_farm": (noon, noon + 11 * MINUTE),
    }


def test_an_account_s_team_is_one_that_has_it_as_a_member(found):
    assert not found.rows(
        """SELECT account_id, team_id FROM out_accounts WHERE team_id IS NOT NULL
           EXCEPT SELECT account_id, team_id FROM out_members"""
    )


def test_who_stood_at_the_stall_and_worked_is_a_member_of_both(world, analysed, tables):
    tables["helps"].append(
        tables["helps"][-1]
        | {
            "help_id": "both",
            "helper_id": "worker0",
            "helped_id": "farm11",
            "helped_at": 21 * DAY,
            "scan_id": "both",
        }
    )
    tables["scans"].append(
        {
            "scan_id": "both",
            "scanner_id": "worker0",
            "code_id": "code_of_both",
            "purpose": "register_help",
            "scanned_at": 21 * DAY,
            "latitude": 0,
            "longitude": 0,
        }
    )
    found = analysed(world(**tables))
    assert found.rows(
        """SELECT t.kind, m.role, m.probability > 0.7 FROM out_members AS m
           JOIN out_teams AS t ON t.team_id = m.team_id
           WHERE m.account_id = 'worker0' ORDER BY t.kind"""
    ) == [
        ("helper_platform", "platform_worker", True),
        ("scanning_crew", "lured_helper", True),
    ]
    assert found.rows("SELECT pattern FROM out_helps WHERE help_id = 'both'") == [
        ("stall",)
    ]
    ((role,),) = found.rows(
        "SELECT role FROM out_accounts WHERE account_id = 'worker0'"
    )
    assert role == "platform_worker"


def test_where_nothing_is_found_the_tables_are_empty(world, analysed):
    store = analysed(world(accounts="account_id\nann\nben"))
    for table in ("teams", "members", "helps", "links"):
        assert store.rows(f"SELECT count(*) FROM out_{table}") == [(0,)]


def test_a_passer_by_who_helped_friends_before_is_told_too(world, analysed, tables):
    friends = [f"plain{i:02}" for i in range(3)]
    tables["ties"] = [
        *tables["ties"],
        *({"account_a": friend, "account_b": "stranger03"} for friend in friends),
    ]
    tables["helps"] += [
        {
            "help_id": f"stranger03>{friend}",
            "helper_id": "stranger03",
            "helped_id": friend,
            "kind": "registration",
            "helped_at": (60 + 40 * i) * DAY,
            "result": "ok",
        }
        for i, friend in enumerate(friends)
    ]
    found = analysed(world(**tables))
    assert found.rows(
        """SELECT m.role, a.action FROM out_members AS m
           LEFT JOIN out_accounts AS a ON a.account_id = m.account_id
           WHERE m.account_id = 'stranger03'"""
    ) == [("lured_helper", "educate")]
