"""Shared keys: the things that accounts may have in common, one kind after the other.

A kind of key says, in one SELECT over the numbered tables, which account holds which
value. Adding a network to the system begins with adding a kind here.
"""

from dataclasses import dataclass

from graph.store import Store


@dataclass(frozen=True)
class SharedKey:
    """A kind of thing that accounts may share.

    `holders` is a SELECT of (account, value) over the numbered tables, new and
    established accounts alike; `worth` is what a link over such a key counts for in
    the lockstep graph, in hundredths: how much less likely than over a device it is
    that strangers come to share one.
    """

    kind: str
    says: str
    worth: int
    holders: str


SHARED_KEYS: tuple[SharedKey, ...] = (
    SharedKey(
        "device",
        "registered on, or logged in from, the same device",
        100,
        """SELECT account, CAST(registration_device AS VARCHAR) AS value FROM accounts
             WHERE registration_device IS NOT NULL
           UNION SELECT account, CAST(device AS VARCHAR) FROM logins
             WHERE device IS NOT NULL""",
    ),
    SharedKey(
        "access_point",
        "registered at the same access point",
        80,
        """SELECT account, registration_wifi AS value FROM accounts
           WHERE registration_wifi IS NOT NULL""",
    ),
    SharedKey(
        "address_block",
        "registered from the same address block",
        60,
        """SELECT account, registration_block AS value FROM accounts
           WHERE registration_block IS NOT NULL""",
    ),
    SharedKey(
        "phone_segment",
        "phone numbers from the same segment of 10,000",
        60,
        """SELECT account, phone_prefix AS value FROM accounts
           WHERE phone_prefix IS NOT NULL""",
    ),
    SharedKey(
        "helper",
        "helped by the same account, or the helper itself",
        100,
        """SELECT helped AS account, CAST(helper AS VARCHAR) AS value FROM helps
           UNION SELECT helper, CAST(helper AS VARCHAR) FROM helps""",
    ),
    SharedKey(
        "helped",
        "helped the same account",
        100,
        """SELECT helper AS account, CAST(helped AS VARCHAR) AS value FROM helps""",
    ),
    SharedKey(
        "helper_device",
        "helped from the same device",
        80,
        """SELECT helped AS account, CAST(device AS VARCHAR) AS value FROM help_facts
           WHERE device IS NOT NULL""",
    ),
    SharedKey(
        "gathering",
        "helped in the same gathering of strangers",
        60,
        """SELECT f.helped AS account, CAST(g.gathering AS VARCHAR) AS value
           FROM gatherings AS g JOIN help_facts AS f ON f.help_id = g.help_id""",
    ),
)


def collect_shared_keys(store: Store) -> None:
    """Make `shared_keys(key, kind, value, new_holders, established_holders)`.

    Also `key_holders(key, account)`, new accounts only. Only keys that two or more new
    accounts hold are kept, numbered in the order of kind and value.
    """
    held = " UNION ALL ".join(
        f"SELECT '{key.kind}' AS kind, value, account FROM ({key.holders}) AS h"
        for key in SHARED_KEYS
    )
    store.materialise("held", f"SELECT DISTINCT kind, value, account FROM ({held}) h")
    store.materialise(
        "shared_keys",
        """WITH counted AS (
             SELECT h.kind, h.value,
                    CAST(sum(CASE WHEN a.is_new THEN 1 ELSE 0 END) AS INTEGER)
                      AS new_holders,
                    CAST(sum(CASE WHEN a.is_new THEN 0 ELSE 1 END) AS INTEGER)
                      AS established_holders
             FROM held AS h JOIN accounts AS a ON a.account = h.account
             GROUP BY h.kind, h.value)
           SELECT CAST(row_number() OVER (ORDER BY kind, value) - 1 AS INTEGER) AS key,
                  kind, value, new_holders, established_holders
           FROM counted WHERE new_holders >= 2 ORDER BY kind, value""",
    )
    store.materialise(
        "key_holders",
        """SELECT k.key, h.account FROM held AS h
           JOIN shared_keys AS k ON k.kind = h.kind AND k.value = h.value
           JOIN accounts AS a ON a.account = h.account AND a.is_new
           ORDER BY h.account, k.key""",
    )
    store.drop("held")
