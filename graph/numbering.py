"""Ids become small integers, and the window decides what is looked at.

Accounts are numbered in the order in which they registered, and those of one second by
what else is known of them; their ids decide only where nothing else does. So neither
the order of rows or part files nor another name for everybody changes what comes after.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from graph.errors import InputError
from graph.schema import TABLES, Column, Table
from graph.store import Store

HAPPENS_AT = {
    "accounts": "registered_at",
    "logins": "logged_in_at",
    "codes": "issued_at",
    "scans": "scanned_at",
    "helps": "helped_at",
    "ties": "since",
    "complaints": "filed_at",
    "sanctions": "applied_at",
    "unseal_applications": "applied_at",
    "posts": "posted_at",
    "activity": "day",
    "payments": "paid_at",
    "declared": "since",
}
"""The column that says when a row happened; rows after the window's end are cut."""


LAST_DAYS = 30
"""Where next to no event is in so many days before a window's end, it may be wrong."""


@dataclass(frozen=True)
class Window:
    """What a run looks at: nothing after `as_of`; new is registered since `new_since`.

    Both are seconds since 1970 in UTC.
    """

    new_since: int
    as_of: int


def find_window(
    store: Store, *, new_since: int | None = None, as_of: int | None = None
) -> Window:
    """Return the window asked for; what is left open comes from the loaded tables.

    The default end is the last event in the data, the default start the first help or
    scan in it. Where neither helps nor scans have times every account is new.

    Raises InputError when the window is empty.
    """
    spans = {
        table: store.rows(f"SELECT min({at}), max({at}) FROM loaded_{table}")[0]
        for table, at in HAPPENS_AT.items()
        if table != "declared"  # a declaration is no event
    }
    if as_of is None:
        as_of = max(last for _, last in spans.values() if last is not None)
    if new_since is None:
        starts = [spans[table][0] for table in ("helps", "scans")]
        known = [start for start in starts if start is not None]
        new_since = min(known) if known else spans["accounts"][0]
    if new_since > as_of:
        raise InputError(
            f"the window is empty: new since {_utc(new_since)} is after as of "
            f"{_utc(as_of)} (UTC); try an earlier --new-since or a later --as-of"
        )
    return Window(new_since=new_since, as_of=as_of)


def lonely_end(store: Store, window: Window) -> list[str]:
    """Say when next to no event is near the window's end: one wrong time moves it.

    Fewer than one event in a thousand in the last 30 days is next to none. Reads the
    loaded tables.
    """
    since = window.as_of - LAST_DAYS * 86_400
    near, events = 0, 0
    for table, at in HAPPENS_AT.items():
        if table != "declared":
            ((late, all_),) = store.rows(
                f"""SELECT count(*) FILTER ({at} > {since}), count({at})
                    FROM loaded_{table} WHERE {at} <= {window.as_of}"""
            )
            near, events = near + late, events + all_
    if near * 1000 >= events or since <= window.new_since:
        return []
    return [
        f"the window ends {_utc(window.as_of)}, and only {near:,} of {events:,} events "
        f"are in its last {LAST_DAYS} days: is a time wrong? --as-of ends it earlier"
    ]


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def number(store: Store, window: Window) -> None:
    """Make the numbered event tables from the loaded ones.

    Each `loaded_NAME` becomes `NAME`, cut to the window. A column `x_id` that names an
    account or a device becomes the integer `x`. `account_names` and `devices` lead from
    the numbers back to the ids; `account_names.outside` marks accounts that are known
    from events alone.
    """
    _number_accounts(store, window)
    _number_devices(store, window)
    for table in TABLES.values():
        if table.name not in ("accounts", "devices"):
            store.materialise(table.name, _numbered(table, window))
    store.materialise(
        "accounts",
        f"""SELECT n.account, a.account_id, a.registered_at,
               a.registered_at >= {window.new_since} AS is_new,
               a.phone_prefix, a.registration_ip,
               {address_block("a.registration_ip")} AS registration_block,
               a.registration_wifi, d.device AS registration_device,
               a.app_version, a.os_version, a.nickname, a.profile_region,
               a.real_name_verified, a.pay_enabled
            FROM loaded_accounts AS a
            JOIN account_names AS n ON n.account_id = a.account_id
            LEFT JOIN devices AS d ON d.device_id = a.registration_device_id
            WHERE a.registered_at <= {window.as_of}""",
    )


def address_block(address: str) -> str:
    """Return SQL for the /24 of an IPv4 address or the /48 of an IPv6 address."""
    groups = [
        f"coalesce(nullif(split_part(split_part({address}, '::', 1), ':', {i}), ''), "
        "'0')"
        for i in (1, 2, 3)
    ]
    v6 = " || ':' || ".join(groups)
    v4 = " || '.' || ".join(f"split_part({address}, '.', {i})" for i in (1, 2, 3))
    return (
        f"CASE WHEN {address} IS NULL THEN NULL WHEN {address} LIKE '%:%' "
        f"THEN {v6} || '::/48' ELSE {v4} || '.0/24' END"
    )


def _within(table: Table, window: Window) -> str:
    at = HAPPENS_AT.get(table.name)
    return f"({at} IS NULL OR {at} <= {window.as_of})" if at else "true"


def _referring(target: str) -> list[tuple[Table, Column]]:
    return [
        (table, column)
        for table in TABLES.values()
        for column in table.columns
        if column.refers_to == target
    ]


EQUALS = ("registration_ip", "phone_prefix", "nickname")
"""What puts accounts in order that registered in one second: no ids among it."""


def _number_accounts(store: Store, window: Window) -> None:
    """Make `account_names`: who registered first, then who is known from events alone.

    The latter are in the order of their first event, then of how many they have.
    """
    equals = ", ".join(EQUALS)
    nothing = ", ".join(f"NULL AS {name}" for name in EQUALS)
    mentioned = " UNION ALL ".join(
        f"SELECT {column.name} AS account_id, "
        f"{HAPPENS_AT.get(table.name, 'NULL')} AS at FROM loaded_{table.name} "
        f"WHERE {column.name} IS NOT NULL AND {_within(table, window)}"
        for table, column in _referring("accounts")
    )
    store.materialise(
        "account_names",
        f"""WITH known AS (SELECT account_id, false AS outside, registered_at AS since,
                             0 AS events, {equals} FROM loaded_accounts
                           WHERE {_within(TABLES["accounts"], window)}),
            every AS (SELECT * FROM known
                      UNION ALL
                      SELECT m.account_id, true, min(m.at), count(*), {nothing}
                      FROM ({mentioned}) AS m ANTI JOIN known AS k
                        ON k.account_id = m.account_id GROUP BY m.account_id)
            SELECT CAST(row_number() OVER (ORDER BY outside, since, events, {equals},
                                           account_id) - 1 AS INTEGER)
                   AS account, account_id, outside
            FROM every ORDER BY account""",
    )


def _number_devices(store: Store, window: Window) -> None:
    mentioned = " UNION ALL ".join(
        f"SELECT {column.name} AS device_id FROM loaded_{table.name} "
        f"WHERE {column.name} IS NOT NULL AND {_within(table, window)}"
        for table, column in _referring("devices")
    )
    store.materialise(
        "devices",
        f"""WITH outside AS (SELECT DISTINCT m.device_id FROM ({mentioned}) AS m
                ANTI JOIN loaded_devices AS d ON d.device_id = m.device_id),
            every AS (SELECT device_id, model, os, is_emulator, is_rooted
                      FROM loaded_devices
                      UNION ALL SELECT device_id, NULL, NULL, NULL, NULL FROM outside)
            SELECT CAST(row_number() OVER (ORDER BY device_id) - 1 AS INTEGER)
                   AS device, device_id, model, os, is_emulator, is_rooted
            FROM every ORDER BY device_id""",
    )


def _numbered(table: Table, window: Window) -> str:
    columns, joins = [], []
    for column in table.columns:
        names, number = {
            "accounts": ("account_names", "account"),
            "devices": ("devices", "device"),
        }.get(column.refers_to, ("", ""))
        if not names:
            columns.append(f't."{column.name}"')
            if column.kind == "ip":
                columns.append(f"{address_block(f't.{column.name}')} AS address_block")
            continue
        short = column.name.removesuffix("_id")
        columns.append(f"{short}_name.{number} AS {short}")
        joins.append(
            f"LEFT JOIN {names} AS {short}_name "
            f"ON {short}_name.{number}_id = t.{column.name}"
        )
    at = HAPPENS_AT.get(table.name)
    kept = f"(t.{at} IS NULL OR t.{at} <= {window.as_of})" if at else "true"
    return (
        f"SELECT {', '.join(columns)} FROM loaded_{table.name} AS t "
        f"{' '.join(joins)} WHERE {kept}"
    )
