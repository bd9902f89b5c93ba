"""Rings that pass money on: split over many clean accounts, gathered again in hours.

An account *passes on* when it pays out nearly all of what it got within the day before.
Candidates are accounts that pass on to the same collector, four or more of them.

For a ring speaks that its members are strangers who live apart, that one source pays
several of them, that they pass on again and again, that codes are paid by people far
away, and that people complain of fraud. Against it: ties, to whom the money goes or
from whom it comes (buyers and their boss), one town, codes that are paid where their
owner is (a market's stalls, tourists or not), that nobody complains, a payer who pays
wages, sums as small as presents, what an organisation has declared.
"""

from analyses.networks.declarations import NOT_DECLARED, OWN_DECLARATION
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

SMALLEST = 2_000
"""Smaller sums than this, in fen, are presents."""

HARM = ("fraud", "account_trading")
"""What those whose money it was complain of."""

NEAR = 500_000
"""Millionths of a degree within which two places are near (some 50 km)."""

COLLECTS_OF = 4
"""A collector gathers from at least so many accounts."""


def find(store: Store) -> None:
    """Make the candidates and their evidence."""
    _passes(store)
    _sources(store)
    _collectors(store)
    join(
        store,
        "laundering_candidates",
        """SELECT p.mule AS account, 'to ' || p.collector AS key
           FROM laundering_passes AS p
           JOIN laundering_collectors AS c ON c.account = p.collector""",
    )
    _look(store)
    _members(store)
    _shares(store)
    _answers(store)
    _events(store)
    store.drop(
        "laundering_passes",
        "laundering_collectors",
        "laundering_candidates",
        "laundering_sources",
        "laundering_codes",
        "laundering_seen",
    )


def _passes(store: Store) -> None:
    """Make `laundering_passes`: payments with which what came in goes out again."""
    store.materialise(
        "laundering_passes",
        f"""WITH o AS (SELECT payment_id, payer AS mule, payee AS collector, paid_at,
                         amount_fen FROM payments WHERE amount_fen >= {SMALLEST}),
            got AS (SELECT o.payment_id, sum(p.amount_fen) AS fen
                    FROM o JOIN payments AS p ON p.payee = o.mule
                      AND p.payer <> o.collector AND p.paid_at <= o.paid_at
                      AND p.paid_at > o.paid_at - {DAY}
                    GROUP BY o.payment_id),
            gone AS (SELECT o.payment_id, sum(p.amount_fen) AS fen
                     FROM o JOIN payments AS p ON p.payer = o.mule
                       AND p.paid_at > o.paid_at - {DAY}
                       AND p.paid_at <= o.paid_at + {DAY} // 2
                     GROUP BY o.payment_id)
            SELECT o.payment_id, o.mule, o.collector, o.paid_at
            FROM o JOIN got ON got.payment_id = o.payment_id
            JOIN gone ON gone.payment_id = o.payment_id
            WHERE o.amount_fen * 4 >= got.fen AND o.amount_fen * 100 <= got.fen * 102
              AND gone.fen BETWEEN got.fen * 9 // 10 AND got.fen * 102 // 100""",
    )


def _sources(store: Store) -> None:
    """Make `laundering_sources`: who sends money to several that pass it on."""
    store.materialise(
        "laundering_sources",
        f"""WITH paid AS (SELECT DISTINCT p.payer, p.payee FROM payments AS p
                         JOIN laundering_passes AS o ON o.mule = p.payee
                           AND o.paid_at BETWEEN p.paid_at AND p.paid_at + {DAY}
                           AND o.collector <> p.payer),
           every AS (SELECT payer, count(DISTINCT payee) AS payees FROM payments
                     GROUP BY payer)
           SELECT p.payer AS account, count(*) AS mules FROM paid AS p
           JOIN every AS e ON e.payer = p.payer GROUP BY p.payer, e.payees
           HAVING count(*) >= {COLLECTS_OF} AND count(*) * 2 >= e.payees""",
    )


def _collectors(store: Store) -> None:
    """Make `laundering_collectors`: to whom several accounts pass on.

    Some of them have it of one source. Whom many others pay besides sells something.
    """
    store.materialise(
        "laundering_collectors",
        f"""WITH sourced AS (SELECT DISTINCT p.payee AS mule FROM payments AS p
                            JOIN laundering_sources AS s ON s.account = p.payer),
            n AS (SELECT p.collector AS account, count(DISTINCT p.mule) AS mules,
                         count(DISTINCT s.mule) AS sourced
                  FROM laundering_passes AS p LEFT JOIN sourced AS s ON s.mule = p.mule
                  GROUP BY p.collector),
            every AS (SELECT payee AS account, count(DISTINCT payer) AS payers
                      FROM payments GROUP BY payee)
            SELECT n.account FROM n JOIN every AS e ON e.account = n.account
            WHERE n.mules >= {COLLECTS_OF} AND n.mules * 2 >= e.payers
              AND n.sourced * 3 >= n.mules""",
    )


def _paid_codes(store: Store) -> None:
    """Make `laundering_codes(account, lent)`: whose code is paid far from its owner.

    Where it is paid is where payers stand, and the owner is where its own scans were.
    Without own scans its region is asked: where most of the payers of a code have one
    region and that is another, or is far, the code is lent out. Tourists at a stall
    come from everywhere: what is known of their homes alone tells nothing.
    """
    near = (
        f"abs(o.latitude - f.latitude) <= {NEAR} "
        f"AND abs(o.longitude - f.longitude) <= {NEAR}"
    )
    store.materialise(
        "laundering_codes",
        f"""WITH paid AS (
              SELECT p.payee AS account, p.payer, p.code_id, b.profile_region AS region
              FROM payments AS p JOIN laundering_candidates AS c ON c.account = p.payee
              LEFT JOIN accounts AS b ON b.account = p.payer
              WHERE p.code_id IS NOT NULL),
            payers AS (SELECT account, count(DISTINCT payer) AS people FROM paid
                       GROUP BY account),
            home AS (
              SELECT account, region, people, row_number() OVER (PARTITION BY account
                ORDER BY people DESC, region) AS place
              FROM (SELECT account, region, count(DISTINCT payer) AS people FROM paid
                    WHERE region IS NOT NULL GROUP BY account, region) AS r),
            stall AS (
              SELECT d.account, quantile_disc(s.latitude, 0.5) AS latitude,
                     quantile_disc(s.longitude, 0.5) AS longitude
              FROM (SELECT DISTINCT account, payer, code_id FROM paid) AS d
              JOIN scans AS s ON s.code_id = d.code_id AND s.scanner = d.payer
              WHERE s.latitude IS NOT NULL AND s.longitude IS NOT NULL
              GROUP BY d.account),
            own AS (
              SELECT f.account, bool_or({near}) AS near FROM stall AS f
              JOIN scans AS o ON o.scanner = f.account
              WHERE o.latitude IS NOT NULL AND o.longitude IS NOT NULL
              GROUP BY f.account),
            centre AS (
              SELECT a.profile_region AS region,
                     quantile_disc(s.latitude, 0.5) AS latitude,
                     quantile_disc(s.longitude, 0.5) AS longitude
              FROM scans AS s JOIN accounts AS a ON a.account = s.scanner
              WHERE s.latitude IS NOT NULL AND s.longitude IS NOT NULL
                AND a.profile_region IN (
                  SELECT a.profile_region FROM paid AS p
                  JOIN accounts AS a ON a.account = p.account)
              GROUP BY a.profile_region HAVING count(*) >= 5)
            SELECT p.account, CASE
                WHEN p.people < 3 THEN NULL
                WHEN w.near IS NOT NULL THEN NOT w.near
                WHEN f.account IS NOT NULL AND o.region IS NOT NULL AND {near}
                  THEN false
                WHEN h.region = a.profile_region THEN false
                WHEN h.people * 2 >= p.people THEN true END AS lent
            FROM payers AS p JOIN accounts AS a ON a.account = p.account
            LEFT JOIN own AS w ON w.account = p.account
            LEFT JOIN stall AS f ON f.account = p.account
            LEFT JOIN centre AS o ON o.region = a.profile_region
            LEFT JOIN home AS h ON h.account = p.account AND h.place = 1""",
    )


def _look(store: Store) -> None:
    _paid_codes(store)
    knows_ties = store.count("ties") > 0
    store.materialise(
        "laundering_seen",
        f"""WITH c AS (
              SELECT c.team, c.account, any_value(a.profile_region) AS region,
                     bool_or(a.real_name_verified) AS named,
                     count(DISTINCT p.paid_at // {DAY}) AS days, min(p.paid_at) AS first
              FROM laundering_candidates AS c
              JOIN laundering_passes AS p ON p.mule = c.account
              JOIN laundering_collectors AS k ON k.account = p.collector
              LEFT JOIN accounts AS a ON a.account = c.account
              GROUP BY c.team, c.account),
            home AS (SELECT team, region, row_number() OVER (PARTITION BY team
                       ORDER BY count(*) DESC, region) AS place
                     FROM c WHERE region IS NOT NULL GROUP BY team, region),
            tied AS (
              SELECT DISTINCT c.team, c.account FROM c
              JOIN (SELECT mule, collector AS other FROM laundering_passes
                    UNION SELECT p.payee, p.payer FROM payments AS p
                    JOIN laundering_sources AS s ON s.account = p.payer) AS p
                ON p.mule = c.account
              JOIN (SELECT account_a AS a, account_b AS b FROM ties
                    WHERE coalesce(kind, '') <> 'payment'
                    UNION ALL SELECT account_b, account_a FROM ties
                    WHERE coalesce(kind, '') <> 'payment') AS t
                ON t.a = c.account AND t.b = p.other),
            sourced AS (
              SELECT DISTINCT p.payee AS account FROM laundering_sources AS s
              JOIN payments AS p ON p.payer = s.account)
            SELECT c.team, c.account, c.days, c.days >= 2 AS again, c.named,
                   c.region <> h.region AS apart,
                   {"t.account IS NULL" if knows_ties else "NULL"} AS untied,
                   s.account IS NOT NULL AS sourced, o.lent AS lends
            FROM c LEFT JOIN home AS h ON h.team = c.team AND h.place = 1
            LEFT JOIN tied AS t ON t.team = c.team AND t.account = c.account
            LEFT JOIN sourced AS s ON s.account = c.account
            LEFT JOIN laundering_codes AS o ON o.account = c.account""",
    )


def _members(store: Store) -> None:
    """Put who passes on, who gathers, and who sends it out."""
    store.insert(
        "network_members",
        """SELECT team, account, 'mule' FROM laundering_seen
           UNION ALL
           SELECT DISTINCT s.team, p.collector, 'operator' FROM laundering_seen AS s
           JOIN laundering_passes AS p ON p.mule = s.account
           JOIN laundering_collectors AS k ON k.account = p.collector
           UNION ALL
           SELECT s.team, x.account, 'operator' FROM laundering_seen AS s
           JOIN payments AS p ON p.payee = s.account
           JOIN laundering_sources AS x ON x.account = p.payer
           GROUP BY s.team, x.account HAVING count(DISTINCT s.account) >= 3""",
    )


def _shares(store: Store) -> None:
    flags = {
        "mules_apart": "apart",
        "mules_untied": "untied",
        "mules_return": "again",
        "one_source": "sourced OR coalesce(lends, false)",
        "codes_lent": "lends",
        "mules_named": "named",
    }
    others = [
        f"""SELECT m.team, 'laundering_harm',
              CASE WHEN count(c.account) >= 1 THEN 1 ELSE 0 END, 1
            FROM network_members AS m LEFT JOIN (
              SELECT DISTINCT account FROM complaints WHERE category IN {HARM}) AS c
              ON c.account = m.account
            WHERE EXISTS (SELECT 1 FROM complaints) GROUP BY m.team"""
    ]
    put_shares(store, "laundering_seen", flags, *others)


def _answers(store: Store) -> None:
    store.insert(
        "network_answers",
        """SELECT team, account, 'passing_turns',
             CASE WHEN days >= 3 THEN 2 WHEN days = 2 THEN 1 ELSE 0 END
           FROM laundering_seen
           UNION ALL SELECT team, account, 'passing_ties', CASE WHEN untied THEN 1
             ELSE 0 END FROM laundering_seen WHERE untied IS NOT NULL
           UNION ALL SELECT team, account, 'passing_source',
             CASE WHEN sourced THEN 1 WHEN lends THEN 2 ELSE 0 END FROM laundering_seen
           UNION ALL SELECT DISTINCT m.team, s.account, 'sends_out',
             CASE WHEN s.mules >= 8 THEN 1 ELSE 0 END FROM laundering_sources AS s
           JOIN network_members AS m ON m.account = s.account""",
    )


def _events(store: Store) -> None:
    store.insert(
        "network_events",
        """SELECT s.team, x.account, 'payment', 'payments', p.payment_id, p.paid_at
           FROM laundering_seen AS s JOIN laundering_passes AS p ON p.mule = s.account,
           LATERAL (SELECT unnest([p.mule, p.collector]) AS account) AS x
           UNION ALL
           SELECT c.team, x.account, 'payment', 'payments', p.payment_id, p.paid_at
           FROM laundering_sources AS s JOIN payments AS p ON p.payer = s.account
           JOIN laundering_seen AS c ON c.account = p.payee,
           LATERAL (SELECT unnest([p.payer, p.payee]) AS account) AS x""",
    )


NETWORK = Network(
    kind="laundering_ring",
    word="laundering",
    says="money split over many clean accounts and gathered again within hours",
    needs=("payments",),
    uses=("ties", "complaints", "accounts.real_name_verified", "declared"),
    roles=("operator", "mule"),
    find=find,
    prior=-5.0,
    least=5,
    team_signals=team_signals(
        NOT_DECLARED,
        share(
            "mules_apart",
            "places",
            "How many live elsewhere than most of them?",
            "those who pass money on live apart",
            "those who pass money on live in one place",
            (5.0, 2.0),
            (1.0, 1.0),
        ),
        share(
            "mules_untied",
            "ties",
            "How many know neither whom they pass it on to nor whom it comes from?",
            "money comes from strangers and is passed on to strangers",
            "those who pass the money on know whose it is, or who gets it",
            (12.0, 1.0),
            (1.0, 0.8),
        ),
        share(
            "mules_return",
            "rhythm",
            "How many pass money on again on another day?",
            "the same accounts pass money on again and again",
            "each passes money on once",
            (4.0, 2.0),
            (0.5, 1.0),
            least=-3.0,
        ),
        share(
            "one_source",
            "source",
            "How many have the money of one who pays several, or by a code lent out?",
            "one account sends the money out to several, or codes are lent out",
            "the money comes from people who have nothing to do with each other",
            (6.0, 2.0),
            (1.5, 1.5),
        ),
        share(
            "codes_lent",
            "codes",
            "How many have a payment code that people far away pay?",
            "people far away pay the codes of some",
            "codes are paid where their owners are",
            (2.0, 1.0),
            (1.0, 6.0),
            least=-4.0,
        ),
        share(
            "laundering_harm",
            "aftermath",
            "Does anybody complain of fraud or of traded accounts, about any of them?",
            "people complain of fraud",
            "nobody complains of fraud",
            (6.0, 1.0),
            (1.0, 4.0),
        ),
        share(
            "mules_named",
            "names",
            "How many have a verified real name?",
            "the accounts are clean: their names are verified",
            "hardly any has a verified name",
            (9.0, 1.0),
            (6.0, 1.5),
            least=-2.0,
        ),
    ),
    member_signals=member_signals(
        OWN_DECLARATION,
        answer(
            "passing_turns",
            "rhythm",
            "On how many days did it pass money on?",
            "passed money on on several days",
            "passed money on on one day",
            ("passed money on on one day", 0.25, 0.70),
            ("passed money on on two days", 0.20, 0.20),
            ("passed money on on three days or more", 0.55, 0.10),
        ),
        answer(
            "passing_ties",
            "ties",
            "Does it know whom the money comes from or goes to?",
            "knows neither whom the money comes from nor whom it goes to",
            "knows whom the money comes from, or whom it goes to",
            ("knows whom the money comes from, or whom it goes to", 0.05, 0.50),
            ("knows neither whom the money comes from nor whom it goes to", 0.95, 0.50),
        ),
        answer(
            "passing_source",
            "source",
            "Where does the money come from?",
            "gets the money from one who sends it to others too, or by a lent code",
            "gets the money from nobody in particular",
            ("gets the money from nobody in particular", 0.15, 0.80),
            ("gets the money from one who sends it to others too", 0.60, 0.15),
            ("people far away pay its code", 0.25, 0.05),
        ),
        answer(
            "sends_out",
            "source",
            "To how many does it send money that is passed on?",
            "sends money to many who pass it on",
            "sends money to some who pass it on",
            ("sends money to fewer than eight who pass it on", 0.30, 0.30),
            ("sends money to eight or more who pass it on", 0.70, 0.10),
        ),
    ),
)
