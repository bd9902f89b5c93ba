"""Five strangers scan at one place; one more, without a position, in its town."""

import pytest

from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.open_gatherings import PAUSE

HOUR = 3_600
TOWN, ELSEWHERE = "36.1.2", "36.9.9"
DEGREE = 1_000_000


@pytest.fixture
def gathering(world):
    """Return a function: what the last help is of, and how it is placed there."""

    def make(
        *,
        at=HOUR,
        block=TOWN,
        region="There",
        tries=1,
        tied=False,
        takers=1,
        latitude=None,
        others=(),
    ):
        spots = [(10 * DEGREE, 10 * DEGREE)] * 5 + [(latitude, latitude)]
        moments = [n * 60 for n in range(5)] + [at]
        scans = [
            {
                "scan_id": f"s{n}",
                "scanner_id": f"helper{n}",
                "code_id": f"c{n}",
                "purpose": "register_help",
                "scanned_at": moments[n],
                "ip": f"{block if n == 5 else TOWN}.{n}",
                "latitude": spots[n][0],
                "longitude": spots[n][1],
            }
            for n in range(6)
        ]
        scans += [
            {
                "scan_id": f"again{n}",
                "scanner_id": "helper5",
                "code_id": f"again{n}",
                "purpose": "register_help",
                "scanned_at": 90 * HOUR * (n + 1),
                "ip": f"{TOWN}.9",
            }
            for n in range(tries - 1)
        ]
        scans += [
            {
                "scan_id": f"rival{n}",
                "scanner_id": f"rival{n}",
                "code_id": "c5",
                "purpose": "register_help",
                "scanned_at": at,
            }
            for n in range(takers - 1)
        ]
        helped = {f"s{n}": f"new{n}" for n in range(6)}
        helped |= {f"again{n}": f"other{n}" for n in range(tries - 1)}
        store = world(
            accounts=[
                *(
                    {"account_id": f"helper{n}", "profile_region": "Here"}
                    for n in range(6)
                ),
                *(
                    {
                        "account_id": f"new{n}",
                        "registered_at": 1,
                        "profile_region": region if n == 5 else "There",
                    }
                    for n in range(6)
                ),
            ],
            helps=[
                {
                    "help_id": scan["scan_id"].replace("s", "h", 1),
                    "helper_id": scan["scanner_id"],
                    "helped_id": helped[scan["scan_id"]],
                    "kind": "registration",
                    "helped_at": scan["scanned_at"],
                    "scan_id": scan["scan_id"],
                }
                for scan in scans
                if scan["scan_id"] in helped
            ],
            scans=[*scans, *others],
            ties=[{"account_a": "helper5", "account_b": "new5"}] if tied else [],
        )
        gather_help_facts(store)
        find_gatherings(store)
        assert store.rows("SELECT gathering FROM relayed_gatherings") == [(0,)]
        return store.rows(
            """SELECT gathering, placed_by, latitude FROM gatherings
               WHERE help_id = 'h5'"""
        )

    return make


@pytest.mark.parametrize("at", [0, 120, 240 + PAUSE, -PAUSE])
def test_who_gives_no_position_is_of_what_was_open_in_town(gathering, at):
    assert gathering(at=at) == [(0, "town", None)]


def test_where_nothing_tells_where_the_account_is_it_may_be_from_elsewhere(gathering):
    assert gathering(at=0, region=None) == [(0, "town", None)]


@pytest.mark.parametrize(
    "other",
    [
        {"at": 241 + PAUSE},
        {"at": -PAUSE - 1},
        {"block": ELSEWHERE},
        {"region": "Here"},
        {"tries": 3},
        {"tied": True},
        {"takers": 2},
        {"latitude": 10 * DEGREE + 5_000},
    ],
    ids=[
        "after it closed",
        "before it opened",
        "from a block that is of no town",
        "for an account of the same region",
        "who comes back and back",
        "for a friend",
        "who has rivals for the code",
        "whose position is another one",
    ],
)
def test_who_is_not_of_it(gathering, other):
    assert gathering(**{"at": 120} | other) == []


def test_a_block_of_another_town_is_another_town(gathering):
    away = [
        {
            "scan_id": f"away{n}",
            "scanner_id": f"away{n}",
            "code_id": f"away{n}",
            "purpose": "follow",
            "scanned_at": 0,
            "ip": f"{ELSEWHERE}.{n}",
            "latitude": 12 * DEGREE,
            "longitude": 10 * DEGREE,
        }
        for n in range(3)
    ]
    assert gathering(at=120, block=ELSEWHERE, others=away) == []
    near = [scan | {"latitude": 10 * DEGREE + 300_000} for scan in away]
    assert gathering(at=120, block=ELSEWHERE, others=near) == [(0, "town", None)]
