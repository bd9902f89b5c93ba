"""A stall where eight passers-by of one town verify strangers, on two days.

p0 … p7, q0 … q7   passers-by of `here`, each with one scan
s0 … s7, t0 … t7   those who get a name: aged accounts of `there`
"""

import pytest

DAY = 86_400
AT = 40 * DAY


def accounts(prefix, count, region):
    return [
        {
            "account_id": f"{prefix}{i}",
            "registered_at": -400 * DAY,
            "profile_region": region,
        }
        for i in range(count)
    ]


def scans(scanner, served, count, *, at=AT, latitude=31_000_000, code="{s}_code{i}"):
    return [
        {
            "scan_id": f"{scanner}_scan{i}",
            "scanner_id": f"{scanner}{i}",
            "code_id": code.format(s=served, i=i),
            "purpose": "verify",
            "scanned_at": at + 300 * i,
            "confirmed_at": at + 300 * i + 5,
            "latitude": latitude,
            "longitude": 121_000_000,
            "result": "ok",
        }
        for i in range(count)
    ]


def codes(served, count):
    return [
        {
            "code_id": f"{served}_code{i}",
            "account_id": f"{served}{i}",
            "purpose": "verify",
        }
        for i in range(count)
    ]


OTHERS = [{"account_a": "x", "account_b": "y"}]


def stall():
    return {
        "accounts": [
            *accounts("p", 8, "here"),
            *accounts("q", 8, "here"),
            *accounts("s", 8, "there"),
            *accounts("t", 8, "there"),
        ],
        "codes": codes("s", 8) + codes("t", 8),
        "scans": scans("p", "s", 8) + scans("q", "t", 8, at=AT + 3 * DAY),
        "ties": OTHERS,
    }


@pytest.fixture
def found(world, network_of):
    return lambda tables: network_of(world(**tables), "verification_crew")


def test_passers_by_are_lured_and_strangers_get_names(found):
    teams = found(stall())
    assert teams.roles("lured_helper") == {f"{x}{i}" for x in "pq" for i in range(8)}
    assert teams.roles("rented_account") == {f"{x}{i}" for x in "st" for i in range(8)}
    assert len(teams.found.teams) == 1
    assert {"names_elsewhere", "verify_again"} <= teams.signals


def test_the_lured_have_no_risk(found):
    members = found(stall()).found.members
    lured = members[members["role"] == "lured_helper"]
    assert set(lured["risk"]) == {0.0}


def test_who_scans_for_several_is_an_operator(found):
    tables = stall()
    for scan in tables["scans"][2:4]:
        scan["scanner_id"] = "boss"
    assert found(tables).roles("operator") == {"boss"}


def test_newcomers_who_get_a_name_are_left_to_the_farms(found):
    tables = stall()
    for row in tables["accounts"]:
        if row["account_id"].startswith("t"):
            row["registered_at"] = AT
    teams = found(tables)
    assert not {name for name in teams.members if name.startswith("t")}
    assert len(teams.found.served) == 16


def test_customers_with_their_own_codes_are_no_crew(found):
    tables = stall() | {"scans": scans("s", "s", 8) + scans("t", "t", 8)}
    assert found(tables).members == {}


def test_parents_who_verify_their_children_are_no_crew(found):
    tables = stall()
    for row in tables["accounts"]:
        row["profile_region"] = "here"
    tables["ties"] = [{"account_a": f"p{i}", "account_b": f"s{i}"} for i in range(7)]
    assert found(tables).members == {}


def test_one_code_that_everybody_scans_is_an_organisers(found):
    tables = stall() | {"scans": scans("p", "s", 8, code="s_code0")}
    assert found(tables).members == {}


def test_its_stalls_and_who_was_lured_there_are_kept(found):
    """Two days at one place; the operator who tried a code was not lured."""
    tables = stall()
    tables["scans"].append(
        tables["scans"][0]
        | {"scan_id": "try", "scanner_id": "boss", "result": "cancelled"}
    )
    crew = found(tables).found
    assert crew.stalls["latitude"].tolist() == [31_000_000, 31_000_000]
    assert crew.stalls["first"].diff().tolist()[1] >= DAY
    lured = {f"{name}_scan{i}" for name in ("p", "q") for i in range(8)}
    assert set(crew.stall_scans["scan_id"]) == lured
