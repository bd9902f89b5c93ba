"""Which gatherings are believed to be a stall's: six helps, one spot, five minutes."""

import numpy as np
import pytest

from analyses.detection.crews import put_groups
from analyses.detection.sessions import believe_sessions

DAY, MINUTE = 86_400, 60
HOME = "36.1.2.{i}"
"""Addresses of the stall's own town, as its people use them."""


@pytest.fixture
def believed(world, shared):
    """Return a function: what is believed of one gathering; None where it is none.

    The helpers are from Here. `bad` of the six look batch-registered.
    """

    def make(*, region="There", bad=6, wait=5, ties=0, place=None, helpers=6):
        accounts = [
            {
                "account_id": f"helper{i}",
                "registered_at": -DAY,
                "profile_region": "Here",
            }
            for i in range(6)
        ]
        accounts += [
            {"account_id": f"new{i}", "profile_region": region} for i in range(6)
        ]
        helps, scans = [], []
        for i in range(6):
            helps.append(
                {
                    "help_id": f"h{i}",
                    "helper_id": f"helper{i % helpers}",
                    "helped_id": f"new{i}",
                    "kind": "registration",
                    "helped_at": DAY + i * MINUTE,
                    "scan_id": f"s{i}",
                }
            )
            scans.append(
                {
                    "scan_id": f"s{i}",
                    "scanner_id": f"helper{i % helpers}",
                    "code_id": f"c{i}",
                    "purpose": "register_help",
                    "scanned_at": DAY + i * MINUTE,
                    "confirmed_at": DAY + i * MINUTE + wait,
                    **(place or {"latitude": 0, "longitude": i}),
                }
            )
        store = world(
            accounts=accounts,
            helps=helps,
            scans=scans,
            ties=[
                {"account_a": f"helper{i}", "account_b": f"new{i}"} for i in range(ties)
            ],
        )
        shared(store)
        number = dict(store.rows("SELECT account_id, account FROM account_names"))
        put_groups(
            store,
            np.array(sorted(number[f"new{i}"] for i in range(6)), dtype=np.int32),
            np.zeros(6, dtype=np.int64),
            np.array([0.99] * bad + [0.01] * (6 - bad)),
        )
        believe_sessions(store)
        rows = store.rows("SELECT believed FROM stall_sessions")
        return rows[0][0] if rows else None

    return make


def test_quick_strangers_with_codes_from_elsewhere_are_a_stall(believed):
    assert believed() is True


def test_it_is_one_though_its_farm_is_not_known(believed):
    assert believed(bad=0) is True


def test_people_of_one_region_who_help_each_other_are_none(believed):
    assert believed(region="Here", bad=0) is None


def test_friends_who_confirm_at_leisure_are_kept_but_not_believed(believed):
    assert believed(bad=0, wait=60, ties=2) is False


def test_most_must_be_strangers(believed):
    assert believed(ties=6) is None


def test_a_clerk_who_helps_everybody_makes_no_stall(believed):
    assert believed(helpers=2) is None


@pytest.mark.parametrize(("bad", "is_one"), [(0, None), (6, True)])
def test_at_an_address_alone_most_must_look_batch_registered(believed, bad, is_one):
    assert believed(bad=bad, place={"ip": "36.1.2.3"}) is is_one
