import numpy as np
import pytest

from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.lockstep import DECLARED_SHARE, SURPRISE_FOR_FULL_WEIGHT, build_lockstep
from graph.shared_keys import SHARED_KEYS, collect_shared_keys

WORTH = {key.kind: key.worth / 100 for key in SHARED_KEYS}
PHONE = [{"account_id": f"new{i}", "registration_device_id": "p"} for i in range(3)]


def people(new, *, old=0, **columns):
    """New and established accounts that all have the same in these columns."""
    return [
        {"account_id": f"new{i:03}", "registered_at": 1} | columns for i in range(new)
    ] + [
        {"account_id": f"old{i:03}", "registered_at": -1} | columns for i in range(old)
    ]


def lockstep(store):
    gather_help_facts(store)
    find_gatherings(store)
    collect_shared_keys(store)
    return build_lockstep(store)


def weights(store):
    """Return the weight of each kind of key."""
    graph = lockstep(store)
    return {
        graph.kinds[key]: int(weight)
        for key, weight in zip(graph.key, graph.weight, strict=True)
    }


def test_each_new_account_is_linked_to_what_it_shares(world):
    graph = lockstep(
        world(
            accounts="""account_id registration_device_id registration_wifi
                        ann        phone                  -
                        ben        phone                  cafe
                        max        -                      cafe
                        zoe        -                      -"""
        )
    )
    assert graph.accounts.tolist() == [0, 1, 2, 3]
    assert graph.kinds.tolist() == ["access_point", "device"]
    assert graph.holders.tolist() == [2, 2]
    assert list(zip(graph.account, graph.key, strict=True)) == [
        (0, 1),
        (1, 0),
        (1, 1),
        (2, 0),
    ]


def test_a_link_weighs_as_much_as_the_sharing_surprises(world):
    # Three on one phone where half a one is expected: ln(3 / 0.5) = ln 6 = 1.79 nats,
    # of the 2 at which a phone has its full weight.
    graph = lockstep(world(accounts=PHONE))
    assert graph.lift.tolist() == pytest.approx([np.log(6)])
    assert graph.weight.tolist() == [round(1e6 * np.log(6) / 2)] * 3


def test_from_some_surprise_on_a_link_has_its_full_weight(world):
    assert 0.5 * np.exp(SURPRISE_FOR_FULL_WEIGHT) < 4
    assert weights(world(accounts=people(4, registration_device_id="p"))) == {
        "device": 1_000_000
    }


def test_the_expected_holders_are_those_before_in_proportion(world):
    # 8 new and 40 established accounts, of whom 8 and 2 are on the wifi: expected are
    # (2 + 0.5) * 8 / 40 = 0.5, the lift is ln(8 / 0.5).
    accounts = people(8, old=2, registration_wifi="cafe")
    others = [{"account_id": f"other{i}", "registered_at": -1} for i in range(38)]
    graph = lockstep(world(accounts=accounts + others))
    assert graph.lift.tolist() == pytest.approx([np.log(16)])


def test_few_established_accounts_are_not_scaled_up(world):
    # 8 new, 2 established, both on the wifi: expected are 2.5 and not 10.
    graph = lockstep(world(accounts=people(8, old=2, registration_wifi="cafe")))
    assert graph.lift.tolist() == pytest.approx([np.log(8 / 2.5)])


@pytest.mark.parametrize(
    ("new", "old", "weighs"),
    [(5, 100, False), (5, 0, True), (110, 100, False), (100, 20, True)],
)
def test_an_address_that_was_as_busy_before_weighs_nothing(world, new, old, weighs):
    graph = lockstep(world(accounts=people(new, old=old, registration_ip="10.0.0.1")))
    assert (graph.weight > 0).all() == (graph.weight > 0).any() == weighs
    assert (graph.lift > 0).tolist() == [weighs]


def test_an_excess_no_larger_than_chance_weighs_nothing(world):
    # 3 where 2.5 are expected.
    graph = lockstep(world(accounts=people(3, old=2, registration_wifi="cafe")))
    assert graph.weight.tolist() == [0, 0, 0]
    assert graph.surplus.tolist() == [0]


def test_the_surplus_is_what_is_left_after_the_price_of_every_key_tried(world):
    # One key, 4 holders, 0.5 expected: 4 ln 8 - 3.5 nats of excess, less ln 2.
    graph = lockstep(world(accounts=people(4, registration_wifi="cafe")))
    expected = (4 * np.log(8) - 3.5 - np.log(2)) / 4
    assert graph.surplus.tolist() == pytest.approx([expected])


def test_fewer_than_expected_are_no_surplus(world):
    # 5 newcomers where 100 of 100 established accounts were, and 100 elsewhere.
    accounts = people(5, old=100, registration_ip="10.0.0.1")
    others = [{"account_id": f"other{i}"} for i in range(100)]
    graph = lockstep(world(accounts=accounts + others))
    assert graph.surplus.tolist() == [0]


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("registration_device_id", "d", "device"),
        ("registration_wifi", "w", "access_point"),
        ("registration_ip", "10.0.0.1", "address_block"),
        ("phone_prefix", "p", "phone_segment"),
    ],
)
def test_each_kind_of_key_has_its_worth(world, column, value, kind):
    store = world(accounts=people(4, **{column: value}))
    assert weights(store) == {kind: round(1e6 * WORTH[kind])}


@pytest.mark.parametrize(
    ("column", "value", "declared"),
    [
        ("registration_device_id", "d", "device d"),
        ("registration_wifi", "w", "wifi w"),
        ("phone_prefix", "p", "phone_prefix p"),
        pytest.param("registration_ip", "10.0.0.1", "ip 10.0.0.1"),
    ],
)
def test_what_was_declared_weighs_a_tenth(world, column, value, declared):
    accounts = people(4, **{column: value})
    ((kind, weight),) = weights(world(accounts=accounts)).items()
    store = world(accounts=accounts, declared=f"kind value\n{declared}")
    assert weights(store) == {kind: round(weight * DECLARED_SHARE)}


def test_a_declared_helper_weighs_a_tenth(world):
    store = world(
        accounts=people(4),
        helps=[
            {
                "help_id": f"h{i}",
                "helper_id": "agency",
                "helped_id": f"new00{i}",
                "kind": "registration",
            }
            for i in range(4)
        ],
        declared="kind value\naccount agency",
    )
    assert weights(store) == {"helper": 100_000}


def test_somebody_elses_declaration_changes_nothing(world):
    store = world(
        accounts=people(4, registration_wifi="w"),
        declared="kind value\ndevice w\nwifi other\naccount w",
    )
    assert weights(store) == {"access_point": 800_000}


def test_who_shares_is_in_one_community_and_the_rest_alone(world):
    graph = lockstep(
        world(
            accounts="""account_id registration_device_id
                        ann        phone
                        ben        phone
                        cat        -
                        max        tablet
                        zoe        tablet"""
        )
    )
    everyone = np.ones(5, dtype=bool)
    found = graph.communities(resolution=1e-3, members=everyone)
    assert found[0] == found[1] and found[3] == found[4]
    assert len(set(found.tolist())) == 3


def test_who_is_no_member_has_no_community_and_joins_nobody(world):
    graph = lockstep(
        world(
            accounts="""account_id registration_device_id registration_wifi
                        ann        phone                  -
                        ben        phone                  cafe
                        max        -                      cafe"""
        )
    )
    without_ben = np.array([True, False, True])
    found = graph.communities(resolution=1e-3, members=without_ben)
    assert found[1] == -1
    assert found[0] != found[2]


def test_a_world_without_newcomers_is_an_empty_graph(world):
    graph = lockstep(world(accounts=people(0, old=3, registration_wifi="w")))
    assert len(graph.accounts) == len(graph.weight) == len(graph.kinds) == 0
    found = graph.communities(resolution=1e-3, members=np.ones(0, dtype=bool))
    assert found.tolist() == []
