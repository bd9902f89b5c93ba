"""What is known of each account that helps: at stalls, and in its other helps.

A passer-by who was lured at a stall may also have helped a friend at home, and what he
did there says nothing of the stall. So the helps at believed sessions are counted by
themselves, and all other questions are about the others, the account's *own* helps.
"""

from analyses.detection.sessions import BAD, believe_sessions
from graph.help_facts import NEARBY_METRES
from graph.store import Store

DOUBTFUL = 0.2
"""Risk of those whom somebody helped from which on he is in doubt himself."""


def gather_helper_facts(store: Store) -> None:
    """Make `helper_facts`, one row a helper, and `stall_sessions(gathering, believed)`.

    Reads `help_facts`, the gatherings and `account_group(account, team, risk)`.
    """
    believe_sessions(store)
    _split_helps(store)
    _find_pools(store)
    _find_routes(store)
    store.materialise(
        "helper_facts",
        """WITH ends AS (
             SELECT helper, count(*) AS judged,
                    CAST(sum(CAST(round(risk * 1e6) AS BIGINT)) AS BIGINT) / 1e6 AS bad,
                    count(*) FILTER (own) AS own_judged,
                    coalesce(CAST(sum(CAST(round(risk * 1e6) AS BIGINT)) FILTER (own)
                      AS BIGINT), 0) / 1e6 AS own_bad,
                    count(DISTINCT team) FILTER (own) AS own_teams
             FROM (SELECT helper, helped, max(risk) AS risk, max(team) AS team,
                          bool_or(NOT stall) AS own
                   FROM helper_helps WHERE risk IS NOT NULL
                   GROUP BY helper, helped) AS once GROUP BY helper)
           SELECT h.helper, count(*) AS attempts,
                  count(DISTINCT h.helped) AS helped,
                  count(*) FILTER (NOT stall) AS own,
                  count(h.place) FILTER (NOT stall) AS own_placed,
                  count(DISTINCT h.session) FILTER (stall) AS sessions,
                  count(*) FILTER (stall AND let_in) AS let_in_there,
                  count(*) FILTER (stall AND let_in AND let_in_again) AS tests,
                  count(*) FILTER (stall AND login_there) AS logins_there,
                  CAST(sum(CASE WHEN stall OR h.tied IS NULL THEN NULL
                           WHEN h.tied THEN 1 ELSE 0 END) AS BIGINT) AS tied,
                  count(*) FILTER (NOT stall AND h.result = 'quota_refused') AS refused,
                  count(h.code_id) FILTER (NOT stall) AS codes,
                  count(*) FILTER (NOT stall
                    AND (h.result = 'lost_race' OR h.takers >= 2)) AS races,
                  count(h.apart) FILTER (NOT stall) AS placed_apart,
                  min(h.apart) FILTER (NOT stall) AS apart,
                  count(h.together) FILTER (NOT stall) AS located,
                  count(*) FILTER (NOT stall AND h.together) AS together,
                  count(h.channel) FILTER (NOT stall) AS channels,
                  count(*) FILTER (NOT stall AND h.channel = 'phone_number')
                    AS by_number,
                  max(r.route) AS route,
                  max(p.helpers) AS device_helpers, max(p.company) AS company,
                  coalesce(max(e.judged), 0) AS judged,
                  coalesce(max(e.bad), 0) AS bad,
                  coalesce(max(e.own_judged), 0) AS own_judged,
                  coalesce(max(e.own_bad), 0) AS own_bad,
                  coalesce(max(e.own_teams), 0) AS own_teams
           FROM helper_helps AS h
           LEFT JOIN helper_pools AS p ON p.helper = h.helper
           LEFT JOIN helper_routes AS r ON r.helper = h.helper
           LEFT JOIN ends AS e ON e.helper = h.helper
           GROUP BY h.helper""",
    )
    store.drop("helper_pools", "helper_routes")


def _split_helps(store: Store) -> None:
    """Make `helper_helps`, one row an attempt, with `stall` for those at sessions.

    `apart`: 0 near, 1 same region, 2 another region, 3 far from the one helped.
    """
    store.materialise(
        "helper_helps",
        f"""SELECT f.helper, f.helped, f.help_id, f.tied, f.result, f.code_id, f.takers,
                   f.together, c.channel, a.team, a.risk, f.moment,
                   s.gathering AS session, s.gathering IS NOT NULL AS stall,
                   coalesce(f.result, 'ok') = 'ok' AS let_in,
                   coalesce(f.latitude, g.latitude) AS place,
                   CASE WHEN f.together OR f.away < {NEARBY_METRES} THEN 0
                        WHEN f.away IS NOT NULL THEN 3
                        WHEN n.profile_region = o.profile_region THEN 1
                        WHEN n.profile_region <> o.profile_region THEN 2 END AS apart,
                   s.gathering IS NOT NULL AND count(DISTINCT
                     CASE WHEN coalesce(f.result, 'ok') = 'ok' THEN f.helper END)
                     OVER (PARTITION BY s.gathering, f.helped) > 1 AS let_in_again,
                   coalesce(l.there, false) AS login_there
            FROM help_facts AS f
            LEFT JOIN gatherings AS g ON g.help_id = f.help_id
            LEFT JOIN stall_sessions AS s ON s.gathering = g.gathering
                                       AND s.believed
            LEFT JOIN helps AS c ON c.help_id = f.help_id
            LEFT JOIN account_group AS a ON a.account = f.helped
            LEFT JOIN accounts AS n ON n.account = f.helped
            LEFT JOIN accounts AS o ON o.account = f.helper
            LEFT JOIN (
              SELECT DISTINCT i.help_id, true AS there FROM help_facts AS i
              JOIN gatherings AS j ON j.help_id = i.help_id
              JOIN stall_sessions AS k ON k.gathering = j.gathering AND k.believed
              JOIN logins AS w ON w.account = i.helper
               AND w.logged_in_at BETWEEN i.moment - 3600 AND i.moment + 3600
               AND (w.wifi = i.access_point
                    OR (w.wifi IS NULL OR i.access_point IS NULL)
                   AND w.address_block = i.address_block)
            ) AS l ON l.help_id = f.help_id""",
    )


def _find_pools(store: Store) -> None:
    """Make `helper_pools`: how many helpers use a helper's device, and of what sort.

    `company` is the highest of: 0, nobody else; 1, others whose helped look innocent;
    2, helpers of accounts that look batch-registered; 3, such accounts themselves.
    """
    store.materialise(
        "helper_pools",
        f"""WITH everyone AS (
              SELECT helper AS account, device FROM help_facts WHERE device IS NOT NULL
              UNION SELECT account, device FROM logins WHERE device IS NOT NULL
              UNION SELECT account, registration_device FROM accounts
                    WHERE registration_device IS NOT NULL),
            helping AS (
              SELECT helper, max(risk) AS risk FROM helper_helps
              WHERE NOT stall GROUP BY helper),
            used AS (
              SELECT e.account AS helper, e.device FROM everyone AS e
              JOIN (SELECT DISTINCT helper FROM helper_helps) AS h
                ON h.helper = e.account),
            shared AS (
              SELECT device FROM everyone GROUP BY device
              HAVING count(*) BETWEEN 2 AND 1000)
            SELECT u.helper, count(DISTINCT o.account) FILTER (
                     h.helper IS NOT NULL AND o.account <> u.helper) + 1 AS helpers,
                   coalesce(max(CASE WHEN o.account = u.helper THEN 0
                            WHEN a.risk >= {BAD} THEN 3
                            WHEN h.risk >= {DOUBTFUL} THEN 2
                            WHEN h.helper IS NOT NULL THEN 1 ELSE 0 END), 0) AS company
            FROM used AS u LEFT JOIN shared AS s ON s.device = u.device
            LEFT JOIN everyone AS o ON o.device = s.device
            LEFT JOIN helping AS h ON h.helper = o.account
            LEFT JOIN account_group AS a ON a.account = o.account
            GROUP BY u.helper""",
    )


def _find_routes(store: Store) -> None:
    """Make `helper_routes`: how the others of a helped one's community were let in.

    0 by those they know or who were near, 1 at stalls, 2 by workers who raced, 3 by
    other strangers from afar; the most frequent one, the helper's own helps left out.
    """
    store.materialise(
        "helper_routes",
        """WITH way AS (
             SELECT helper, team, help_id,
                    CASE WHEN stall THEN 1
                         WHEN tied OR apart <= 1 THEN 0
                         WHEN result = 'lost_race' OR takers >= 2 THEN 2
                         WHEN apart >= 2 THEN 3 END AS route
             FROM helper_helps WHERE team IS NOT NULL),
           counted AS (SELECT team, route, count(*) AS n FROM way GROUP BY team, route),
           mine AS (SELECT helper, team, route, count(*) AS n FROM way
                    GROUP BY helper, team, route),
           met AS (SELECT DISTINCT helper, team FROM helper_helps
                   WHERE team IS NOT NULL AND NOT stall),
           others AS (
             SELECT t.helper, c.route,
                    CAST(sum(c.n - coalesce(m.n, 0)) AS BIGINT) AS n
             FROM met AS t JOIN counted AS c ON c.team = t.team
             LEFT JOIN mine AS m ON m.helper = t.helper AND m.team = t.team
                                AND m.route = c.route
             GROUP BY t.helper, c.route),
           ranked AS (
             SELECT helper, route, n, row_number() OVER (
               PARTITION BY helper ORDER BY n DESC, route NULLS LAST) AS place
             FROM others)
           SELECT helper, route FROM ranked
           WHERE place = 1 AND n >= 2 AND route IS NOT NULL""",
    )
