"""Eight sealed accounts on one phone, and who looks like them.

s0 … s7   apply a few minutes apart on one phone, from eight towns, with one answer;
          `helper` helps the first four, `stranger` the others
"""

import json

import pytest

HOUR, DAY = 3600, 86_400
NOON = 40 * DAY


def accounts(prefix, count, region="town{i}"):
    return [
        {
            "account_id": f"{prefix}{i}",
            "registered_at": -400 * DAY,
            "profile_region": region.format(i=i),
            "registration_device_id": f"{prefix}_own{i}",
        }
        for i in range(count)
    ]


def forms(prefix, count, *, device="counter", answers="same", gap=300, pace=4.0):
    return [
        {
            "application_id": f"{prefix}_form{i}",
            "account_id": f"{prefix}{i}",
            "applied_at": NOON + gap * i,
            "method": "non_friend",
            "device_id": device.format(i=i),
            "answers_hash": answers.format(i=i),
            "steps_seconds": json.dumps([pace, pace * 1.4, pace * 0.7]),
        }
        for i in range(count)
    ]


def unsealings(prefix, count, helper):
    return [
        {
            "help_id": f"{prefix}_help{i}",
            "helper_id": helper(i),
            "helped_id": f"{prefix}{i}",
            "kind": "unsealing",
            "helped_at": NOON + 300 * i + 600,
            "result": "ok",
        }
        for i in range(count)
    ]


def ordinary(count=30):
    """People who apply once, each on a phone of his own, helped by an old friend."""
    return {
        "accounts": accounts("o", count),
        "unseal_applications": forms(
            "o", count, device="own{i}", answers="own{i}", gap=7 * HOUR + 11, pace=20.0
        ),
        "helps": unsealings("o", count, "friend{}".format),
        "ties": [
            {"account_a": f"friend{i}", "account_b": f"o{i}", "kind": "friend"}
            for i in range(count)
        ],
    }


def together(*worlds):
    names = sorted({name for world in worlds for name in world})
    return {n: [row for world in worlds for row in world.get(n, [])] for n in names}


def batch():
    return {
        "accounts": accounts("s", 8),
        "unseal_applications": forms("s", 8),
        "helps": unsealings("s", 8, lambda i: "helper" if i < 4 else "stranger"),
    }


@pytest.fixture
def found(world, network_of):
    return lambda *worlds: network_of(
        world(**together(ordinary(), *worlds)), "unsealing_batch"
    )


def test_a_batch_on_one_phone_is_found_with_its_helpers(found):
    teams = found(batch())
    assert teams.roles("unsealed_account") == {f"s{i}" for i in range(8)}
    assert teams.roles("platform_worker") == {"helper", "stranger"}
    assert {"live_apart", "equal_answers", "helpers_return"} <= teams.signals


def test_its_helps_are_a_batch_of_unsealings(found):
    assert sorted(found(batch()).found.helps["help_id"]) == [
        f"s_help{i}" for i in range(8)
    ]


def test_people_who_apply_once_are_no_batch(found):
    assert found().members == {}


def test_a_child_who_applies_for_the_family_is_no_batch(found):
    family = {
        "accounts": accounts("f", 6, region="village"),
        "unseal_applications": forms("f", 6, answers="own{i}", pace=15.0),
        "helps": unsealings("f", 6, "aunt{}".format),
        "ties": [
            {"account_a": f"aunt{i}", "account_b": f"f{i}", "kind": "family"}
            for i in range(6)
        ],
    }
    assert found(family).members == {}


def test_a_friendship_made_for_the_help_excuses_nobody(found):
    fresh = [
        {
            "account_a": "helper",
            "account_b": f"s{i}",
            "kind": "friend",
            "since": NOON + 300 * i,
        }
        for i in range(4)
    ]
    teams = found(batch() | {"ties": fresh})
    assert "helper" in teams.roles("platform_worker")


def test_an_old_friend_is_no_hired_helper(found):
    old = [{"account_a": "helper", "account_b": f"s{i}", "since": 0} for i in range(4)]
    assert "helper" not in found(batch() | {"ties": old}).members


def test_more_of_one_phone_segment_than_are_allowed_in_a_month_are_looked_at(found):
    world = batch()
    for form in world["unseal_applications"]:
        form["device_id"] = f"{form['account_id']}_own"
        form["phone_prefix"] = "1701234"
    world["helps"] = unsealings("s", 8, "taker{}".format)
    assert found(world).roles("unsealed_account") == {f"s{i}" for i in range(8)}


def desk(count=12, pace=11.0):
    """A shop's counter in one town: its clerk applies for customers all month."""
    return {
        "accounts": accounts("d", count, region="harbour"),
        "unseal_applications": forms(
            "d", count, device="till", answers="own{i}", gap=26 * HOUR, pace=pace
        ),
        "helps": unsealings("d", count, "kin{}".format),
    }


def test_a_desk_is_no_batch_also_where_no_ties_are_known(found):
    assert found(desk() | {"ties": []}).members == {}


@pytest.mark.parametrize("ties", ["known", "unknown"])
def test_one_helper_of_both_does_not_make_customers_of_a_desk_members(
    found, world, network_of, ties
):
    shop = desk()
    shop["helps"][3]["helper_id"] = "helper"  # who helps half of the batch, too
    worlds = together(ordinary(), batch(), shop)
    if ties == "unknown":
        worlds["ties"] = []
    teams = network_of(world(**worlds), "unsealing_batch")
    assert teams.roles("unsealed_account") == {f"s{i}" for i in range(8)}


def test_a_customer_who_lives_beside_the_desk_stays_out_of_a_team_it_is_joined_to(
    found,
):
    """One of four was helped by the batch's helper; so few are no desk of their own."""
    shop = desk(4)
    shop["helps"][0]["helper_id"] = "helper"
    teams = found(batch(), shop)
    assert {f"s{i}" for i in range(8)} <= set(teams.members)
    assert not {"d1", "d2", "d3"} & set(teams.members)


def test_a_declared_desk_is_no_batch(found):
    """Also where customers come from everywhere and the clerk is quick."""
    till = [{"kind": "device", "value": "till", "organisation": "a carrier"}]
    station = desk(pace=4.0) | {"accounts": accounts("d", 12)}
    assert len(found(station).roles("unsealed_account")) == 12
    assert found(station | {"declared": till}).members == {}


def test_an_office_that_was_sealed_in_one_wave_is_no_batch(world, network_of):
    """From everywhere, on one line and own phones, each helped by another: no ties."""
    forms_of = forms("w", 12, device="w_own{i}", answers="own{i}", pace=18.0)
    office = {
        "accounts": accounts("w", 12),
        "unseal_applications": [form | {"ip": "9.9.9.9"} for form in forms_of],
        "helps": unsealings("w", 12, lambda i: f"w{(i + 1) % 12}"),
    }
    tables = together(ordinary(), office) | {"ties": []}
    assert network_of(world(**tables), "unsealing_batch").members == {}
