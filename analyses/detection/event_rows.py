"""Which rows of the event tables each signal rests on, for the accounts reported."""

from analyses.detection.giver_signals import CREW_SIGNALS, PLATFORM_SIGNALS
from analyses.detection.helper_signals import HELPER_SIGNALS
from graph.store import Store

_ACCOUNT = """SELECT r.account, 'accounts' AS "table", n.account_id AS id
    FROM reported AS r JOIN account_names AS n ON n.account = r.account"""
_LOGINS = """SELECT l.account, 'logins' AS "table",
      n.account_id || '@' || CAST(l.logged_in_at AS VARCHAR) AS id
    FROM logins AS l JOIN reported AS r ON r.account = l.account
    JOIN account_names AS n ON n.account = l.account"""
_HELPED = """SELECT h.helped AS account, 'helps' AS "table", h.help_id AS id
    FROM helps AS h JOIN reported AS r ON r.account = h.helped"""
_HELPING = """SELECT h.helper AS account, 'helps' AS "table", h.help_id AS id
    FROM helps AS h JOIN reported AS r ON r.account = h.helper"""
_ACTIVITY = """SELECT t.account, 'activity' AS "table",
      n.account_id || '@' || CAST(t.day AS VARCHAR) AS id
    FROM activity AS t JOIN reported AS r ON r.account = t.account
    JOIN account_names AS n ON n.account = t.account"""
_COMPLAINTS = """SELECT c.account, 'complaints' AS "table", c.complaint_id AS id
    FROM complaints AS c JOIN reported AS r ON r.account = c.account"""
_SANCTIONS = """SELECT s.account, 'sanctions' AS "table",
      n.account_id || '@' || CAST(s.applied_at AS VARCHAR) AS id
    FROM sanctions AS s JOIN reported AS r ON r.account = s.account
    JOIN account_names AS n ON n.account = s.account"""
_TIES = """SELECT r.account, 'ties' AS "table",
      n.account_id || '@' || coalesce(CAST(t.since AS VARCHAR), '') AS id
    FROM (SELECT account_a AS account, account_a, since FROM ties
          UNION ALL SELECT account_b, account_a, since FROM ties) AS t
    JOIN reported AS r ON r.account = t.account
    JOIN account_names AS n ON n.account = t.account_a"""

GROUNDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "account": (
        _ACCOUNT,
        (
            "device_kind",
            "software_age",
            "payment",
            "phone_crowd",
            "attachment",
            "joined_network",
            "joined_phone",
        ),
    ),
    "devices": (f"{_ACCOUNT} UNION ALL {_LOGINS}", ("device_sharing", "joined_device")),
    "logins": (_LOGINS, ("control_device", "stall_login")),
    "helped": (
        _HELPED,
        (
            "manner_of_help",
            "help_distance",
            "help_pace",
            "helper_record",
            "gathering_record",
            "joined_helper",
            "joined_gathering",
        ),
    ),
    "activity": (_ACTIVITY, ("friend_requests", "reach")),
    "complaints": (_COMPLAINTS, ("complaints",)),
    "sanctions": (_SANCTIONS, ("sanctions",)),
    "ties": (_TIES, ("acquaintance",)),
    "helping": (
        _HELPING,
        (
            *(code for code in HELPER_SIGNALS if code != "stall_login"),
            *CREW_SIGNALS,
            *PLATFORM_SIGNALS,
        ),
    ),
}
"""The grounds: their rows for the accounts of `reported`, and who rests on them."""


ONCE = ("helped", "helping", "complaints")
"""Grounds in which no row of an account is there twice."""


def gather_event_rows(store: Store, accounts: str) -> None:
    """Make `event_rows(account, ground, events)` and `grounds(signal, ground)`.

    `accounts` is a SELECT of the accounts whose rows are wanted.
    """
    store.materialise("reported", accounts)
    event = 'struct_pack("table" := "table", id := id)'
    store.materialise(
        "event_rows",
        f"""SELECT account, 'account' AS ground, [{event}] AS events
            FROM ({_ACCOUNT}) AS e UNION ALL
            SELECT account, ground, list_sort(list({event})) FROM ({_rows(*ONCE)}) AS e
            GROUP BY account, ground UNION ALL
            SELECT account, ground, list_sort(list(DISTINCT {event}))
            FROM ({_rows(*(g for g in GROUNDS if g not in ("account", *ONCE)))}) AS e
            GROUP BY account, ground""",
    )
    resting = ", ".join(
        f"('{signal}', '{ground}')"
        for ground, (_, signals) in GROUNDS.items()
        for signal in signals
    )
    store.materialise(
        "grounds", f"SELECT * FROM (VALUES {resting}) AS g(signal, ground)"
    )
    store.drop("reported")


def _rows(*grounds: str) -> str:
    """Give SQL for the rows of some grounds."""
    return " UNION ALL ".join(
        f"""SELECT account, '{ground}' AS ground, "table", id
            FROM ({GROUNDS[ground][0]}) AS e"""
        for ground in grounds
    )
