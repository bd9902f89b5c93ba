"""What can be seen of each help: tie, place, code, takers, and the helper's last one.

One row a help or refused attempt, in the table `help_facts`. Unknown is null: a help
without a scan has no place, an account without an address no network.
"""

from graph.store import Store

BLOCK_SPREAD = 500_000
"""A block whose scans lie further apart (millionths of a degree) has no place."""

NEARBY_METRES = 60_000
"""An account whose network or region is closer than this may have been there."""


RACE_SECONDS = 60
"""Whoever scans a code so soon after another races for it.

Later it is the next whom somebody asks, for the first was refused or did not come.
"""


def gather_help_facts(store: Store) -> None:
    """Make the table `help_facts`.

    | column | meaning |
    |---|---|
    | help_id, helper, helped, kind, result, helped_at | as in `helps` |
    | scan_id, code_id | the scan behind the help and its code |
    | tied | the two know each other (unsealing: since before); null without ties |
    | together | helper scanned on the network that the helped registered on |
    | latitude, longitude, moment | place and time of the scan |
    | access_point, ip, address_block, device | network and device of the scan |
    | away | metres from the scan to where the helped one's network or region is |
    | takers | different accounts that raced for the code; 1 where nobody did |
    | code_age, confirm_gap | seconds from issue to scan, from scan to confirmation |
    | helper_gap | seconds since the same helper's last attempt |
    | helper_age | seconds since the helper registered |
    """
    _place_networks(store)
    store.materialise(
        "code_takers",
        f"""WITH s AS (
              SELECT code_id, scanner, result,
                     lag(scanner) OVER (
                       PARTITION BY code_id ORDER BY scanned_at, scanner) AS rival,
                     scanned_at - lag(scanned_at) OVER (
                       PARTITION BY code_id ORDER BY scanned_at, scanner) AS gap
              FROM scans WHERE purpose IN ('register_help', 'unseal_help'))
            SELECT code_id, CASE WHEN count(*) FILTER (
                       result = 'lost_race'
                       OR (rival <> scanner AND gap <= {RACE_SECONDS})) > 0
                     THEN count(DISTINCT scanner) ELSE 1 END AS takers
            FROM s GROUP BY code_id""",
    )
    store.materialise(
        "tied_pairs",
        """SELECT a, b, min(since) AS since FROM (
             SELECT least(account_a, account_b) AS a,
                    greatest(account_a, account_b) AS b,
                    coalesce(since, 0) AS since FROM ties) AS t GROUP BY a, b""",
    )
    knows_ties = store.rows("SELECT count(*) FROM ties")[0][0] > 0
    # A new account has no ties yet when it is helped: one made later counts as well.
    tied = (
        "t.since IS NOT NULL AND (f.kind = 'registration' OR t.since < f.moment)"
        if knows_ties
        else "CAST(NULL AS BOOLEAN)"
    )
    store.materialise(
        "help_facts",
        f"""WITH f AS (
              SELECT h.help_id, h.helper, h.helped, h.kind, h.result, h.helped_at,
                     h.scan_id, s.code_id, s.latitude, s.longitude,
                     coalesce(s.scanned_at, h.helped_at) AS moment, s.ip,
                     s.wifi AS access_point, s.address_block, s.device,
                     coalesce(s.code_issued_at, c.issued_at) AS issued_at,
                     s.scanned_at, s.confirmed_at
              FROM helps AS h
              LEFT JOIN scans AS s ON s.scan_id = h.scan_id
              LEFT JOIN codes AS c ON c.code_id = s.code_id)
            SELECT f.help_id, f.helper, f.helped, f.kind, f.result, f.helped_at,
                   f.scan_id, f.code_id, f.moment, f.latitude, f.longitude,
                   f.access_point, f.ip, f.address_block, f.device,
                   {tied} AS tied,
                   CASE WHEN f.access_point = a.registration_wifi
                          OR f.device = a.registration_device
                          OR f.ip = a.registration_ip THEN true
                        WHEN f.address_block = a.registration_block
                          THEN b.latitude IS NOT NULL
                        WHEN f.access_point <> a.registration_wifi
                          OR f.address_block <> a.registration_block THEN false
                        END AS together,
                   CAST(round(111319.5e-6 * sqrt(
                     (f.latitude - coalesce(b.latitude, r.latitude)) *
                     (f.latitude - coalesce(b.latitude, r.latitude)) +
                     cos(radians(f.latitude / 1e6)) * cos(radians(f.latitude / 1e6)) *
                     (f.longitude - coalesce(b.longitude, r.longitude)) *
                     (f.longitude - coalesce(b.longitude, r.longitude)))) AS BIGINT)
                     AS away,
                   k.takers,
                   f.scanned_at - f.issued_at AS code_age,
                   f.confirmed_at - f.scanned_at AS confirm_gap,
                   f.moment - lag(f.moment) OVER (
                     PARTITION BY f.helper ORDER BY f.moment, f.helped, f.help_id)
                     AS helper_gap,
                   f.moment - g.registered_at AS helper_age
            FROM f
            LEFT JOIN accounts AS a ON a.account = f.helped
            LEFT JOIN accounts AS g ON g.account = f.helper
            LEFT JOIN tied_pairs AS t ON t.a = least(f.helper, f.helped)
                                     AND t.b = greatest(f.helper, f.helped)
            LEFT JOIN network_places AS b ON b.address_block = a.registration_block
            LEFT JOIN region_places AS r ON r.region = a.profile_region
            LEFT JOIN code_takers AS k ON k.code_id = f.code_id""",
    )
    store.drop("code_takers", "tied_pairs", "network_places", "region_places")


def _place_networks(store: Store) -> None:
    """Learn from all scans where an address block, and a region, is."""
    for name, key, value in (
        ("network_places", "s.address_block", "address_block"),
        ("region_places", "a.profile_region", "region"),
    ):
        store.materialise(
            name,
            f"""SELECT {key} AS {value},
                  CAST(sum(s.latitude) AS BIGINT) // count(*) AS latitude,
                  CAST(sum(s.longitude) AS BIGINT) // count(*) AS longitude
                FROM scans AS s JOIN accounts AS a ON a.account = s.scanner
                WHERE {key} IS NOT NULL AND s.latitude IS NOT NULL
                  AND s.longitude IS NOT NULL
                GROUP BY {key}
                HAVING count(*) >= 3
                   AND max(s.latitude) - min(s.latitude) < {BLOCK_SPREAD}
                   AND max(s.longitude) - min(s.longitude) < {BLOCK_SPREAD}""",
        )
