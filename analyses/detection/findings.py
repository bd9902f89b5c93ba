"""From beliefs, teams and helper roles to the output tables of a run.

Everything that is said of an account adds up: the bits of its evidence, those of its
community or of its prior included, are the log2 odds of its risk.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analyses.detection.belief import Beliefs
from analyses.detection.event_rows import gather_event_rows
from analyses.detection.givers import Givers
from analyses.detection.helper_roles import HelperRoles
from analyses.detection.helper_signals import HELPER_SIGNALS, ROLES
from analyses.detection.signals import CONDUCT, SIGNALS
from analyses.detection.team_tables import put_team_tables
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

    `accounts` are the numbers of the new accounts, as in the lockstep graph, and
    `beliefs` what is believed of them; `teams` may join several of their communities.
    """

    accounts: np.ndarray
    beliefs: Beliefs
    teams: Teams
    helpers: HelperRoles
    givers: Givers


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
    giving = strongest["team_id"].isin(findings.givers.teams["team_id"])
    reported = np.union1d(bits["account"], strongest.loc[giving, "account"])
    store.put("reported", pa.table({"account": reported.astype(np.int32)}))
    gather_event_rows(store)
    _put_evidence(store, findings, strongest, bits)
    _put_accounts(store, strongest, bits, findings, policy)
    put_team_tables(store, strongest, findings.teams, findings.givers)
    store.drop("reported", "event_rows", "grounds", "_bits", "_team_bits", "_cases")


def _registered(findings: Findings) -> pd.DataFrame:
    beliefs, team = findings.beliefs, findings.teams.team
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
    role = helpers.role.copy()
    # Whoever seems a bystander, but scanned at a stall, is told of it as the lured are.
    given = findings.givers.helps
    at_stall = given.loc[given["pattern"] == "stall", "helper"].to_numpy()
    role[(role == 0) & np.isin(helpers.helper, at_stall)] = ROLES.index("lured_helper")
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
    for roles, kind in GIVING.items():
        gives = frame["role"].isin(roles)
        team = _team_of(findings.givers, kind)
        frame.loc[gives, "team_id"] = frame.loc[gives, "account"].map(team)
    return frame


GIVING = {
    ("lured_helper", "operator"): "scanning_crew",
    ("platform_worker",): "helper_platform",
}
"""The roles of those who help for a team, and the kind of the team."""


def _team_of(givers: Givers, kind: str) -> dict[int, str]:
    """Return the team of a kind for which each helper helped most."""
    helps = givers.helps[givers.helps["kind"] == kind]
    counts = helps.groupby(["helper", "team_id"]).size().rename("n").reset_index()
    counts = counts.sort_values(
        ["helper", "n", "team_id"], ascending=[True, False, True]
    )
    first = counts.drop_duplicates("helper")
    return dict(zip(first["helper"], first["team_id"], strict=True))


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
    beliefs = findings.beliefs
    mine = strongest[strongest["role"] == "batch_registered"]
    position = mine["position"].to_numpy()
    prior = beliefs.prevalence_bits
    columns = {"prior": np.full(len(mine), prior)}
    columns |= {"team": beliefs.start[position] - prior}
    columns |= {code: own[position] for code, own in beliefs.own.items()}
    answers = {
        code: (
            [level.sentence for level in SIGNALS[code].levels],
            beliefs.levels[code][position],
        )
        for code in beliefs.own
    }
    return _long(mine, columns, answers)


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
    answers = {
        code: (
            [answer.sentence for answer in HELPER_SIGNALS[code].answers],
            levels[position],
        )
        for code, levels in helpers.levels.items()
    }
    return _long(mine, columns, answers)


def _long(
    mine: pd.DataFrame,
    columns: dict[str, np.ndarray],
    answers: dict[str, tuple[list[str], np.ndarray]],
) -> pd.DataFrame:
    """Return one row a piece of evidence; `says` is the answer that was given."""
    parts = []
    for code, bits in columns.items():
        sentences, level = answers.get(code, ([], np.full(len(mine), -1)))
        said = np.array([*sentences, None], dtype=object)[level]
        parts.append(
            pd.DataFrame(
                {
                    "account": mine["account"].to_numpy(),
                    "team_id": mine["team_id"].to_numpy(),
                    "signal": code,
                    "bits": bits,
                    "says": said,
                }
            )
        )
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
                   coalesce(e.events, {nothing}) AS events, b.says
            FROM _bits AS b JOIN account_names AS n ON n.account = b.account
            LEFT JOIN grounds AS g ON g.signal = b.signal
            LEFT JOIN event_rows AS e
              ON e.account = b.account AND e.ground = g.ground
            UNION ALL
            SELECT t.team_id, CAST(NULL AS VARCHAR), t.signal, t.bits,
                   coalesce(e.events, {nothing}), CAST(NULL AS VARCHAR)
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
    frame = pd.concat([frame, findings.givers.bits], ignore_index=True)
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
        known_team = team_id if isinstance(team_id, str) else None
        codes = reasons.get((account, known_team), [])
        kinds = {families[code] for code in codes if code in families}
        kinds.discard("lockstep")  # it restates the kinds through which one is joined
        action, lacks = suggest(
            Case(
                role=role or "",
                risk=risk,
                kinds=len(kinds),
                conduct=bool(kinds & set(CONDUCT)),
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
