import pytest

from graph.schema import STORED, TABLES

COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in TABLES.values()
    for column in table.columns
]

PURPOSES = "register_help unseal_help verify login follow pay"
RESULTS = "ok quota_refused expired lost_race cancelled"
WORDS = {
    "logins.method": "password sms qr",
    "codes.purpose": PURPOSES,
    "scans.purpose": PURPOSES,
    "scans.result": RESULTS,
    "helps.kind": "registration unsealing",
    "helps.channel": "qr phone_number",
    "helps.result": RESULTS,
    "ties.kind": "friend family payment group",
    "complaints.category": "fraud spam illegal_loan malicious_collection "
    "false_advertising pornography harassment account_trading other",
    "sanctions.action": "warn limit short_block long_block permanent_block unsealed",
    "unseal_applications.method": "face friend non_friend",
    "posts.channel": "moments group chat",
    "posts.topic": "part_time_job account_rental account_recycling illegal_loan "
    "unsealing_channel order_brushing weight_loss prostitution advertising other",
    "declared.kind": "account device wifi ip phone_prefix",
}
"""The words of the contract, written out a second time on purpose."""

REQUIRED = {
    "accounts": "account_id registered_at",
    "devices": "device_id",
    "logins": "account_id device_id logged_in_at",
    "codes": "code_id",
    "scans": "scan_id scanner_id code_id purpose scanned_at",
    "helps": "help_id helper_id helped_id kind",
    "ties": "account_a account_b",
    "complaints": "complaint_id account_id",
    "sanctions": "account_id applied_at",
    "unseal_applications": "application_id account_id applied_at",
    "posts": "post_id account_id posted_at",
    "activity": "account_id day",
    "payments": "payment_id payer_id payee_id paid_at amount_fen",
    "balances": "account_id",
    "declared": "kind value",
}


def test_the_tables_are_those_of_the_contract():
    assert list(TABLES) == list(REQUIRED)


@pytest.mark.parametrize("name", TABLES)
def test_required_columns_are_those_of_the_contract(name):
    assert TABLES[name].required == tuple(REQUIRED[name].split())


@pytest.mark.parametrize("name", WORDS)
def test_words_are_those_of_the_contract(name):
    table, column = name.split(".")
    assert TABLES[table].column(column).values == tuple(WORDS[name].split())


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_refers_to_a_table_keyed_by_one_id_like_it(table, column):
    assert column.kind in STORED
    assert bool(column.values) == (f"{table.name}.{column.name}" in WORDS)
    if column.refers_to:
        (key,) = TABLES[column.refers_to].key
        assert TABLES[column.refers_to].column(key).kind == column.kind == "id"


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_a_key_is_made_of_columns_and_no_column_comes_twice(table):
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)


def test_a_column_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError, match="colour"):
        TABLES["helps"].column("colour")
