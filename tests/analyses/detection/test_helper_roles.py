import numpy as np
import pytest
from scipy.stats import beta

from analyses.detection.crews import put_groups
from analyses.detection.helper_roles import _lower_bound, find_helper_roles
from analyses.detection.helper_signals import (
    HELPER_SIGNALS,
    MANNERS,
    PRIOR,
    ROLE_OF_MANNER,
    ROLES,
)

DAY = 86_400
METRE = 9
"""Millionths of a degree in a metre, or nearly."""


class HelpWorld:
    """Helps, scans and ties, written down one sentence at a time."""

    def __init__(self):
        self.helps, self.scans, self.ties, self.risks = [], [], [], {}

    def help(self, helper, helped, *, risk=0.0, day=1, result="ok", code=None, **scan):
        number = len(self.helps)
        self.risks[helped] = risk
        self.helps.append(
            {
                "help_id": f"h{number:04}",
                "helper_id": helper,
                "helped_id": helped,
                "kind": "registration",
                "helped_at": day * DAY,
                "scan_id": f"s{number:04}",
                "result": result,
            }
        )
        self.scans.append(
            {
                "scan_id": f"s{number:04}",
                "scanner_id": helper,
                "code_id": code or f"c{number:04}",
                "purpose": "register_help",
                "scanned_at": day * DAY,
                "wifi": f"wifi_of_{helper}",
                **scan,
            }
        )

    def help_a_friend(self, helper, helped, **more):
        self.ties.append({"account_a": helper, "account_b": helped})
        self.help(helper, helped, **more)


@pytest.fixture
def helping():
    """A hundred people who helped a friend each; tests add the others."""
    made = HelpWorld()
    for i in range(100):
        made.help_a_friend(f"someone{i:03}", f"good{i:03}", wifi=f"home{i:03}")
    return made


@pytest.fixture
def roles_of(world, shared):
    """Return a function that gives each helper its role in words, and its score."""

    def make(helping):
        store = world(
            accounts=[
                {"account_id": name, "registration_wifi": f"home_of_{name}"}
                for name in helping.risks
            ],
            helps=helping.helps,
            scans=helping.scans,
            ties=helping.ties,
        )
        shared(store)
        numbers = dict(store.rows("SELECT account_id, account FROM account_names"))
        risks = sorted((numbers[name], risk) for name, risk in helping.risks.items())
        account, risk = zip(*risks, strict=True)
        put_groups(
            store,
            np.array(account, dtype=np.int32),
            np.arange(len(account)),
            np.array(risk),
        )
        found = find_helper_roles(store)
        names = dict(store.rows("SELECT account, account_id FROM account_names"))
        ids = [names[number] for number in found.helper.tolist()]
        return (
            dict(zip(ids, [ROLES[role] for role in found.role], strict=True)),
            dict(zip(ids, found.score.tolist(), strict=True)),
            found,
        )

    return make


def add_worker(helping, name="worker"):
    """Helps bad strangers again and again, races for codes, and is refused."""
    for i in range(8):
        code = f"race{name}{i}"
        helping.help(name, f"bad{i}", risk=0.99, day=2 + 30 * i, code=code)
        helping.help(
            f"rival{i}", f"bad{i}", risk=0.99, day=2, code=code, result="lost_race"
        )
    for i in range(3):
        helping.help(name, f"bad{i}", risk=0.99, day=3 + i, result="quota_refused")


def test_a_friend_is_a_bystander(helping, roles_of):
    roles, scores, _ = roles_of(helping)
    assert set(roles.values()) == {"bystander"}
    assert max(scores.values()) < 0.05


def test_a_passer_by_at_a_stall_was_lured(helping, roles_of):
    for i in range(8):
        helping.help(
            f"passer{i}", f"bad{i}", risk=0.99, latitude=i * METRE, longitude=0
        )
    roles, _, _ = roles_of(helping)
    assert {roles[f"passer{i}"] for i in range(8)} == {"lured_helper"}
    assert roles["someone000"] == "bystander"


def test_a_lured_passer_by_stays_one_though_he_also_helped_a_friend(helping, roles_of):
    for i in range(8):
        helping.help(
            f"passer{i}", f"bad{i}", risk=0.99, latitude=i * METRE, longitude=0
        )
    helping.help_a_friend("passer0", "own friend", day=40)
    roles, _, _ = roles_of(helping)
    assert roles["passer0"] == "lured_helper"


def test_who_races_and_is_refused_is_a_worker(helping, roles_of):
    add_worker(helping)
    roles, scores, _ = roles_of(helping)
    assert roles["worker"] == "platform_worker"
    assert scores["worker"] > 0.5
    assert scores["worker"] == max(scores.values())


def test_helpers_of_bad_accounts_on_one_device_are_owned(helping, roles_of):
    for i in range(12):
        helping.help(f"owned{i % 4}", f"bad{i}", risk=0.99, day=2 + i, device_id="pool")
    roles, _, _ = roles_of(helping)
    assert {roles[f"owned{i}"] for i in range(4)} == {"owned_helper"}


def test_who_stands_at_many_stalls_is_an_operator(helping, roles_of):
    for stall in range(4):
        for i in range(6):
            helping.help(
                "operator" if i == 0 else f"passer{stall}{i}",
                f"bad{stall}{i}",
                risk=0.99,
                day=5 + stall,
                latitude=stall * 10**6 + i * METRE,
                longitude=0,
            )
    roles, _, _ = roles_of(helping)
    assert roles["operator"] == "operator"
    assert {role for name, role in roles.items() if "passer" in name} == {
        "lured_helper"
    }


def test_how_many_one_helped_decides_nothing(helping, roles_of):
    for month in range(12):
        helping.help_a_friend("kind", f"friend{month}", day=30 * month + 1)
    add_worker(helping)
    roles, scores, _ = roles_of(helping)
    assert roles["kind"] == "bystander"
    assert scores["kind"] < 0.1 < scores["worker"]


def test_an_agency_whose_customers_do_no_harm_is_a_bystander(helping, roles_of):
    for i in range(12):
        helping.help("agency", f"customer{i}", day=30 * i + 1)
    roles, scores, _ = roles_of(helping)
    assert roles["agency"] == "bystander"
    assert scores["agency"] < 0.1


def test_nobody_who_helped_once_outranks_a_worker(helping, roles_of):
    add_worker(helping)
    helping.help("once", "bad0", risk=0.99)
    _, scores, _ = roles_of(helping)
    assert scores["once"] < scores["worker"]


def test_chances_are_shares_and_the_rest_is_in_order(helping, roles_of):
    add_worker(helping)
    _, _, found = roles_of(helping)
    assert found.chances.sum(axis=1) == pytest.approx(1)
    assert (np.diff(found.helper) > 0).all()
    assert ((found.score >= 0) & (found.score <= 1)).all()
    for code, level in found.levels.items():
        assert np.isin(level, range(-1, len(HELPER_SIGNALS[code].answers))).all()
        assert (found.bits[code][level < 0] == 0).all()


def test_the_order_of_rows_changes_nothing(helping, roles_of):
    add_worker(helping)
    one = roles_of(helping)
    helping.helps.reverse()
    helping.scans.reverse()
    helping.ties.reverse()
    helping.risks = dict(reversed(helping.risks.items()))
    other = roles_of(helping)
    assert one[:2] == other[:2]


def test_the_bound_rises_with_the_number_of_bad_ends():
    # 2 of 2, 10 of 10 and 5 of 10 bad; the prior is the share of all, as one account.
    bad, judged = np.array([2.0, 10.0, 5.0]), np.array([2.0, 10.0, 10.0])
    bounds = _lower_bound(bad, judged)
    prior = 0.5  # 17 of 22, but never more than a half
    expected = beta.ppf(0.1, bad + prior, judged - bad + 1 - prior)
    assert bounds == pytest.approx(expected)
    assert bounds[2] < bounds[0] < bounds[1] < 1


def test_who_has_helped_nobody_known_has_no_bound():
    assert _lower_bound(np.zeros(2), np.zeros(2)).tolist() == [0, 0]


def test_shares_of_the_table_are_shares():
    assert len(PRIOR) == len(MANNERS) == len(ROLE_OF_MANNER)
    assert MANNERS[: len(ROLES)] == ROLES
    assert sum(PRIOR) == pytest.approx(1)
    for signal in HELPER_SIGNALS.values():
        for answer in signal.answers:
            assert len(answer.shares) == len(MANNERS)
            assert all(0 < share < 1 for share in answer.shares), answer.code
        totals = np.sum([answer.shares for answer in signal.answers], axis=0)
        assert totals == pytest.approx(1, abs=0.01), signal.code


def test_nobody_helped_and_nobody_has_a_role(world, shared):
    store = world(accounts="account_id\nann")
    shared(store)
    put_groups(store, np.zeros(1, np.int32), np.zeros(1, np.int64), np.full(1, 0.5))
    found = find_helper_roles(store)
    assert len(found.helper) == len(found.score) == len(found.role) == 0
