"""Rings that post for money: one text in lockstep, by people with nothing in common.

A *campaign* is one text, or one place that texts lead to, posted by several accounts
within days. Candidates are campaigns that a good part of the same people posted: two
who pass on the same joke do not join everybody else who did. For a ring speaks that its
members live apart and have no ties, post together again and again, that what they post
for is harmful and changes with each campaign, that one account pays them small sums in
the evening, and that complaints follow. Against it: ties and one town (the staff of a
company, a fan club), wages from one employer, lives of their own, one text that goes
round once, always the same shop, a contact of each one's own (small merchants with the
texts of one brand), what an organisation has declared.
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

LASTS = 3 * DAY
"""A campaign is over in this time; what goes round for longer is passed on."""

PAUSE = DAY
"""After so long without a post a text is posted anew."""

PAID_WITHIN = 36 * 3600
SMALL = 20_000
"""What a post is paid with, at most, in fen."""

WAGE = 100_000
"""A wage is at least this, in fen."""

EMPLOYED_FOR = 20 * DAY
"""Who pays wages pays them again after this long."""

SAME_PEOPLE = 6
"""Two campaigns are of the same people when they share, of the geometric mean of both
numbers of posters, one in so many or more."""

HARMFUL = ("order_brushing", "weight_loss", "prostitution", "part_time_job")
"""Topics that people are hired to post about; those of other networks are their own."""


def find(store: Store) -> None:
    """Make the candidates and their evidence."""
    _campaigns(store)
    _candidates(store)
    _look(store)
    _members(store)
    _shares(store)
    _answers(store)
    _events(store)
    store.drop(
        "posting_campaigns",
        "posting_candidates",
        "posting_posts",
        "posting_pay",
        "posting_payers",
        "posting_wages",
        "posting_seen",
    )


def _campaigns(store: Store) -> None:
    """Make `posting_campaigns`: which post belongs to which campaign."""
    store.materialise(
        "posting_campaigns",
        f"""WITH k AS (
              SELECT post_id, account, posted_at, 'text ' || content_hash AS key
              FROM posts WHERE content_hash IS NOT NULL
              UNION ALL SELECT post_id, account, posted_at, 'to ' || diversion_target
              FROM posts WHERE diversion_target IS NOT NULL),
            b AS (SELECT *, CASE WHEN posted_at - lag(posted_at) OVER w > {PAUSE}
                             THEN 1 ELSE 0 END AS anew
                  FROM k WINDOW w AS (PARTITION BY key ORDER BY posted_at, post_id)),
            n AS (SELECT *, sum(anew) OVER (PARTITION BY key
                    ORDER BY posted_at, post_id) AS turn FROM b),
            c AS (SELECT key, turn FROM n GROUP BY key, turn
                  HAVING count(DISTINCT account) >= 3
                     AND max(posted_at) - min(posted_at) <= {LASTS})
            SELECT n.post_id, n.account, n.posted_at,
                   CAST(dense_rank() OVER (ORDER BY n.key, n.turn) - 1 AS INTEGER)
                     AS campaign
            FROM n JOIN c ON c.key = n.key AND c.turn = n.turn""",
    )


def _candidates(store: Store) -> None:
    """Make `posting_posts` of campaigns that hang together by their people."""
    join(
        store,
        "posting_groups",
        f"""WITH p AS (SELECT DISTINCT campaign, account FROM posting_campaigns),
              n AS (SELECT campaign, count(*) AS people FROM p GROUP BY campaign),
              pairs AS (SELECT x.campaign AS a, y.campaign AS b, count(*) AS both
                        FROM p AS x JOIN p AS y ON y.account = x.account
                          AND x.campaign < y.campaign
                        GROUP BY x.campaign, y.campaign HAVING count(*) >= 2)
            SELECT campaign AS account, 'campaign ' || campaign AS key FROM n
            UNION ALL
            SELECT c.account, 'pair ' || l.a || ' ' || l.b FROM pairs AS l
            JOIN n AS f ON f.campaign = l.a JOIN n AS g ON g.campaign = l.b,
            LATERAL (SELECT unnest([l.a, l.b]) AS account) AS c
            WHERE l.both * l.both * {SAME_PEOPLE**2} >= f.people * g.people""",
    )
    store.materialise(
        "posting_posts",
        """SELECT DISTINCT g.team, p.account, p.post_id, p.posted_at, q.topic,
             q.diversion_target AS target
           FROM posting_groups AS g
           JOIN posting_campaigns AS p ON p.campaign = g.account
           JOIN posts AS q ON q.post_id = p.post_id""",
    )
    store.materialise(
        "posting_candidates",
        """SELECT DISTINCT team, account FROM posting_posts WHERE team IN (
             SELECT team FROM posting_posts GROUP BY team
             HAVING count(DISTINCT account) >= 5)""",
    )
    store.drop("posting_groups")


def _look(store: Store) -> None:
    """Make `posting_pay`, `posting_payers`, `posting_wages` and `posting_seen`."""
    store.materialise(
        "posting_pay",
        f"""SELECT DISTINCT x.team, y.payment_id, y.payer, y.payee, y.paid_at
            FROM posting_posts AS x
            JOIN posting_candidates AS c ON c.team = x.team AND c.account = x.account
            JOIN payments AS y ON y.payee = x.account
             AND y.paid_at BETWEEN x.posted_at AND x.posted_at + {PAID_WITHIN}
             AND y.amount_fen <= {SMALL}""",
    )
    store.materialise(
        "posting_payers",
        """WITH every AS (SELECT payer, count(DISTINCT payee) AS payees FROM payments
                          GROUP BY payer)
           SELECT p.team, p.payer, count(DISTINCT p.payee) AS posters
           FROM posting_pay AS p JOIN every AS e ON e.payer = p.payer
           GROUP BY p.team, p.payer, e.payees
           HAVING count(DISTINCT p.payee) >= 3
              AND count(DISTINCT p.payee) * 2 >= e.payees""",
    )
    store.materialise(
        "posting_wages",
        f"""SELECT DISTINCT c.team, c.account FROM posting_candidates AS c JOIN (
              SELECT p.payer, p.payee FROM payments AS p
              WHERE p.amount_fen >= {WAGE} GROUP BY p.payer, p.payee
              HAVING max(p.paid_at) - min(p.paid_at) >= {EMPLOYED_FOR}) AS w
              ON w.payee = c.account""",
    )
    knows_ties = store.count("ties") > 0
    store.materialise(
        "posting_seen",
        f"""WITH c AS (
              SELECT c.team, c.account, any_value(a.profile_region) AS region,
                     count(DISTINCT p.post_id) AS posts, min(p.posted_at) AS first,
                     count(DISTINCT p.posted_at // {LASTS}) AS days,
                     count(p.topic) AS named,
                     count(*) FILTER (p.topic IN {HARMFUL}) AS harmful
              FROM posting_candidates AS c
              JOIN posting_posts AS p ON p.team = c.team AND p.account = c.account
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
            paid AS (SELECT DISTINCT p.team, p.payee AS account FROM posting_pay AS p
                     JOIN posting_payers AS r ON r.team = p.team
                       AND r.payer = p.payer),
            every AS (SELECT account, count(*) AS posts FROM posts GROUP BY account),
            harm AS (SELECT account, max(filed_at) AS last FROM complaints
                     WHERE category IN ('spam', 'false_advertising', 'pornography',
                                        'fraud', 'illegal_loan')
                     GROUP BY account)
            SELECT c.team, c.account, c.days, c.region <> h.region AS apart,
                   {"t.account IS NULL" if knows_ties else "NULL"} AS untied,
                   p.account IS NOT NULL AS paid, e.posts <= c.posts * 2 AS idle,
                   m.last >= c.first AS harmed, CASE WHEN c.named > 0
                     THEN c.harmful * 2 >= c.named END AS harmful,
                   c.days >= 2 AS again
            FROM c LEFT JOIN home AS h ON h.team = c.team AND h.place = 1
            LEFT JOIN tied AS t ON t.team = c.team AND t.account = c.account
            LEFT JOIN paid AS p ON p.team = c.team AND p.account = c.account
            LEFT JOIN every AS e ON e.account = c.account
            LEFT JOIN harm AS m ON m.account = c.account""",
    )


def _members(store: Store) -> None:
    store.insert(
        "network_members",
        """SELECT team, account, 'poster' FROM posting_seen
           UNION ALL SELECT team, payer, 'recruiter' FROM posting_payers""",
    )


def _shares(store: Store) -> None:
    flags = {
        "posters_apart": "apart",
        "posters_untied": "untied",
        "posters_return": "again",
        "posters_paid": "paid",
        "posters_idle": "idle",
    }
    others = [
        """SELECT team, 'harmful_posts', count(*) FILTER (harmful), count(harmful)
           FROM posting_seen GROUP BY team""",
        """SELECT p.team, 'common_target', count(DISTINCT p.account) FILTER (
             t.people > 1), count(DISTINCT p.account)
           FROM posting_posts AS p
           JOIN (SELECT team, target, count(DISTINCT account) AS people
                 FROM posting_posts WHERE target IS NOT NULL GROUP BY team, target) AS t
             ON t.team = p.team AND t.target = p.target GROUP BY p.team""",
        """SELECT s.team, 'no_employer', CASE WHEN count(w.account) * 2 >= count(*)
             THEN 0 ELSE 1 END, 1
           FROM posting_seen AS s LEFT JOIN posting_wages AS w
             ON w.team = s.team AND w.account = s.account
           WHERE EXISTS (SELECT 1 FROM payments) GROUP BY s.team""",
        """SELECT team, 'posting_harm', count(*) FILTER (harmed), count(*)
           FROM posting_seen GROUP BY team""",
        f"""SELECT team, 'new_targets', greatest(count(*) - 1, 0), sum(turns) - 1
            FROM (SELECT team, target, count(DISTINCT posted_at // {LASTS}) AS turns
                  FROM posting_posts WHERE target IS NOT NULL GROUP BY team, target)
              AS t GROUP BY team""",
    ]
    put_shares(store, "posting_seen", flags, *others)


def _answers(store: Store) -> None:
    store.insert(
        "network_answers",
        """SELECT team, account, 'posting_turns',
             CASE WHEN days >= 3 THEN 2 WHEN days = 2 THEN 1 ELSE 0 END
           FROM posting_seen
           UNION ALL SELECT team, account, 'posting_ties', CASE WHEN untied THEN 1
             ELSE 0 END FROM posting_seen WHERE untied IS NOT NULL
           UNION ALL SELECT team, account, 'posting_pay', CASE WHEN paid THEN 1
             ELSE 0 END FROM posting_seen
           UNION ALL SELECT team, account, 'posting_topic', CASE WHEN harmful THEN 1
             ELSE 0 END FROM posting_seen WHERE harmful IS NOT NULL
           UNION ALL SELECT team, account, 'posting_complaints',
             CASE WHEN harmed THEN 1 ELSE 0 END FROM posting_seen
           UNION ALL SELECT team, payer, 'pays_posters',
             CASE WHEN posters >= 5 THEN 1 ELSE 0 END FROM posting_payers""",
    )


def _events(store: Store) -> None:
    store.insert(
        "network_events",
        """SELECT team, account, 'post', 'posts', post_id, posted_at FROM posting_posts
           UNION ALL
           SELECT p.team, p.payee, 'payment', 'payments', p.payment_id, p.paid_at
           FROM posting_pay AS p
           JOIN posting_payers AS r ON r.team = p.team AND r.payer = p.payer
           UNION ALL
           SELECT p.team, p.payer, 'payment', 'payments', p.payment_id, p.paid_at
           FROM posting_pay AS p
           JOIN posting_payers AS r ON r.team = p.team AND r.payer = p.payer
           UNION ALL
           SELECT s.team, s.account, 'complaint', 'complaints', c.complaint_id,
             c.filed_at
           FROM posting_seen AS s JOIN complaints AS c ON c.account = s.account
           WHERE s.harmed""",
    )


NETWORK = Network(
    kind="posting_ring",
    word="posting",
    says="accounts that post one text for money, all at once",
    needs=("posts.content_hash",),
    uses=("ties", "payments", "complaints", "declared"),
    roles=("recruiter", "poster"),
    find=find,
    prior=-5.0,
    least=5,
    harm=("harmful_posts", "posting_harm", "posting_topic", "posting_complaints"),
    team_signals=team_signals(
        NOT_DECLARED,
        share(
            "posters_apart",
            "places",
            "How many live elsewhere than most of them?",
            "those who post together live apart",
            "those who post together live in one place",
            (5.0, 2.0),
            (1.0, 1.0),
        ),
        share(
            "posters_untied",
            "ties",
            "How many have no tie to another of them?",
            "those who post together do not know each other",
            "those who post together know each other",
            (9.0, 1.0),
            (1.0, 0.8),
        ),
        share(
            "posters_return",
            "rhythm",
            "How many post together on several days?",
            "the same accounts post together again and again",
            "a text goes round once",
            (4.0, 1.5),
            (0.5, 1.0),
        ),
        share(
            "harmful_posts",
            "topic",
            "How many post mostly about what people are hired for?",
            "the posts offer what is forbidden, or what people are hired to post for",
            "the posts are about ordinary things",
            (2.0, 1.0),
            (0.3, 1.0),
        ),
        share(
            "new_targets",
            "targets",
            "How often does a campaign lead somewhere new?",
            "each campaign leads somewhere else",
            "the posts always lead to the same place",
            (4.0, 1.0),
            (0.5, 1.0),
            least=-3.0,
        ),
        share(
            "common_target",
            "targets",
            "How many lead to where another of them leads as well?",
            "their posts lead to one place",
            "the posts of each lead to a place of its own",
            (8.0, 1.0),
            (1.0, 0.7),
        ),
        share(
            "posters_paid",
            "money",
            "How many were paid a small sum, within a day, by one who paid others too?",
            "one account pays many of them small sums after they posted",
            "nobody is seen to pay them",
            (2.0, 2.0),
            (1.0, 20.0),
            least=-1.5,
        ),
        share(
            "posters_idle",
            "life",
            "How many hardly post anything else?",
            "the accounts are idle otherwise",
            "the accounts post about their own lives as well",
            (6.0, 1.0),
            (3.0, 2.0),
            least=-4.0,
        ),
        share(
            "no_employer",
            "money",
            "Is it not so that half of them get wages?",
            "hardly any of them is paid wages",
            "most of them are paid wages, month after month",
            (60.0, 1.0),
            (3.0, 1.0),
        ),
        share(
            "posting_harm",
            "aftermath",
            "How many were complained of for what they posted?",
            "complaints follow the posts",
            "hardly any complaints follow",
            (1.0, 3.0),
            (1.0, 25.0),
            least=-1.0,
        ),
    ),
    member_signals=member_signals(
        OWN_DECLARATION,
        answer(
            "posting_turns",
            "rhythm",
            "On how many days did it post with the others?",
            "posted with the others on several days",
            "posted with the others on one day",
            ("posted with the others on one day", 0.20, 0.85),
            ("posted with the others on two days", 0.20, 0.10),
            ("posted with the others on three days or more", 0.60, 0.05),
        ),
        answer(
            "posting_ties",
            "ties",
            "Does it know another of them?",
            "knows nobody of those who posted with it",
            "knows another of those who posted with it",
            ("knows another of those who posted with it", 0.10, 0.40),
            ("knows nobody of those who posted with it", 0.90, 0.60),
        ),
        answer(
            "posting_pay",
            "money",
            "Was it paid after it posted?",
            "was paid a small sum after posting, by one who paid others too",
            "nobody is seen to pay it after posting",
            ("nobody is seen to pay it after posting", 0.50, 0.95),
            (
                "was paid a small sum after posting, by one who paid others too",
                0.50,
                0.05,
            ),
        ),
        answer(
            "posting_topic",
            "topic",
            "What does it post about with them?",
            "its posts with the others offer what people are hired for",
            "its posts with the others are about ordinary things",
            ("its posts with the others are about ordinary things", 0.35, 0.75),
            ("its posts with the others offer what people are hired for", 0.65, 0.25),
        ),
        answer(
            "posting_complaints",
            "aftermath",
            "Were there complaints about what it posted?",
            "complaints followed its posts",
            "no complaint followed its posts",
            ("no complaint followed its posts", 0.80, 0.95),
            ("complaints followed its posts", 0.20, 0.05),
        ),
        answer(
            "pays_posters",
            "money",
            "How many does it pay after they posted?",
            "pays many of them after they posted",
            "pays a few of them after they posted",
            ("pays three or four of them after they posted", 0.30, 0.30),
            ("pays five of them or more after they posted", 0.70, 0.10),
        ),
    ),
    grounds={
        "posters_paid": "payment",
        "posting_pay": "payment",
        "pays_posters": "payment",
        "posting_harm": "complaint",
        "posting_complaints": "complaint",
        "posters_apart": "post",
        "posters_untied": "post",
        "posters_return": "post",
        "harmful_posts": "post",
        "new_targets": "post",
        "common_target": "post",
        "posters_idle": "post",
        "no_employer": "payment",
        "posting_turns": "post",
        "posting_ties": "post",
        "posting_topic": "post",
    },
)
