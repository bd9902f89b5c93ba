"""A farm F of three accounts on one phone, its owned helper, a crew C, a platform P.

1, 2, 3  accounts of F, registered on phone 10      4  F's owned helper
5        operates C                                 6, 7  work for P
8, 9     passers-by whom C lured
"""

import pyarrow as pa
import pytest

from analyses.detection.team_links import put_links
from graph.store import Store

MEMBERS = [
    *(("F", account, "batch_registered") for account in (1, 2, 3)),
    ("F", 4, "owned_helper"),
    ("C", 5, "operator"),
    ("P", 6, "platform_worker"),
    ("P", 7, "platform_worker"),
    ("C", 8, "lured_helper"),
    ("C", 9, "lured_helper"),
]
GIVEN = [
    (8, 1, "C"),
    (9, 2, "C"),
    (5, 3, "C"),
    (6, 1, "P"),
    (7, 2, "P"),
]
HELPED = [("C", "F", "serves", 3), ("P", "F", "supplies_workers_to", 2)]


@pytest.fixture
def links():
    """Return the links of this world with other logins, members and helps."""

    def find(logins=(), members=(), given=(), declared=()):
        def table(columns, rows):
            names = columns.split()
            columns_ = list(zip(*rows, strict=True)) or [()] * len(names)
            typed = [
                pa.array(column, None if column else pa.string()) for column in columns_
            ]
            return pa.table(dict(zip(names, typed, strict=True)))

        with Store() as store:
            registered = [(n, 10 if n <= 3 else 20 + n) for n in range(1, 10)]
            store.put("accounts", table("account registration_device", registered))
            store.put("logins", table("account device", list(logins) or [(1, 10)]))
            devices = [(n, f"phone{n}") for n in range(10, 30)]
            store.put("devices", table("device device_id", devices))
            store.put("declared", table("kind value", list(declared)))
            every = [*MEMBERS, *members]
            store.put("_members", table("team_id account role", every))
            helps = [(f"h{n}", *row) for n, row in enumerate([*GIVEN, *given])]
            store.put("_given", table("help_id helper helped team_id", helps))
            kinds = [
                ("F", "registration_farm"),
                ("C", "scanning_crew"),
                ("P", "helper_platform"),
            ]
            store.put("_teams", table("team_id kind", kinds))
            put_links(store)
            return sorted(
                store.rows("SELECT team_a, team_b, kind, events FROM out_links")
            )

    return find


def test_a_crew_serves_and_a_platform_supplies_workers(links):
    assert links() == HELPED


def test_a_farm_controls_the_crew_whose_operator_sits_on_its_phone(links):
    expected = [HELPED[0], ("F", "C", "controls", 3), HELPED[1]]
    assert links(logins=[(5, 10)] * 3) == expected


def test_two_logins_may_be_a_phone_that_was_lent(links):
    assert links(logins=[(5, 10)] * 2) == HELPED


def test_who_was_lured_runs_nothing(links):
    assert links(logins=[(8, 10)] * 9) == HELPED


def test_a_phone_that_mostly_others_use_is_not_the_farm_s(links):
    crowd = [(account, 10) for account in (6, 7, 8, 9)]
    assert links(logins=[*crowd, *[(5, 10)] * 3]) == HELPED


def test_a_declared_phone_is_its_organisation_s(links):
    declared = [("device", "phone10")]
    assert links(logins=[(5, 10)] * 3, declared=declared) == HELPED


def test_an_operator_that_is_the_farm_s_own_helper_shows_it_by_its_helps(links):
    both = [("C", 4, "operator")]
    given = [(4, account, "C") for account in (1, 2, 3)]
    expected = [("C", "F", "serves", 6), ("F", "C", "controls", 3), HELPED[1]]
    assert links(members=both, given=given) == expected


@pytest.mark.parametrize(("workers", "controls"), [((6,), False), ((6, 7), True)])
def test_a_platform_needs_two_workers_of_the_farm(links, workers, controls):
    found = links(logins=[(worker, 10) for worker in workers] * 3)
    assert (("F", "P", "controls", 3 * len(workers)) in found) == controls
