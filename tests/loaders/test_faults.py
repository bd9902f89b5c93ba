"""One test for each kind of fault: what is rejected, and what the reader is told."""

import pytest

from graph.errors import InputError
from loaders import load, render

SCANS = "scan_id,scanner_id,code_id,purpose,scanned_at,code_issued_at,confirmed_at\n"
AT_NINE = "2026-03-01T09:00:00Z"


def only_reject(loaded):
    (row,) = loaded.rejects
    return row


def test_clean_data_has_no_problems(loaded):
    clean = loaded()
    assert clean.findings == []
    assert clean.rejects == []
    assert clean.rows("helps", "help_id, helped_at") == [("h1", 1772355600)]
    assert "No problems." in render(clean.report)


def test_required_value_is_missing(loaded):
    result = loaded(accounts="account_id,registered_at\nann,\nbob,2026-03-01\n")
    assert only_reject(result) == (
        "accounts",
        "accounts.csv",
        1,
        "registered_at",
        None,
        "is empty but required",
    )


def test_required_column_is_missing(loaded):
    result = loaded(ties="account_a,kind\nann,friend\nbob,friend\n")
    assert result.report.table("ties").rejected == 2
    assert result.findings == [
        "ties.account_b: the column is missing but required; no row can be loaded; "
        "add it, or derive it in a mapping"
    ]


@pytest.mark.parametrize(
    "time",
    ["yesterday", "2026-02-30T08:00:00Z", "1772355600", "2026-03-01T08:00:60Z"],
)
def test_time_that_is_none(loaded, time):
    result = loaded(accounts=f"account_id,registered_at\nann,{time}\n")
    assert only_reject(result)[3:] == (
        "registered_at",
        time,
        "is not a time such as 2026-03-01T08:00:00Z",
    )


@pytest.mark.parametrize("year", [1969, 2201])
def test_time_outside_all_years(loaded, year):
    result = loaded(accounts=f"account_id,registered_at\nann,{year}-03-01T08:00:00\n")
    assert only_reject(result)[5] == "is outside the years 1970 to 2200"


def test_truth_word_that_is_none(loaded):
    result = loaded(devices="device_id,is_rooted\nd1,TRUE\nd2,0\nd3,yes\n")
    assert result.rows("devices", "device_id, is_rooted") == [
        ("d1", True),
        ("d2", False),
    ]
    assert only_reject(result)[3:] == (
        "is_rooted",
        "yes",
        "is not true, false, 1 or 0",
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [("7", 7), ("-7", -7), ("7.0", 7), ("7.5", None), ("x", None), ("9" * 30, None)],
)
def test_whole_number(loaded, written, kept):
    result = loaded(balances=f"account_id,balance_fen\nann,{written}\n")
    rows = [] if kept is None else [(kept,)]
    assert result.rows("balances", "balance_fen") == rows
    if kept is None:
        assert only_reject(result)[5] == "is not a whole number"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("30.1234565", 30123457),
        ("-30.5", -30500000),
        ("90", 90000000),
        ("90.1", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
    ],
)
def test_degrees(loaded, written, kept):
    head = "scan_id,scanner_id,code_id,purpose,scanned_at,latitude\n"
    result = loaded(scans=f"{head}s1,ann,c1,login,{AT_NINE},{written}\n")
    assert result.rows("scans", "latitude") == ([] if kept is None else [(kept,)])
    if kept is None:
        assert only_reject(result)[5] == "is not a number from -90 to 90"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("10.0.0.256", None),
        ("10.0.0.1:80", None),
        ("010.0.0.1", None),
    ],
)
def test_address(loaded, written, kept):
    accounts = f"account_id,registered_at,registration_ip\nann,2026-03-01,{written}\n"
    result = loaded(accounts=accounts)
    rows = [] if kept is None else [(kept,)]
    assert result.rows("accounts", "registration_ip") == rows
    if kept is None:
        assert only_reject(result)[5] == "is not an IPv4 or IPv6 address"


@pytest.mark.parametrize(
    ("written", "kept"),
    [('"[1, 2.5]"', "[1.0, 2.5]"), ("[]", "[]"), ('"[1, -2]"', None), ("12", None)],
)
def test_list_of_seconds(loaded, written, kept):
    head = "application_id,account_id,applied_at,steps_seconds\n"
    result = loaded(unseal_applications=f"{head}u,ann,2026-03-02,{written}\n")
    rows = [] if kept is None else [(kept,)]
    assert result.rows("unseal_applications", "steps_seconds") == rows


def test_id_over_256_bytes(loaded):
    fits, over = "é" * 128, "é" * 128 + "x"
    day = "2026-03-01"
    result = loaded(accounts=f"account_id,registered_at\n{fits},{day}\n{over},{day}\n")
    assert result.rows("accounts", "account_id") == [(fits,)]
    assert only_reject(result)[5] == "is over 256 bytes"


def test_wrong_word(loaded):
    result = loaded(helps="help_id,helper_id,helped_id,kind\nh1,ann,bob,unsealin\n")
    assert only_reject(result)[3:] == (
        "kind",
        "unsealin",
        "is not one of registration, unsealing (did you mean 'unsealing'?)",
    )
    assert result.findings == [
        "helps.kind: 'unsealin' is not one of registration, unsealing (did you mean "
        "'unsealing'?); 1 row rejected; e.g. helps.csv row 1; other words need a "
        "mapping with `words`"
    ]


def test_same_row_twice(loaded):
    result = loaded(devices="device_id,model\nd1,x\nd1,x\n")
    assert result.rows("devices", "device_id, model") == [("d1", "x")]
    assert only_reject(result)[1:] == (
        "devices.csv",
        2,
        "device_id",
        "d1",
        "duplicate of devices.csv row 1",
    )


@pytest.mark.parametrize("rows", ["d1,x\nd1,a\nd1,\n", "d1,\nd1,a\nd1,x\n"])
def test_same_key_with_other_content(loaded, rows):
    """The content that sorts first stays, in whatever order the rows stand."""
    result = loaded(devices=f"device_id,model\n{rows}")
    assert result.rows("devices", "device_id, model") == [("d1", "a")]
    assert [row[5] for row in result.rejects] == [
        "conflicts with devices.csv row 2"
    ] * 2
    assert result.findings == [
        "devices.device_id: the same key with other content; 2 rows rejected; e.g. "
        "devices.csv row 1: 'd1' conflicts with devices.csv row 2; the one that sorts "
        "first is loaded; find out which is right"
    ]


def test_scan_before_its_code_was_issued(loaded):
    by_row = f"s1,ann,c1,login,{AT_NINE},2026-03-01T09:00:01Z,\n"
    by_code = f"s2,ann,c2,login,{AT_NINE},,\n"
    result = loaded(
        scans=SCANS + by_row + by_code,
        codes="code_id,issued_at\nc2,2026-03-01T10:00:00Z\n",
    )
    assert [row[2:] for row in result.rejects] == [
        (1, "scanned_at", AT_NINE, "is before the code was issued at "
         "2026-03-01T09:00:01Z"),
        (2, "scanned_at", AT_NINE, "is before the code was issued, at "
         "2026-03-01T10:00:00Z"),
    ]  # fmt: skip


def test_confirmed_before_scanned(loaded):
    result = loaded(scans=f"{SCANS}s1,ann,c1,login,{AT_NINE},,2026-03-01T08:59:59Z\n")
    assert only_reject(result)[5] == f"is before the scan at {AT_NINE}"


@pytest.mark.parametrize(
    ("helper", "helped", "who"),
    [("ann", "bob", "helped account"), ("bob", "ann", "helper")],
)
def test_help_before_the_registration(loaded, helper, helped, who):
    head = "help_id,helper_id,helped_id,kind,helped_at\n"
    result = loaded(
        helps=f"{head}h1,{helper},{helped},unsealing,2026-03-01T08:30:00Z\n"
    )
    assert only_reject(result)[5] == f"is before the {who} registered, at {AT_NINE}"


def test_login_before_the_registration(loaded):
    result = loaded(
        logins="account_id,device_id,logged_in_at\nbob,d1,2026-03-01T08:59:59Z\n"
    )
    assert only_reject(result)[5] == f"is before the account registered, at {AT_NINE}"


def test_activity_counts_by_day(loaded):
    result = loaded(activity="account_id,day\nbob,2026-03-01\nbob,2026-02-28\n")
    assert len(result.rows("activity")) == 1
    assert only_reject(result)[2:5] == (2, "day", "2026-02-28T00:00:00Z")


def test_sanction_that_ends_before_it_begins(loaded):
    head = "account_id,action,applied_at,until\n"
    result = loaded(sanctions=f"{head}ann,limit,2026-03-05,2026-03-04\n")
    assert only_reject(result)[3] == "until"


def test_help_and_tie_with_oneself(loaded):
    result = loaded(
        helps="help_id,helper_id,helped_id,kind\nh1,ann,ann,unsealing\n",
        ties="account_a,account_b\nbob,bob\n",
    )
    assert [row[5] for row in result.rejects] == ["helps itself", "is tied to itself"]


def test_ids_that_point_outside_are_kept_and_counted(loaded):
    result = loaded(
        helps="help_id,helper_id,helped_id,kind\n"
        "1,zoe,bob,unsealing\n2,zoe,ann,unsealing\n3,ann,bob,unsealing\n",
        devices="device_id\nd1\n",
        logins="account_id,device_id,logged_in_at\nann,d9,2026-03-02\n",
    )
    assert result.rejects == []
    assert [str(entry) for entry in result.report.outside] == [
        "logins.device_id: 1 row with 1 id not in devices (kept); that is all of "
        "them: are the ids of both tables written alike?",
        "helps.helper_id: 2 rows with 1 id not in accounts "
        "(kept: known by their events alone)",
    ]


def test_missing_columns_say_what_is_left_out(loaded):
    result = loaded(scans=f"{SCANS}s1,ann,c1,login,{AT_NINE},,\n")
    assert "scans.latitude: stalls by position" in result.report.not_analysed
    assert "ties: strangers cannot be told from friends" in result.report.not_analysed
    assert "latitude" in result.report.table("scans").missing


def test_a_table_of_which_no_row_was_loaded_leaves_out_what_a_missing_one_does(loaded):
    bad = f"{SCANS}s1,ann,c1,login,yesterday,,\n"
    for scans in (bad, SCANS):
        said = loaded(scans=scans).report.not_analysed
        assert any(line.startswith("scans: no row was loaded: ") for line in said)


def test_misspelt_names_get_a_hint(loaded):
    result = loaded(
        compliants="complaint_id\n1\n",
        devices="device_id,modle\nd1,x\n",
    )
    assert result.findings == [
        "compliants: no table has this name (did you mean 'complaints'?); "
        "it is ignored",
        "devices.modle: no column has this name (did you mean 'model'?); it is ignored",
    ]


def test_rows_that_are_no_csv(loaded):
    result = loaded(devices='device_id,model\nd1,x\nd2,x,y,z\nd3\nd4,"x\nd5,x\n')
    assert [row[0] for row in result.rows("devices")] == ["d1", "d5"]
    assert [row[2:] for row in result.rejects] == [
        (2, "", "d2,x,y,z", "cannot be read as CSV: its values number 4, "
         "the header's 2"),
        (3, "", "d3", "cannot be read as CSV: its values number 1, the header's 2"),
        (4, "", 'd4,"x', "cannot be read as CSV: a quote is not closed, or stands "
         "inside a value"),
    ]  # fmt: skip


def test_all_problems_are_told_at_once(loaded):
    result = loaded(
        accounts="account_id,registered_at\nann,x\n,2026-03-01\n",
        devices="device_id,is_rooted\nd1,maybe\n",
        ties="account_a,account_b,kind\nann,bob,frend\n",
    )
    assert len(result.findings) == 4
    assert result.report.blocking == ("accounts: no row could be loaded",)


def test_needed_tables_are_not_there(tmp_path, store):
    (tmp_path / "acounts.csv").write_text("account_id,registered_at\n")
    with pytest.raises(InputError) as error:
        load(tmp_path, store)
    message = str(error.value)
    assert "there is no table accounts and none of helps or scans" in message
    assert "found: acounts" in message
    assert "did you mean 'accounts'?" in message
