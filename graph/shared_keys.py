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
    established accounts alike, and a row may be there twice; `worth` is what a link
    over such a key counts for in the lockstep graph, in hundredths: how much less
    likely than over a device it is that strangers come to share one.
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
        """SELECT account, registration_device AS value FROM accounts
             WHERE registration_device IS NOT NULL
           UNION ALL SELECT account, device FROM logins
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
        """SELECT helped AS account, helper AS value FROM helps
           UNION ALL SELECT helper, helper FROM helps""",
    ),
    SharedKey(
        "helped",
        "helped the same account",
        100,
        """SELECT helper AS account, helped AS value FROM helps""",
    ),
    SharedKey(
        "helper_device",
        "helped from the same device",
        80,
        """SELECT helped AS account, device AS value FROM help_facts
           WHERE device IS NOT NULL""",
    ),
    SharedKey(
        "gathering",
        "helped in the same gathering of strangers",
        60,
        """SELECT f.helped AS account, g.gathering AS value
           FROM gatherings AS g JOIN help_facts AS f ON f.help_id = g.help_id""",
    ),
)


def collect_shared_keys(store: Store) -> None:
    """Make `shared_keys(key, kind, value, new_holders, established_holders)`.

    Also `key_holders(key, account)`, new accounts only. Only keys that two or more new
    accounts hold are kept, numbered in the order of their kinds and holders: what a key
    is called decides only between keys of the same holders.
    """
    store.materialise("_new", "SELECT account FROM accounts WHERE is_new")
    store.materialise("_keys", _NO_KEYS)
    store.materialise(
        "_holders", "SELECT '' AS kind, '' AS value, 0 AS account LIMIT 0"
    )
    for kind in SHARED_KEYS:
        _collect(store, kind)
    store.materialise(
        "shared_keys",
        """SELECT CAST(row_number() OVER (
                    ORDER BY kind, first, last, new_holders, mixed,
                             established_holders, value) - 1 AS INTEGER) AS key,
                  kind, value, new_holders, established_holders
           FROM _keys ORDER BY key""",
    )
    store.materialise(
        "key_holders",
        """SELECT k.key, h.account FROM _holders AS h
           JOIN shared_keys AS k ON k.kind = h.kind AND k.value = h.value
           ORDER BY h.account, k.key""",
    )
    store.drop("_new", "_keys", "_holders")


_NO_KEYS = """SELECT '' AS kind, '' AS value, CAST(0 AS INTEGER) AS new_holders,
    CAST(0 AS INTEGER) AS established_holders, CAST(0 AS INTEGER) AS first,
    CAST(0 AS INTEGER) AS last, CAST(0 AS INTEGER) AS mixed LIMIT 0"""


def _collect(store: Store, kind: SharedKey) -> None:
    """Add the keys of one kind to `_keys`, and their new holders to `_holders`.

    Most values are held by one account, and most accounts are established: so only
    values that two new accounts hold are looked up among the established ones.
    """
    store.materialise(
        "_held",
        f"""SELECT DISTINCT h.value, h.account FROM ({kind.holders}) AS h
            SEMI JOIN _new AS n ON n.account = h.account""",
    )
    store.materialise(
        "_shared",
        """SELECT value, count(*) AS new_holders, min(account) AS first,
             max(account) AS last, bit_xor(account) AS mixed
           FROM _held GROUP BY value HAVING count(*) >= 2""",
    )
    store.insert(
        "_holders",
        f"""SELECT '{kind.kind}', CAST(h.value AS VARCHAR), account
            FROM _held AS h SEMI JOIN _shared AS s ON s.value = h.value""",
    )
    store.insert(
        "_keys",
        f"""WITH old AS (SELECT h.value, count(DISTINCT h.account) AS number
                FROM ({kind.holders}) AS h
                SEMI JOIN _shared AS s ON s.value = h.value
                JOIN accounts AS a ON a.account = h.account AND NOT a.is_new
                GROUP BY h.value)
            SELECT '{kind.kind}', CAST(s.value AS VARCHAR), s.new_holders,
              coalesce(o.number, 0), s.first, s.last, s.mixed
            FROM _shared AS s LEFT JOIN old AS o ON o.value = s.value""",
    )
    store.drop("_held", "_shared")
