"""Which accounts are one candidate: pairs of accounts and the keys that they share."""

import pytest

from analyses.networks.joining import join


@pytest.fixture
def joined(world):
    """Return the candidates as sets of account numbers, for links (account, key)."""

    def look(*links, **how):
        store = world()
        rows = ", ".join(f"({account}, '{key}')" for account, key in links)
        join(
            store,
            "candidates",
            f"SELECT * FROM (VALUES {rows}) AS v(account, key)",
            **how,
        )
        teams: dict[int, set[int]] = {}
        for team, account in store.rows("SELECT team, account FROM candidates"):
            teams.setdefault(team, set()).add(account)
        return sorted(map(sorted, teams.values()))

    return look


ONE_LINK = [(1, "desk"), (2, "desk"), (3, "shop"), (4, "shop"), (2, "kin"), (3, "kin")]


def test_whatever_is_joined_at_all_is_one_candidate(joined):
    assert joined(*ONE_LINK) == [[1, 2, 3, 4]]


def test_two_parts_that_stand_alone_are_not_joined_by_one_link(joined):
    assert joined(*ONE_LINK, stands_alone=2) == [[1, 2], [3, 4]]


def test_a_small_part_stays_with_the_large_one(joined):
    assert joined(*ONE_LINK, stands_alone=3) == [[1, 2, 3, 4]]


def test_two_links_join_large_parts(joined):
    both = [*ONE_LINK, (1, "friend"), (4, "friend")]
    assert joined(*both, stands_alone=2) == [[1, 2, 3, 4]]


def test_nothing_is_joined_of_nothing(world):
    store = world()
    join(store, "none", "SELECT 1 AS account, NULL AS key", stands_alone=2)
    assert store.count("none") == 0
