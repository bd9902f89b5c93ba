"""From beliefs, teams and helper roles to the output tables of a run.

Everything that is said of an account adds up: the bits of its evidence, those of its
community or of its prior included, are the log2 odds of its risk.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analyses.detection.event_rows import gather_event_rows
from analyses.detection.helper_roles import HelperRoles
from analyses.detection.helper_signals import HELPER_SIGNALS, ROLES
from analyses.detection.signals import CONCENTRATION, SIGNALS
from analyses.detection.teams import Teams
from analyses.policy import LISTED, Case, PolicySettings, suggest
from graph.store import Store

MENTIONED = 0.05
"""The least risk, or chance of a role, at which the run has something to say."""

SPEAKS = 0.5
"""The least bits at which a signal counts as a reason and its family as a kind."""

EVENTS_OF_A_TEAM = 20
"""Of how many of its members a team's evidence names the events."""


@dataclass(frozen=True)
class Findings:
    """What was found, before it is written down.

    `accounts` are the numbers of the new accounts, as in the lockstep graph.
    """

    accounts: np.ndarray
    teams: Teams
    helpers: HelperRoles


def write_findings(store: Store, findings: Findings, policy: PolicySettings) -> None:
    """Make the tables `out_accounts`, `out_teams`, … in the store."""
    registered = _registered(findings)
    helping = _helping(store, findings, registered)
    cases = pd.concat([registered, helping], ignore_index=True)
    # Of several patterns the strongest is the role.
    cases = cases.sort_values(
        ["account", "rank", "role"], ascending=[True, False, True], kind="stable"
    )
    strongest = cases.drop_duplicates("account").reset_index(drop=True)
    bits = pd.concat(
        [_registered_bits(findings, strongest), _helper_bits(findings, strongest)],
        ignore_index=True,
    )
    store.put("reported", pa.table({"account": np.unique(bits["account"].to_numpy())}))
    gather_event_rows(store)
    _put_evidence(store, findings, strongest, bits)
    _put_accounts(store, strongest, bits, findings, policy)
    _put_teams(store, findings, strongest)
    store.drop("reported", "event_rows", "grounds", "_bits", "_team_bits", "_cases")


def _registered(findings: Findings) -> pd.DataFrame:
    beliefs, team = findings.teams.beliefs, findings.teams.team
    said = np.flatnonzero((beliefs.risk >= MENTIONED) | (team >= 0))
    ids = np.array([*findings.teams.ids, None], dtype=object)
    return pd.DataFrame(
        {
            "account": findings.accounts[said],
            "position": said,
            "role": "batch_registered",
            "risk": beliefs.risk[said],
            "rank": beliefs.risk[said],
            "team_id": ids[team[said]],
        }
    )


def _helping(
    store: Store, findings: Findings, registered: pd.DataFrame
) -> pd.DataFrame:
    helpers = findings.helpers
    role = helpers.role
    chance = helpers.chances[np.arange(len(role)), role]
    attempts = store.arrow("SELECT attempts FROM helper_facts ORDER BY helper")
    said = np.flatnonzero((role > 0) | (attempts["attempts"].to_numpy() >= 2))
    names = np.array(ROLES, dtype=object)[role[said]]
    collusive = ~np.isin(names, ["bystander", "lured_helper"])
    frame = pd.DataFrame(
        {
            "account": helpers.helper[said],
            "position": said,
            "role": np.where(names == "bystander", None, names),
            "risk": np.where(collusive, chance[said], 0.0),
            "rank": np.where(names == "bystander", 0.0, chance[said]),
            "team_id": None,
        }
    )
    owners = _owners(store, registered, frame)
    owned = frame["role"] == "owned_helper"
    frame.loc[owned, "team_id"] = frame.loc[owned, "account"].map(owners)
    return frame


def _owners(
    store: Store, registered: pd.DataFrame, helping: pd.DataFrame
) -> dict[int, str]:
    """Return the farm that each owned helper helped most."""
    farms = registered.dropna(subset=["team_id"])
    if farms.empty or not (helping["role"] == "owned_helper").any():
        return {}
    store.put("_farms", pa.Table.from_pandas(farms[["account", "team_id"]]))
    rows = store.rows(
        """SELECT h.helper, f.team_id, count(*) AS n FROM helps AS h
           JOIN _farms AS f ON f.account = h.helped
           GROUP BY h.helper, f.team_id ORDER BY h.helper, n, f.team_id DESC"""
    )
    store.drop("_farms")
    return {helper: team for helper, team, _ in rows}


def _registered_bits(findings: Findings, strongest: pd.DataFrame) -> pd.DataFrame:
    """Return the bits of the batch-registered: their community's, and their own."""
    beliefs = findings.teams.beliefs
    mine = strongest[strongest["role"] == "batch_registered"]
    position = mine["position"].to_numpy()
    prior = beliefs.prevalence_bits
    columns = {"prior": np.full(len(mine), prior)}
    columns |= {"team": beliefs.start[position] - prior}
    columns |= {code: own[position] for code, own in beliefs.own.items()}
    return _long(mine, columns)


def _helper_bits(findings: Findings, strongest: pd.DataFrame) -> pd.DataFrame:
    helpers = findings.helpers
    mine = strongest[
        strongest["role"].isin(["platform_worker", "owned_helper", "operator"])
    ]
    position = mine["position"].to_numpy()
    columns = {"prior": helpers.prior_bits[position]}
    columns |= {code: bits[position] for code, bits in helpers.bits.items()}
    risk = np.clip(mine["risk"].to_numpy(), 1e-12, 1 - 1e-12)
    columns["other_roles"] = np.log2(risk / (1 - risk)) - sum(columns.values())
    return _long(mine, columns)


def _long(mine: pd.DataFrame, columns: dict[str, np.ndarray]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "account": mine["account"].to_numpy(),
                "team_id": mine["team_id"].to_numpy(),
                "signal": code,
                "bits": bits,
            }
        )
        for code, bits in columns.items()
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["bits"] != 0]


def _put_evidence(
    store: Store, findings: Findings, strongest: pd.DataFrame, bits: pd.DataFrame
) -> None:
    store.put("_bits", pa.Table.from_pandas(bits, preserve_index=False))
    store.put("_team_bits", _team_bits(findings))
    store.put(
        "_cases",
        pa.Table.from_pandas(
            strongest[["account", "team_id", "rank"]], preserve_index=False
        ),
    )
    nothing = """CAST([] AS STRUCT("table" VARCHAR, id VARCHAR)[])"""
    store.materialise(
        "out_evidence",
        f"""WITH members AS (
              SELECT account, team_id, row_number() OVER (
                PARTITION BY team_id ORDER BY rank DESC, account) AS place
              FROM _cases WHERE team_id IS NOT NULL),
            of_teams AS (
              SELECT m.team_id, e.ground, list_sort(flatten(list(e.events))) AS events
              FROM members AS m JOIN event_rows AS e ON e.account = m.account
              WHERE m.place <= {EVENTS_OF_A_TEAM} GROUP BY m.team_id, e.ground)
            SELECT b.team_id, n.account_id, b.signal, b.bits,
                   coalesce(e.events, {nothing}) AS events
            FROM _bits AS b JOIN account_names AS n ON n.account = b.account
            LEFT JOIN grounds AS g ON g.signal = b.signal
            LEFT JOIN event_rows AS e
              ON e.account = b.account AND e.ground = g.ground
            UNION ALL
            SELECT t.team_id, CAST(NULL AS VARCHAR), t.signal, t.bits,
                   coalesce(e.events, {nothing})
            FROM _team_bits AS t
            LEFT JOIN grounds AS g ON g.signal = t.signal
            LEFT JOIN of_teams AS e ON e.team_id = t.team_id AND e.ground = g.ground""",
    )


def _team_bits(findings: Findings) -> pa.Table:
    teams = findings.teams
    columns = {"prior": teams.beliefs.prior[teams.community]}
    columns |= {c: bits[teams.community] for c, bits in teams.beliefs.shared.items()}
    frame = pd.concat(
        [
            pd.DataFrame({"team_id": list(teams.ids), "signal": code, "bits": bits})
            for code, bits in columns.items()
        ],
        ignore_index=True,
    )
    return pa.Table.from_pandas(frame[frame["bits"] != 0], preserve_index=False)


def _put_accounts(
    store: Store,
    strongest: pd.DataFrame,
    bits: pd.DataFrame,
    findings: Findings,
    policy: PolicySettings,
) -> None:
    reasons = _reasons(bits, findings)
    families = {code: signal.family for code, signal in SIGNALS.items()}
    families |= {code: signal.family for code, signal in HELPER_SIGNALS.items()}
    harmed = {a for (a,) in store.rows(_HARMED)}
    verified = dict(store.rows(_VERIFIED))
    unsealings = dict(store.rows(_UNSEALINGS))
    rows: list[tuple[int, str, bool, list[str], list[str]]] = []
    columns_of_cases = (
        strongest[name].to_list() for name in ("account", "role", "risk", "team_id")
    )
    for account, role, risk, team_id in zip(*columns_of_cases, strict=True):
        codes = reasons.get((account, team_id), [])
        kinds = {families[code] for code in codes if code in families}
        kinds.discard("lockstep")  # it restates the kinds through which one is joined
        action, lacks = suggest(
            Case(
                role=role or "",
                risk=risk,
                kinds=len(kinds),
                conduct=bool(kinds - set(CONCENTRATION)),
                harmed=account in harmed,
                verified=verified.get(account, 0),
                unsealings=unsealings.get(account, 0),
            ),
            policy,
        )
        rows.append((account, action, action in LISTED, codes, lacks))
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    texts = pa.list_(pa.string())
    helpers = findings.helpers
    store.put(
        "_helper_scores", pa.table({"account": helpers.helper, "score": helpers.score})
    )
    store.put(
        "_accounts",
        pa.table(
            {
                "account": pa.array(columns[0], pa.int32()),
                "risk": strongest["risk"].to_numpy(),
                "role": pa.array(strongest["role"], pa.string()),
                "team_id": pa.array(strongest["team_id"], pa.string()),
                "action": pa.array(columns[1], pa.string()),
                "listed": pa.array(columns[2], pa.bool_()),
                "reasons": pa.array(columns[3], texts),
                "lacks": pa.array(columns[4], texts),
            }
        ),
    )
    store.materialise(
        "out_accounts",
        """SELECT n.account_id, a.risk, a.role, a.team_id, a.action, a.listed,
                  s.score AS helper_score, a.reasons, a.lacks
           FROM _accounts AS a JOIN account_names AS n ON n.account = a.account
           LEFT JOIN _helper_scores AS s ON s.account = a.account""",
    )
    store.drop("_accounts", "_helper_scores")


_HARM = """SELECT account, applied_at AS moment FROM sanctions
      WHERE action <> 'unsealed'
    UNION ALL SELECT account, filed_at FROM complaints WHERE verified"""

_HARMED = f"SELECT DISTINCT account FROM ({_HARM}) AS harm"

# A help counts when it was given, and the harm came after it: a sealed account that
# was unsealed and did nothing since speaks against nobody.
_COUNTED = f"""SELECT h.helper, count(DISTINCT h.helped) FROM helps AS h
    JOIN ({_HARM}) AS harm ON harm.account = h.helped
    WHERE coalesce(h.result, 'ok') = 'ok'
      AND (h.helped_at IS NULL OR harm.moment IS NULL OR harm.moment >= h.helped_at)
      AND h.kind = '{{kind}}' GROUP BY h.helper"""

_VERIFIED = _COUNTED.format(kind="registration")
_UNSEALINGS = _COUNTED.format(kind="unsealing")


def _reasons(
    bits: pd.DataFrame, findings: Findings
) -> dict[tuple[int, str | None], list[str]]:
    """Return the codes that speak for each account, the weightiest first."""
    teams = findings.teams
    of_team = {
        name: {
            code: float(bits[community]) for code, bits in teams.beliefs.shared.items()
        }
        for name, community in zip(teams.ids, teams.community, strict=True)
    }
    known = set(SIGNALS) | set(HELPER_SIGNALS)
    result: dict[tuple[int, str | None], list[str]] = {}
    weighed: dict[tuple[int, str | None], dict[str, float]] = {}
    columns = (
        bits[name].to_list() for name in ("account", "team_id", "signal", "bits")
    )
    for account, team, code, weight in zip(*columns, strict=True):
        key = (int(account), team if isinstance(team, str) else None)
        weighed.setdefault(key, {})[code] = weight
    for (account, team), weights in weighed.items():
        if "team" in weights:  # a member shares its community's evidence
            for code, shared in of_team.get(team or "", {}).items():
                weights[code] = weights.get(code, 0.0) + shared
        chosen = [c for c, b in weights.items() if b >= SPEAKS and c in known]
        result[account, team] = sorted(chosen, key=lambda c: (-weights[c], c))
    return result


def _put_teams(store: Store, findings: Findings, strongest: pd.DataFrame) -> None:
    teams = findings.teams
    bits = np.log2(
        np.clip(strongest["rank"], 1e-12, 1 - 1e-12)
        / (1 - np.clip(strongest["rank"], 1e-12, 1 - 1e-12))
    )
    inside = strongest["team_id"].notna().to_numpy()
    store.put(
        "_members",
        pa.table(
            {
                "team_id": pa.array(strongest["team_id"][inside], pa.string()),
                "account": strongest["account"].to_numpy()[inside],
                "role": pa.array(strongest["role"][inside], pa.string()),
                "evidence_bits": bits.to_numpy()[inside],
            }
        ),
    )
    store.put(
        "_teams",
        pa.table(
            {
                "team_id": pa.array(list(teams.ids), pa.string()),
                "risk": teams.risk,
            }
        ),
    )
    store.materialise(
        "out_members",
        """SELECT m.team_id, n.account_id, m.role, m.evidence_bits FROM _members AS m
           JOIN account_names AS n ON n.account = m.account""",
    )
    store.materialise(
        "out_helps",
        """SELECT h.help_id, o.team_id, 'owned' AS pattern FROM helps AS h
           JOIN _members AS o ON o.account = h.helper AND o.role = 'owned_helper'
           JOIN _members AS f ON f.account = h.helped AND f.team_id = o.team_id""",
    )
    store.materialise(
        "out_teams",
        """WITH seen AS (
             SELECT m.team_id, count(*) AS members,
                    min(a.registered_at) FILTER (m.role = 'batch_registered') AS first,
                    max(a.registered_at) FILTER (m.role = 'batch_registered') AS last
             FROM _members AS m LEFT JOIN accounts AS a ON a.account = m.account
             GROUP BY m.team_id)
           SELECT t.team_id, 'registration_farm' AS kind, s.members, t.risk,
                  s.first AS first_seen, s.last AS last_seen
           FROM _teams AS t JOIN seen AS s ON s.team_id = t.team_id""",
    )
    store.materialise(
        "out_links",
        """SELECT CAST(NULL AS VARCHAR) AS team_a, CAST(NULL AS VARCHAR) AS team_b,
                  CAST(NULL AS VARCHAR) AS kind, CAST(0 AS BIGINT) AS events
           WHERE false""",
    )
    store.drop("_members", "_teams")
