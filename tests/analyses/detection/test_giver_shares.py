"""Shares counted by hand from three or four helps."""

import numpy as np
import pytest

from analyses.detection.crews import put_groups
from analyses.detection.giver_shares import (
    LEAST_OF_A_SESSION,
    crew_bits,
    platform_bits,
    session_bits,
)
from analyses.detection.giver_signals import (
    CREW_PRIOR_BITS,
    CREW_SIGNALS,
    PLATFORM_PRIOR_BITS,
    PLATFORM_SIGNALS,
    share_bits,
)
from graph.help_facts import gather_help_facts

DAY = 86_400
GIVEN = "SELECT 'T' AS team_id, help_id, helper, helped FROM help_facts"


@pytest.fixture
def shares(world):
    """Return a function from helps to a store in which their shares can be counted.

    A help is (helper, helped, day, seconds to confirm, code); `bad` end badly.
    """

    def make(helps, *, bad=()):
        helped = sorted({one[1] for one in helps})
        store = world(
            accounts=[{"account_id": name} for name in helped],
            helps=[
                {
                    "help_id": f"h{n}",
                    "helper_id": helper,
                    "helped_id": who,
                    "kind": "registration",
                    "helped_at": day * DAY,
                    "scan_id": f"s{n}",
                }
                for n, (helper, who, day, _, _) in enumerate(helps)
            ],
            scans=[
                {
                    "scan_id": f"s{n}",
                    "scanner_id": helper,
                    "code_id": code,
                    "purpose": "register_help",
                    "scanned_at": day * DAY,
                    "confirmed_at": day * DAY + wait,
                }
                for n, (helper, _, day, wait, code) in enumerate(helps)
            ],
        )
        gather_help_facts(store)
        number = dict(store.rows("SELECT account_id, account FROM account_names"))
        order = sorted(helped, key=lambda name: number[name])
        put_groups(
            store,
            np.array([number[name] for name in order], dtype=np.int32),
            np.zeros(len(order), dtype=np.int64),
            np.array([0.9 if name in bad else 0.1 for name in order]),
        )
        return store

    return make


def as_said(table, code, yes, known):
    (bits,) = share_bits(
        table[code], np.array([yes / max(known, 1)]), np.array([float(known)])
    )
    return pytest.approx(bits)


STALL = [
    ("ann", "x", 1, 4, "c1"),
    ("ben", "y", 1, 9, "c2"),
    ("cid", "z", 1, 10, "c3"),
    ("cid", "x", 2, 4, "c4"),
]
"""Four helps of three helpers; one was there on two days, and one took ten seconds."""


def test_the_shares_of_a_stall(shares):
    store = shares(STALL, bad=("x",))
    bits = crew_bits(store, GIVEN).set_index("signal")["bits"]
    assert bits.to_dict() == {
        "prior": CREW_PRIOR_BITS,
        "stall_pace": as_said(CREW_SIGNALS, "stall_pace", 3, 4),
        "stall_endings": as_said(CREW_SIGNALS, "stall_endings", 2, 4),
    }


def test_how_those_end_speaks_in_full_but_against_a_single_session(shares):
    """The farm of a session may not be known yet; a crew has some that are."""
    store = shares(STALL)
    session, crew = (
        bits(store, GIVEN).set_index("signal")["bits"]["stall_endings"]
        for bits in (session_bits, crew_bits)
    )
    assert crew == as_said(CREW_SIGNALS, "stall_endings", 0, 4)
    assert crew < session == LEAST_OF_A_SESSION


ORDERS = [
    ("ann", "x", 1, 30, "order1"),
    ("ben", "x", 1, 30, "order1"),
    ("ann", "y", 40, 30, "order2"),
]
"""Two orders, one of which two raced for; one of the two workers came back."""


def test_the_shares_of_a_platform(shares):
    store = shares(ORDERS)
    bits = platform_bits(store, GIVEN).set_index("signal")["bits"]
    assert bits.to_dict() == {
        "prior": PLATFORM_PRIOR_BITS,
        "order_races": as_said(PLATFORM_SIGNALS, "order_races", 1, 2),
        "workers_return": as_said(PLATFORM_SIGNALS, "workers_return", 1, 2),
        "order_distance": 0,  # where anybody was is not known
    }


def test_teams_are_weighed_each_for_itself(shares):
    store = shares(STALL)
    each = "SELECT helper AS team_id, help_id, helper, helped FROM help_facts"
    bits = crew_bits(store, each)
    assert bits["team_id"].nunique() == 3
    assert (bits.groupby("team_id").size() == 1 + len(CREW_SIGNALS)).all()
