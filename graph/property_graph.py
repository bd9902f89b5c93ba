"""The property graph: kinds of nodes and relationships, written once.

Ladybug's tables, Neo4j's constraints, the picture in the docs, the table of the schema
and the checks of queries all follow from `NODES` and `RELATIONSHIPS`. A kind says which
typed properties it has and the SELECT that its rows come from; to add a kind is to add
an entry here.

The SELECTs read the numbered event tables of a run (`graph.numbering`), what was
found in them, as the tables `found_accounts`, `found_teams`, `found_members`,
`found_helps` and `found_links`, and `run_window(id, new_since, as_of)` of one row. All
times are seconds since 1970 in UTC, all positions millionths of a degree.
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["STRING", "INT64", "DOUBLE", "BOOL"]
"""The type of a property, by its name in ladybug."""

BLOCKS = "('short_block', 'long_block', 'permanent_block')"
"""The sanctions that seal an account."""

MOST_HOLDERS = 100
"""A key that more members of one team hold makes no pairs: n holders are n² pairs."""


@dataclass(frozen=True)
class Property:
    """A property of a node or a relationship; `says` where its name does not say it."""

    name: str
    type: Type
    says: str = ""


@dataclass(frozen=True)
class NodeKind:
    """A kind of node.

    `rows` is a SELECT of `id` and the properties, in any order; `id` is a STRING and
    unique in the kind. Each node also has the property `what`: the kind in lower case.
    `named` is its name in words; `shared` marks the rare things accounts may share.
    """

    label: str
    named: str
    says: str
    properties: tuple[Property, ...]
    rows: str
    shared: bool = False

    @property
    def what(self) -> str:
        """The kind as a word, the same for all its nodes.

        >>> NODES["AccessPoint"].what
        'access_point'
        """
        return self.named.lower().replace(" ", "_")

    @property
    def columns(self) -> tuple[Property, ...]:
        """All properties: `id` and `what` first."""
        return (Property("id", "STRING"), Property("what", "STRING"), *self.properties)


@dataclass(frozen=True)
class RelationshipKind:
    """A kind of relationship, always from one kind of node to one other.

    `rows` is a SELECT of `source` and `target` (ids of the nodes), `id` and the
    properties. `id` is a STRING and unique in the kind: the event's where there is one.
    `columns` are the pairs of `table.column` that it is made from; none where it is a
    finding and not an event. `symmetric` means that its direction says nothing.
    `followed` tells that questions about what lies around an account go along it. What
    hundreds of strangers share is not followed, nor are findings: from a member of a
    team all others would be two hops away.
    """

    type: str
    says: str
    source: str
    target: str
    properties: tuple[Property, ...]
    rows: str
    columns: tuple[tuple[str, str], ...] = ()
    symmetric: bool = False
    followed: bool = True

    @property
    def all_properties(self) -> tuple[Property, ...]:
        """All properties: `id` first."""
        return (Property("id", "STRING"), *self.properties)


def _numbered(rows: str, also: str = "source") -> str:
    """Give rows an `id`: their number in the order of their ends and of one column."""
    return (
        "SELECT *, CAST(row_number() OVER "
        f'(ORDER BY source, target, "{also}") AS VARCHAR) AS id FROM ({rows}) AS r'
    )


_NODES = (
    NodeKind(
        "Account",
        "account",
        "an account of the platform, or one that is known from events alone",
        (
            Property("registered_at", "INT64"),
            Property("is_new", "BOOL", "registered in the run's window"),
            Property("outside", "BOOL", "not in the table of accounts"),
            Property("nickname", "STRING", "written by its holder: never trust it"),
            Property("profile_region", "STRING"),
            Property("app_version", "STRING"),
            Property("os_version", "STRING"),
            Property("real_name_verified", "BOOL"),
            Property("pay_enabled", "BOOL"),
            Property("sealed_since", "INT64", "null unless it is sealed now"),
            Property("risk", "DOUBLE", "null: the run has nothing to say about it"),
            Property("role", "STRING"),
            Property("action", "STRING", "suggested"),
            Property("listed", "BOOL"),
            Property("helper_score", "DOUBLE"),
        ),
        f"""SELECT n.account_id AS id, a.registered_at, a.is_new, n.outside, a.nickname,
              a.profile_region, a.app_version, a.os_version, a.real_name_verified,
              a.pay_enabled,
              CASE WHEN s.action IN {BLOCKS} AND (s.until IS NULL OR s.until > w.as_of)
                   THEN s.applied_at END AS sealed_since,
              f.risk, f.role, f.action, f.listed, f.helper_score
            FROM account_names AS n CROSS JOIN run_window AS w
            LEFT JOIN accounts AS a ON a.account = n.account
            LEFT JOIN (SELECT *, row_number() OVER (PARTITION BY account
                         ORDER BY applied_at DESC, action, until DESC) AS latest
                       FROM sanctions WHERE action IN {BLOCKS} OR action = 'unsealed'
                       ) AS s ON s.account = n.account AND s.latest = 1
            LEFT JOIN found_accounts AS f ON f.account_id = n.account_id""",
    ),
    NodeKind(
        "Device",
        "device",
        "a device that accounts were used on",
        (
            Property("model", "STRING"),
            Property("os", "STRING"),
            Property("is_emulator", "BOOL"),
            Property("is_rooted", "BOOL"),
        ),
        "SELECT device_id AS id, model, os, is_emulator, is_rooted FROM devices",
        shared=True,
    ),
    NodeKind(
        "Code",
        "QR code",
        "a QR code that was issued or scanned",
        (Property("purpose", "STRING"), Property("issued_at", "INT64")),
        """SELECT code_id AS id, purpose, issued_at FROM codes
           UNION ALL
           SELECT code_id, min(purpose), min(code_issued_at) FROM scans
           WHERE code_id NOT IN (SELECT code_id FROM codes) GROUP BY code_id""",
    ),
    NodeKind(
        "AccessPoint",
        "access point",
        "a wireless access point that accounts registered at",
        (),
        """SELECT DISTINCT registration_wifi AS id FROM accounts
           WHERE registration_wifi IS NOT NULL""",
        shared=True,
    ),
    NodeKind(
        "AddressBlock",
        "address block",
        "a block of addresses (/24 or /48) that accounts registered from",
        (),
        """SELECT DISTINCT registration_block AS id FROM accounts
           WHERE registration_block IS NOT NULL""",
        shared=True,
    ),
    NodeKind(
        "PhoneSegment",
        "phone segment",
        "10,000 phone numbers that differ in the last four digits",
        (),
        """SELECT DISTINCT phone_prefix AS id FROM accounts
           WHERE phone_prefix IS NOT NULL""",
        shared=True,
    ),
    NodeKind(
        "Gathering",
        "gathering",
        "helps that were scanned close together in place and time",
        (
            Property("first_at", "INT64"),
            Property("last_at", "INT64"),
            Property("helps", "INT64"),
            Property("latitude", "INT64"),
            Property("longitude", "INT64"),
            Property("relayed", "BOOL", "strangers vouched for people elsewhere"),
        ),
        """SELECT 'gathering-' || g.gathering AS id, min(f.moment) AS first_at,
             max(f.moment) AS last_at, count(*) AS helps,
             CAST(sum(g.latitude) AS BIGINT) // count(g.latitude) AS latitude,
             CAST(sum(g.longitude) AS BIGINT) // count(g.longitude) AS longitude,
             g.gathering IN (SELECT gathering FROM relayed_gatherings) AS relayed
           FROM gatherings AS g JOIN help_facts AS f ON f.help_id = g.help_id
           GROUP BY g.gathering""",
        shared=True,
    ),
    NodeKind(
        "Place",
        "place",
        "a thousandth of a degree each way (some 100 metres) where people gathered",
        (Property("latitude", "INT64"), Property("longitude", "INT64")),
        """SELECT DISTINCT (latitude // 1000) || '/' || (longitude // 1000) AS id,
             latitude // 1000 * 1000 AS latitude, longitude // 1000 * 1000 AS longitude
           FROM nodes_gathering WHERE latitude IS NOT NULL AND longitude IS NOT NULL""",
    ),
    NodeKind(
        "Sanction",
        "sanction",
        "the platform acted on an account",
        (
            Property("action", "STRING"),
            Property("applied_at", "INT64"),
            Property("until", "INT64"),
            Property("rule", "STRING"),
            Property("seals", "BOOL", "the account is sealed by it"),
        ),
        f"""SELECT id, action, applied_at, until, rule, action IN {BLOCKS} AS seals
            FROM numbered_sanctions""",
    ),
    NodeKind(
        "Complaint",
        "complaint",
        "somebody complained about an account",
        (
            Property("category", "STRING"),
            Property("filed_at", "INT64"),
            Property("verified", "BOOL"),
        ),
        "SELECT complaint_id AS id, category, filed_at, verified FROM complaints",
    ),
    NodeKind(
        "Team",
        "team",
        "accounts that the run found to work together",
        (
            Property("kind", "STRING"),
            Property("members", "INT64"),
            Property("risk", "DOUBLE"),
            Property("first_seen", "INT64"),
            Property("last_seen", "INT64"),
        ),
        """SELECT team_id AS id, kind, members, risk,
             CAST(epoch(first_seen) AS BIGINT) AS first_seen,
             CAST(epoch(last_seen) AS BIGINT) AS last_seen FROM found_teams""",
    ),
    NodeKind(
        "Run",
        "run",
        "the run itself: one node, joined to nothing",
        (
            Property("new_since", "INT64", "accounts registered since are new"),
            Property("as_of", "INT64", "nothing later was looked at"),
        ),
        "SELECT id, new_since, as_of FROM run_window",
    ),
)

NODES: dict[str, NodeKind] = {kind.label: kind for kind in _NODES}
"""The kinds of nodes by label, in the order in which they are stored."""

HELPERS: dict[str, str] = {
    "nodes_gathering": NODES["Gathering"].rows,
    "numbered_sanctions": """SELECT CAST(row_number() OVER (
            ORDER BY account, applied_at, action, until, rule) AS VARCHAR) AS id, *
        FROM sanctions""",
    "team_keys": f"""SELECT DISTINCT m.team_id, n.account_id, k.kind, k.key
        FROM found_members AS m
        JOIN found_teams AS t ON t.team_id = m.team_id
             AND t.kind = 'registration_farm'
        JOIN account_names AS n ON n.account_id = m.account_id
        JOIN key_holders AS h ON h.account = n.account
        JOIN shared_keys AS k ON k.key = h.key
        QUALIFY count(*) OVER (PARTITION BY m.team_id, k.key) <= {MOST_HOLDERS}""",
}
"""Views that several SELECTs use, made before them."""

_RELATIONSHIPS = (
    RelationshipKind(
        "HELPED",
        "helped",
        "Account",
        "Account",
        (
            Property("at", "INT64"),
            Property("kind", "STRING", "registration or unsealing"),
            Property("channel", "STRING"),
            Property("result", "STRING", "a refused attempt is a relationship too"),
            Property("scan_id", "STRING", "of the scan behind it"),
            Property("tied", "BOOL", "the two knew each other; null: not known"),
            Property("pattern", "STRING", "null: an ordinary help"),
            Property("team_id", "STRING", "of the team that gave the help"),
        ),
        """SELECT a.account_id AS source, b.account_id AS target, h.help_id AS id,
             h.helped_at AS at, h.kind, h.channel, h.result, h.scan_id, f.tied,
             p.pattern, p.team_id
           FROM helps AS h
           JOIN account_names AS a ON a.account = h.helper
           JOIN account_names AS b ON b.account = h.helped
           LEFT JOIN help_facts AS f ON f.help_id = h.help_id
           LEFT JOIN (SELECT help_id, team_id, pattern FROM found_helps
                      QUALIFY row_number() OVER (PARTITION BY help_id
                                ORDER BY team_id, pattern) = 1
                     ) AS p ON p.help_id = h.help_id""",
        (("helps.helper_id", "helps.helped_id"),),
    ),
    RelationshipKind(
        "SCANNED",
        "scanned",
        "Account",
        "Code",
        (
            Property("at", "INT64"),
            Property("purpose", "STRING"),
            Property("result", "STRING"),
            Property("confirmed_at", "INT64"),
            Property("ip", "STRING"),
            Property("wifi", "STRING", "access point"),
            Property("device_id", "STRING"),
            Property("latitude", "INT64"),
            Property("longitude", "INT64"),
        ),
        """SELECT a.account_id AS source, s.code_id AS target, s.scan_id AS id,
             s.scanned_at AS at, s.purpose, s.result, s.confirmed_at, s.ip, s.wifi,
             d.device_id, s.latitude, s.longitude
           FROM scans AS s JOIN account_names AS a ON a.account = s.scanner
           LEFT JOIN devices AS d ON d.device = s.device""",
        (("scans.scanner_id", "scans.code_id"),),
    ),
    RelationshipKind(
        "ISSUED_FOR",
        "issued for",
        "Code",
        "Account",
        (),
        """SELECT c.code_id AS source, a.account_id AS target, c.code_id AS id
           FROM codes AS c JOIN account_names AS a ON a.account = c.account""",
        (("codes.code_id", "codes.account_id"),),
    ),
    RelationshipKind(
        "SCANNED_AT",
        "scanned at",
        "Account",
        "Gathering",
        (Property("at", "INT64"), Property("helped", "STRING", "id of whom it helped")),
        """SELECT a.account_id AS source, 'gathering-' || g.gathering AS target,
             g.help_id AS id, f.moment AS at, b.account_id AS helped
           FROM gatherings AS g JOIN help_facts AS f ON f.help_id = g.help_id
           JOIN account_names AS a ON a.account = f.helper
           JOIN account_names AS b ON b.account = f.helped""",
        (
            ("scans.scanner_id", "scans.latitude"),
            ("scans.scanner_id", "scans.longitude"),
        ),
    ),
    RelationshipKind(
        "TOOK_PLACE_AT",
        "took place at",
        "Gathering",
        "Place",
        (),
        """SELECT id AS source, (latitude // 1000) || '/' || (longitude // 1000)
             AS target, id
           FROM nodes_gathering WHERE latitude IS NOT NULL AND longitude IS NOT NULL""",
    ),
    RelationshipKind(
        "USED",
        "was used on",
        "Account",
        "Device",
        (
            Property("by", "STRING", "registration, login or scan"),
            Property("first_at", "INT64"),
            Property("last_at", "INT64"),
            Property("times", "INT64"),
        ),
        _numbered(
            """SELECT a.account_id AS source, d.device_id AS target, u."by",
                 min(u.at) AS first_at, max(u.at) AS last_at, count(*) AS times
               FROM (SELECT account, registration_device AS device,
                       'registration' AS "by", registered_at AS at FROM accounts
                     UNION ALL SELECT account, device, 'login', logged_in_at FROM logins
                     UNION ALL SELECT scanner, device, 'scan', scanned_at FROM scans
                    ) AS u
               JOIN account_names AS a ON a.account = u.account
               JOIN devices AS d ON d.device = u.device GROUP BY 1, 2, 3""",
            also="by",
        ),
        (
            ("accounts.account_id", "accounts.registration_device_id"),
            ("logins.account_id", "logins.device_id"),
            ("scans.scanner_id", "scans.device_id"),
        ),
    ),
    RelationshipKind(
        "REGISTERED_AT",
        "registered at",
        "Account",
        "AccessPoint",
        (Property("at", "INT64"),),
        """SELECT account_id AS source, registration_wifi AS target, account_id AS id,
             registered_at AS at FROM accounts WHERE registration_wifi IS NOT NULL""",
        (("accounts.account_id", "accounts.registration_wifi"),),
        followed=False,
    ),
    RelationshipKind(
        "REGISTERED_FROM",
        "registered from",
        "Account",
        "AddressBlock",
        (Property("at", "INT64"), Property("ip", "STRING")),
        """SELECT account_id AS source, registration_block AS target, account_id AS id,
             registered_at AS at, registration_ip AS ip
           FROM accounts WHERE registration_block IS NOT NULL""",
        (("accounts.account_id", "accounts.registration_ip"),),
        followed=False,
    ),
    RelationshipKind(
        "HAS_NUMBER_OF",
        "has a number of",
        "Account",
        "PhoneSegment",
        (),
        """SELECT account_id AS source, phone_prefix AS target, account_id AS id
           FROM accounts WHERE phone_prefix IS NOT NULL""",
        (("accounts.account_id", "accounts.phone_prefix"),),
        followed=False,
    ),
    RelationshipKind(
        "TIED_TO",
        "is tied to",
        "Account",
        "Account",
        (Property("kind", "STRING"), Property("since", "INT64")),
        _numbered(
            """SELECT a.account_id AS source, b.account_id AS target, t.kind, t.since
               FROM ties AS t JOIN account_names AS a ON a.account = t.account_a
               JOIN account_names AS b ON b.account = t.account_b""",
            also="kind",
        ),
        (("ties.account_a", "ties.account_b"),),
        symmetric=True,
    ),
    RelationshipKind(
        "GOT",
        "got",
        "Account",
        "Sanction",
        (),
        """SELECT a.account_id AS source, s.id AS target, s.id
           FROM numbered_sanctions AS s
           JOIN account_names AS a ON a.account = s.account""",
        (("sanctions.account_id", "sanctions.action"),),
    ),
    RelationshipKind(
        "FILED",
        "filed",
        "Account",
        "Complaint",
        (),
        """SELECT a.account_id AS source, c.complaint_id AS target, c.complaint_id AS id
           FROM complaints AS c JOIN account_names AS a ON a.account = c.complainant""",
        (("complaints.complainant_id", "complaints.complaint_id"),),
    ),
    RelationshipKind(
        "ABOUT",
        "is about",
        "Complaint",
        "Account",
        (),
        """SELECT c.complaint_id AS source, a.account_id AS target, c.complaint_id AS id
           FROM complaints AS c JOIN account_names AS a ON a.account = c.account""",
        (("complaints.complaint_id", "complaints.account_id"),),
    ),
    RelationshipKind(
        "PAID",
        "paid",
        "Account",
        "Account",
        (Property("at", "INT64"), Property("amount_fen", "INT64")),
        """SELECT a.account_id AS source, b.account_id AS target, p.payment_id AS id,
             p.paid_at AS at, p.amount_fen
           FROM payments AS p JOIN account_names AS a ON a.account = p.payer
           JOIN account_names AS b ON b.account = p.payee""",
        (("payments.payer_id", "payments.payee_id"),),
    ),
    RelationshipKind(
        "IN_LOCKSTEP_WITH",
        "in lockstep with",
        "Account",
        "Account",
        (
            Property("keys", "INT64", "how many rare things the two share"),
            Property("kinds", "STRING", "which kinds of things, with commas between"),
        ),
        _numbered(
            """SELECT a.account_id AS source, b.account_id AS target,
                 count(DISTINCT a.key) AS keys,
                 array_to_string(list_sort(list(DISTINCT a.kind)), ', ') AS kinds
               FROM team_keys AS a JOIN team_keys AS b ON b.team_id = a.team_id
                 AND b.key = a.key AND a.account_id < b.account_id GROUP BY 1, 2"""
        ),
        symmetric=True,
        followed=False,
    ),
    RelationshipKind(
        "MEMBER_OF",
        "member of",
        "Account",
        "Team",
        (
            Property("role", "STRING"),
            Property("evidence_bits", "DOUBLE"),
            Property("risk", "DOUBLE", "of the account"),
        ),
        _numbered(
            """SELECT m.account_id AS source, m.team_id AS target, m.role,
                 m.evidence_bits, f.risk
               FROM found_members AS m
               JOIN account_names AS n ON n.account_id = m.account_id
               JOIN found_teams AS t ON t.team_id = m.team_id
               LEFT JOIN found_accounts AS f ON f.account_id = m.account_id"""
        ),
        followed=False,
    ),
    RelationshipKind(
        "STOOD_AT",
        "stood at",
        "Team",
        "Gathering",
        (Property("helps", "INT64", "that the team gave there"),),
        _numbered(
            """SELECT p.team_id AS source, 'gathering-' || g.gathering AS target,
                 count(*) AS helps
               FROM (SELECT DISTINCT team_id, help_id FROM found_helps
                     WHERE pattern = 'stall') AS p
               JOIN gatherings AS g ON g.help_id = p.help_id
               JOIN found_teams AS t ON t.team_id = p.team_id GROUP BY 1, 2"""
        ),
        followed=False,
    ),
    RelationshipKind(
        "SERVES",
        "serves",
        "Team",
        "Team",
        (
            Property("kind", "STRING", "serves, supplies_workers_to"),
            Property("events", "INT64", "helps given; of rings, members in common"),
        ),
        _numbered(
            """SELECT l.team_a AS source, l.team_b AS target, l.kind, l.events
               FROM found_links AS l JOIN found_teams AS a ON a.team_id = l.team_a
               JOIN found_teams AS b ON b.team_id = l.team_b
               WHERE l.kind IN ('serves', 'supplies_workers_to')""",
            also="kind",
        ),
        followed=False,
    ),
    RelationshipKind(
        "WORKS_WITH",
        "works with",
        "Team",
        "Team",
        (
            Property("kind", "STRING", "controls, posts_for, pays"),
            Property("events", "INT64"),
        ),
        _numbered(
            """SELECT l.team_a AS source, l.team_b AS target, l.kind, l.events
               FROM found_links AS l JOIN found_teams AS a ON a.team_id = l.team_a
               JOIN found_teams AS b ON b.team_id = l.team_b
               WHERE l.kind NOT IN ('serves', 'supplies_workers_to')""",
            also="kind",
        ),
        followed=False,
    ),
)

RELATIONSHIPS: dict[str, RelationshipKind] = {
    kind.type: kind for kind in _RELATIONSHIPS
}
"""The kinds of relationships by type, in the order in which they are stored."""


def schema_table() -> str:
    """Return the schema as Markdown, for the docs and for `scanring query --list`."""
    nodes = [
        f"| `{kind.label}` | {kind.says} | {_properties(kind.columns)} |"
        for kind in NODES.values()
    ]
    relationships = [
        f"| `(:{kind.source})-[:{kind.type}]->(:{kind.target})` "
        f"| {_properties(kind.all_properties)} |"
        for kind in RELATIONSHIPS.values()
    ]
    return "\n".join(
        [
            "| node | what it is | properties |",
            "|---|---|---|",
            *nodes,
            "",
            "| relationship | properties |",
            "|---|---|",
            *relationships,
        ]
    )


def _properties(properties: tuple[Property, ...]) -> str:
    return ", ".join(
        f"`{each.name}`{f' ({each.says})' if each.says else ''}" for each in properties
    )
