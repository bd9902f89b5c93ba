"""Tables that are made through a mapping."""

import pytest

from graph.errors import InputError

PEOPLE = """
[tables.accounts]
from = "people"
columns = { account_id = "name", registered_at = "born" }
"""
PEOPLE_CSV = "name,born\nann,2026-03-01T08:00:00Z\nbob,2026-03-01T08:00:00Z\n"
NINE = 1772355600


def test_own_names_and_words_and_constants(loaded):
    result = loaded(
        mapping=PEOPLE
        + """
        [tables.helps]
        from = "vouchers"
        [tables.helps.columns]
        help_id = "nr"
        helper_id = { column = "by", lowercase = true }
        helped_id = "for"
        kind = { constant = "registration" }
        result = { column = "state", words = { "0" = "ok", "it's" = "expired" } }
        """,
        people=PEOPLE_CSV,
        vouchers="nr,by,for,state\n1,ANN,bob,0\n2,ann,bob,it's\n3,ann,bob,7\n",
    )
    assert result.rows("helps", "help_id, helper_id, kind, result") == [
        ("1", "ann", "registration", "ok"),
        ("2", "ann", "registration", "expired"),
    ]
    assert [row[2:5] for row in result.rejects] == [(3, "result", "7")]
    assert result.report.table("helps").files == ("vouchers.csv",)


@pytest.mark.parametrize(
    ("how", "written", "kept"),
    [
        ('unit = "s"', "1772355600", NINE),
        ('unit = "s"', "1772355600.9", NINE),
        ('unit = "ms"', "1772355600999", NINE),
        ('unit = "us"', "1772355600999999", NINE),
        ('unit = "s"', "soon", None),
        ('zone = "Asia/Shanghai"', "2026-03-01T17:00:00", NINE),
        ('zone = "Asia/Shanghai"', "2026-03-01T09:00:00Z", NINE),
    ],
)
def test_units_and_zones_of_times(loaded, how, written, kept):
    result = loaded(
        mapping=f"[tables.helps.columns]\nhelped_at = {{ column = 'at', {how} }}",
        accounts="account_id,registered_at\n",
        helps=f"help_id,helper_id,helped_id,kind,at\n1,a,b,unsealing,{written}\n",
    )
    assert result.rows("helps", "helped_at") == ([] if kept is None else [(kept,)])


@pytest.mark.parametrize(
    ("written", "kept"), [("12.34", 1234), ("12", 1200), ("12.345", None)]
)
def test_yuan_as_fen(loaded, written, kept):
    result = loaded(
        mapping="[tables.balances.columns]\n"
        "balance_fen = { column = 'yuan', unit = 'yuan' }",
        accounts="account_id,registered_at\n",
        helps="help_id,helper_id,helped_id,kind\n",
        balances=f"account_id,yuan\nann,{written}\n",
    )
    rows = [] if kept is None else [(kept,)]
    assert result.rows("balances", "balance_fen") == rows


def test_microdegrees(loaded):
    result = loaded(
        mapping="[tables.scans.columns]\n"
        "latitude = { column = 'lat', unit = 'microdegrees' }",
        accounts="account_id,registered_at\n",
        scans="scan_id,scanner_id,code_id,purpose,scanned_at,lat\n"
        "1,ann,c,login,2026-03-01,30123456\n",
    )
    assert result.rows("scans", "latitude") == [(30123456,)]


VOUCHERS = """
[tables.accounts]
one_row_per = ["account_id"]
otherwise = { registered_at = "2026-01-01T00:00:00Z" }
[[tables.accounts.rows]]
from = "vouchers"
columns = { account_id = "by", registered_at = { column = "at", unit = "s" } }
[[tables.accounts.rows]]
from = "vouchers"
columns = { account_id = "for", registered_at = { column = "at", unit = "s" } }
[tables.helps]
from = "vouchers"
[tables.helps.columns]
help_id = { id_of = ["by", "for"] }
helper_id = "by"
helped_id = "for"
helped_at = { column = "at", unit = "s" }
kind = { constant = "registration" }
"""


@pytest.mark.parametrize("turned", [False, True])
def test_accounts_and_ids_made_from_the_helps(loaded, turned):
    lines = ["ann,bob,1772355601\n", "ann,bob,1772355600\n", "zoe,ann,\n"]
    rows = "".join(reversed(lines) if turned else lines)
    result = loaded(mapping=VOUCHERS, vouchers=f"by,for,at\n{rows}")
    assert result.rejects == []
    assert result.rows("accounts", "account_id, registered_at") == [
        ("ann", NINE),
        ("bob", NINE),
        ("zoe", 1767225600),
    ]
    ids = dict(result.rows("helps", "coalesce(helped_at, 0), help_id"))
    assert ids[NINE + 1] == f"{ids[NINE]}-2"
    assert len(set(ids.values())) == 3
    assert result.report.table("accounts").source_rows == 6


def test_rows_that_agree_in_a_key_become_one(loaded):
    result = loaded(
        mapping="""
        [tables.declared]
        from = "hubs"
        one_row_per = ["kind", "value"]
        columns.kind = { constant = "account" }
        columns.value = "address"
        columns.organisation = "list"
        """,
        accounts="account_id,registered_at\n",
        helps="help_id,helper_id,helped_id,kind\n",
        hubs="address,list\nx,shops\nx,banks\n,banks\n",
    )
    assert result.rows("declared", "kind, value, organisation") == [
        ("account", "x", "banks")
    ]
    assert [row[2:4] for row in result.rejects] == [(3, "value")]


def test_column_that_the_source_does_not_have(loaded):
    with pytest.raises(InputError, match=r"no column 'nmae' \(did you mean 'name'\?\)"):
        loaded(
            mapping=PEOPLE.replace('"name"', '"nmae"'),
            people=PEOPLE_CSV,
            helps="help_id,helper_id,helped_id,kind\n",
        )


def test_names_and_words_with_quotes_are_only_names(loaded):
    result = loaded(
        mapping="""
        [tables.accounts.columns]
        account_id = "a\\"; DROP TABLE x; --"
        nickname = { constant = "'; DROP TABLE x; --" }
        """,
        accounts='"a""; DROP TABLE x; --",registered_at\nann,2026-03-01\n',
        helps="help_id,helper_id,helped_id,kind\n",
    )
    assert result.rows("accounts", "account_id, nickname") == [
        ("ann", "'; DROP TABLE x; --")
    ]
