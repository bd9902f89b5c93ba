"""Batches of unsealings: sealed accounts brought back by the dozen, against rule 1.3.3.

Candidates hang together by the device of their applications, by a helper who helped
several sealed accounts, by equal answers that hardly anybody else gave, by one address
in one day, or by a phone segment with more applications a month than are allowed.

For it speaks that they live apart and their helpers are strangers, or friends of the
last days; that helpers come back; that forms are filled in faster than people do, with
equal answers or at regular gaps. Against it: old friends and family, one town, one's
own device, a long life before the seal.
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

ALLOWED = 5
"""Applications of one phone in a month that the rules allow."""

MONTH, DAY = 30 * 86_400, 86_400

LEAST = 4
"""Fewer sealed accounts than this are no batch."""

STANDS_ALONE = 8
"""So many are a batch, or a desk, of their own: one link to others joins no two."""

FRESH = 7 * DAY
"""A tie that was made less than this before the help is no old friendship."""


def find(store: Store) -> None:
    """Make the candidates and their evidence."""
    _applications(store)
    _helps(store)
    join(
        store,
        "unsealing_candidates",
        """SELECT account, 'device ' || device AS key FROM unsealing_forms
             WHERE device_held >= 2
           UNION ALL SELECT account, 'answers ' || answers_hash FROM unsealing_forms
             WHERE answers_rare
           UNION ALL SELECT account, 'address ' || ip || ' ' || applied_at // 86400
             FROM unsealing_forms WHERE address_held >= 4
           UNION ALL SELECT account, 'segment ' || phone_prefix FROM unsealing_forms
             WHERE segment_held > 5
           UNION ALL SELECT helped, 'helper ' || helper FROM unsealing_helps
             WHERE helper_helped >= 2""",
        stands_alone=STANDS_ALONE,
    )
    store.materialise(
        "unsealing_candidates",
        f"""SELECT * FROM unsealing_candidates WHERE team IN (
             SELECT team FROM unsealing_candidates GROUP BY team
             HAVING count(*) >= {LEAST})""",
    )
    _look(store)
    _members(store)
    _shares(store)
    _answers(store)
    _events(store)
    store.drop(
        "unsealing_forms",
        "unsealing_helps",
        "unsealing_candidates",
        "unsealing_seen",
        "unsealing_given",
    )


def _applications(store: Store) -> None:
    """Make `unsealing_forms`: each application, and how its form was filled in."""
    store.materialise(
        "_steps",
        """WITH s AS (SELECT application_id,
                        unnest(CAST(steps_seconds AS DOUBLE[])) AS seconds
                      FROM unseal_applications WHERE steps_seconds IS NOT NULL)
           SELECT application_id, CAST(round(1000 * avg(seconds)) AS BIGINT) AS pace,
                  CAST(round(1000 * stddev_pop(seconds) / greatest(avg(seconds), 0.01))
                       AS BIGINT) AS spread
           FROM s GROUP BY application_id HAVING count(*) > 1""",
    )
    usual = store.rows("SELECT quantile_disc(pace, 0.5) FROM _steps")[0][0] or 0
    store.materialise(
        "unsealing_forms",
        f"""WITH f AS (
              SELECT u.application_id, u.account, u.applied_at, u.method, u.device,
                     u.ip, u.phone_prefix, u.claimed_region, u.answers_hash,
                     s.pace, s.spread, s.pace * 2 < {usual} AS quick,
                     a.profile_region AS region, a.registered_at
              FROM unseal_applications AS u
              LEFT JOIN _steps AS s ON s.application_id = u.application_id
              LEFT JOIN accounts AS a ON a.account = u.account),
            -- what an organisation has declared as its counter's joins no customers
            device AS (SELECT f.device, count(DISTINCT f.account) AS held FROM f
                       ANTI JOIN (SELECT v.device FROM declared AS d
                                  JOIN devices AS v ON v.device_id = d.value
                                  WHERE d.kind = 'device') AS d ON d.device = f.device
                       WHERE f.device IS NOT NULL GROUP BY f.device),
            address AS (SELECT ip, applied_at // {DAY} AS day,
                               count(DISTINCT account) AS held
                        FROM f WHERE ip IS NOT NULL GROUP BY 1, 2),
            segment AS (
              SELECT phone_prefix, max(held) AS held FROM (
                SELECT phone_prefix, count(*) OVER (PARTITION BY phone_prefix
                  ORDER BY applied_at RANGE BETWEEN {MONTH} PRECEDING AND CURRENT ROW)
                  AS held FROM f WHERE phone_prefix IS NOT NULL) AS w
              GROUP BY phone_prefix)
            SELECT f.*, coalesce(d.held, 0) AS device_held,
                   coalesce(i.held, 0) AS address_held,
                   coalesce(p.held, 0) AS segment_held, false AS answers_rare
            FROM f LEFT JOIN device AS d ON d.device = f.device
            LEFT JOIN address AS i ON i.ip = f.ip AND i.day = f.applied_at // {DAY}
            LEFT JOIN segment AS p ON p.phone_prefix = f.phone_prefix""",
    )
    # Some answers are everybody's. Rare ones are given by those who share a device.
    store.materialise(
        "unsealing_forms",
        """WITH h AS (SELECT answers_hash FROM unsealing_forms
                      WHERE answers_hash IS NOT NULL GROUP BY answers_hash
                      HAVING count(DISTINCT account) >= 3
                         AND count(DISTINCT region) >= 2
                         AND count(*) FILTER (device_held >= 2) * 10 >= count(*) * 7)
           SELECT f.* REPLACE (h.answers_hash IS NOT NULL AS answers_rare)
           FROM unsealing_forms AS f
           LEFT JOIN h ON h.answers_hash = f.answers_hash""",
    )
    store.drop("_steps")


def _helps(store: Store) -> None:
    """Make `unsealing_helps`: who helped which sealed account, and how they stand."""
    knows = store.count("ties") > 0
    fresh = (
        "CASE WHEN t.a IS NULL OR t.since > f.moment THEN 'stranger' "
        f"WHEN t.since > f.moment - {FRESH} THEN 'fresh' ELSE 'old' END"
    )
    store.materialise(
        "unsealing_helps",
        f"""WITH t AS (SELECT least(account_a, account_b) AS a,
                         greatest(account_a, account_b) AS b,
                         min(coalesce(since, 0)) AS since FROM ties GROUP BY 1, 2),
            n AS (SELECT helper, count(DISTINCT helped) AS number FROM help_facts
                  WHERE kind = 'unsealing' GROUP BY helper)
            SELECT f.help_id, f.helper, f.helped, f.moment, f.result, f.scan_id,
                   n.number AS helper_helped,
                   {fresh if knows else "NULL"} AS known
            FROM help_facts AS f JOIN n ON n.helper = f.helper
            LEFT JOIN t ON t.a = least(f.helper, f.helped)
                       AND t.b = greatest(f.helper, f.helped)
            WHERE f.kind = 'unsealing'""",
    )


def _look(store: Store) -> None:
    """Make `unsealing_seen`: what is seen of each application of a candidate."""
    store.materialise(
        "unsealing_seen",
        f"""WITH c AS (
              SELECT c.team, f.*, lag(f.applied_at) OVER w AS before,
                     lead(f.applied_at) OVER w AS after
              FROM unsealing_candidates AS c
              JOIN unsealing_forms AS f ON f.account = c.account
              WINDOW w AS (PARTITION BY c.team ORDER BY f.applied_at,
                           f.application_id)),
            home AS (SELECT team, region, row_number() OVER (PARTITION BY team
                       ORDER BY count(*) DESC, region) AS place
                     FROM c WHERE region IS NOT NULL GROUP BY team, region),
            said AS (SELECT team, answers_hash, count(DISTINCT account) AS number,
                       count(DISTINCT region) AS regions FROM c
                     WHERE answers_hash IS NOT NULL GROUP BY team, answers_hash),
            everybody AS (SELECT answers_hash, count(*) AS number
                          FROM unsealing_forms GROUP BY answers_hash),
            harm AS (SELECT account, max(moment) AS last FROM (
                       SELECT account, applied_at AS moment FROM sanctions
                       WHERE action <> 'unsealed'
                       UNION ALL SELECT account, filed_at FROM complaints) AS h
                     GROUP BY account),
            own AS (SELECT account, registration_device AS device FROM accounts
                    UNION SELECT account, device FROM logins),
            beside AS (
              SELECT x.application_id, count(DISTINCT y.account) AS others,
                     count(DISTINCT y.account) FILTER (y.region = x.region) AS near
              FROM c AS x JOIN c AS y ON y.team = x.team AND y.device = x.device
                AND y.account <> x.account AND y.region IS NOT NULL
              WHERE x.region IS NOT NULL GROUP BY x.application_id)
            SELECT c.team, c.account, c.application_id, c.applied_at, c.method,
                   c.region <> h.region AS apart,
                   c.quick, c.spread < 150 AS even,
                   abs((c.after - c.applied_at) - (c.applied_at - c.before)) * 5
                     <= greatest(c.applied_at - c.before, c.after - c.applied_at)
                     AND c.after - c.before < {DAY} AS regular,
                   s.number >= 3 AND s.regions >= 2 AND s.number * 2 >= e.number
                     AS equal,
                   c.claimed_region <> c.region AS elsewhere,
                   c.applied_at - c.registered_at < 365 * {DAY} AS young,
                   o.account IS NULL AND c.device IS NOT NULL AS foreign_device,
                   CASE WHEN c.device IS NOT NULL AND k.account IS NOT NULL
                        THEN o.account IS NULL END AS others_device,
                   c.device_held, b.near * 2 >= b.others AS local,
                   m.last > c.applied_at AS harmed
            FROM c LEFT JOIN home AS h ON h.team = c.team AND h.place = 1
            LEFT JOIN said AS s ON s.team = c.team AND s.answers_hash = c.answers_hash
            LEFT JOIN everybody AS e ON e.answers_hash = c.answers_hash
            LEFT JOIN harm AS m ON m.account = c.account
            LEFT JOIN beside AS b ON b.application_id = c.application_id
            LEFT JOIN (SELECT DISTINCT account FROM own WHERE device IS NOT NULL) AS k
              ON k.account = c.account
            LEFT JOIN own AS o ON o.account = c.account AND o.device = c.device""",
    )
    store.materialise(
        "unsealing_given",
        """SELECT c.team, h.* FROM unsealing_candidates AS c
           JOIN unsealing_helps AS h ON h.helped = c.account""",
    )


def _members(store: Store) -> None:
    """Put sealed accounts, their helpers, and who applied or paid for them."""
    store.insert(
        "network_members",
        """SELECT DISTINCT team, account, 'unsealed_account' FROM unsealing_seen
           UNION ALL
           SELECT DISTINCT team, helper, 'platform_worker' FROM unsealing_given
           WHERE coalesce(known, 'stranger') <> 'old'
           UNION ALL
           SELECT s.team, l.account, 'operator' FROM (
             SELECT DISTINCT s.team, s.account, f.device FROM unsealing_seen AS s
             JOIN unsealing_forms AS f ON f.application_id = s.application_id
             WHERE f.device_held >= 3) AS s
           JOIN (SELECT DISTINCT account, device FROM logins) AS l
             ON l.device = s.device AND l.account <> s.account
           WHERE l.account NOT IN (SELECT account FROM unsealing_forms)
           GROUP BY s.team, l.account HAVING count(DISTINCT s.account) >= 3
           UNION ALL
           SELECT g.team, p.payer, 'operator' FROM (
             SELECT DISTINCT team, helper FROM unsealing_given) AS g
           JOIN payments AS p ON p.payee = g.helper
           GROUP BY g.team, p.payer HAVING count(DISTINCT g.helper) >= 4""",
    )


def _shares(store: Store) -> None:
    per_form = {
        "live_apart": "apart",
        "quick_forms": "quick",
        "even_steps": "even",
        "regular_gaps": "regular",
        "equal_answers": "equal",
        "false_region": "elsewhere",
        "others_devices": "others_device",
        "relapses": "harmed",
    }
    others = [
        """SELECT team, 'unsealing_strangers', count(*) FILTER (known <> 'old'),
             count(known) FROM unsealing_given GROUP BY team""",
        """SELECT team, 'helpers_return',
             count(DISTINCT helper) FILTER (helper_helped >= 2),
             count(DISTINCT helper) FROM unsealing_given GROUP BY team""",
    ]
    put_shares(store, "unsealing_seen", per_form, *others)


def _answers(store: Store) -> None:
    store.insert(
        "network_answers",
        """SELECT team, account, 'unsealing_device',
             CASE WHEN bool_or(device_held >= 2 AND foreign_device) THEN 2
                  WHEN bool_or(device_held >= 2) THEN 1 ELSE 0 END
           FROM unsealing_seen GROUP BY team, account
           UNION ALL
           SELECT team, account, 'unsealing_neighbours',
             CASE WHEN bool_or(NOT local) THEN 1 ELSE 0 END
           FROM unsealing_seen WHERE local IS NOT NULL GROUP BY team, account
           UNION ALL
           SELECT team, helped, 'unsealing_helper',
             CASE WHEN bool_or(known = 'old') THEN 0
                  WHEN bool_or(known = 'fresh') THEN 3
                  WHEN max(helper_helped) >= 2 THEN 2 ELSE 1 END
           FROM unsealing_given GROUP BY team, helped
           UNION ALL
           SELECT team, account, 'unsealing_form',
             CASE WHEN bool_or(even OR equal) THEN 2 WHEN bool_or(quick) THEN 1
                  ELSE 0 END
           FROM unsealing_seen WHERE quick IS NOT NULL GROUP BY team, account
           UNION ALL
           SELECT team, helper, 'unsealing_helping',
             CASE WHEN count(DISTINCT helped) >= 2 THEN 2
                  WHEN max(helper_helped) >= 2 THEN 2
                  WHEN bool_or(known = 'fresh') THEN 1 ELSE 0 END
           FROM unsealing_given WHERE coalesce(known, 'stranger') <> 'old'
           GROUP BY team, helper""",
    )


def _events(store: Store) -> None:
    store.insert(
        "network_events",
        """SELECT team, account, 'form', 'unseal_applications', application_id,
                  applied_at FROM unsealing_seen
           UNION ALL SELECT team, helped, 'help', 'helps', help_id, moment
             FROM unsealing_given
           UNION ALL SELECT team, helper, 'help', 'helps', help_id, moment
             FROM unsealing_given""",
    )
    store.insert(
        "network_helps",
        "SELECT team, help_id FROM unsealing_given "
        "WHERE coalesce(known, 'stranger') <> 'old'",
    )


NETWORK = Network(
    kind="unsealing_batch",
    word="unsealing",
    says="sealed accounts that are brought back by the dozen",
    needs=("unseal_applications",),
    uses=("helps", "ties", "logins", "complaints", "sanctions", "payments", "declared"),
    roles=("unsealed_account", "platform_worker", "operator"),
    find=find,
    pattern="batch_unsealing",
    least=LEAST,
    team_signals=team_signals(
        NOT_DECLARED,
        share(
            "live_apart",
            "places",
            "How many live elsewhere than most of them?",
            "those who apply together live apart",
            "those who apply together live in one place",
            (4.0, 2.0),
            (1.0, 4.0),
        ),
        share(
            "unsealing_strangers",
            "helpers",
            "How many helps were by strangers, or friends of the last days?",
            "their helpers are strangers, or became friends just before",
            "their helpers are old friends or family",
            (9.0, 1.0),
            (2.0, 3.0),
        ),
        share(
            "helpers_return",
            "helpers",
            "How many of the helpers helped more than one sealed account?",
            "the same helpers help sealed accounts again and again",
            "each helper helped once",
            (2.0, 2.0),
            (1.0, 15.0),
            least=-2.0,
        ),
        share(
            "quick_forms",
            "forms",
            "How many forms were filled in twice as fast as usual?",
            "forms are filled in much faster than people do",
            "forms are filled in at a usual pace",
            (2.0, 1.0),
            (1.0, 6.0),
            least=-1.0,
        ),
        share(
            "even_steps",
            "forms",
            "How many forms have steps of one length, as no hand has?",
            "the steps of the forms are as even as a machine's",
            "the steps of the forms are a hand's",
            (1.0, 2.0),
            (1.0, 60.0),
            least=-0.5,
        ),
        share(
            "regular_gaps",
            "rhythm",
            "How many applications follow each other at equal gaps?",
            "applications follow each other at equal gaps",
            "applications come when they come",
            (1.0, 1.0),
            (1.0, 12.0),
            least=-1.0,
        ),
        share(
            "equal_answers",
            "answers",
            "How many gave the answers of others who live apart?",
            "accounts that live apart give the same answers, which others do not give",
            "each gives answers of its own, or everybody's",
            (1.0, 1.5),
            (1.0, 30.0),
            least=-1.0,
        ),
        share(
            "false_region",
            "answers",
            "How many claim another region than their profile's?",
            "they claim regions that are not theirs",
            "they claim their own regions",
            (1.0, 1.0),
            (1.0, 8.0),
            least=-1.0,
        ),
        share(
            "others_devices",
            "devices",
            "How many applied on a device that is not their own?",
            "they apply on devices that are not their own",
            "they apply on their own devices",
            (8.0, 2.0),
            (1.0, 1.0),
        ),
        share(
            "relapses",
            "aftermath",
            "How many were complained of, or sanctioned, after they applied?",
            "many go on as before once they are back",
            "hardly anybody did harm afterwards",
            (2.0, 3.0),
            (1.0, 9.0),
            least=-1.0,
        ),
    ),
    member_signals=member_signals(
        OWN_DECLARATION,
        answer(
            "unsealing_device",
            "device",
            "On whose device did it apply?",
            "applied on a device on which others applied",
            "applied on a device of its own",
            ("applied on a device of its own", 0.30, 0.60),
            ("applied on its own device, as others did", 0.10, 0.10),
            ("applied on a device that is not its own, as others did", 0.60, 0.30),
        ),
        answer(
            "unsealing_neighbours",
            "places",
            "Does it live where the others live who applied on its device?",
            "lives elsewhere than those who applied on its device",
            "lives where those live who applied on its device",
            ("lives where those live who applied on its device", 0.05, 0.70),
            ("lives elsewhere than those who applied on its device", 0.95, 0.30),
        ),
        answer(
            "unsealing_helper",
            "helpers",
            "Who helped it?",
            "helped by a stranger, or by a friend of the last days",
            "helped by an old friend or family",
            ("helped by an old friend or family", 0.04, 0.60),
            ("helped by a stranger who helped nobody else", 0.30, 0.25),
            ("helped by a stranger who helped other sealed accounts", 0.50, 0.10),
            ("helped by somebody who became a friend just before", 0.16, 0.05),
        ),
        answer(
            "unsealing_form",
            "forms",
            "How was its form filled in?",
            "its form was filled in by a machine or a practised hand",
            "its form was filled in at a usual pace",
            ("the form was filled in at a usual pace", 0.40, 0.80),
            ("the form was filled in much faster than usual", 0.25, 0.15),
            ("the form has even steps, or the answers of others", 0.35, 0.05),
        ),
        answer(
            "unsealing_helping",
            "helpers",
            "Whom else did it help?",
            "helps sealed accounts of strangers",
            "helped one sealed account once",
            ("helped one sealed account once", 0.45, 0.60),
            ("became a friend just before the help", 0.15, 0.10),
            ("helped several sealed accounts of strangers", 0.40, 0.05),
        ),
    ),
    grounds={
        "unsealing_strangers": "help",
        "helpers_return": "help",
        "unsealing_helper": "help",
        "unsealing_helping": "help",
        "quick_forms": "form",
        "even_steps": "form",
        "regular_gaps": "form",
        "equal_answers": "form",
        "false_region": "form",
        "others_devices": "form",
        "unsealing_device": "form",
        "unsealing_neighbours": "form",
        "unsealing_form": "form",
    },
)
