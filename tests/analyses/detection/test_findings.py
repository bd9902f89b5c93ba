import math

import numpy as np
import pytest

from analyses.detection.findings import roles_told
from analyses.detection.helper_signals import ROLES
from analyses.policy import LISTED

DAY = 86_400


def blocked(*accounts, at=30 * DAY, action="short_block"):
    return [
        {"account_id": name, "action": action, "applied_at": at} for name in accounts
    ]


def accused(*accounts, verified):
    return [
        {
            "complaint_id": f"c{i}",
            "account_id": name,
            "category": "fraud",
            "filed_at": 30 * DAY,
            "verified": verified,
        }
        for i, name in enumerate(accounts)
    ]


def unsealed(helper, helped):
    return {
        "help_id": f"u_{helper}_{helped}",
        "helper_id": helper,
        "helped_id": helped,
        "kind": "unsealing",
        "helped_at": 25 * DAY,
        "result": "ok",
    }


@pytest.fixture
def worker(world, analysed, farm_and_worker):
    """Return a function from further tables to what is said of the worker."""

    def make(*, helps=(), **tables):
        rows = farm_and_worker | tables
        rows["helps"] = [*rows["helps"], *helps]
        store = analysed(world(**rows))
        ((role, risk, action, lacks),) = store.rows(
            """SELECT role, risk, action, lacks FROM out_accounts
               WHERE account_id = 'worker'"""
        )
        assert (role, risk > 0.5) == ("platform_worker", True)
        return action, " ".join(lacks)

    return make


def test_three_blocked_accounts_are_many(worker):
    action, _ = worker(sanctions=blocked("farm00", "farm01", "farm02"))
    assert action in LISTED


def test_two_blocked_accounts_are_not_many(worker):
    action, lacks = worker(sanctions=blocked("farm00", "farm01"))
    assert action == "watch"
    assert "helped 2 accounts" in lacks


def test_the_same_account_twice_counts_once(worker):
    twice = blocked("farm00", "farm00", "farm00", "farm01", action="limit")
    again = [row | {"applied_at": 31 * DAY + i} for i, row in enumerate(twice)]
    assert worker(sanctions=again)[0] == "watch"


def test_a_verified_complaint_counts_like_a_sanction_and_another_does_not(worker):
    some = blocked("farm00", "farm01")
    true, said = (accused("farm02", verified=v) for v in (True, False))
    assert worker(sanctions=some, complaints=true)[0] in LISTED
    assert worker(sanctions=some, complaints=said)[0] == "watch"


def test_an_unsealing_of_the_helped_is_no_sanction(worker):
    given_back = blocked("farm02", action="unsealed")
    assert worker(sanctions=blocked("farm00", "farm01") + given_back)[0] == "watch"


def test_a_refused_attempt_helped_nobody(worker):
    # Of the three that were blocked it helped one; at the others it was refused.
    assert worker(sanctions=blocked("farm00", "farm04", "farm05"))[0] == "watch"


def test_one_unsealing_of_an_account_that_was_blocked_again_is_enough(worker):
    action, _ = worker(
        helps=[unsealed("worker", "old59")],
        sanctions=blocked("old59", at=20 * DAY) + blocked("old59", at=28 * DAY),
    )
    assert action in LISTED


def test_an_unsealing_of_an_account_that_did_no_harm_since_is_no_violation(worker):
    action, _ = worker(
        helps=[unsealed("worker", "old59")], sanctions=blocked("old59", at=20 * DAY)
    )
    assert action == "watch"


def test_an_unsealing_at_a_time_that_is_not_known_counts_no_seal_before_it(worker):
    action, _ = worker(
        helps=[unsealed("worker", "old59") | {"helped_at": None}],
        sanctions=blocked("old59", at=20 * DAY),
    )
    assert action == "watch"


def test_nobody_is_listed_for_where_it_registered_alone(world, analysed):
    store = analysed(
        world(
            accounts=[
                {"account_id": f"x{i:02}", "registration_device_id": "phone"}
                | {"registration_ip": "10.0.0.1", "phone_prefix": "138"}
                for i in range(30)
            ]
            + [{"account_id": f"old{i:02}", "registered_at": -1} for i in range(60)]
        )
    )
    assert store.rows("SELECT count(*) FROM out_accounts WHERE listed") == [(0,)]


@pytest.fixture
def outcome(world, analysed, farm_and_worker):
    """The world with three helpers on one device that the farm owns."""
    helps, scans = list(farm_and_worker["helps"]), list(farm_and_worker["scans"])
    for i in range(12):
        helps.append(
            {
                "help_id": f"own{i}",
                "helper_id": f"owned{i % 3}",
                "helped_id": f"farm{i:02}",
                "kind": "registration",
                "scan_id": f"own_scan{i}",
                "result": "ok",
            }
        )
        scans.append(
            {
                "scan_id": f"own_scan{i}",
                "scanner_id": f"owned{i % 3}",
                "code_id": f"own_code{i}",
                "purpose": "register_help",
                "scanned_at": 21 * DAY + i * 4000,
                "device_id": "pool",
            }
        )
    return analysed(world(**farm_and_worker | {"helps": helps, "scans": scans}))


def test_an_owned_helper_belongs_to_the_farm_that_it_helps(outcome):
    ((farm,),) = outcome.rows(
        "SELECT team_id FROM out_teams WHERE kind = 'registration_farm'"
    )
    assert outcome.rows(
        """SELECT account_id, team_id FROM out_members
           WHERE role = 'owned_helper' ORDER BY 1"""
    ) == [(f"owned{i}", farm) for i in range(3)]
    given = outcome.rows(
        "SELECT help_id, team_id, pattern FROM out_helps "
        "WHERE pattern = 'owned' ORDER BY 1"
    )
    assert given == sorted((f"own{i}", farm, "owned") for i in range(12))


def test_a_team_counts_its_members(outcome):
    assert outcome.rows(
        """SELECT t.kind, count(*), min(t.members) FROM out_members AS m
           JOIN out_teams AS t ON t.team_id = m.team_id
           GROUP BY t.team_id, t.kind ORDER BY t.kind DESC"""
    ) == [("registration_farm", 15, 15), ("helper_platform", 7, 7)]


def test_everybody_is_mentioned_once_and_in_a_team_that_is_there(outcome):
    assert outcome.rows(
        "SELECT count(*) - count(DISTINCT account_id) FROM out_accounts"
    ) == [(0,)]
    assert not outcome.rows(
        """SELECT account_id FROM out_accounts WHERE team_id IS NOT NULL
           AND team_id NOT IN (SELECT team_id FROM out_teams)"""
    )
    assert not outcome.rows(
        """SELECT account_id, team_id FROM out_members
           EXCEPT SELECT account_id, team_id FROM out_accounts"""
    )


def test_whoever_is_at_risk_is_told_why_to_the_last_bit(outcome):
    sums = outcome.rows(
        """SELECT a.risk, sum(e.bits) FROM out_accounts AS a
           JOIN out_evidence AS e ON e.account_id = a.account_id
           WHERE a.risk > 0 GROUP BY a.account_id, a.risk"""
    )
    assert len(sums) >= 16
    for risk, bits in sums:
        assert bits == pytest.approx(math.log2(risk / (1 - risk)), abs=1e-6)


def test_a_risk_is_of_collusion(outcome):
    roles = outcome.rows(
        "SELECT role, max(risk), min(risk) FROM out_accounts GROUP BY 1"
    )
    for role, highest, lowest in roles:
        assert 0 <= lowest <= highest <= 1
        if role in (None, "lured_helper"):
            assert highest == 0


def test_a_helper_score_is_of_helpers(outcome):
    assert not outcome.rows(
        """SELECT a.account_id FROM out_accounts AS a
           JOIN account_names AS n ON n.account_id = a.account_id
           WHERE (a.helper_score IS NULL)
              <> (n.account NOT IN (SELECT helper FROM helps))"""
    )


def test_a_lured_helper_is_educated(world, analysed, farm_and_office):
    rows = dict(farm_and_office)
    rows["scans"] = [
        {
            "scan_id": f"s{i}",
            "scanner_id": f"stranger{i:02}",
            "code_id": f"c{i}",
            "purpose": "register_help",
            "scanned_at": 21 * DAY + 60 * i,
            "wifi": "street",
            "latitude": 39_900_000 + i,
            "longitude": 116_400_000 + i,
        }
        for i in range(12)
    ]
    rows["helps"] = [
        row | {"scan_id": f"s{int(row['helped_id'][4:])}"}
        if row["helper_id"].startswith("stranger")
        else row
        for row in rows["helps"]
    ]
    rows["sanctions"] = blocked(*(f"farm{i:02}" for i in range(12)))
    store = analysed(world(**rows))
    assert store.rows(
        """SELECT DISTINCT role, action, listed FROM out_accounts
           WHERE account_id LIKE 'stranger%'"""
    ) == [("lured_helper", "educate", False)]


def test_whoever_was_seen_only_where_no_crew_stood_was_not_lured():
    roles = {"bystander": 0, "lured_helper": 1, "operator": 4}
    assert [ROLES[number] for number in roles.values()] == list(roles)
    cases = [  # what it seems, at how many gatherings, at a crew's stall, what is said
        ("lured_helper", 1, True, "lured_helper"),
        ("lured_helper", 1, False, "bystander"),
        ("lured_helper", 0, False, "lured_helper"),
        ("bystander", 0, True, "lured_helper"),
        ("bystander", 2, False, "bystander"),
        ("operator", 3, False, "operator"),
        ("operator", 3, True, "operator"),
    ]
    seems, gatherings, there, said = zip(*cases, strict=True)
    told = roles_told(
        np.array([roles[name] for name in seems]),
        seen=np.array(gatherings) > 0,
        at_crew=np.array(there),
    )
    assert [ROLES[number] for number in told] == list(said)


def test_nothing_but_the_answer_is_left_behind(outcome):
    rows = outcome.rows("SELECT table_name FROM information_schema.tables")
    assert not [name for (name,) in rows if name.startswith("_")]
