"""Rows that contradict each other, and tables that are not enough."""

from tests.loaders.catalogue.fault import WHOLE, Fault

ACCOUNTS = "account_id,registered_at\n"
HELPS = "help_id,helper_id,helped_id,kind,helped_at\n"
SCANS = "scan_id,scanner_id,code_id,purpose,scanned_at,code_issued_at,confirmed_at\n"
DAY = "2026-03-01"

KEYS = (
    Fault("the same row twice", {"devices.csv": "device_id,model\nd,x\nd,x\n"}, 1, 1),
    Fault(
        "the same key with other content",
        {"devices.csv": "device_id,model\nd,x\nd,y\nd,\n"},
        1,
        2,
    ),
    Fault(
        "the same row in two part files",
        {"devices/a.csv": "device_id\nd\n", "devices/b.csv": "device_id\nd\n"},
        1,
        1,
    ),
    Fault(
        "an account with two times of registration",
        {
            "accounts.csv": f"{ACCOUNTS}ann,{DAY}T08:00:00\nann,{DAY}T07:00:00\n"
            f"bob,{DAY}T09:00:00\n"
        },
        2,
        1,
    ),
    Fault(
        "the same help 1,000 times",
        {"helps.csv": HELPS + f"h,ann,bob,registration,{DAY}T10:00:00\n" * 1000},
        1,
        999,
    ),
    Fault(
        "two helps with one id",
        {
            "helps.csv": HELPS + f"h,ann,bob,registration,{DAY}T10:00:00\n"
            f"h,bob,ann,registration,{DAY}T10:00:00\n"
        },
        1,
        1,
    ),
    Fault(
        "a tie in both directions",
        {"ties.csv": "account_a,account_b,kind\nann,bob,friend\nbob,ann,friend\n"},
        2,
    ),
    Fault(
        "a tie twice, once without its kind",
        {"ties.csv": "account_a,account_b,kind\nann,bob,friend\nann,bob,\nann,bob,\n"},
        2,
        1,
    ),
    Fault(
        "a login that is there twice",
        {
            "logins.csv": f"account_id,device_id,logged_in_at\nann,d,{DAY}T10:00:00\n"
            f"ann,d,{DAY} 10:00:00Z\n"
        },
        1,
        1,
    ),
    Fault(
        "activity of one day twice, counted differently",
        {"activity.csv": f"account_id,day,messages_sent\nann,{DAY},3\nann,{DAY},4\n"},
        1,
        1,
    ),
    Fault(
        "keys that differ by a space only",
        {"devices.csv": "device_id,model\nd,x\nd ,x\n"},
        2,
    ),
)

EVENTS = (
    Fault(
        "an account that helps itself",
        {"helps.csv": f"{HELPS}h1,ann,ann,registration,{DAY}T10:00:00\n"},
        0,
        1,
    ),
    Fault(
        "two accounts that help each other",
        {
            "helps.csv": f"{HELPS}h1,ann,bob,registration,{DAY}T10:00:00\n"
            f"h2,bob,ann,unsealing,{DAY}T10:00:00\n"
        },
        2,
    ),
    Fault(
        "a circle of three helps",
        {
            "helps.csv": f"{HELPS}h1,ann,bob,unsealing,{DAY}T10:00:00\n"
            f"h2,bob,cid,unsealing,{DAY}T10:00:00\n"
            f"h3,cid,ann,unsealing,{DAY}T10:00:00\n"
        },
        3,
    ),
    Fault("a tie with oneself", {"ties.csv": "account_a,account_b\nbob,bob\n"}, 0, 1),
    Fault(
        "a payment to oneself",
        {
            "payments.csv": "payment_id,payer_id,payee_id,paid_at,amount_fen\n"
            f"p,ann,ann,{DAY}T10:00:00,5\n"
        },
        1,
    ),
    Fault(
        "a payment of less than nothing",
        {
            "payments.csv": "payment_id,payer_id,payee_id,paid_at,amount_fen\n"
            f"p,ann,bob,{DAY}T10:00:00,-5\n"
        },
        1,
    ),
    Fault(
        "a complaint about oneself",
        {"complaints.csv": "complaint_id,account_id,complainant_id\nc,ann,ann\n"},
        1,
    ),
    Fault(
        "a help before the helped account registered",
        {"helps.csv": f"{HELPS}h1,ann,bob,registration,{DAY}T08:59:59\n"},
        0,
        1,
    ),
    Fault(
        "a help before the helper registered",
        {"helps.csv": f"{HELPS}h1,bob,ann,registration,{DAY}T08:30:00\n"},
        0,
        1,
    ),
    Fault(
        "a help without a time", {"helps.csv": f"{HELPS}h1,ann,bob,registration,\n"}, 1
    ),
    Fault(
        "a login before the registration",
        {"logins.csv": "account_id,device_id,logged_in_at\nbob,d,2026-02-28\n"},
        0,
        1,
    ),
    Fault(
        "activity before the registration",
        {"activity.csv": "account_id,day\nbob,2026-02-28\n"},
        0,
        1,
    ),
    Fault(
        "a scan before its code was issued",
        {"scans.csv": f"{SCANS}s,ann,c,login,{DAY}T09:00:00,{DAY}T09:00:01,\n"},
        0,
        1,
    ),
    Fault(
        "a scan before its code was issued, as another table says",
        {
            "scans.csv": f"{SCANS}s,ann,c,login,{DAY}T09:00:00,,\n",
            "codes.csv": f"code_id,issued_at\nc,{DAY}T10:00:00\n",
        },
        1,
        1,
    ),
    Fault(
        "a scan confirmed before it was made",
        {"scans.csv": f"{SCANS}s,ann,c,login,{DAY}T09:00:00,,{DAY}T08:59:59\n"},
        0,
        1,
    ),
    Fault(
        "a scan before the scanner registered",
        {"scans.csv": f"{SCANS}s,bob,c,login,{DAY}T08:00:00,,\n"},
        0,
        1,
    ),
    Fault(
        "a sanction that ends before it begins",
        {
            "sanctions.csv": "account_id,action,applied_at,until\n"
            "ann,limit,2026-03-05,2026-03-04\n"
        },
        0,
        1,
    ),
    Fault(
        "a sanction in the far future",
        {"sanctions.csv": "account_id,action,applied_at\nann,limit,2199-12-31\n"},
        1,
    ),
    Fault(
        "helps between accounts that are not there",
        {"helps.csv": f"{HELPS}h1,x,y,registration,{DAY}T10:00:00\n"},
        1,
    ),
    Fault(
        "devices and codes that are not there",
        {
            "logins.csv": "account_id,device_id,logged_in_at,code_id\n"
            f"ann,d9,{DAY}T10:00:00,c9\n",
            "devices.csv": "device_id\nd1\n",
            "codes.csv": "code_id\nc1\n",
        },
        3,
    ),
    Fault(
        "a help whose scan is not there",
        {
            "helps.csv": "help_id,helper_id,helped_id,kind,scan_id\n"
            "h1,ann,bob,registration,s9\n",
            "scans.csv": SCANS,
        },
        1,
    ),
    Fault(
        "a declared thing of a kind that there is none of",
        {"declared.csv": "kind,value\nhouse,x\nwifi,w\n"},
        1,
        1,
    ),
)

TOO_LITTLE = (
    Fault("a folder without anything", {"accounts.csv": None, "helps.csv": None}, None),
    Fault("no accounts", {"accounts.csv": None}, None),
    Fault("accounts without a row", {"accounts.csv": ACCOUNTS}, 0),
    Fault(
        "nothing but rejects in accounts",
        {"accounts.csv": f"{ACCOUNTS}ann,x\nbob,y\n"},
        0,
        2,
    ),
    Fault(
        "accounts without their ids", {"accounts.csv": f"registered_at\n{DAY}\n"}, 0, 1
    ),
    Fault(
        "one account and nothing else",
        {"accounts.csv": f"{ACCOUNTS}ann,{DAY}\n", "helps.csv": HELPS},
        1,
    ),
    Fault("neither helps nor scans", {"helps.csv": None}, None),
    Fault(
        "nothing but rejects in helps",
        {"helps.csv": f"{HELPS}h1,ann,ann,unsealing,\n"},
        0,
        1,
    ),
    Fault(
        "every table empty",
        {
            name: ""
            for name in (
                "accounts.csv",
                "helps.csv",
                "scans.csv",
                "devices.csv",
                "logins.csv",
                "ties.csv",
                "activity.csv",
            )
        },
        0,
    ),
    Fault(
        "a required column that is missing",
        {"ties.csv": "account_a,kind\nann,friend\nbob,friend\n"},
        0,
        2,
    ),
    Fault(
        "faults in many tables at once",
        {
            "accounts.csv": f"{ACCOUNTS}ann,x\n,2026\n",
            "helps.csv": "help_id\nh1\n",
            "devices.csv": "device_id,is_rooted\nd1,maybe\n",
        },
        0,
        4,
    ),
    Fault(
        "more than a thousand wrong words",
        {
            "helps.csv": "help_id,helper_id,helped_id,kind\n"
            + "".join(f"h{i},ann,bob,registration{i}\n" for i in range(1500))
        },
        0,
        1500,
    ),
)

MAPPINGS = (
    Fault("a mapping that is not TOML", {}, None, mapping="tables = ["),
    Fault(
        "a mapping of a table that there is none of",
        {},
        None,
        mapping='[tables.acounts]\nfrom = "accounts"\n',
    ),
    Fault(
        "a mapping to a column that there is none of",
        {},
        None,
        mapping='[tables.accounts.columns]\nid = "account_id"\n',
    ),
    Fault(
        "a mapping from a column that is not there",
        {},
        None,
        mapping='[tables.accounts.columns]\naccount_id = "acount_id"\n',
    ),
    Fault(
        "a mapping from a file that is not there",
        {},
        None,
        mapping='[tables.accounts]\nfrom = "users"\n',
    ),
    Fault(
        "a mapping with a zone that there is none of",
        {},
        None,
        mapping='[times]\nzone = "Asia/Shangai"\n',
    ),
    Fault(
        "a mapping with a unit that does not fit",
        {},
        None,
        mapping="[tables.accounts.columns]\n"
        'account_id = { column = "account_id", unit = "yuan" }\n',
    ),
    Fault(
        "a mapping with a key that there is none of",
        {},
        None,
        mapping='[tables.accounts]\nform = "accounts"\n',
    ),
    Fault("a mapping nested a thousand deep", {}, None, mapping="a = " + "[" * 1000),
    Fault(
        "a mapping whose column is SQL",
        {},
        None,
        mapping='[tables.accounts.columns]\naccount_id = "1; DROP TABLE x"\n',
    ),
    Fault(
        "a mapping with times of another unit",
        {"accounts.csv": WHOLE["accounts.csv"]},
        0,
        2,
        mapping='[times]\nunit = "s"\n',
    ),
)

SAID_BY_TABLES = (*KEYS, *EVENTS, *TOO_LITTLE, *MAPPINGS)
