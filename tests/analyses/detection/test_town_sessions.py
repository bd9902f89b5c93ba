"""Six strangers of one town help in half an hour; no phone says where it is.

Their addresses are of the town's mobile block, each another. Those they help register
in another region and look batch-registered.
"""

import numpy as np
import pytest

from analyses.detection.crews import put_groups
from analyses.detection.sessions import believe_sessions

DAY, MINUTE = 86_400, 60
TOWN, OTHER = "36.1.2", "36.9.9"


@pytest.fixture
def sessions(world, shared):
    """Return a function: what placed the sessions, and the helps in each."""

    def make(
        *,
        helps=6,
        helpers=6,
        pause=5,
        region="There",
        blocks=(TOWN,),
        registered=OTHER,
        risk=0.9,
        code="c{i}",
        device=None,
        ties=0,
        again=0,
        beside=(),
        placed=0,
        later=0,
    ):
        accounts = [
            {
                "account_id": f"helper{i}",
                "registered_at": -DAY,
                "profile_region": "Here",
            }
            for i in range(helps)
        ]
        accounts += [
            {
                "account_id": f"new{i}",
                "registered_at": 1,
                "profile_region": region,
                "registration_ip": f"{registered}.{i}",
            }
            for i in range(helps)
        ]
        given, scans = [], list(beside)
        for n in range(1 + again):
            for i in range(helps):
                at = DAY * (1 + n) + i * pause * MINUTE
                at += later * MINUTE if i >= placed else 0
                scan = {
                    "scan_id": f"s{n}_{i}",
                    "scanner_id": f"helper{i % helpers}",
                    "code_id": code.format(i=i) if n == 0 else f"again{n}_{i}",
                    "purpose": "register_help",
                    "scanned_at": at,
                    "ip": f"{blocks[i % len(blocks)]}.{10 * n + i}",
                    "device_id": device,
                    "latitude": 30.0 if i < placed else None,
                    "longitude": 120.0 if i < placed else None,
                }
                scans.append(scan)
                given.append(
                    {
                        "help_id": f"h{n}_{i}",
                        "helper_id": scan["scanner_id"],
                        "helped_id": f"new{i}",
                        "kind": "registration",
                        "helped_at": at,
                        "scan_id": scan["scan_id"],
                    }
                )
        store = world(
            accounts=accounts,
            helps=given,
            scans=scans,
            ties=[
                {"account_a": f"helper{i}", "account_b": f"new{i}"} for i in range(ties)
            ],
        )
        shared(store)
        number = dict(store.rows("SELECT account_id, account FROM account_names"))
        ours = sorted(number[f"new{i}"] for i in range(helps))
        put_groups(
            store,
            np.array(ours, dtype=np.int32),
            np.zeros(helps, dtype=np.int64),
            np.where(
                np.arange(helps) < (placed or helps), 0.9 if placed else risk, risk
            ),
        )
        believe_sessions(store)
        return store.rows(
            """SELECT placed_by, count(*) FROM gatherings
               JOIN stall_sessions USING (gathering) WHERE believed
               GROUP BY placed_by, gathering ORDER BY gathering, placed_by"""
        )

    return make


def test_passers_by_of_one_town_within_the_hour_are_a_session(sessions):
    assert sessions() == [("town", 6)]


def test_one_without_a_place_and_one_with_are_two(sessions):
    assert sessions(again=1) == [("town", 6), ("town", 6)]


@pytest.mark.parametrize(
    "other",
    [
        {"risk": 0.4},
        {"helps": 4},
        {"pause": 25},
        {"ties": 6},
        {"helpers": 3},
        {"code": "order", "pause": 1},
        {"device": "one_phone"},
        {"again": 2},
    ],
    ids=[
        "they let in innocent newcomers",
        "they are four",
        "they come half an hour apart",
        "they help friends",
        "they help in turns",
        "they race for one code",
        "they have one phone",
        "they come back and back",
    ],
)
def test_it_is_none_when(sessions, other):
    assert sessions(**other) == []


@pytest.mark.parametrize(
    "here",
    [{"region": "Here"}, {"registered": TOWN}],
    ids=["a campus day", "a shop on one line"],
)
def test_where_people_register_on_the_spot_there_is_no_stall(sessions, here):
    assert sessions(**here) == []


def test_where_nobody_knows_whence_the_codes_are_there_is_none(sessions):
    assert sessions(region=None) == []


def positions(block, latitude):
    """Give three payments from a block, with a position."""
    for n in range(3):
        yield {
            "scan_id": f"pay_{block}_{n}",
            "scanner_id": "helper0",
            "code_id": f"shop{n}",
            "purpose": "pay",
            "scanned_at": n,
            "ip": f"{block}.{200 + n}",
            "latitude": latitude,
            "longitude": 120_000_000 + n,
        }


def test_two_blocks_that_are_seen_in_one_town_are_one_place(sessions):
    blocks = (TOWN, "36.1.3")
    assert sessions(blocks=blocks) == []
    seen = [*positions(TOWN, 30_000_000), *positions("36.1.3", 30_010_000)]
    assert sessions(blocks=blocks, beside=seen) == [("town", 6)]


@pytest.mark.parametrize(("latitude", "found"), [(30_020_000, []), (32_000_000, 1)])
def test_how_far_the_accounts_registered_says_more_than_a_profile(
    sessions, latitude, found
):
    seen = [*positions(TOWN, 30_000_000), *positions(OTHER, latitude)]
    expected = [("town", 6)] if found else found
    region = "There" if not found else "Here"
    assert sessions(beside=seen, region=region) == expected


def test_who_gives_no_position_is_of_the_session_that_was_open_in_town(sessions):
    assert sessions(helps=8, helpers=8, placed=6) == [("position", 6), ("town", 2)]


def test_who_lets_in_an_innocent_from_elsewhere_is_of_it_too(sessions):
    found = sessions(helps=8, helpers=8, placed=6, risk=0.1)
    assert found == [("position", 6), ("town", 2)]


@pytest.mark.parametrize(
    ("other", "days"),
    [
        ({"later": 30}, 1),
        ({"blocks": (*[TOWN] * 6, OTHER, OTHER)}, 1),
        ({"again": 2}, 3),
    ],
    ids=["after it closed", "from another town", "who comes back and back"],
)
def test_who_is_not_of_the_open_session(sessions, other, days):
    found = sessions(helps=8, helpers=8, placed=6, **other)
    assert found == days * [("position", 6)]
