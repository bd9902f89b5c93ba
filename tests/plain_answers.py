"""The query book answered without Cypher: DuckDB over a run's tables, and networkx.

Nothing here uses the property graph or its SELECTs: the tables of the run are joined
anew, so that a mistake there is a difference here.
"""

from pathlib import Path
from typing import Any

import networkx as nx

from analyses.reporting.run_folder import read_manifest
from analyses.run_events import open_store

VIEWS = {
    "acc": """SELECT n.account_id AS id, a.*, f.risk, f.role, f.action, f.listed,
          f.helper_score, z.ts AS sealed_at
        FROM account_names n LEFT JOIN accounts a USING (account)
        LEFT JOIN f_accounts f ON f.account_id = n.account_id
        LEFT JOIN sealed z ON z.account = n.account""",
    "sealed": """SELECT account, applied_at AS ts FROM sanctions s, clock
        WHERE action LIKE '%_block' AND coalesce(until > as_of, true)
          AND NOT EXISTS (SELECT 1 FROM sanctions t WHERE t.account = s.account
            AND t.action IN ('short_block', 'long_block', 'permanent_block', 'unsealed')
            AND (t.applied_at > s.applied_at
                 OR t.applied_at = s.applied_at AND t.action < s.action))""",
    "h": """SELECT help_id AS id, a.account_id AS giver, b.account_id AS taker,
          h.helped_at AS ts, h.kind, h.result, coalesce(f.tied, NULL) AS tied,
          (SELECT min(team_id) FROM f_helps p WHERE p.help_id = h.help_id) AS team
        FROM helps h JOIN account_names a ON a.account = h.helper
        JOIN account_names b ON b.account = h.helped
        LEFT JOIN help_facts f USING (help_id)""",
    "hp": """SELECT h.*, (SELECT min(pattern) FROM f_helps p
            WHERE p.help_id = h.id AND p.team_id = h.team) AS pattern FROM h""",
    "s": """SELECT scan_id AS id, a.account_id AS who, code_id AS code, purpose,
          scanned_at AS ts, result FROM scans
        JOIN account_names a ON a.account = scans.scanner""",
    "u": """SELECT account_id AS who, registration_device AS d, 'registration' AS way,
          registered_at AS ts FROM accounts WHERE registration_device IS NOT NULL
        UNION ALL SELECT account_id, device, 'login', logged_in_at FROM logins
          JOIN account_names USING (account) WHERE device IS NOT NULL
        UNION ALL SELECT account_id, device, 'scan', scanned_at FROM scans
          JOIN account_names ON account = scanner WHERE device IS NOT NULL""",
    "use": "SELECT who, device_id AS dev, way, ts FROM u JOIN devices ON device = d",
    "m": """SELECT team_id AS team, account_id AS who, role, evidence_bits
        FROM f_members""",
    "st": """SELECT f.team_id AS team, 'gathering-' || gathering AS g, count(*) AS helps
        FROM (SELECT DISTINCT team_id, help_id FROM f_helps WHERE pattern = 'stall') f
        JOIN gatherings USING (help_id) GROUP BY ALL""",
    "g": """SELECT 'gathering-' || gathering AS id, min(moment) AS a, max(moment) AS z,
          sum(g.latitude)::BIGINT // count(g.latitude) AS lat,
          sum(g.longitude)::BIGINT // count(g.longitude) AS lon
        FROM gatherings g JOIN help_facts USING (help_id) GROUP BY gathering""",
    "gp": """SELECT *, CASE WHEN lat IS NOT NULL AND lon IS NOT NULL
          THEN (lat // 1000) || '/' || (lon // 1000) END AS place FROM g""",
    "pay": """SELECT payment_id AS id, a.account_id AS payer, b.account_id AS payee,
          amount_fen AS fen FROM payments JOIN account_names a ON a.account = payer
        JOIN account_names b ON b.account = payee""",
    "paid": "SELECT pay.*, paid_at AS ts FROM pay JOIN payments ON payment_id = id",
    "met": """SELECT giver AS x, taker AS y FROM h UNION SELECT taker, giver FROM h
        UNION SELECT payer, payee FROM pay UNION SELECT payee, payer FROM pay""",
}

STRANGER = "coalesce(tied, false) = false AND giver <> taker"

ANSWERS = {
    "repeat-helpers-of": f"""
        WITH r AS (SELECT DISTINCT giver FROM h
                   WHERE taker = $account AND giver <> taker),
        k AS (SELECT giver, count(DISTINCT taker) AS n FROM h
              WHERE giver IN (FROM r) AND {STRANGER}
              GROUP BY 1 HAVING n >= $minimum)
        SELECT giver, a.role, n, taker, h.id, h.ts, result, tied, b.risk, b.sealed_at
        FROM h JOIN k USING (giver) JOIN acc a ON a.id = giver
        JOIN acc b ON b.id = taker
        WHERE taker <> $account ORDER BY n DESC, giver, ts, h.id""",
    "helpers-of": """SELECT giver, role, h.id, ts, kind, result, tied, pattern
        FROM hp h JOIN acc a ON a.id = giver WHERE taker = $account
        ORDER BY ts, h.id""",
    "helped-by": """SELECT taker, h.id, ts, kind, result, tied, role, risk, sealed_at
        FROM h JOIN acc a ON a.id = taker WHERE giver = $account ORDER BY ts, h.id""",
    "repeat-helpers": f"""
        SELECT giver, count(DISTINCT taker) AS n, count(*) AS tries,
          count(*) FILTER (result = 'quota_refused'),
          count(DISTINCT taker) FILTER (b.sealed_at IS NOT NULL), any_value(a.role),
          any_value(a.helper_score)
        FROM h JOIN acc a ON a.id = giver JOIN acc b ON b.id = taker, clock
        WHERE ts > as_of - $days * 86400 AND {STRANGER} GROUP BY 1
        HAVING n >= $minimum ORDER BY n DESC, tries DESC, giver LIMIT $limit""",
    "shared-customers": """
        WITH d AS (SELECT DISTINCT giver, taker FROM h WHERE giver <> taker)
        SELECT x.giver AS p, y.giver AS q, count(*) AS n, any_value(a.role),
          any_value(b.role)
        FROM d x JOIN d y USING (taker) JOIN acc a ON a.id = x.giver
        JOIN acc b ON b.id = y.giver WHERE p < q GROUP BY 1, 2
        HAVING n >= $minimum ORDER BY n DESC, p, q LIMIT $limit""",
    "mutual-helps": """SELECT x.giver AS p, x.taker AS q, count(DISTINCT x.id),
          count(DISTINCT y.id)
        FROM h x JOIN h y ON y.giver = x.taker AND y.taker = x.giver
        WHERE x.giver < x.taker GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $limit""",
    "helped-then-helping": """
        SELECT x.giver, x.id, x.ts, x.taker, y.taker, y.id, y.ts
        FROM h x JOIN h y ON y.giver = x.taker
        WHERE x.result = 'ok' AND x.giver <> x.taker AND y.giver <> y.taker
          AND y.ts BETWEEN x.ts AND x.ts + $days * 86400
        ORDER BY x.ts, x.id, y.ts, y.id LIMIT $limit""",
    "refused-helpers": """SELECT giver, count(*) AS n, count(DISTINCT taker), min(ts),
          max(ts), any_value(role) FROM h JOIN acc a ON a.id = giver
        WHERE result = 'quota_refused' GROUP BY 1 HAVING n >= $minimum
        ORDER BY n DESC, giver LIMIT $limit""",
    "raced-codes": """
        WITH k AS (SELECT code, count(DISTINCT who) AS n, count(*) AS c, min(ts) AS a,
            max(ts) AS z FROM s WHERE purpose IN ('register_help', 'unseal_help')
          GROUP BY 1 HAVING n >= $minimum)
        SELECT code, n, c, a, z, account_id FROM k LEFT JOIN codes ON code_id = code
        LEFT JOIN account_names USING (account)
        ORDER BY n DESC, code LIMIT $limit""",
    "takers-of-code": """SELECT who, s.id, ts, result, role FROM s
        JOIN acc a ON a.id = who WHERE code = $code ORDER BY ts, s.id""",
    "accounts-of-device": """SELECT who, way, min(ts) AS f, max(ts), count(*),
          any_value(role), any_value(risk) FROM use JOIN acc a ON a.id = who
        WHERE dev = $device GROUP BY who, way ORDER BY f, who, way""",
    "accounts-of-block": """SELECT id, registered_at, registration_ip, role, risk
        FROM acc WHERE registration_block = $block ORDER BY registered_at, id""",
    "device-hours": """
        WITH r AS (SELECT who, ts FROM use WHERE dev = $device AND way = 'registration')
        SELECT a.who, a.ts, count(*) AS n FROM r a JOIN r b
          ON b.ts >= a.ts AND b.ts < a.ts + $seconds GROUP BY 1, 2
        HAVING n >= $minimum ORDER BY n DESC, a.ts, a.who""",
    "block-hours": """
        WITH r AS (SELECT id, registered_at AS ts FROM acc
                   WHERE registration_block = $block)
        SELECT a.id, a.ts, count(*) AS n FROM r a JOIN r b
          ON b.ts >= a.ts AND b.ts < a.ts + $seconds GROUP BY 1, 2
        HAVING n >= $minimum ORDER BY n DESC, a.ts, a.id""",
    "shared-devices": """SELECT dev, count(DISTINCT who) AS n,
          count(DISTINCT who) FILTER (is_new), any_value(v.model),
          any_value(is_emulator), any_value(is_rooted)
        FROM use JOIN acc a ON a.id = who JOIN devices v ON device_id = dev GROUP BY dev
        HAVING n >= $minimum ORDER BY n DESC, dev LIMIT $limit""",
    "shared-access-points": """SELECT registration_wifi AS w, count(*) AS n,
          count(*) FILTER (listed), min(registered_at), max(registered_at) FROM acc
        WHERE is_new AND w IS NOT NULL GROUP BY 1 HAVING n >= $minimum
        ORDER BY n DESC, w LIMIT $limit""",
    "shared-segments": """SELECT phone_prefix AS w, count(*) AS n,
          count(*) FILTER (listed) FROM acc WHERE is_new AND w IS NOT NULL GROUP BY 1
        HAVING n >= $minimum ORDER BY n DESC, w LIMIT $limit""",
    "devices-of": """SELECT dev, who, min(ts) AS f, max(ts), any_value(role),
          any_value(risk) FROM use JOIN acc a ON a.id = who
        WHERE who <> $account AND dev IN (SELECT dev FROM use WHERE who = $account)
        GROUP BY 1, 2 ORDER BY dev, f, who""",
    "teams-of": """SELECT team, t.kind, m.role, evidence_bits, t.risk, t.members FROM m
        JOIN f_teams t ON t.team_id = team WHERE who = $account ORDER BY team""",
    "members-of": """SELECT who, m.role, evidence_bits, risk, action, sealed_at FROM m
        JOIN acc a ON a.id = who WHERE team = $team ORDER BY who""",
    "unsealed-members": """SELECT who, m.role, risk, action, registered_at FROM m
        JOIN acc a ON a.id = who WHERE team = $team AND sealed_at IS NULL
        ORDER BY who""",
    "complained-members": """SELECT who, count(*) AS n, min(filed_at), max(filed_at),
          any_value(m.role), any_value(a.sealed_at)
        FROM m JOIN acc a ON a.id = who JOIN account_names x ON x.account_id = who
        JOIN complaints c ON c.account = x.account AND verified
        WHERE team = $team GROUP BY who ORDER BY n DESC, who""",
    "helpers-of-team": """SELECT giver, count(DISTINCT taker) AS n, count(*), min(ts),
          max(ts), any_value(a.role) FROM h JOIN m ON who = taker
        JOIN acc a ON a.id = giver WHERE m.team = $team AND giver <> taker GROUP BY 1
        HAVING n >= $minimum ORDER BY n DESC, giver""",
    "grown-teams": """SELECT team, any_value(t.kind), any_value(t.members),
          count(*) AS n, max(registered_at) FROM m JOIN acc a ON a.id = who
        JOIN f_teams t ON team_id = team WHERE registered_at >= $since GROUP BY 1
        ORDER BY n DESC, team""",
    "stalls-of-crew": """SELECT a // 86400 * 86400, place, id, a, z, helps, lat, lon
        FROM st JOIN gp ON id = g WHERE team = $team ORDER BY a, id""",
    "places-used-again": """SELECT place, count(DISTINCT a // 86400) AS n,
          count(DISTINCT team), sum(helps)::BIGINT, any_value(lat // 1000 * 1000),
          any_value(lon // 1000 * 1000) FROM st JOIN gp ON id = g
        WHERE place IS NOT NULL GROUP BY 1 HAVING n >= $minimum
        ORDER BY n DESC, place""",
    "at-many-stalls": """SELECT giver, st.team, count(DISTINCT g) AS n, count(*),
          any_value(role) FROM h JOIN gatherings x ON x.help_id = h.id
        JOIN st ON g = 'gathering-' || x.gathering JOIN acc a ON a.id = giver
        GROUP BY 1, 2 HAVING n >= $minimum ORDER BY n DESC, giver, st.team""",
    "lured-by-crew": """SELECT giver, hp.id, ts, taker, result FROM hp
        JOIN acc a ON a.id = giver WHERE team = $team AND pattern = 'stall'
          AND role = 'lured_helper' ORDER BY ts, hp.id""",
    "farms-served": """SELECT team_b, t.kind, events, t.members, t.risk FROM f_links l
        JOIN f_teams t ON t.team_id = team_b
        WHERE l.kind IN ('serves', 'supplies_workers_to')
          AND team_a = $team ORDER BY events DESC, team_b""",
    "servers-of-farm": """SELECT team_a, t.kind, events, t.members, t.risk
        FROM f_links l JOIN f_teams t ON t.team_id = team_a
        WHERE l.kind IN ('serves', 'supplies_workers_to')
          AND team_b = $team ORDER BY events DESC, team_a""",
    "farms-in-common": """SELECT a.team_a AS p, b.team_a AS q, count(*) AS n,
          any_value(t.kind), any_value(v.kind) FROM f_links a JOIN f_links b
          ON a.team_b = b.team_b AND a.kind IN ('serves', 'supplies_workers_to')
          AND b.kind IN ('serves', 'supplies_workers_to')
        JOIN f_teams t ON t.team_id = a.team_a JOIN f_teams v ON v.team_id = b.team_a
        WHERE p < q GROUP BY 1, 2 HAVING n >= $minimum ORDER BY n DESC, p, q""",
    "helped-while-sealed": """
        WITH z AS (SELECT account_id AS who, applied_at, until, action FROM sanctions
                   JOIN account_names USING (account))
        SELECT taker, max(applied_at), giver, h.id, h.ts, kind, result
        FROM h JOIN z ON who = taker AND applied_at <= h.ts AND action LIKE '%_block'
          AND coalesce(until > h.ts, true)
        WHERE NOT EXISTS (SELECT 1 FROM z y WHERE y.who = taker
          AND y.action = 'unsealed' AND y.applied_at BETWEEN z.applied_at AND h.ts)
        GROUP BY ALL ORDER BY h.ts, h.id LIMIT $limit""",
    "bridges": """SELECT a.x, count(DISTINCT a.y), count(DISTINCT b.y),
          any_value(r.role)
        FROM met a JOIN m p ON p.who = a.y AND p.team = $team
        JOIN met b ON b.x = a.x JOIN m q ON q.who = b.y AND q.team = $other_team
        JOIN acc r ON r.id = a.x WHERE a.x <> a.y AND b.x <> b.y
        GROUP BY 1 ORDER BY 1""",
    "teams-sharing-devices": """
        WITH d AS (SELECT DISTINCT team, dev FROM m JOIN use USING (who))
        SELECT x.team AS p, y.team AS q, count(*) AS n, any_value(a.kind),
          any_value(b.kind) FROM d x JOIN d y USING (dev)
        JOIN f_teams a ON a.team_id = x.team JOIN f_teams b ON b.team_id = y.team
        WHERE p < q GROUP BY 1, 2 HAVING n >= $minimum ORDER BY n DESC, p, q""",
    "lockstep-of": """
        WITH k AS (SELECT team, who, shared_keys.kind, "key",
            count(*) OVER (PARTITION BY team, "key") AS held
          FROM m JOIN f_teams t ON team_id = team AND t.kind = 'registration_farm'
          JOIN account_names ON account_id = who JOIN key_holders USING (account)
          JOIN shared_keys USING ("key"))
        SELECT b.who, count(DISTINCT a."key") AS n,
          array_to_string(list_sort(list(DISTINCT a.kind)), ', '), any_value(c.role),
          any_value(c.risk)
        FROM k a JOIN k b ON a.team = b.team AND a."key" = b."key" AND a.who <> b.who
        JOIN acc c ON c.id = b.who WHERE a.who = $account AND a.held <= 100
        GROUP BY 1 ORDER BY n DESC, b.who""",
    "payments-in-team": """SELECT payer, payee, count(*), sum(fen)::BIGINT AS fen
        FROM pay JOIN m a ON a.who = payer AND a.team = $team
        JOIN m b ON b.who = payee AND b.team = $team WHERE payer <> payee
        GROUP BY 1, 2 ORDER BY fen DESC, payer, payee""",
    "helped-soon-after": """SELECT taker, registered_at, giver, h.id,
          ts - registered_at AS w, risk FROM h JOIN acc a ON a.id = taker
        WHERE is_new AND kind = 'registration' AND result = 'ok'
          AND coalesce(tied, false) = false
          AND w BETWEEN 0 AND $seconds ORDER BY w, taker, h.id LIMIT $limit""",
    "unsealers": """SELECT giver, count(DISTINCT taker) AS n, count(*), min(ts),
          max(ts), any_value(role) FROM h JOIN acc a ON a.id = giver
        WHERE kind = 'unsealing' GROUP BY 1 HAVING n >= $minimum
        ORDER BY n DESC, giver LIMIT $limit""",
    "verified-by-others": """SELECT b.account_id, who, s.id, ts, result, role FROM s
        JOIN codes c ON c.code_id = code JOIN account_names b ON b.account = c.account
        JOIN acc a ON a.id = who
        WHERE s.purpose = 'verify' AND b.account_id <> who
        ORDER BY ts, s.id LIMIT $limit""",
    "lured-into-verifying": """SELECT s.who, s.id, s.ts, b.account_id, s.result FROM s
        JOIN m ON m.who = s.who AND m.team = $team AND m.role = 'lured_helper'
        JOIN codes c ON c.code_id = code JOIN account_names b ON b.account = c.account
        WHERE s.purpose = 'verify' AND b.account_id <> s.who ORDER BY s.ts, s.id""",
    "payers-of-team": """SELECT payer, count(DISTINCT payee) AS n, count(*),
          min(ts), max(ts), any_value(a.role)
        FROM paid JOIN m ON m.who = payee AND m.team = $team
        JOIN acc a ON a.id = payer WHERE payer <> payee
        GROUP BY 1 ORDER BY n DESC, payer""",
    "money-passed-on": """SELECT x.payee, x.payer, y.payee, x.id, y.id, y.ts
        FROM paid x JOIN paid y ON y.payer = x.payee
        WHERE x.payer <> x.payee AND y.payer <> y.payee
          AND y.ts BETWEEN x.ts AND x.ts + 86400
          AND y.fen BETWEEN x.fen * 0.9 AND x.fen
        ORDER BY y.ts, y.id, x.id LIMIT $limit""",
    "more-paid-back": """SELECT x.payer AS l, x.payee AS b, count(DISTINCT x.id),
          count(DISTINCT y.id)
        FROM paid x JOIN paid y ON y.payer = x.payee AND y.payee = x.payer
        WHERE x.payer <> x.payee AND y.fen > x.fen AND y.ts > x.ts
          AND y.ts <= x.ts + $days * 86400 GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $limit""",
}

EDGES = """
    SELECT 'account ' || giver, 'account ' || taker FROM h
    UNION SELECT 'account ' || who, 'qr_code ' || code FROM s
    UNION SELECT 'account ' || who, 'device ' || dev FROM use
    UNION SELECT 'qr_code ' || code_id, 'account ' || account_id FROM codes
      JOIN account_names USING (account)
    UNION SELECT 'account ' || giver, 'gathering gathering-' || gathering FROM h
      JOIN gatherings ON help_id = id
    UNION SELECT 'gathering ' || id, 'place ' || place FROM gp WHERE place IS NOT NULL
    UNION SELECT 'account ' || a.account_id, 'account ' || b.account_id FROM ties
      JOIN account_names a ON a.account = account_a
      JOIN account_names b ON b.account = account_b
    UNION SELECT 'account ' || payer, 'account ' || payee FROM pay
    UNION SELECT 'account ' || account_id, 'sanction ' || no FROM (
      SELECT *, row_number() OVER (ORDER BY account, applied_at, action) AS no
      FROM sanctions) JOIN account_names USING (account)
    UNION SELECT 'complaint ' || complaint_id, 'account ' || account_id
      FROM complaints c JOIN account_names a ON a.account = c.account
    UNION SELECT 'complaint ' || complaint_id, 'account ' || account_id
      FROM complaints c JOIN account_names a ON a.account = c.complainant
"""
"""All that the questions about hops go along."""


class Plain:
    """The tables of a run, asked without Cypher."""

    def __init__(self, folder: Path) -> None:
        self.db = open_store(folder).connection
        for name in ("accounts", "teams", "members", "helps", "links"):
            self.db.execute(
                f"CREATE TEMP VIEW f_{name} AS FROM '{folder / name}.parquet'"
            )
        as_of = read_manifest(folder)["window"]["as_of"]
        self.db.execute(f"CREATE TEMP VIEW clock AS SELECT {as_of}::BIGINT AS as_of")
        for name in ("sealed", *VIEWS):
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {VIEWS[name]}")
        self.graph: nx.Graph[str] = nx.Graph(self.db.execute(EDGES).fetchall())

    def answer(self, name: str, values: dict[str, Any]) -> list[list[Any]]:
        if name.startswith("within"):
            return self._within(int(name.split("-")[1]), values["account"])
        if name.startswith("chain"):
            return self._chain(int(name.split("-")[2]), **values)
        rows = self.db.execute(ANSWERS[name], values).fetchall()
        return [list(row) for row in rows]

    def ids(self, sql: str) -> list[str]:
        return [value for (value,) in self.db.execute(sql).fetchall()]

    def _within(self, hops: int, account: str) -> list[list[Any]]:
        start = f"account {account}"
        if start not in self.graph:
            return []
        found = nx.single_source_shortest_path_length(self.graph, start, cutoff=hops)
        return sorted(
            ([*node.split(" ", 1), far] for node, far in found.items() if far),
            key=lambda row: (row[2], row[0], row[1]),
        )

    def _chain(self, hops: int, account: str, other: str) -> list[list[Any]]:
        ends = f"account {account}", f"account {other}"
        if not all(end in self.graph for end in ends):
            return []
        try:
            chains = list(nx.all_shortest_paths(self.graph, *ends))
        except nx.NetworkXNoPath:
            return []
        far = len(chains[0]) - 1
        if not 0 < far <= hops:
            return []
        texts = [
            " > ".join(f"{far - at} {node}" for at, node in enumerate(chain))
            for chain in chains
        ]
        return [[far, min(texts, key=lambda text: text.encode())]]
