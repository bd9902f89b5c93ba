"""What each account answers to each signal, as the number of a level.

One SELECT of (account, level) a signal, over the numbered tables; signals of crowds
come from the lockstep graph. An account that is missing from the SELECT has no answer.
Signals that look at other accounts' beliefs are filled in by `detection.belief`.
"""

from dataclasses import dataclass

import numpy as np

from analyses.detection.signals import SIGNALS
from graph.lockstep import Lockstep
from graph.store import Store

OBSERVED: dict[str, str] = {
    "device_kind": """
        SELECT a.account,
               max(CASE WHEN d.is_emulator OR d.is_rooted THEN 1 ELSE 0 END) AS level
        FROM accounts AS a JOIN devices AS d ON d.device = a.registration_device
        WHERE d.is_emulator IS NOT NULL OR d.is_rooted IS NOT NULL
        GROUP BY a.account""",
    "software_age": """
        WITH v AS (SELECT account, is_new, app_version || '|' || os_version AS stack
                   FROM accounts WHERE app_version IS NOT NULL
                     AND os_version IS NOT NULL AND is_new),
        c AS (SELECT stack, count(*) AS n FROM v GROUP BY stack),
        t AS (SELECT count(*) AS total FROM v)
        SELECT v.account, CASE WHEN c.n * 100 < t.total THEN 1 ELSE 0 END AS level
        FROM v JOIN c ON c.stack = v.stack CROSS JOIN t""",
    "payment": """
        SELECT account, CASE WHEN pay_enabled THEN 0 ELSE 1 END AS level
        FROM accounts WHERE pay_enabled IS NOT NULL""",
    "acquaintance": """
        WITH e AS (SELECT account_a AS account, account_b AS other FROM ties
                   UNION SELECT account_b, account_a FROM ties),
        n AS (SELECT e.account, count(*) AS n FROM e
              JOIN accounts AS o ON o.account = e.other AND NOT o.is_new
              GROUP BY e.account)
        SELECT a.account, least(coalesce(n.n, 0), 2) AS level
        FROM accounts AS a LEFT JOIN n ON n.account = a.account
        WHERE a.is_new AND EXISTS (SELECT 1 FROM ties)""",
    "manner_of_help": """
        WITH g AS (SELECT o.help_id FROM gatherings AS o
                   JOIN relayed_gatherings AS t ON t.gathering = o.gathering),
        m AS (SELECT f.helped AS account,
                CASE WHEN g.help_id IS NOT NULL THEN 5
                     WHEN f.tied THEN 0
                     WHEN f.takers >= 2 THEN 6
                     WHEN f.together THEN 1
                     WHEN f.away < 60000 THEN 2
                     WHEN f.together IS NULL AND f.away IS NULL THEN 3
                     ELSE 4 END AS level
              FROM help_facts AS f LEFT JOIN g ON g.help_id = f.help_id
              WHERE f.kind = 'registration' AND f.tied IS NOT NULL)
        SELECT account, max(level) AS level FROM m GROUP BY account""",
    "help_distance": """
        SELECT helped AS account,
               max(CASE WHEN tied IS NOT true AND away > 200000 THEN 1 ELSE 0 END)
                 AS level
        FROM help_facts WHERE kind = 'registration' AND away IS NOT NULL
        GROUP BY helped""",
    "help_pace": """
        SELECT helped AS account,
               max(CASE WHEN tied IS NOT true AND confirm_gap <= 10 THEN 1 ELSE 0 END)
                 AS level
        FROM help_facts WHERE kind = 'registration' AND confirm_gap IS NOT NULL
        GROUP BY helped""",
    "friend_requests": """
        SELECT account, CASE WHEN sum(friend_requests_sent) < 5 THEN 0
                 WHEN sum(friend_requests_accepted) * 10
                      >= sum(friend_requests_sent) * 4 THEN 1 ELSE 2 END AS level
        FROM activity WHERE friend_requests_sent IS NOT NULL
          AND friend_requests_accepted IS NOT NULL GROUP BY account""",
    "reach": """
        WITH r AS (SELECT t.account, max(t.recipients) AS most
                   FROM activity AS t JOIN accounts AS a ON a.account = t.account
                   WHERE t.recipients IS NOT NULL GROUP BY t.account),
        q AS (SELECT quantile_disc(most, 0.95) AS usual FROM r)
        SELECT r.account, CASE WHEN r.most > q.usual THEN 1 ELSE 0 END AS level
        FROM r CROSS JOIN q""",
    "complaints": """
        WITH c AS (SELECT account, max(CASE WHEN verified THEN 2 ELSE 1 END) AS level
                   FROM complaints GROUP BY account)
        SELECT a.account, coalesce(c.level, 0) AS level
        FROM accounts AS a LEFT JOIN c ON c.account = a.account
        WHERE a.is_new AND EXISTS (SELECT 1 FROM complaints)
          AND (c.level IS NOT NULL OR a.registered_at < {long_ago})""",
    "sanctions": """
        WITH s AS (SELECT DISTINCT account FROM sanctions WHERE action <> 'unsealed')
        SELECT a.account, CASE WHEN s.account IS NULL THEN 0 ELSE 1 END AS level
        FROM accounts AS a LEFT JOIN s ON s.account = a.account
        WHERE a.is_new AND EXISTS (SELECT 1 FROM sanctions)
          AND (s.account IS NOT NULL OR a.registered_at < {long_ago})""",
    "control_device": """
        WITH f AS (SELECT DISTINCT l.account, l.device FROM logins AS l
                   JOIN accounts AS a ON a.account = l.account
                   WHERE a.registration_device IS NOT NULL
                     AND l.device <> a.registration_device),
        m AS (SELECT device FROM f GROUP BY device HAVING count(*) >= 4),
        c AS (SELECT DISTINCT f.account FROM f JOIN m ON m.device = f.device)
        SELECT a.account, CASE WHEN c.account IS NULL THEN 0 ELSE 1 END AS level
        FROM (SELECT DISTINCT account FROM logins) AS a
        LEFT JOIN c ON c.account = a.account""",
}

ASKED = {
    "device_sharing": """SELECT account FROM accounts
        WHERE registration_device IS NOT NULL
        UNION ALL SELECT account FROM logins""",
    "phone_crowd": "SELECT account FROM accounts WHERE phone_prefix IS NOT NULL",
}
"""Who can be asked a question about shared keys: who has such a key at all."""

LARGE_CROWD = 1.5
"""Nats of surplus a member from which on a crowd is large."""


HARM_TAKES = 7 * 86400
"""Seconds after registration before the absence of harm says anything."""


@dataclass(frozen=True)
class Observations:
    """The answers of the new accounts.

    `levels[s]` is an array over the accounts of the lockstep graph: the number of
    the level, -1 without an answer. `background[s]` counts the answers of established
    accounts, where the question can be asked of them.
    """

    levels: dict[str, np.ndarray]
    background: dict[str, np.ndarray]


def observe(store: Store, lockstep: Lockstep) -> Observations:
    """Return what each new account answers to each signal."""
    count = len(lockstep.accounts)
    levels = {code: np.full(count, -1, dtype=np.int64) for code in SIGNALS}
    background = {}
    long_ago = store.rows("SELECT max(registered_at) FROM accounts")[0][0]
    for code, template in OBSERVED.items():
        sql = template.replace("{long_ago}", str(long_ago - HARM_TAKES))
        if SIGNALS[code].measured:  # asked of both, so answered once
            store.materialise("_answers", sql)
            sql = "SELECT account, level FROM _answers"
            background[code] = _established(store, code, sql)
        rows = store.arrow(
            f"""SELECT o.account, CAST(o.level AS TINYINT) AS level
                FROM ({sql}) AS o JOIN accounts AS n ON n.account = o.account
                WHERE n.is_new ORDER BY o.account"""
        )
        at = np.searchsorted(lockstep.accounts, rows["account"].to_numpy())
        levels[code][at] = rows["level"].to_numpy()
    store.drop("_answers")
    levels["device_sharing"] = _held_by(lockstep, "device")
    levels["phone_crowd"] = _crowd(lockstep, "phone_segment")
    for code, sql in ASKED.items():
        asked = store.arrow(f"SELECT DISTINCT account FROM ({sql}) AS a")
        levels[code][~np.isin(lockstep.accounts, asked["account"].to_numpy())] = -1
    small = {code: level.astype(np.int8) for code, level in levels.items()}
    return Observations(levels=small, background=background)


def _established(store: Store, code: str, sql: str) -> np.ndarray:
    counts = np.zeros(len(SIGNALS[code].levels))
    for level, number in store.rows(
        f"""SELECT o.level, count(*) FROM ({sql}) AS o
            JOIN accounts AS e ON e.account = o.account
            WHERE NOT e.is_new GROUP BY o.level"""
    ):
        counts[level] = number
    return counts


def _held_by(lockstep: Lockstep, kind: str) -> np.ndarray:
    """Grade how many new accounts hold the most shared of an account's keys."""
    surprising = np.where(lockstep.declared, 0, lockstep.holders)
    return np.asarray(np.digitize(_strongest(lockstep, kind, surprising), [2, 4, 10]))


def _crowd(lockstep: Lockstep, kind: str) -> np.ndarray:
    surplus = _strongest(lockstep, kind, lockstep.surplus)
    return np.where(surplus <= 0, 0, np.where(surplus < LARGE_CROWD, 1, 2))


def _strongest(lockstep: Lockstep, kind: str, value: np.ndarray) -> np.ndarray:
    """Return the largest value of each account's keys of a kind, 0 without one."""
    inside = (lockstep.kinds == kind)[lockstep.key]
    result: np.ndarray = np.zeros(len(lockstep.accounts))
    np.maximum.at(result, lockstep.account[inside], value[lockstep.key[inside]])
    return result
