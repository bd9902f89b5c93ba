"""Accounts that an organisation has declared as its own, for every kind of network."""

from analyses.networks.network import answer, share
from analyses.reporting.outputs import DECEIVED_ROLES
from graph.numbering import address_block
from graph.store import Store

SOME_OF = 4
"""When one in so many is declared, a candidate is taken for the organisation's."""

NOT_DECLARED = share(
    "not_an_organisation",
    "declared",
    "Has an organisation declared a good part of them as its own?",
    "no organisation has declared them as its own",
    "an organisation has declared them, or what they are used on, as its own",
    (120.0, 1.0),
    (4.0, 1.0),
)

OWN_DECLARATION = answer(
    "own_declaration",
    "declared",
    "Has an organisation declared this account as its own?",
    "no organisation has declared this account as its own",
    "an organisation has declared it, or what it is used on, as its own",
    ("no organisation has declared this account as its own", 0.998, 0.90),
    ("an organisation has declared it, or what it is used on, as its own", 0.002, 0.10),
)


def put_declared(store: Store) -> None:
    """Add to the shares and answers of a network what `network_declared` says of it.

    Nothing is added where there are no declarations at all: then nothing is known.
    """
    if store.count("declared") == 0:
        return
    store.materialise(
        "_declared_members",
        f"""SELECT DISTINCT m.team, m.account, d.account IS NOT NULL AS declared
            FROM network_members AS m
            LEFT JOIN network_declared AS d ON d.account = m.account
            WHERE m.role NOT IN {DECEIVED_ROLES}""",
    )
    store.insert(
        "network_shares",
        f"""SELECT team, '{NOT_DECLARED.code}',
              CASE WHEN count(*) FILTER (declared) * {SOME_OF} >= count(*)
                   THEN 0 ELSE 1 END, 1
            FROM _declared_members GROUP BY team""",
    )
    store.insert(
        "network_answers",
        f"""SELECT team, account, '{OWN_DECLARATION.code}',
              CASE WHEN declared THEN 1 ELSE 0 END FROM _declared_members""",
    )
    store.drop("_declared_members")


def find_declared(store: Store) -> None:
    """Make `network_declared(account, licensed)` of the table `declared`.

    An account is an organisation's when it is declared itself, or a device that it was
    registered on, logged in on or applied on, or a wifi, address block or phone segment
    that it was registered with or that half of its log-ins came from. One log-in on a
    declared wifi makes nobody staff. `licensed`: with a licence.
    """
    store.materialise(
        "network_declared",
        f"""WITH d AS (
              SELECT kind, CASE kind WHEN 'ip' THEN {address_block("value")}
                                ELSE value END AS value, licence FROM declared),
            held AS (
              SELECT n.account, 'account' AS kind, n.account_id AS value
              FROM account_names AS n
              UNION ALL SELECT account, 'phone_prefix', phone_prefix FROM accounts
              UNION ALL SELECT account, 'wifi', registration_wifi FROM accounts
              UNION ALL SELECT account, 'ip', registration_block FROM accounts
              UNION ALL
              SELECT u.account, 'device', v.device_id FROM (
                SELECT account, registration_device AS device FROM accounts
                UNION SELECT account, device FROM logins
                UNION SELECT account, device FROM unseal_applications) AS u
              JOIN devices AS v ON v.device = u.device),
            l AS (SELECT account, wifi, address_block,
                         count(*) OVER (PARTITION BY account) AS times FROM logins),
            often AS (
              SELECT account, 'wifi' AS kind, wifi AS value FROM l
              WHERE wifi IS NOT NULL GROUP BY account, wifi
              HAVING count(*) * 2 >= any_value(times)
              UNION ALL SELECT account, 'ip', address_block FROM l
              WHERE address_block IS NOT NULL GROUP BY account, address_block
              HAVING count(*) * 2 >= any_value(times))
            SELECT h.account, bool_or(d.licence IS NOT NULL) AS licensed
            FROM (SELECT * FROM held UNION ALL SELECT * FROM often) AS h
            JOIN d ON d.kind = h.kind AND d.value = h.value
            GROUP BY h.account""",
    )
