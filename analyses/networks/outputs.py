"""The networks found, added to the output tables of a run.

Nothing that stands there is taken away but an account's role, where a network's
pattern is the stronger one; its other memberships and their evidence stay.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from analyses.detection.account_rows import HARM, SPEAKS, UNSEALINGS, VERIFIED
from analyses.networks.registry import NETWORKS
from analyses.networks.weighing import Found
from analyses.policy import LISTED, Case, PolicySettings, suggest
from analyses.reporting.outputs import DECEIVED_ROLES, SEALING
from analyses.reporting.reason_lines import SUMS
from graph.store import Store

SUPPLIES = (
    ("rental_ring", "laundering_ring"),
    ("rental_ring", "posting_ring"),
    ("rental_ring", "loan_ring"),
    ("helper_platform", "unsealing_batch"),
)
"""Who has the accounts that whom uses: rented ones, workers who vouch for pay."""

SEVERAL = 2
"""One account in common may be chance."""

EVENTS_OF_A_TEAM = 200
"""How many events a team's evidence names; its members' name all of theirs."""


def add_to_outputs(
    store: Store,
    found: Sequence[Found],
    policy: PolicySettings,
    *,
    confirmed: Sequence[str] = (),
    as_of: int | None = None,
) -> None:
    """Add the teams of networks to `out_accounts`, `out_teams`, … in the store.

    Of several patterns of an account the surest is its role; where two are equally
    sure, to a hundredth, the one that was there first. A seal that ends before `as_of`
    is over; without it no seal is.
    """
    found = [each for each in found if len(each.teams)]
    store.create("stall_scans", "scan_id VARCHAR, team_id VARCHAR, session INTEGER")
    if not found:
        return
    teams = pd.concat([_teams(each) for each in found], ignore_index=True)
    members = pd.concat([_members(each) for each in found], ignore_index=True)
    evidence = pd.concat([_evidence(each) for each in found], ignore_index=True)
    _put(store, "_net_teams", teams)
    _put(store, "_net_members", members)
    _put(store, "_net_evidence", evidence)
    _put(store, "_net_events", pd.concat([_events(e) for e in found]))
    _put(store, "_net_helps", pd.concat([_helps(e) for e in found]))
    served = [_ids(each, each.served)[["team_id", "account"]] for each in found]
    _put(store, "_net_served", pd.concat(served))
    _add_links(store)
    _add_stalls(store, found)
    store.insert(
        "out_teams",
        """SELECT team_id, kind, members, risk, "first" AS first_seen,
                  "last" AS last_seen FROM _net_teams""",
        by_name=True,
    )
    store.insert(
        "out_members",
        """SELECT m.team_id, n.account_id, m.role, m.bits AS evidence_bits,
                  m.certainty AS probability
           FROM _net_members AS m JOIN account_names AS n ON n.account = m.account""",
        by_name=True,
    )
    store.insert(
        "out_helps",
        """SELECT DISTINCT help_id, team_id, pattern FROM _net_helps""",
        by_name=True,
    )
    _add_evidence(store)
    roles = _roles(store, members)
    _put(
        store,
        "_net_roles",
        _decided(store, roles, members, evidence, policy, confirmed, as_of),
    )
    _set_roles(store)
    store.drop(
        "_net_teams",
        "_net_members",
        "_net_evidence",
        "_net_events",
        "_net_helps",
        "_net_served",
        "_net_roles",
    )


def _teams(found: Found) -> pd.DataFrame:
    size = found.members.groupby("team").size()
    return found.teams.assign(
        kind=found.network.kind,
        members=found.teams["team"].map(size).astype("int64"),
    )[["team_id", "kind", "members", "risk", "first", "last"]]


def _ids(found: Found, frame: pd.DataFrame) -> pd.DataFrame:
    """Put the team's id beside its number."""
    return frame.merge(found.teams[["team", "team_id"]], on="team")


def _members(found: Found) -> pd.DataFrame:
    columns = ["team_id", "account", "role", "bits", "risk", "certainty"]
    return _ids(found, found.members)[columns].assign(kind=found.network.kind)


def _evidence(found: Found) -> pd.DataFrame:
    frame = _ids(found, found.evidence)
    ground = frame["signal"].map(dict(found.network.grounds)).astype(object)
    families = frame["signal"].map(found.network.families).astype(object)
    return frame.assign(
        ground=ground.where(ground.notna(), None),
        family=families.where(families.notna(), None),
    )[["team_id", "account", "signal", "bits", "says", "ground", "family"]]


def _events(found: Found) -> pd.DataFrame:
    return _ids(found, found.events)[["team_id", "account", "ground", "table", "id"]]


def _helps(found: Found) -> pd.DataFrame:
    helps = _ids(found, found.helps)[["help_id", "team_id"]]
    return helps.assign(pattern=found.network.pattern)


def _add_stalls(store: Store, found: Sequence[Found]) -> None:
    """Add where crews stood to `crew_sessions`, and the scans there to `stall_scans`.

    Their sessions are numbered below zero: those of helps have numbers from zero on.
    """
    stalls = pd.concat([_ids(each, each.stalls) for each in found])
    scans = pd.concat([_ids(each, each.stall_scans) for each in found])
    stalls = stalls.sort_values(["team_id", "first", "session"])
    stalls["number"] = -1 - np.arange(len(stalls))
    scans = scans.merge(stalls[["team_id", "session", "number"]])
    _put(store, "_net_stalls", stalls)
    _put(store, "_net_scans", scans[["scan_id", "team_id", "number"]])
    store.insert(
        "crew_sessions",
        """SELECT s.team_id, s.number AS session, s."first", s."last", s.latitude,
             s.longitude, count(c.scan_id) AS helps, s.placed_by
           FROM _net_stalls AS s
           LEFT JOIN _net_scans AS c ON c.number = s.number GROUP BY ALL""",
        by_name=True,
    )
    store.insert(
        "stall_scans", "SELECT scan_id, team_id, number FROM _net_scans ORDER BY ALL"
    )
    store.drop("_net_stalls", "_net_scans")


def _add_links(store: Store) -> None:
    """Join teams to those of other kinds: whom they serve, and to whom they supply.

    A crew serves the teams whose accounts got a name at its stall. Members in common
    say something only of kinds of which one has what the other uses (`SUPPLIES`), only
    of those who take part, and only when there are several.
    """
    supplies = " OR ".join(
        f"(f.kind = '{giver}' AND t.kind = '{taker}')" for giver, taker in SUPPLIES
    )
    deceived = ", ".join(f"'{role}'" for role in DECEIVED_ROLES)
    store.insert(
        "out_links",
        f"""WITH m AS (
             SELECT m.team_id, n.account_id, t.kind, m.role FROM _net_members AS m
             JOIN _net_teams AS t ON t.team_id = m.team_id
             JOIN account_names AS n ON n.account = m.account),
           every AS (
             SELECT * FROM m UNION ALL
             SELECT o.team_id, o.account_id, t.kind, o.role FROM out_members AS o
             JOIN out_teams AS t ON t.team_id = o.team_id),
           acting AS (SELECT * FROM every
                      WHERE role IS NULL OR role NOT IN ({deceived})),
           links AS (
             SELECT v.team_id AS team_a, k.team_id AS team_b, 'serves' AS kind,
                    any_value(k.kind) AS of_kind, count(*) AS events
             FROM _net_served AS v JOIN account_names AS n ON n.account = v.account
             JOIN acting AS k ON k.account_id = n.account_id AND k.team_id <> v.team_id
             GROUP BY v.team_id, k.team_id
             UNION ALL
             SELECT f.team_id, t.team_id, 'supplies_workers_to', '', count(*)
             FROM acting AS f JOIN acting AS t ON t.account_id = f.account_id
             WHERE {supplies} GROUP BY f.team_id, t.team_id)
           SELECT team_a, team_b, kind, events FROM links
           WHERE events >= {SEVERAL} OR of_kind = 'registration_farm'""",
        by_name=True,
    )


def _add_evidence(store: Store) -> None:
    nothing = """CAST([] AS STRUCT("table" VARCHAR, id VARCHAR)[])"""
    row = 'struct_pack("table" := e."table", id := e.id)'
    store.insert(
        "out_evidence",
        f"""WITH asked AS (
              SELECT row_number() OVER (ORDER BY team_id, account, signal) AS number,
                     * FROM _net_evidence),
            of_members AS (
              SELECT a.number, list_sort(list(DISTINCT {row})) AS events
              FROM asked AS a JOIN _net_events AS e
                ON e.team_id = a.team_id AND e.account = a.account
               AND (a.ground IS NULL OR e.ground = a.ground)
              WHERE a.account >= 0 AND a.family IS NOT NULL GROUP BY a.number),
            of_teams AS (
              SELECT a.number,
                     list_slice(list_sort(list(DISTINCT {row})), 1, {EVENTS_OF_A_TEAM})
                       AS events
              FROM asked AS a JOIN _net_events AS e
                ON e.team_id = a.team_id AND (a.ground IS NULL OR e.ground = a.ground)
              WHERE a.account < 0 AND a.family IS NOT NULL GROUP BY a.number)
            SELECT a.team_id, n.account_id, a.signal, a.bits,
                   coalesce(m.events, t.events, {nothing}) AS events, a.says
            FROM asked AS a LEFT JOIN account_names AS n ON n.account = a.account
            LEFT JOIN of_members AS m ON m.number = a.number
            LEFT JOIN of_teams AS t ON t.number = a.number""",
        by_name=True,
    )


def _roles(store: Store, members: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts whose strongest pattern is a network's."""
    best = members.assign(
        order=np.arange(len(members)), said=members["risk"].round(2)
    ).sort_values(["account", "said", "order"], ascending=[True, False, True])
    best = best.drop_duplicates("account")
    _put(store, "_best", best[["account"]])
    before = store.frame(
        """SELECT b.account, o.role AS before_role, o.risk AS before FROM _best AS b
           JOIN account_names AS n ON n.account = b.account
           JOIN out_accounts AS o ON o.account_id = n.account_id ORDER BY b.account"""
    )
    store.drop("_best")
    best = best.merge(before, on="account", how="left")
    free = best["before_role"].isna()
    stronger = best["said"] > best["before"].fillna(0.0).round(2)
    return best[free | stronger].reset_index(drop=True)


def _decided(
    store: Store,
    roles: pd.DataFrame,
    members: pd.DataFrame,
    evidence: pd.DataFrame,
    policy: PolicySettings,
    confirmed: Sequence[str],
    as_of: int | None,
) -> pd.DataFrame:
    """Return the roles with reasons, suggested action and what is lacking."""
    speaking = evidence[
        (evidence["bits"] >= SPEAKS) & ~evidence["signal"].isin(SUMS)
    ].sort_values(["bits", "signal"], ascending=[False, True])
    own = speaking[speaking["account"] >= 0].groupby(["team_id", "account"])
    own_reasons = {key: rows for key, rows in own}
    team_reasons = {
        key: rows for key, rows in speaking[speaking["account"] < 0].groupby("team_id")
    }
    facts = _facts(store, roles["account"], confirmed, as_of)
    deceived = _deceived(members) | set(
        roles.loc[roles["before_role"].isin(DECEIVED_ROLES), "account"].tolist()
    )
    rows = []
    for row in roles.to_dict("records"):
        account, team = int(row["account"]), row["team_id"]
        parts = [own_reasons.get((team, account)), team_reasons.get(team)]
        said = pd.concat([part for part in parts if part is not None] or [speaking[:0]])
        if row["role"] in DECEIVED_ROLES:
            said = said[:0]
        said = said.sort_values(["bits", "signal"], ascending=[False, True])
        case = Case(
            role=row["role"],
            risk=row["risk"],
            kinds=said["family"].nunique(),
            conduct=True,
            harmed=bool(facts["harmed"].get(account)),
            sealed=bool(facts["sealed"].get(account)),
            verified=facts["verified"].get(account, 0),
            unsealings=facts["unsealings"].get(account, 0),
            team_kind=row["kind"],
        )
        action, lacks = suggest(case, policy)
        if account in deceived and row["role"] not in DECEIVED_ROLES:
            action, lacks = "educate", [DECEIVED_ELSEWHERE]
        elif action in LISTED and parts[0] is None:
            action, lacks = "watch", [ONLY_A_MEMBER]
        elif action in LISTED and not _harms(row["kind"], said["signal"].tolist()):
            action, lacks = "watch", [NO_HARM]
        rows.append(
            {
                "account": account,
                "role": row["role"],
                "risk": row["risk"],
                "team_id": team,
                "action": action,
                "listed": action in LISTED,
                "reasons": said["signal"].tolist(),
                "lacks": lacks,
            }
        )
    return pd.DataFrame(rows)


ONLY_A_MEMBER = (
    "nothing but its membership speaks for it: an event of its own is needed"
)
NO_HARM = "nothing forbidden and no complaint: it may be what a firm pays its staff for"
DECEIVED_ELSEWHERE = "it was deceived in another pattern: nothing more is allowed"


def _harms(kind: str, speaking: Sequence[str]) -> bool:
    """Tell whether what a network's listing asks for speaks, where it asks."""
    asked = NETWORKS[kind].harm
    return not asked or not set(asked).isdisjoint(speaking)


def _deceived(members: pd.DataFrame) -> set[int]:
    """Return the accounts that are more likely than not deceived in some pattern."""
    sure = members["certainty"] >= 0.5
    victims = members["role"].isin(DECEIVED_ROLES) & sure
    return set(members.loc[victims, "account"].tolist())


# What an account was sealed for before it was unsealed is no new harm.
_HARMED = f"""SELECT DISTINCT h.account FROM ({HARM}) AS h
    LEFT JOIN (SELECT account, max(applied_at) AS moment FROM (
                 SELECT account, applied_at FROM sanctions WHERE action = 'unsealed'
                 UNION ALL SELECT account, applied_at FROM unseal_applications) AS a
               GROUP BY account) AS u ON u.account = h.account
    WHERE u.account IS NULL OR h.moment > u.moment"""


# The last seal holds until it ends, or until the account was unsealed after it.
_SEALED = f"""SELECT s.account FROM (
      SELECT account, max(applied_at) AS since,
             max_by(coalesce(until, {2**62}), (applied_at, coalesce(until, {2**62})))
               AS until
      FROM sanctions WHERE action IN {SEALING} GROUP BY account) AS s
    LEFT JOIN (SELECT account, max(applied_at) AS moment FROM sanctions
               WHERE action = 'unsealed' GROUP BY account) AS o
      ON o.account = s.account
    WHERE (o.moment IS NULL OR o.moment < s.since)
      AND s.until > {{as_of}}"""


def _facts(
    store: Store,
    accounts: pd.Series,
    confirmed: Sequence[str],
    as_of: int | None,
) -> dict[str, dict[int, int]]:
    """Return what the rules ask of accounts besides the evidence."""
    _put(store, "_asked", pd.DataFrame({"account": accounts}))
    store.put("_confirmed", pa.table({"id": pa.array(confirmed, pa.string())}))
    found = {
        name: dict(
            store.rows(
                f"SELECT {key}, {value} FROM ({sql}) AS f "
                f"WHERE {key} IN (SELECT account FROM _asked)"
            )
        )
        for name, key, value, sql in (
            ("harmed", "account", "1", _HARMED),
            ("sealed", "account", "1", _SEALED.format(as_of=as_of or 0)),
            ("verified", "helper", "number", VERIFIED),
            ("unsealings", "helper", "number", UNSEALINGS),
        )
    }
    store.drop("_asked", "_confirmed")
    return found


def _set_roles(store: Store) -> None:
    columns = ("role", "risk", "team_id", "action", "listed", "reasons", "lacks")
    said = ", ".join(
        f"CASE WHEN r.account IS NULL THEN o.{name} ELSE r.{name} END AS {name}"
        for name in columns
    )
    store.materialise(
        "_with_roles",
        f"""SELECT o.* REPLACE ({said}) FROM out_accounts AS o
            LEFT JOIN account_names AS n ON n.account_id = o.account_id
            LEFT JOIN _net_roles AS r ON r.account = n.account""",
    )
    store.insert(
        "_with_roles",
        f"""SELECT n.account_id, {", ".join(f"r.{name}" for name in columns)}
            FROM _net_roles AS r JOIN account_names AS n ON n.account = r.account
            WHERE n.account_id NOT IN (SELECT account_id FROM out_accounts)""",
        by_name=True,
    )
    store.materialise("out_accounts", "SELECT * FROM _with_roles")
    store.drop("_with_roles")


def _put(store: Store, name: str, frame: pd.DataFrame) -> None:
    store.put(name, pa.Table.from_pandas(frame, preserve_index=False))
