"""Which rows of the event tables each signal rests on, for the accounts reported."""

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
    FROM ties AS t JOIN reported AS r ON r.account IN (t.account_a, t.account_b)
    JOIN account_names AS n ON n.account = t.account_a"""

GROUNDS: dict[str, tuple[str, ...]] = {
    _ACCOUNT: (
        "device_kind",
        "software_age",
        "clock",
        "nickname_shape",
        "real_name",
        "payment",
        "phone_crowd",
        "network_crowd",
        "device_sharing",
        "attachment",
    ),
    _LOGINS: ("device_sharing", "control_device"),
    _HELPED: ("manner_of_help", "helper_record", "gathering_record"),
    _ACTIVITY: ("friend_requests", "reach"),
    _COMPLAINTS: ("complaints",),
    _SANCTIONS: ("sanctions",),
    _TIES: ("acquaintance",),
    _HELPING: (
        "helped_strangers",
        "endings",
        "repetition",
        "quota",
        "races",
        "gatherings",
        "helping_device",
        "presence",
    ),
}
"""For each kind of row the signals that rest on it."""


def gather_event_rows(store: Store) -> None:
    """Make `event_rows(account, signal, events)` for the accounts of `reported`."""
    parts = []
    for sql, signals in GROUNDS.items():
        listed = ", ".join(f"('{signal}')" for signal in signals)
        parts.append(
            f"""SELECT e.account, s.signal, e."table", e.id FROM ({sql}) AS e
                CROSS JOIN (VALUES {listed}) AS s(signal)"""
        )
    store.materialise(
        "event_rows",
        f"""SELECT account, signal,
              list_sort(list(DISTINCT struct_pack("table" := "table", id := id)))
                AS events
            FROM ({" UNION ALL ".join(parts)}) AS e GROUP BY account, signal""",
    )
