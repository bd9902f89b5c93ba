"""One stall and one pool of workers, small enough to weigh their evidence by hand.

stall   h0 … h4 scan on the street, a minute apart, for new0 … new4
pool    w0 … w4 race for the codes of order0 … order3; w4 is alone with order4's
"""

import math

import numpy as np
import pyarrow as pa
import pytest

from analyses.detection.crews import find_crews, put_groups
from analyses.detection.giver_signals import (
    CREW_PRIOR_BITS,
    CREW_SIGNALS,
    PLATFORM_PRIOR_BITS,
    PLATFORM_SIGNALS,
    SIGNAL_CAP,
)
from analyses.detection.givers import find_givers
from analyses.detection.sessions import believe_sessions
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts

DAY, MINUTE = 86_400, 60
RACES = [("w0", "w1"), ("w1", "w2"), ("w2", "w3"), ("w3", "w4"), ("w4",)]


class Scene:
    """Helps and their scans; `roles` and `risks` are what was found of accounts."""

    def __init__(self):
        self.helps, self.scans, self.ties = [], [], []
        self.roles, self.risks, self.registered_on = {}, {}, {}

    def help(self, name, helper, helped, at, **scan):
        self.helps.append(
            {
                "help_id": name,
                "helper_id": helper,
                "helped_id": helped,
                "kind": "registration",
                "helped_at": at,
                "scan_id": name,
            }
        )
        self.scans.append(
            {
                "scan_id": name,
                "scanner_id": helper,
                "code_id": f"code_of_{name}",
                "purpose": "register_help",
                "scanned_at": at,
                **scan,
            }
        )


@pytest.fixture
def stall():
    """Four were elsewhere, one has a tie, one took its time, and one ended well."""
    scene = Scene()
    for i, seconds in enumerate([4, 5, 6, 30, None]):
        at = DAY + i * MINUTE
        scene.help(
            f"stall{i}",
            f"h{i}",
            f"new{i}",
            at,
            wifi="street",
            latitude=0,
            longitude=i,
            confirmed_at=None if seconds is None else at + seconds,
        )
        scene.roles[f"h{i}"] = "lured_helper"
        scene.registered_on[f"new{i}"] = "street" if i == 4 else f"home{i}"
    scene.risks = {"new0": 0.99, "new1": 0.98, "new2": 0.97, "new3": 0.1}
    scene.ties = [{"account_a": "h2", "account_b": "new2"}]
    return scene


@pytest.fixture
def pool():
    """Of five orders four are raced for; w0 comes once, and knows whom it helped."""
    scene = Scene()
    for i, racing in enumerate(RACES):
        for worker in racing:
            scene.help(
                f"{worker}_{i}", worker, f"order{i}", i * DAY, code_id=f"code{i}"
            )
            scene.roles[worker] = "platform_worker"
        scene.registered_on[f"order{i}"] = f"home{i}"
        scene.risks[f"order{i}"] = 0.99 if i < 4 else 0.01
    scene.ties = [{"account_a": "order0", "account_b": "w0"}]
    return scene


@pytest.fixture
def givers_of(world):
    """Return a function from a scene to its givers, and the store they came from."""

    def make(scene):
        store = world(
            accounts=[
                {"account_id": name, "registration_wifi": wifi}
                for name, wifi in scene.registered_on.items()
            ],
            helps=scene.helps,
            scans=scene.scans,
            ties=scene.ties,
        )
        gather_help_facts(store)
        find_gatherings(store)
        number = dict(store.rows("SELECT account_id, account FROM account_names"))
        known = sorted((number[name], risk) for name, risk in scene.risks.items())
        put_groups(
            store,
            np.array([account for account, _ in known], dtype=np.int32),
            np.zeros(len(known), dtype=np.int64),
            np.array([risk for _, risk in known], dtype=np.float64),
        )
        roles = sorted((number[name], role) for name, role in scene.roles.items())
        believe_sessions(store)
        store.put(
            "helper_role",
            pa.table(
                {
                    "helper": pa.array([account for account, _ in roles], pa.int32()),
                    "role": pa.array([role for _, role in roles], pa.string()),
                }
            ),
        )
        return find_givers(store), store

    return make


def rising(start, steps):
    """start · (start + 1) · … , so many factors."""
    return math.prod(start + step for step in range(steps))


def chance(yes, no, a, b):
    """How likely is this answer, in this order, of a share spread as Beta(a, b)?"""
    return rising(a, yes) * rising(b, no) / rising(a + b, yes + no)


def weighed(signal, yes, of):
    """The bits of `yes` of so many by the definition, step by step."""
    no = of - yes
    odds = chance(yes, no, *signal.collusive) / chance(yes, no, *signal.innocent)
    return min(max(math.log2(odds), signal.least), SIGNAL_CAP)


def bits_by_signal(givers):
    (team,) = givers.teams["team_id"]
    assert set(givers.bits["team_id"]) == {team}
    assert givers.bits["signal"].is_unique
    return dict(zip(givers.bits["signal"], givers.bits["bits"], strict=True))


def test_every_bit_of_a_stall_by_hand(stall, givers_of):
    givers, _ = givers_of(stall)
    shares = {
        "stall_pace": (3, 4),  # of one scan it is not known when it was confirmed
        "stall_endings": (3, 4),  # new4 is not weighed at all
    }
    expected = {
        code: weighed(CREW_SIGNALS[code], *share) for code, share in shares.items()
    }
    assert bits_by_signal(givers) == pytest.approx(
        {"prior": CREW_PRIOR_BITS} | expected
    )


def test_every_bit_of_a_platform_by_hand(pool, givers_of):
    givers, _ = givers_of(pool)
    shares = {
        "order_races": (4, 5),
        "workers_return": (4, 5),  # w0 came once
        "order_distance": (0, 0),  # nobody's place is known
    }
    expected = {
        code: weighed(PLATFORM_SIGNALS[code], *share) for code, share in shares.items()
    }
    assert bits_by_signal(givers) == pytest.approx(
        {"prior": PLATFORM_PRIOR_BITS} | expected
    )


@pytest.mark.parametrize("scene", ["stall", "pool"])
def test_a_team_s_bits_add_up_to_its_risk(request, givers_of, scene):
    givers, _ = givers_of(request.getfixturevalue(scene))
    (risk,) = givers.teams["risk"]
    assert givers.bits["bits"].sum() == pytest.approx(math.log2(risk / (1 - risk)))
    assert 0.7 < risk < 1


def test_a_first_day_that_looks_like_a_stall_at_first_is_no_crew(stall, givers_of):
    # The same with ties between three of five, seen often again, and good endings.
    stall.risks = dict.fromkeys(stall.risks, 0.01)
    stall.ties += [{"account_a": f"h{i}", "account_b": f"new{i}"} for i in (0,)]
    stall.registered_on |= {"new4": "home4"}
    for scan in stall.scans:
        scan["confirmed_at"] = scan["scanned_at"] + 40
    givers, store = givers_of(stall)
    assert len(find_crews(store).helps) == 5, "a session of five helps"
    assert givers.teams.empty and givers.helps.empty and givers.bits.empty
    assert store.count("giver_helps") == store.count("crew_sessions") == 0


def test_a_team_has_its_kind_its_pattern_and_its_time(stall, pool, givers_of):
    for scene, kind, pattern, last in (
        (stall, "scanning_crew", "stall", DAY + 4 * MINUTE),
        (pool, "helper_platform", "platform", 4 * DAY),
    ):
        givers, _ = givers_of(scene)
        (team,) = givers.teams.itertuples()
        assert (team.kind, team.last) == (kind, last)
        assert set(givers.helps["pattern"]) == {pattern}
        assert set(givers.helps["help_id"]) == {row["help_id"] for row in scene.helps}


def test_what_a_worker_scanned_at_a_stall_is_the_crew_s(stall, pool, givers_of):
    for part in ("helps", "scans", "ties"):
        getattr(stall, part).extend(getattr(pool, part))
    for part in ("roles", "risks", "registered_on"):
        getattr(stall, part).update(getattr(pool, part))
    stall.help("both", "w0", "order1", DAY + 90, latitude=0, longitude=0)
    givers, _ = givers_of(stall)
    helps = givers.helps.set_index("help_id")
    assert helps.index.is_unique
    assert helps.loc["both", "pattern"] == "stall"
    assert helps.loc["both", "team_id"] == helps.loc["stall0", "team_id"]
    assert helps.loc["w0_0", "pattern"] == "platform"
    assert sorted(givers.teams["kind"]) == ["helper_platform", "scanning_crew"]


def test_a_session_is_kept_for_the_card(stall, givers_of):
    givers, store = givers_of(stall)
    (team,) = givers.teams["team_id"]
    assert store.rows(
        """SELECT team_id, "first", "last", latitude, longitude, helps, placed_by
           FROM crew_sessions"""
    ) == [(team, DAY, DAY + 4 * MINUTE, 0, 2, 5, "position")]


def test_a_team_is_named_by_its_first_help(stall, givers_of):
    before, _ = givers_of(stall)
    for row in stall.helps[1:]:
        row["help_id"] = f"renamed_{row['help_id']}"
    after, _ = givers_of(stall)
    assert before.teams["team_id"].tolist() == after.teams["team_id"].tolist()
    stall.helps[0]["help_id"] = "renamed"
    other, _ = givers_of(stall)
    assert other.teams["team_id"].tolist() != before.teams["team_id"].tolist()


def test_where_nobody_gives_there_is_nothing_to_weigh(stall, givers_of):
    # An address alone is no place for helpers who do not look lured.
    stall.roles = dict.fromkeys(stall.roles, "bystander")
    for scan in stall.scans:
        for column in ("latitude", "longitude", "wifi"):
            scan.pop(column, None)
        scan["ip"] = "36.1.2.3"
    givers, store = givers_of(stall)
    assert givers.teams.empty
    assert givers.helps.empty
    assert givers.bits.empty
    assert store.rows("SELECT count(*) FROM crew_sessions") == [(0,)]
