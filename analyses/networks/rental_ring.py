"""Rings that rent, buy and "recycle" accounts, and use them for somebody else.

Candidates are accounts that were taken over by the same devices: a device that is not
their own, on which other accounts are used as well. Devices hang together by their
address and by whoever paid the owners when their accounts were handed over.

For it speaks that the owners live apart and have no ties; that a login code was scanned
far from where it was shown; that the owner's own device falls silent; that one account
paid many of them; that complaints follow. Against it: ties and one town, and own phones
that go on beside it (a family's tablet); accounts that go from one device of the house
to the next in shifts (a customer-service desk); that nobody complains; what an
organisation has declared; and accounts too young to have been anybody's.
"""

from analyses.networks.joining import join
from analyses.networks.network import (
    Network,
    answer,
    member_signals,
    share,
    team_signals,
)
from analyses.networks.shares import put_shares
from graph.store import Store

DAY = 86_400
AGED = 90 * DAY
"""An account that is handed over has been somebody's for a while."""

IN_OTHER_HANDS = 3 * DAY
"""Within less than this nobody can tell whether the owner still uses the account."""

PAID_WITHIN = 10 * DAY
"""An owner is paid about when the account is handed over."""


def find(store: Store) -> None:
    """Make the candidates and their evidence."""
    _takeovers(store)
    _payers(store)
    join(
        store,
        "rental_candidates",
        """SELECT account, 'device ' || device AS key FROM rental_takeovers
           UNION ALL
           SELECT account, 'address ' || ip FROM rental_takeovers
             WHERE ip IN (SELECT ip FROM rental_takeovers WHERE ip IS NOT NULL
                          GROUP BY ip HAVING count(DISTINCT device) BETWEEN 2 AND 30)
           UNION ALL
           SELECT payee, 'payer ' || payer FROM rental_paid""",
    )
    store.materialise(
        "rental_candidates",
        """SELECT * FROM rental_candidates WHERE team IN (
             SELECT team FROM rental_candidates GROUP BY team HAVING count(*) >= 3)""",
    )
    _look(store)
    _members(store)
    _shares(store)
    _answers(store)
    _events(store)
    store.drop(
        "rental_takeovers",
        "rental_paid",
        "rental_candidates",
        "rental_seen",
        "rental_payers",
        "rental_unseen",
        "rental_losses",
        "rental_cheated",
    )


def _takeovers(store: Store) -> None:
    """Make `rental_takeovers`: accounts on shared devices that are not their own."""
    store.materialise(
        "rental_takeovers",
        f"""WITH own AS (
              SELECT account, registration_device AS device FROM accounts
              WHERE registration_device IS NOT NULL),
            l AS (SELECT l.account, l.device, l.logged_in_at, l.ip, l.address_block,
                    l.code_id, l.method
                  FROM logins AS l
                  ANTI JOIN own AS o ON o.account = l.account AND o.device = l.device
                  WHERE l.device IS NOT NULL),
            -- a device of newcomers, or one for vouching, is a farm's, not a ring's
            helping AS (SELECT DISTINCT scanner AS account, device FROM scans
                        WHERE purpose IN ('register_help', 'unseal_help')),
            shared AS (
              SELECT l.device FROM l JOIN accounts AS a ON a.account = l.account
              LEFT JOIN helping AS h ON h.account = l.account AND h.device = l.device
              GROUP BY l.device
              HAVING count(DISTINCT l.account) BETWEEN 2 AND 200
                 AND count(DISTINCT l.account) FILTER (
                       l.logged_in_at - a.registered_at >= {AGED}) * 2
                     >= count(DISTINCT l.account)
                 AND count(DISTINCT h.account) * 2 < count(DISTINCT l.account))
            SELECT l.account, l.device, min(l.logged_in_at) AS since,
                   max(l.logged_in_at) AS until, count(*) AS times,
                   arg_min(l.ip, (l.logged_in_at, l.ip)) AS ip,
                   arg_min(l.address_block, (l.logged_in_at, l.address_block)) AS block,
                   arg_min(l.code_id, (l.logged_in_at, l.code_id)) AS code_id
            FROM l JOIN shared AS s ON s.device = l.device
            GROUP BY l.account, l.device""",
    )


def _payers(store: Store) -> None:
    """Make `rental_paid`: who paid several owners about when they handed over.

    Whoever pays hundreds, or a few again and again, pays for something else.
    """
    store.materialise(
        "rental_paid",
        f"""WITH first AS (SELECT account, min(since) AS since FROM rental_takeovers
                           GROUP BY account),
            near AS (SELECT DISTINCT p.payer, p.payee FROM payments AS p
                     JOIN first AS f ON f.account = p.payee
                     WHERE abs(p.paid_at - f.since) <= {PAID_WITHIN}),
            every AS (SELECT payer, count(DISTINCT payee) AS payees FROM payments
                      GROUP BY payer)
            SELECT n.payer, n.payee FROM near AS n
            JOIN (SELECT payer, count(*) AS owners FROM near GROUP BY payer) AS o
              ON o.payer = n.payer
            JOIN every AS e ON e.payer = n.payer
            WHERE o.owners >= 3 AND o.owners * 3 >= e.payees""",
    )


def _look(store: Store) -> None:
    """Make `rental_seen`: what is seen of each account that was taken over."""
    knows_ties = store.count("ties") > 0
    knows_harm = store.count("complaints") > 0
    store.materialise(
        "rental_seen",
        f"""WITH c AS (
              SELECT c.team, c.account, min(t.since) AS since, max(t.until) AS until,
                     count(DISTINCT t.device) AS devices,
                     any_value(a.profile_region) AS region,
                     any_value(a.registered_at) AS registered_at
              FROM rental_candidates AS c
              JOIN rental_takeovers AS t ON t.account = c.account
              LEFT JOIN accounts AS a ON a.account = c.account
              GROUP BY c.team, c.account),
            home AS (SELECT team, region, row_number() OVER (PARTITION BY team
                       ORDER BY count(*) DESC, region) AS place
                     FROM c WHERE region IS NOT NULL GROUP BY team, region),
            tied AS (
              SELECT DISTINCT x.team, x.account FROM c AS x
              JOIN (SELECT account_a AS a, account_b AS b FROM ties
                    UNION ALL SELECT account_b, account_a FROM ties) AS t
                ON t.a = x.account
              JOIN c AS y ON y.team = x.team AND y.account = t.b),
            handed AS (
              SELECT t.account, bool_or(
                CASE WHEN s.address_block IS NULL OR t.block IS NULL THEN NULL
                     ELSE s.address_block <> t.block END) AS elsewhere
              FROM rental_takeovers AS t
              JOIN scans AS s ON s.code_id = t.code_id GROUP BY t.account),
            harm AS (SELECT account, max(filed_at) AS last FROM complaints
                     GROUP BY account),
            said AS (SELECT account FROM network_declared
                     UNION SELECT t.account FROM declared AS d
                     JOIN rental_takeovers AS t ON t.ip = d.value WHERE d.kind = 'ip'),
            beside AS (
              SELECT c.team, c.account,
                     bool_or(l.logged_in_at > c.since AND l.logged_in_at < c.until)
                       AS both
              FROM c JOIN logins AS l ON l.account = c.account
              ANTI JOIN rental_takeovers AS t
                ON t.account = l.account AND t.device = l.device
              WHERE c.until - c.since >= {IN_OTHER_HANDS}
              GROUP BY c.team, c.account),
            back AS (
              SELECT l.account, bool_or(l.logged_in_at > c.until) AS returned
              FROM logins AS l JOIN c ON c.account = l.account
              JOIN accounts AS a ON a.account = l.account
                AND a.registration_device = l.device GROUP BY l.account),
            paid AS (SELECT DISTINCT payee AS account FROM rental_paid),
            helping AS (
              SELECT DISTINCT t.account FROM rental_takeovers AS t
              JOIN scans AS s ON s.scanner = t.account AND s.device = t.device
              WHERE s.purpose IN ('register_help', 'unseal_help'))
            SELECT c.team, c.account, c.since, c.until, c.devices, c.region,
                   c.region <> h.region AS apart,
                   {"t.account IS NULL" if knows_ties else "NULL"} AS untied,
                   x.elsewhere,
                   {"coalesce(m.last >= c.since, false)" if knows_harm else "NULL"}
                     AS harmed, NOT e.both AS silent,
                   d.account IS NOT NULL AS declared,
                   c.since - c.registered_at >= 2 * {AGED} AS aged,
                   p.account IS NOT NULL AS paid, b.returned,
                   g.account IS NOT NULL AS helping
            FROM c LEFT JOIN home AS h ON h.team = c.team AND h.place = 1
            LEFT JOIN tied AS t ON t.team = c.team AND t.account = c.account
            LEFT JOIN handed AS x ON x.account = c.account
            LEFT JOIN harm AS m ON m.account = c.account
            LEFT JOIN said AS d ON d.account = c.account
            LEFT JOIN paid AS p ON p.account = c.account
            LEFT JOIN back AS b ON b.account = c.account
            LEFT JOIN beside AS e ON e.team = c.team AND e.account = c.account
            LEFT JOIN helping AS g ON g.account = c.account""",
    )
    store.materialise(
        "rental_payers",
        """SELECT DISTINCT c.team, p.payer FROM rental_paid AS p
           JOIN rental_candidates AS c ON c.account = p.payee""",
    )
    # Of some accounts no login is known at all: that a broker paid them is left.
    store.materialise(
        "rental_unseen",
        """SELECT min(b.team) AS team, p.payee AS account FROM rental_payers AS b
           JOIN payments AS p ON p.payer = b.payer
           WHERE p.payee NOT IN (SELECT account FROM logins)
             AND p.payee NOT IN (SELECT account FROM rental_candidates)
           GROUP BY p.payee HAVING count(*) <= 2""",
    )
    store.materialise(
        "rental_losses",
        """SELECT s.team, s.account, c.complaint_id, c.complainant, c.filed_at
           FROM rental_seen AS s JOIN complaints AS c ON c.account = s.account
           WHERE c.filed_at >= s.since""",
    )
    # Who pays an account in other hands, and whose money is with the broker within a
    # day, was cheated, complaint or not.
    store.materialise(
        "rental_cheated",
        f"""SELECT s.team, p.payment_id, p.payer, p.payee, p.paid_at
            FROM rental_seen AS s JOIN payments AS p ON p.payee = s.account
            JOIN rental_payers AS b ON b.team = s.team
            JOIN payments AS o ON o.payer = s.account AND o.payee = b.payer
              AND o.paid_at BETWEEN p.paid_at AND p.paid_at + {DAY}
              AND o.amount_fen * 10 BETWEEN p.amount_fen * 8 AND p.amount_fen * 10
            WHERE p.paid_at >= s.since AND p.payer <> b.payer
            GROUP BY ALL""",
    )


def _members(store: Store) -> None:
    """Put owners, whoever pays them, who is paid again and again, and who lost."""
    store.insert(
        "network_members",
        """SELECT team, account, 'rented_account' FROM rental_seen
           UNION ALL SELECT team, account, 'rented_account' FROM rental_unseen
           UNION ALL SELECT team, payer, 'broker' FROM rental_payers
           UNION ALL
           SELECT b.team, p.payee, 'seller' FROM rental_payers AS b
           JOIN payments AS p ON p.payer = b.payer
           WHERE p.payee NOT IN (SELECT account FROM rental_seen
                                 UNION ALL SELECT account FROM rental_unseen)
           GROUP BY b.team, p.payee HAVING count(*) >= 3
           UNION ALL
           SELECT b.team, p.payer, 'operator' FROM rental_payers AS b
           JOIN payments AS p ON p.payee = b.payer
           GROUP BY b.team, p.payer HAVING count(*) >= 2
           UNION ALL
           SELECT DISTINCT team, complainant, 'victim' FROM rental_losses
           WHERE complainant IS NOT NULL
           UNION ALL
           SELECT DISTINCT team, payer, 'victim' FROM rental_cheated
           WHERE payer NOT IN (SELECT payer FROM rental_payers)""",
    )


def _shares(store: Store) -> None:
    flags = {
        "owners_apart": "apart",
        "owners_untied": "untied",
        "code_elsewhere": "elsewhere",
        "owners_paid": "paid",
        "rental_harm": "harmed",
        "owners_aged": "aged",
        "not_declared": "NOT declared",
        "one_device": "devices = 1",
        "given_back": "returned",
        "owners_silent": "silent",
        "not_for_helping": "NOT helping",
    }
    put_shares(store, "rental_seen", flags)


def _answers(store: Store) -> None:
    store.insert(
        "network_answers",
        """SELECT team, account, 'handed_over',
             CASE WHEN elsewhere THEN 2 WHEN elsewhere = false THEN 0 ELSE 1 END
           FROM rental_seen
           UNION ALL SELECT team, account, 'rental_ties', CASE WHEN untied THEN 1
             ELSE 0 END FROM rental_seen WHERE untied IS NOT NULL
           UNION ALL SELECT team, account, 'rental_money', CASE WHEN paid THEN 1
             ELSE 0 END FROM rental_seen
           UNION ALL SELECT team, account, 'rental_money', 1 FROM rental_unseen
           UNION ALL SELECT team, account, 'rental_complaints', CASE WHEN harmed THEN 1
             ELSE 0 END FROM rental_seen WHERE harmed IS NOT NULL
           UNION ALL SELECT team, account, 'rental_owner', CASE WHEN silent THEN 1
             ELSE 0 END FROM rental_seen WHERE silent IS NOT NULL
           UNION ALL SELECT team, account, 'rental_age', CASE WHEN aged THEN 1
             ELSE 0 END FROM rental_seen WHERE aged IS NOT NULL
           UNION ALL SELECT team, account, 'rental_declared', CASE WHEN declared THEN 1
             ELSE 0 END FROM rental_seen
           UNION ALL SELECT team, account, 'rental_use', CASE WHEN helping THEN 1
             ELSE 0 END FROM rental_seen
           UNION ALL SELECT b.team, b.payer, 'pays_owners',
             CASE WHEN count(DISTINCT p.payee) >= 5 THEN 1 ELSE 0 END
             FROM rental_payers AS b JOIN rental_paid AS p ON p.payer = b.payer
             GROUP BY b.team, b.payer""",
    )


def _events(store: Store) -> None:
    store.insert(
        "network_events",
        """SELECT s.team, s.account, 'login', 'logins',
             n.account_id || '@' || l.logged_in_at, l.logged_in_at
           FROM rental_seen AS s
           JOIN rental_takeovers AS t ON t.account = s.account
           JOIN logins AS l ON l.account = s.account AND l.device = t.device
           JOIN account_names AS n ON n.account = s.account
           UNION ALL
           SELECT c.team, p.payee, 'payment', 'payments', p.payment_id, p.paid_at
           FROM rental_candidates AS c JOIN payments AS p ON p.payee = c.account
           JOIN rental_payers AS b ON b.team = c.team AND b.payer = p.payer
           UNION ALL
           SELECT b.team, b.payer, 'payment', 'payments', p.payment_id, p.paid_at
           FROM rental_payers AS b JOIN payments AS p
             ON p.payer = b.payer OR p.payee = b.payer
           UNION ALL
           SELECT b.team, p.payee, 'payment', 'payments', p.payment_id, p.paid_at
           FROM rental_payers AS b JOIN payments AS p ON p.payer = b.payer
           WHERE p.payee NOT IN (SELECT account FROM rental_candidates)
           UNION ALL
           SELECT b.team, p.payer, 'payment', 'payments', p.payment_id, p.paid_at
           FROM rental_payers AS b JOIN payments AS p ON p.payee = b.payer
           UNION ALL
           SELECT team, account, 'complaint', 'complaints', complaint_id, filed_at
           FROM rental_losses
           UNION ALL
           SELECT team, complainant, 'complaint', 'complaints', complaint_id, filed_at
           FROM rental_losses WHERE complainant IS NOT NULL
           UNION ALL
           SELECT team, payer, 'payment', 'payments', payment_id, paid_at
           FROM rental_cheated""",
    )


NETWORK = Network(
    kind="rental_ring",
    word="rental",
    says="accounts that are handed over for money and used by others",
    needs=("logins.device",),
    uses=("scans", "ties", "payments", "complaints", "declared"),
    roles=("rented_account", "broker", "seller", "operator", "victim"),
    find=find,
    prior=-6.0,
    least=5,
    team_signals=team_signals(
        share(
            "owners_apart",
            "places",
            "How many live elsewhere than most of them?",
            "the owners of accounts on one device live apart",
            "the owners of accounts on one device live in one place",
            (5.0, 2.0),
            (1.0, 1.5),
        ),
        share(
            "owners_untied",
            "ties",
            "How many have no tie to another of them?",
            "the owners do not know each other",
            "the owners know each other",
            (9.0, 1.0),
            (1.0, 1.0),
        ),
        share(
            "code_elsewhere",
            "handing_over",
            "How many scanned the login code far from where it was shown?",
            "login codes are scanned far from where they are shown",
            "login codes are scanned where they are shown",
            (8.0, 2.0),
            (0.7, 1.5),
        ),
        share(
            "owners_paid",
            "money",
            "How many were paid, when they handed over, by one who paid others too?",
            "one account paid the owners when they handed over",
            "nobody paid the owners when they came to the device",
            (1.5, 1.5),
            (1.0, 20.0),
            least=-1.0,
        ),
        share(
            "rental_harm",
            "aftermath",
            "How many were complained of after they were taken over?",
            "complaints follow the hand-over",
            "hardly any complaints follow",
            (2.0, 2.0),
            (1.0, 12.0),
            least=-2.0,
        ),
        share(
            "owners_aged",
            "age",
            "How many had a long life before they were taken over?",
            "the accounts had been somebody's for long",
            "the accounts were young, as a farm's are",
            (19.0, 1.0),
            (8.0, 1.0),
        ),
        share(
            "not_declared",
            "declared",
            "How many has no organisation declared as its own?",
            "no organisation has declared the accounts or the device",
            "an organisation has declared the accounts or the device",
            (30.0, 1.0),
            (1.0, 0.15),
        ),
        share(
            "one_device",
            "devices",
            "How many stay on one of the shared devices?",
            "each account stays on the device that took it over",
            "the accounts go from one device of the house to the next",
            (8.0, 1.0),
            (1.0, 0.7),
        ),
        share(
            "given_back",
            "handing_over",
            "How many came back to their own device afterwards?",
            "some accounts are given back after a while",
            "no account went back to its own device",
            (2.0, 3.0),
            (1.0, 3.0),
            least=-1.0,
        ),
        share(
            "owners_silent",
            "handing_over",
            "Of how many does the own device fall silent while the other is used?",
            "the owners' own devices fall silent",
            "the owners go on using their own devices beside the shared one",
            (8.0, 1.0),
            (1.0, 1.0),
        ),
        share(
            "not_for_helping",
            "use",
            "How many did not vouch for others from the shared device?",
            "the device is not one for vouching for others",
            "the device is one for vouching for others, as a farm's helpers have",
            (30.0, 1.0),
            (1.0, 0.3),
        ),
    ),
    member_signals=member_signals(
        answer(
            "handed_over",
            "handing_over",
            "How did its login pass to the device?",
            "its login code was scanned far from the device",
            "its login code was scanned beside the device",
            ("the login code was scanned beside the device", 0.05, 0.30),
            ("by password, or it is not known where a code was scanned", 0.60, 0.60),
            ("the login code was scanned far from the device", 0.35, 0.10),
        ),
        answer(
            "rental_owner",
            "handing_over",
            "Does its owner go on using it on his own device?",
            "its own device is silent while the other is used",
            "its owner goes on using it on a device of his own",
            ("its owner goes on using it on a device of his own", 0.08, 0.60),
            ("its own device is silent while the other is used", 0.92, 0.40),
        ),
        answer(
            "rental_ties",
            "ties",
            "Does it know another account on the device?",
            "knows nobody else whose account is on the device",
            "knows another whose account is on the device",
            ("knows another whose account is on the device", 0.05, 0.50),
            ("knows nobody else whose account is on the device", 0.95, 0.50),
        ),
        answer(
            "rental_money",
            "money",
            "Was its owner paid when it was handed over?",
            "its owner was paid by one who paid other owners, too",
            "nobody is seen to have paid its owner",
            ("nobody is seen to have paid its owner", 0.55, 0.95),
            ("its owner was paid by one who paid other owners, too", 0.45, 0.05),
        ),
        answer(
            "rental_complaints",
            "aftermath",
            "Were there complaints once it was in other hands?",
            "complaints came once it was in other hands",
            "no complaint came once it was in other hands",
            ("no complaint came once it was in other hands", 0.60, 0.93),
            ("complaints came once it was in other hands", 0.40, 0.07),
        ),
        answer(
            "rental_age",
            "age",
            "Had it been somebody's for long?",
            "had been somebody's for half a year or more",
            "was young when it came to the device",
            ("was young when it came to the device", 0.05, 0.40),
            ("had been somebody's for half a year or more", 0.95, 0.60),
        ),
        answer(
            "rental_declared",
            "declared",
            "Has an organisation declared it?",
            "no organisation has declared it",
            "an organisation has declared it, or the device",
            ("no organisation has declared it, or the device", 0.99, 0.80),
            ("an organisation has declared it, or the device", 0.01, 0.20),
        ),
        answer(
            "rental_use",
            "use",
            "Did it vouch for others from the device?",
            "did not vouch for others from the device",
            "vouched for others from the device, as a farm's helper does",
            ("did not vouch for others from the device", 0.98, 0.70),
            ("vouched for others from the device, as a farm's helper does", 0.02, 0.30),
        ),
        answer(
            "pays_owners",
            "money",
            "How many owners did it pay when they handed over?",
            "paid many owners when they handed over",
            "paid a few owners when they handed over",
            ("paid three or four owners when they handed over", 0.40, 0.40),
            ("paid five owners or more when they handed over", 0.60, 0.10),
        ),
    ),
    grounds={
        "owners_paid": "payment",
        "rental_money": "payment",
        "pays_owners": "payment",
        "rental_harm": "complaint",
        "rental_complaints": "complaint",
        "code_elsewhere": "login",
        "handed_over": "login",
        "one_device": "login",
        "given_back": "login",
        "owners_silent": "login",
        "rental_owner": "login",
        "owners_aged": "login",
        "rental_age": "login",
        "owners_apart": "login",
        "rental_ties": "login",
        "owners_untied": "login",
    },
)
