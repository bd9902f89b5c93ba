"""What is known of a helper: at a stall, and in the helps of his own."""

import numpy as np
import pandas as pd
import pytest

from analyses.detection.crews import put_groups
from analyses.detection.helper_facts import gather_helper_facts

DAY, MINUTE = 86_400, 60


class Helps:
    """Helps written down one a line; those who are helped have a risk and a farm."""

    def __init__(self):
        self.helps, self.scans, self.logins, self.ties = [], [], [], []
        self.groups = {}

    def help(self, helper, helped, *, at=DAY, risk=0.0, farm=0, result="ok", **scan):
        name = f"{helper}>{helped}@{at}"
        self.groups[helped] = (farm, risk)
        self.helps.append(
            {
                "help_id": name,
                "helper_id": helper,
                "helped_id": helped,
                "kind": "registration",
                "helped_at": at,
                "scan_id": name,
                "result": result,
            }
        )
        self.scans.append(
            {
                "scan_id": name,
                "scanner_id": helper,
                "code_id": f"code of {name}",
                "purpose": "register_help",
                "scanned_at": at,
                "confirmed_at": at + 5,
                **scan,
            }
        )

    def stall(self, **scan):
        """Six passers-by scan the codes of bad strangers at one place."""
        for i in range(6):
            self.help(
                f"passer{i}",
                f"bad{i}",
                at=5 * DAY + i * MINUTE,
                risk=0.99,
                latitude=0,
                longitude=i,
                **scan,
            )


@pytest.fixture
def helps():
    return Helps()


@pytest.fixture
def fact(world, shared):
    """Return a function from helps to the facts of a helper, by name."""

    def make(helps):
        store = world(
            accounts=[{"account_id": name} for name in helps.groups],
            helps=helps.helps,
            scans=helps.scans,
            logins=helps.logins,
            ties=helps.ties,
        )
        shared(store)
        number = dict(store.rows("SELECT account_id, account FROM account_names"))
        rows = sorted((number[n], *group) for n, group in helps.groups.items())
        account, farm, risk = (np.array(column) for column in zip(*rows, strict=True))
        put_groups(store, account.astype(np.int32), farm, risk)
        gather_helper_facts(store)
        facts = store.frame("SELECT * FROM helper_facts").set_index("helper")
        return lambda name: facts.loc[number[name]]

    return make


def test_a_passer_by_has_no_help_of_his_own(helps, fact):
    helps.stall()
    passer = fact(helps)("passer0")
    assert (passer["attempts"], passer["sessions"], passer["own"]) == (1, 1, 0)
    assert (passer["judged"], passer["own_judged"]) == (1, 0)


def test_what_he_did_at_home_is_counted_apart_from_the_stall(helps, fact):
    helps.stall()
    helps.help("passer0", "friend", at=60 * DAY)
    helps.ties.append({"account_a": "passer0", "account_b": "friend"})
    passer = fact(helps)("passer0")
    assert (passer["attempts"], passer["sessions"], passer["own"]) == (2, 1, 1)
    assert passer["tied"] == 1
    assert (passer["bad"], passer["own_bad"]) == (0.99, 0)


def test_who_tries_a_code_that_a_passer_by_scans_as_well_tests_it(helps, fact):
    helps.stall()
    helps.help("boss", "bad0", at=5 * DAY + 30, risk=0.99, latitude=0, longitude=0)
    facts = fact(helps)
    assert facts("boss")["tests"] == 1
    assert facts("passer1")["tests"] == 0


def test_a_log_in_within_the_hour_on_the_network_of_the_stall_is_one_there(helps, fact):
    helps.stall(ip="9.9.9.9")
    hour, later = 5 * DAY + 3500, 5 * DAY + 3800
    for name, at, ip in (
        ("passer0", hour, "9.9.9.7"),
        ("passer1", later, "9.9.9.7"),
        ("passer2", hour, "8.8.8.8"),
        ("passer3", hour, None),
    ):
        phone = {"device_id": f"{name}_phone", "logged_in_at": at}
        helps.logins.append({"account_id": name, "ip": ip, **phone})
    facts = fact(helps)
    assert facts("passer0")["logins_there"] == 1
    assert [facts(f"passer{i}")["logins_there"] for i in (1, 2, 3)] == [0, 0, 0]


def test_lost_races_and_refusals_are_counted(helps, fact):
    helps.help("worker", "a", at=1 * DAY, result="lost_race")
    helps.help("worker", "b", at=2 * DAY, code_id="order")
    helps.help("rival", "b", at=2 * DAY + 1, code_id="order", result="lost_race")
    helps.help("worker", "c", at=3 * DAY, result="quota_refused")
    worker = fact(helps)("worker")
    assert (worker["own"], worker["races"], worker["refused"]) == (3, 2, 1)


def test_each_one_helped_ends_once_however_often_it_was_tried(helps, fact):
    for day in range(3):
        helps.help("worker", "bad", at=day * DAY, risk=0.75)
    helps.help("worker", "good", at=9 * DAY, risk=0.25)
    worker = fact(helps)("worker")
    assert (worker["attempts"], worker["helped"], worker["own_judged"]) == (4, 2, 2)
    assert worker["own_bad"] == 1.0


@pytest.mark.parametrize(
    ("other_on_the_phone", "company"),
    [
        (None, 0),
        ("helper of good ones", 1),
        ("helper of bad ones", 2),
        ("bad", 3),
    ],
)
def test_who_else_uses_a_helper_s_phone(helps, fact, other_on_the_phone, company):
    helps.help("helper", "a", device_id="phone")
    helps.help("helper of good ones", "good", device_id="desk")
    helps.help("helper of bad ones", "bad", risk=0.9, device_id="desk2")
    if other_on_the_phone:
        helps.logins.append(
            {
                "account_id": other_on_the_phone,
                "device_id": "phone",
                "logged_in_at": DAY,
            }
        )
    helper = fact(helps)("helper")
    assert helper["company"] == company
    assert helper["device_helpers"] == (2 if company in (1, 2) else 1)


def test_how_the_others_of_the_farm_were_let_in(helps, fact):
    # The farm's other accounts were helped by workers who raced.
    for i in range(3):
        for name in ("worker", "rival"):
            helps.help(name, f"bad{i}", farm=7, code_id=f"order{i}")
    helps.help("stranger", "bad9", farm=7)
    facts = fact(helps)
    assert facts("stranger")["route"] == 2


def test_the_helper_s_own_helps_tell_nothing_of_the_others(helps, fact):
    for i in range(3):
        helps.help("worker", f"bad{i}", farm=7, result="lost_race")
    assert pd.isna(fact(helps)("worker")["route"])
