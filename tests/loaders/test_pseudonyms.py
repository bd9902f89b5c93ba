import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InputError
from loaders import Pseudonyms, load
from loaders.pseudonyms import KEY, LEFT_OUT

ONE = Pseudonyms(b"0123456789abcdef")
OTHER = Pseudonyms(b"another key, as long")


def test_ids_get_other_names_in_every_table(loaded, store, tmp_path):
    loaded(
        accounts="account_id,registered_at,phone_prefix,registration_ip,nickname\n"
        "ann,2026-03-01T08:00:00Z,1391234,10.1.2.3,小明Ab1\n"
        "bob,2026-03-01T09:00:00Z,1391299,10.1.2.4,小明Cd2\n",
        declared="kind,value\naccount,ann\nip,10.1.2.3\nphone_prefix,1391234\n",
    )
    load(tmp_path / "data", store, pseudonyms=ONE)
    rows = store.rows("SELECT * EXCLUDE (registered_at) FROM loaded_accounts")
    everything = repr(rows) + repr(store.rows("SELECT * FROM loaded_declared"))
    for personal in ("ann", "bob", "1391234", "10.1.2", "小明"):
        assert personal not in everything
    ids = {row[0] for row in rows}
    assert ids == {ONE.name("ann"), ONE.name("bob")}
    assert store.rows("SELECT helper_id, helped_id FROM loaded_helps") == [
        (ONE.name("ann"), ONE.name("bob"))
    ]
    declared = dict(store.rows("SELECT kind, value FROM loaded_declared"))
    assert declared["account"] == ONE.name("ann")
    assert declared["ip"] == ONE.address("10.1.2.3")
    assert declared["phone_prefix"] == ONE.phone("1391234")


def test_rejects_have_no_value(loaded, store, tmp_path):
    loaded(
        accounts="account_id,registered_at,registration_ip\n"
        "ann,2026-03-01T08:00:00Z,10.1.2.3.4\nbob,2026-03-01\nbob\nbob,2026-03-01,,\n"
        "cid,2026-03-01,\ncid,2026-03-02,\n"
    )
    report = load(tmp_path / "data", store, pseudonyms=ONE)
    values = {value for (value,) in store.rows("SELECT value FROM rejects")}
    assert values == {LEFT_OUT, ONE.name("cid")}
    assert not any("10.1.2" in str(finding) for finding in report.findings)


@given(st.text(), st.text())
def test_names_are_equal_where_the_ids_are(one, other):
    assert (ONE.name(one) == ONE.name(other)) == (one == other)
    assert ONE.name(one) != OTHER.name(one)


@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.sampled_from([8, 16, 24, 32]))
def test_addresses_share_what_they_shared(one, other, length):
    def block(address):
        return ipaddress.ip_network(f"{address}/{length}", strict=False)

    hidden = block(ONE.address(str(one))), block(ONE.address(str(other)))
    assert (hidden[0] == hidden[1]) == (block(one) == block(other))


@given(st.ip_addresses(v=6), st.integers(0, 2**80 - 1))
def test_addresses_of_one_48_stay_in_one(one, rest):
    def block(address):
        return ipaddress.ip_network(f"{address}/48", strict=False)

    if one.ipv4_mapped or int(one) >> 80 == 0:
        return
    other = ipaddress.IPv6Address(int(one) >> 80 << 80 | rest)
    assert block(ONE.address(str(one))) == block(ONE.address(str(other)))


@given(st.text("0123456789", max_size=12), st.text("0123456789+-", max_size=4))
def test_numbers_that_begin_alike_still_do(start, end):
    hidden = ONE.phone(start + end)
    assert hidden.startswith(ONE.phone(start))
    assert len(hidden) == len(start + end)


def test_a_nickname_keeps_its_shape():
    hidden = ONE.nickname("小明_Ab12")
    assert hidden != "小明_Ab12"
    assert [c.isdigit() for c in hidden] == [c.isdigit() for c in "小明_Ab12"]
    assert [c.isupper() for c in hidden] == [c.isupper() for c in "小明_Ab12"]
    assert hidden[:2] == ONE.nickname("小明77")[:2]


@pytest.mark.parametrize("key", [None, "", "short"])
def test_a_key_is_asked_for(monkeypatch, key):
    if key is None:
        monkeypatch.delenv(KEY, raising=False)
    else:
        monkeypatch.setenv(KEY, key)
    with pytest.raises(InputError, match="SCANRING_KEY"):
        Pseudonyms.from_environment()


def test_the_mark_tells_keys_apart_and_not_what_they_are():
    assert ONE.mark == Pseudonyms(ONE.key).mark != OTHER.mark
