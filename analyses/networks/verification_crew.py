"""Crews whose stalls make passers-by verify strangers' accounts in their own name.

A *session* is several scans of verification codes close together in place and time,
each of an account that is neither the scanner's own nor of somebody it knows, nor one
code that everybody scans. Sessions in one town are one crew's.

For a crew speaks that those who get the name live elsewhere, that nobody knows them,
that passers-by come once and scans are confirmed in seconds. Against it: customers'
own codes at a counter, a school's desk where parents and children live in one town.
"""

import numpy as np
import pyarrow as pa

from analyses.networks.declarations import NOT_DECLARED, OWN_DECLARATION
from analyses.networks.joining import join
from analyses.networks.network import (
    Network,
    answer,
    member_signals,
    share,
    team_signals,
)
from graph.density import Closeness, density_components, places_of
from graph.store import Store

SESSION = Closeness(metres=200, seconds=3 * 3600, minimum_helps=4)

TOWN = 300_000
"""Millionths of a degree within which sessions are in one town (some 30 km)."""

TAKERS = 2
"""A code that more accounts scan is an organiser's."""


def find(store: Store) -> None:
    """Make the candidates and their evidence."""
    _scans(store)
    _sessions(store)
    _attach(store)
    join(
        store,
        "verification_crews",
        f"""SELECT session AS account, 'session ' || session AS key
            FROM verification_sessions
            UNION ALL
            SELECT x.account, 'town ' || a.session || ' ' || b.session
            FROM verification_sessions AS a JOIN verification_sessions AS b
              ON a.session < b.session
             AND (abs(a.latitude - b.latitude) <= {TOWN}
                  AND abs(a.longitude - b.longitude) <= {TOWN}
                  OR (a.latitude IS NULL OR b.latitude IS NULL)
                  AND a.region = b.region),
            LATERAL (SELECT unnest([a.session, b.session]) AS account) AS x""",
    )
    store.materialise(
        "verification_seen",
        """SELECT c.team, v.*, r.region AS here FROM verification_at AS v
           JOIN verification_crews AS c ON c.account = v.session
           JOIN verification_sessions AS r ON r.session = v.session""",
    )
    _members(store)
    _shares(store)
    _answers(store)
    _events(store)
    store.drop(
        "verification_scans",
        "verification_placed",
        "verification_sessions",
        "verification_at",
        "verification_crews",
        "verification_seen",
    )


def _scans(store: Store) -> None:
    """Make `verification_scans`: codes of others, scanned by people without a tie.

    What is scanned on a wifi that an organisation has declared is its own desk's.
    """
    knows_ties = store.count("ties") > 0
    store.materialise(
        "verification_scans",
        f"""WITH t AS (SELECT DISTINCT least(account_a, account_b) AS a,
                         greatest(account_a, account_b) AS b FROM ties),
            n AS (SELECT code_id, count(DISTINCT scanner) AS takers FROM scans
                  WHERE purpose = 'verify' GROUP BY code_id)
            SELECT s.scan_id, s.scanner, c.account AS served, s.code_id, s.scanned_at,
                   s.result, s.confirmed_at - s.scanned_at AS took,
                   s.latitude, s.longitude, s.wifi, s.ip,
                   {"t.a IS NULL" if knows_ties else "NULL"} AS stranger,
                   a.profile_region AS region, b.profile_region AS served_region,
                   coalesce(b.is_new, false) AS served_new
            FROM scans AS s
            JOIN codes AS c ON c.code_id = s.code_id
            JOIN n ON n.code_id = s.code_id AND n.takers <= {TAKERS}
            LEFT JOIN t ON t.a = least(s.scanner, c.account)
                       AND t.b = greatest(s.scanner, c.account)
            LEFT JOIN accounts AS a ON a.account = s.scanner
            LEFT JOIN accounts AS b ON b.account = c.account
            LEFT JOIN declared AS d ON d.kind = 'wifi' AND d.value = s.wifi
            WHERE s.purpose = 'verify' AND c.account IS NOT NULL
              AND c.account <> s.scanner AND t.a IS NULL AND d.value IS NULL""",
    )


def _sessions(store: Store) -> None:
    """Make `verification_placed(scan_id, session)` and `verification_sessions`.

    Where the position of a scan is not known, the scanner's town is its place, or else
    its network.
    """
    scans = store.arrow(
        """SELECT scan_id, scanned_at, latitude, longitude,
             CASE WHEN latitude IS NOT NULL AND longitude IS NOT NULL THEN NULL
                  WHEN served_region <> region THEN 'region ' || region
                  WHEN wifi IS NOT NULL THEN 'wifi ' || wifi ELSE 'ip ' || ip END
               AS network
           FROM verification_scans
           WHERE latitude IS NOT NULL AND longitude IS NOT NULL
              OR served_region <> region OR wifi IS NOT NULL OR ip IS NOT NULL
           ORDER BY scanned_at, scan_id"""
    )
    label = density_components(
        places_of(scans, SESSION), scans["scanned_at"].to_numpy(), SESSION
    )
    kept = np.flatnonzero(label >= 0)
    store.put(
        "verification_placed",
        pa.table(
            {
                "scan_id": scans["scan_id"].take(pa.array(kept)),
                "session": pa.array(label[kept], pa.int32()),
            }
        ),
    )
    store.materialise(
        "verification_sessions",
        """WITH homes AS (
             SELECT p.session, s.region, row_number() OVER (
               PARTITION BY p.session ORDER BY count(*) DESC, s.region) AS place
             FROM verification_placed AS p
             JOIN verification_scans AS s ON s.scan_id = p.scan_id
             WHERE s.region IS NOT NULL GROUP BY p.session, s.region)
           SELECT p.session, min(s.scanned_at) AS first, max(s.scanned_at) AS last,
             CAST(sum(s.latitude) AS BIGINT) // count(s.latitude) AS latitude,
             CAST(sum(s.longitude) AS BIGINT) // count(s.longitude) AS longitude,
             max(h.region) AS region
           FROM verification_placed AS p
           JOIN verification_scans AS s ON s.scan_id = p.scan_id
           LEFT JOIN homes AS h ON h.session = p.session AND h.place = 1
           GROUP BY p.session
           -- where most live in the town itself, people verify their own
           HAVING count(*) FILTER (s.served_region <> s.region) * 2
             >= count(*) FILTER (s.served_region IS NOT NULL AND s.region IS NOT NULL)
           """,
    )


def _attach(store: Store) -> None:
    """Make `verification_at`: the scans of sessions.

    A scan without a position is taken for one of a session that went on in the
    scanner's town, when the code was for somebody elsewhere.
    """
    store.materialise(
        "verification_at",
        """SELECT p.session, s.* FROM verification_placed AS p
           JOIN verification_scans AS s ON s.scan_id = p.scan_id
           UNION ALL
           SELECT x.session, s.* FROM (
             SELECT s.scan_id, min(r.session) AS session FROM verification_scans AS s
             JOIN verification_sessions AS r ON r.region = s.region
               AND s.scanned_at BETWEEN r.first - 3600 AND r.last + 3600
             WHERE s.latitude IS NULL AND s.served_region <> s.region
               AND s.scan_id NOT IN (SELECT scan_id FROM verification_placed)
             GROUP BY s.scan_id) AS x
           JOIN verification_scans AS s ON s.scan_id = x.scan_id""",
    )


def _members(store: Store) -> None:
    """Put passers-by, those who got their names, and whoever tried codes for others."""
    store.insert(
        "network_members",
        """SELECT team, scanner,
             CASE WHEN count(DISTINCT served) >= 2 THEN 'operator'
                  WHEN bool_and(coalesce(result, 'ok') <> 'ok') AND bool_or(shared)
                    THEN 'operator'
                  ELSE 'lured_helper' END
           FROM (SELECT *, count(*) OVER (PARTITION BY code_id) >= 2 AS shared
                 FROM verification_seen) AS v
           GROUP BY team, scanner
           UNION ALL
           SELECT DISTINCT team, served, 'rented_account' FROM verification_seen
           WHERE NOT served_new""",
    )


def _shares(store: Store) -> None:
    store.insert(
        "network_shares",
        """SELECT team, 'names_elsewhere', count(*) FILTER (served_region <> here),
             count(*) FILTER (served_region IS NOT NULL AND here IS NOT NULL)
           FROM verification_seen GROUP BY team
           UNION ALL
           SELECT team, 'verify_strangers', count(*) FILTER (stranger), count(stranger)
           FROM verification_seen GROUP BY team
           UNION ALL
           SELECT team, 'verify_pace', count(*) FILTER (took <= 12), count(took)
           FROM verification_seen GROUP BY team
           UNION ALL
           SELECT team, 'verify_once', count(*) FILTER (days = 1), count(*) FROM (
             SELECT team, scanner, count(DISTINCT session) AS days
             FROM verification_seen GROUP BY team, scanner) AS d GROUP BY team
           UNION ALL
           SELECT team, 'verify_again', count(*) - 1, count(*) FROM (
             SELECT team, session FROM verification_seen GROUP BY team, session) AS s
           GROUP BY team""",
    )


def _answers(store: Store) -> None:
    store.insert(
        "network_answers",
        """SELECT team, served, 'name_from_afar',
             CASE WHEN bool_or(served_region <> here) THEN 2
                  WHEN bool_or(served_region = here) THEN 0 ELSE 1 END
           FROM verification_seen WHERE NOT served_new GROUP BY team, served
           UNION ALL
           SELECT team, scanner, 'codes_tried',
             CASE WHEN count(DISTINCT served) >= 2 THEN 1 ELSE 0 END
           FROM verification_seen GROUP BY team, scanner
           HAVING count(DISTINCT served) >= 2
               OR bool_and(coalesce(result, 'ok') <> 'ok')""",
    )


def _events(store: Store) -> None:
    store.insert(
        "network_events",
        """SELECT team, scanner, 'scan', 'scans', scan_id, scanned_at
           FROM verification_seen
           UNION ALL SELECT team, served, 'scan', 'scans', scan_id, scanned_at
           FROM verification_seen""",
    )
    store.insert(
        "network_served", "SELECT DISTINCT team, served FROM verification_seen"
    )
    store.insert(
        "network_stalls",
        """SELECT c.team, s.session, s."first", s."last", s.latitude, s.longitude,
             CASE WHEN s.latitude IS NULL THEN 'town' ELSE 'position' END
           FROM verification_sessions AS s
           JOIN verification_crews AS c ON c.account = s.session""",
    )
    store.insert(
        "network_stall_scans",
        """SELECT DISTINCT v.team, v.session, v.scan_id FROM verification_seen AS v
           JOIN network_members AS m ON m.team = v.team AND m.account = v.scanner
           WHERE m.role = 'lured_helper'""",
    )


NETWORK = Network(
    kind="verification_crew",
    word="verification",
    says="stalls where passers-by verify strangers in their own name",
    needs=("scans", "codes.account"),
    uses=("ties", "accounts.profile_region", "declared"),
    roles=("operator", "rented_account", "lured_helper"),
    find=find,
    prior=-7.0,
    least=4,
    team_signals=team_signals(
        NOT_DECLARED,
        share(
            "names_elsewhere",
            "places",
            "How many of those who get a name live elsewhere?",
            "those who get a name live elsewhere than the passers-by",
            "those who get a name live where they are verified",
            (12.0, 1.5),
            (2.0, 4.0),
        ),
        share(
            "verify_strangers",
            "ties",
            "How many scans are for somebody whom the scanner does not know?",
            "passers-by verify people they do not know",
            "people verify those they know",
            (20.0, 1.0),
            (3.0, 1.0),
        ),
        share(
            "verify_pace",
            "pace",
            "How many scans are confirmed within twelve seconds?",
            "scans are confirmed in seconds, as at a stall",
            "scans are confirmed at leisure",
            (8.0, 2.0),
            (4.0, 2.0),
            least=-1.0,
        ),
        share(
            "verify_once",
            "pace",
            "How many scanners were there once?",
            "nearly all scanners were there once",
            "the same scanners were there again and again",
            (19.0, 1.0),
            (5.0, 1.0),
            least=-2.0,
        ),
        share(
            "verify_again",
            "sessions",
            "How many sessions were held after the first?",
            "the stall was there again on other days",
            "there was one session only",
            (6.0, 2.0),
            (1.0, 3.0),
            least=-1.0,
        ),
    ),
    member_signals=member_signals(
        OWN_DECLARATION,
        answer(
            "name_from_afar",
            "places",
            "Does it live where it got its name?",
            "lives elsewhere than the passer-by who gave it a name",
            "lives where it was verified",
            ("lives where it was verified", 0.06, 0.70),
            ("it is not known where it lives", 0.10, 0.10),
            ("lives elsewhere than the passer-by who gave it a name", 0.84, 0.20),
        ),
        answer(
            "codes_tried",
            "trying",
            "For how many did it scan codes?",
            "scanned codes of several accounts",
            "tried a code that somebody else then scanned",
            ("tried a code that somebody else then scanned", 0.30, 0.20),
            ("scanned codes of several accounts", 0.70, 0.20),
        ),
    ),
)
