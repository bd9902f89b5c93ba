"""Rings that lend without a licence: a fee first, the full sum soon, and threats.

Candidates are lenders: accounts that paid several people out and had more back from
them within weeks. They hang together by borrowers whom they share, by the accounts that
they pay to advertise, by one text of such advertisements, and by people who complained
of both.

For a ring speaks that borrowers are strangers, that more is paid back than was paid
out, that debts are rolled over, and complaints of collection. Against it: a licence,
friendship, sums that come back as they went out, monthly instalments. Whoever gives
back what was paid to it before lends nothing: a shop's refunds, a house's deposits.
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

SMALLEST = 5_000
"""A loan is at least this, in fen."""

TERM = 45 * DAY
"""In this time a loan of this kind is paid back, or rolled over."""

BORROWERS = 3
"""Whoever lends to fewer is somebody's friend."""

FEE_OF = 2
"""A fee before the loan is less than the loan divided by this; more is given back."""

GIVES_BACK_OF = 3
"""Who gives back to more people than it lends to, divided by this, is a shop."""

COLLECTION = "('malicious_collection', 'illegal_loan', 'fraud', 'harassment')"


def find(store: Store) -> None:
    """Make the candidates and their evidence."""
    _loans(store)
    _advertisers(store)
    join(
        store,
        "loan_candidates",
        f"""SELECT lender AS account, 'lender ' || lender AS key FROM loan_lenders
            UNION ALL
            SELECT l.lender, 'borrower ' || b.borrower FROM loan_loans AS l
            JOIN loan_lenders AS k ON k.lender = l.lender
            JOIN (SELECT borrower FROM loan_loans AS l
                  JOIN loan_lenders AS k ON k.lender = l.lender
                  GROUP BY borrower HAVING count(DISTINCT l.lender) = 2) AS b
              ON b.borrower = l.borrower
            UNION ALL
            SELECT x.account, 'paid ' || p.payee FROM loan_advertisers AS a
            JOIN payments AS p ON p.payee = a.account
            JOIN loan_lenders AS k ON k.lender = p.payer,
            LATERAL (SELECT unnest([p.payer, p.payee]) AS account) AS x
            UNION ALL SELECT account, 'advert ' || key FROM loan_advertisers
            UNION ALL
            SELECT c.account, 'complainant ' || c.complainant FROM complaints AS c
            WHERE c.category IN {COLLECTION} AND c.complainant IS NOT NULL
              AND (c.account IN (SELECT lender FROM loan_lenders)
                   OR c.account IN (SELECT account FROM loan_advertisers))""",
    )
    _look(store)
    _members(store)
    _shares(store)
    _answers(store)
    _events(store)
    store.drop(
        "loan_payouts",
        "loan_loans",
        "loan_lenders",
        "loan_advertisers",
        "loan_candidates",
        "loan_seen",
        "loan_complaints",
    )


def _loans(store: Store) -> None:
    """Make `loan_payouts`, who paid out to whom, and `loan_loans`: what came back.

    What was paid to the lender before, at any time, is a fee at most. Where it is half
    of the first payout or more, that gives it back: a refund, a deposit.
    """
    knows_ties = store.count("ties") > 0
    store.materialise(
        "loan_payouts",
        f"""WITH out AS (
              SELECT payer AS lender, payee AS borrower, min(paid_at) AS since,
                     sum(amount_fen) AS paid_out, count(*) AS times,
                     arg_min(amount_fen, (paid_at, payment_id)) AS first_fen
              FROM payments GROUP BY payer, payee HAVING sum(amount_fen) >= {SMALLEST}),
            before AS (
              SELECT o.lender, o.borrower, sum(p.amount_fen) AS fen
              FROM out AS o JOIN payments AS p ON p.payer = o.borrower
                AND p.payee = o.lender AND p.paid_at <= o.since
              GROUP BY o.lender, o.borrower),
            t AS (SELECT DISTINCT least(account_a, account_b) AS a,
                    greatest(account_a, account_b) AS b FROM ties
                  WHERE coalesce(kind, '') <> 'payment')
            SELECT o.*, coalesce(b.fen, 0) * {FEE_OF} >= o.first_fen AS gives_back,
                   {"t.a IS NULL" if knows_ties else "NULL"} AS stranger
            FROM out AS o LEFT JOIN before AS b
              ON b.lender = o.lender AND b.borrower = o.borrower
            LEFT JOIN t ON t.a = least(o.lender, o.borrower)
                       AND t.b = greatest(o.lender, o.borrower)""",
    )
    store.materialise(
        "loan_loans",
        f"""WITH out AS (SELECT * FROM loan_payouts WHERE NOT gives_back),
            back AS (
              SELECT o.lender, o.borrower, sum(p.amount_fen) AS paid_back,
                     max(p.amount_fen) AS largest, count(*) AS times,
                     min(p.paid_at) AS first
              FROM out AS o JOIN payments AS p ON p.payer = o.borrower
                AND p.payee = o.lender
                AND p.paid_at BETWEEN o.since - 7 * {DAY} AND o.since + {TERM}
              GROUP BY o.lender, o.borrower)
            SELECT o.lender, o.borrower, o.since, o.paid_out, b.paid_back, o.first_fen,
                   -- several loans, or one that is hardly paid back, do not tell
                   CASE WHEN o.times = 1 AND b.paid_back * 2 >= o.paid_out
                        THEN b.paid_back * 100 >= o.paid_out * 108 END AS more,
                   CASE WHEN o.times = 1 AND b.paid_back * 2 >= o.paid_out
                        THEN b.times >= 2 AND b.largest * 100 >= o.paid_out * 95 END
                     AS rolled,
                   b.first < o.since AS fee_first, o.stranger
            FROM out AS o JOIN back AS b
              ON b.lender = o.lender AND b.borrower = o.borrower
            WHERE b.paid_back <= 4 * o.paid_out""",
    )
    # A lender pays out to most of those who pay it; a shop does not.
    store.materialise(
        "loan_lenders",
        f"""WITH n AS (SELECT lender, count(*) AS borrowers,
                         count(*) FILTER (more OR rolled OR fee_first) AS dear,
                         count(*) FILTER (more IS NOT NULL OR fee_first) AS ended
                       FROM loan_loans GROUP BY lender),
            paying AS (SELECT payee AS lender, count(DISTINCT payer) AS people
                       FROM payments GROUP BY payee),
            giving AS (SELECT lender, count(*) AS people FROM loan_payouts
                       WHERE gives_back GROUP BY lender)
            SELECT n.lender, n.borrowers FROM n
            JOIN paying AS p ON p.lender = n.lender
            LEFT JOIN giving AS g ON g.lender = n.lender
            WHERE n.borrowers >= {BORROWERS} AND n.dear * 4 >= n.ended
              AND n.dear >= 2
              AND n.borrowers * 3 >= p.people
              AND coalesce(g.people, 0) * {GIVES_BACK_OF} <= n.borrowers""",
    )


def _advertisers(store: Store) -> None:
    """Make `loan_advertisers(account, key)`: who offers loans, and by which advert.

    An advert is a text, or a place that texts lead to, that is posted again, and that
    is about loans at least once.
    """
    store.materialise(
        "loan_advertisers",
        """WITH k AS (
              SELECT account, post_id, topic, 'text ' || content_hash AS key FROM posts
              WHERE content_hash IS NOT NULL
              UNION ALL SELECT account, post_id, topic, 'to ' || diversion_target
              FROM posts WHERE diversion_target IS NOT NULL)
            SELECT k.account, k.key, count(DISTINCT k.post_id) AS posts
            FROM k JOIN (
              SELECT key FROM k GROUP BY key
              HAVING count(DISTINCT post_id) >= 2 AND count(DISTINCT account) <= 100
                 AND count(*) FILTER (topic = 'illegal_loan') >= 1) AS s
              ON s.key = k.key GROUP BY k.account, k.key""",
    )


def _look(store: Store) -> None:
    store.materialise(
        "loan_complaints",
        f"""SELECT c.team, c.account, p.complaint_id, p.complainant, p.filed_at
            FROM loan_candidates AS c JOIN complaints AS p ON p.account = c.account
            WHERE p.category IN {COLLECTION}""",
    )
    store.materialise(
        "loan_seen",
        """WITH licensed AS (SELECT account FROM network_declared WHERE licensed)
           SELECT c.team, c.account, k.lender IS NOT NULL AS lends, k.borrowers,
                  l.account IS NOT NULL AS licensed,
                  (SELECT count(*) FROM loan_complaints AS p
                   WHERE p.account = c.account AND p.team = c.team) AS complaints,
                  coalesce((SELECT max(a.posts) FROM loan_advertisers AS a
                            WHERE a.account = c.account), 0) AS adverts,
                  EXISTS (SELECT 1 FROM payments AS p
                          JOIN loan_candidates AS o ON o.account = p.payer
                            AND o.team = c.team
                          JOIN loan_lenders AS v ON v.lender = p.payer
                          WHERE p.payee = c.account) AS paid
           FROM loan_candidates AS c
           LEFT JOIN loan_lenders AS k ON k.lender = c.account
           LEFT JOIN licensed AS l ON l.account = c.account""",
    )


def _members(store: Store) -> None:
    """Put lenders, whoever advertises, and their borrowers.

    A borrower is whoever was lent to, and a stranger who was paid out as much as those
    and has paid nothing back: not yet, or never.
    """
    store.insert(
        "network_members",
        """SELECT team, account, CASE WHEN lends THEN 'lender' ELSE 'advertiser' END
           FROM loan_seen
           UNION ALL
           SELECT DISTINCT c.team, o.borrower, 'victim' FROM loan_candidates AS c
           JOIN loan_lenders AS k ON k.lender = c.account
           JOIN (SELECT lender, min(first_fen) AS least, max(first_fen) AS most
                 FROM loan_loans GROUP BY lender) AS u ON u.lender = c.account
           JOIN loan_payouts AS o ON o.lender = c.account AND NOT o.gives_back
            AND o.first_fen BETWEEN u.least AND u.most
           WHERE coalesce(o.stranger, true)""",
    )


def _shares(store: Store) -> None:
    loans = """loan_candidates AS c JOIN loan_lenders AS k ON k.lender = c.account
               JOIN loan_loans AS l ON l.lender = c.account"""
    flags = {
        "borrowers_strangers": "stranger",
        "more_paid_back": "more",
        "rolled_over": "rolled",
        "fee_first": "fee_first",
    }
    others = [
        """SELECT team, 'no_licence', count(*) FILTER (NOT licensed), count(*)
           FROM loan_seen WHERE lends GROUP BY team""",
        """SELECT team, 'collection', count(*) FILTER (complaints >= 2), count(*)
           FROM loan_seen WHERE lends GROUP BY team""",
        """SELECT team, 'advertised', max(CASE WHEN adverts >= 2 THEN 1 ELSE 0 END), 1
           FROM loan_seen GROUP BY team""",
    ]
    put_shares(store, loans, flags, *others)


def _answers(store: Store) -> None:
    store.insert(
        "network_answers",
        """SELECT team, account, 'lends_to', CASE WHEN borrowers >= 15 THEN 1 ELSE 0 END
           FROM loan_seen WHERE lends
           UNION ALL SELECT team, account, 'lender_licence',
             CASE WHEN licensed THEN 0 ELSE 1 END FROM loan_seen WHERE lends
           UNION ALL SELECT team, account, 'loan_complaints',
             CASE WHEN complaints >= 2 THEN 2 WHEN complaints = 1 THEN 1 ELSE 0 END
           FROM loan_seen
           UNION ALL SELECT team, account, 'loan_adverts',
             CASE WHEN adverts >= 4 THEN 2 WHEN adverts >= 2 THEN 1 ELSE 0 END
           FROM loan_seen WHERE NOT lends
           UNION ALL SELECT team, account, 'advert_pay', CASE WHEN paid THEN 1
             ELSE 0 END FROM loan_seen WHERE NOT lends""",
    )


def _events(store: Store) -> None:
    store.insert(
        "network_events",
        """SELECT c.team, x.account, 'payment', 'payments', p.payment_id, p.paid_at
           FROM loan_candidates AS c
           JOIN loan_lenders AS k ON k.lender = c.account
           JOIN loan_payouts AS l ON l.lender = c.account AND NOT l.gives_back
           JOIN payments AS p ON p.payer = l.lender AND p.payee = l.borrower
             OR p.payer = l.borrower AND p.payee = l.lender,
           LATERAL (SELECT unnest([l.lender, l.borrower]) AS account) AS x
           UNION ALL
           SELECT DISTINCT c.team, p.account, 'post', 'posts', p.post_id, p.posted_at
           FROM loan_candidates AS c
           JOIN loan_advertisers AS a ON a.account = c.account
           JOIN posts AS p ON p.account = c.account
             AND a.key IN ('text ' || p.content_hash, 'to ' || p.diversion_target)
           UNION ALL
           SELECT team, account, 'complaint', 'complaints', complaint_id, filed_at
           FROM loan_complaints
           UNION ALL
           SELECT c.team, p.payee, 'payment', 'payments', p.payment_id, p.paid_at
           FROM loan_seen AS c JOIN payments AS p ON p.payee = c.account
           JOIN loan_candidates AS o ON o.account = p.payer AND o.team = c.team
           JOIN loan_lenders AS k ON k.lender = p.payer WHERE NOT c.lends""",
    )


NETWORK = Network(
    kind="loan_ring",
    word="loan",
    says="lenders without a licence, and who advertises for them",
    needs=("payments",),
    uses=("ties", "posts", "complaints", "declared"),
    roles=("lender", "advertiser", "victim"),
    find=find,
    prior=-6.0,
    least=1,
    team_signals=team_signals(
        share(
            "borrowers_strangers",
            "ties",
            "How many borrowers have no tie to their lender?",
            "they lend to strangers",
            "they lend to people they know",
            (12.0, 1.0),
            (2.0, 2.0),
        ),
        share(
            "more_paid_back",
            "terms",
            "Of how many loans was clearly more paid back than paid out?",
            "much more is paid back than was paid out",
            "what is paid back is what was paid out",
            (6.0, 3.0),
            (2.0, 3.0),
        ),
        share(
            "rolled_over",
            "terms",
            "How many loans were rolled over: fees first, then the full sum?",
            "debts are rolled over: fees first, then the full sum",
            "debts are paid back at once",
            (2.0, 4.0),
            (1.0, 6.0),
            least=-1.5,
        ),
        share(
            "fee_first",
            "terms",
            "For how many loans was something paid before anything was paid out?",
            "a fee is paid before anything is paid out",
            "nothing is paid before the loan",
            (1.0, 3.0),
            (1.0, 15.0),
            least=-0.5,
        ),
        share(
            "no_licence",
            "licence",
            "How many of the lenders have declared no licence?",
            "no lender has declared a licence",
            "the lenders have declared a licence",
            (30.0, 1.0),
            (2.0, 2.0),
        ),
        share(
            "collection",
            "aftermath",
            "How many of the lenders were complained of twice or more?",
            "people complain of threats and of what they were charged",
            "hardly anybody complains of the lenders",
            (4.0, 1.0),
            (1.0, 6.0),
            least=-4.0,
        ),
        share(
            "advertised",
            "adverts",
            "Does anybody advertise for them?",
            "accounts offer such loans to nobody in particular",
            "nobody is seen to advertise for them",
            (2.0, 1.0),
            (1.0, 4.0),
            least=-1.0,
        ),
    ),
    member_signals=member_signals(
        answer(
            "lends_to",
            "lending",
            "To how many does it lend?",
            "lends to many",
            "lends to some",
            ("lends to fewer than fifteen", 0.30, 0.60),
            ("lends to fifteen or more", 0.70, 0.40),
        ),
        answer(
            "lender_licence",
            "licence",
            "Has it declared a licence?",
            "has declared no licence",
            "has declared a licence",
            ("has declared a licence", 0.01, 0.50),
            ("has declared no licence", 0.99, 0.50),
        ),
        answer(
            "loan_complaints",
            "aftermath",
            "Were there complaints about it, of loans or of threats?",
            "there were complaints about it, of loans or of threats",
            "there was no complaint about it, of loans or of threats",
            ("no complaint of loans or of threats", 0.25, 0.70),
            ("one complaint of loans or of threats", 0.20, 0.20),
            ("several complaints of loans or of threats", 0.55, 0.10),
        ),
        answer(
            "loan_adverts",
            "adverts",
            "Does it offer loans to nobody in particular?",
            "offers loans to nobody in particular, again and again",
            "hardly posts the advert",
            ("posted the advert once, or never", 0.30, 0.80),
            ("posted the advert two or three times", 0.30, 0.15),
            ("posted the advert four times or more", 0.40, 0.05),
        ),
        answer(
            "advert_pay",
            "money",
            "Does a lender pay it?",
            "a lender pays it",
            "no lender is seen to pay it",
            ("no lender is seen to pay it", 0.50, 0.85),
            ("a lender pays it", 0.50, 0.15),
        ),
    ),
    grounds={
        "borrowers_strangers": "payment",
        "more_paid_back": "payment",
        "rolled_over": "payment",
        "fee_first": "payment",
        "no_licence": "payment",
        "lends_to": "payment",
        "lender_licence": "payment",
        "advert_pay": "payment",
        "collection": "complaint",
        "loan_complaints": "complaint",
        "advertised": "post",
        "loan_adverts": "post",
    },
)
