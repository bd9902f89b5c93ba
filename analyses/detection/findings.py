"""From beliefs, teams and helper roles to the output tables of a run.

Everything that is said of an account adds up: the bits of its evidence, those of its
community or of its prior included, are the log2 odds of its risk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analyses.detection.account_rows import Bits, put_accounts, put_bits
from analyses.detection.belief import Beliefs
from analyses.detection.event_rows import gather_event_rows
from analyses.detection.givers import Givers
from analyses.detection.helper_roles import HelperRoles
from analyses.detection.helper_signals import HELPER_SIGNALS, ROLES
from analyses.detection.signals import SIGNALS
from analyses.detection.team_tables import put_team_tables
from analyses.detection.teams import Teams
from analyses.policy import PolicySettings
from graph.store import Store

MENTIONED = 0.05
"""The least risk, or chance of a role, at which the run has something to say."""

ACCOUNT_ANSWERS = {
    code: tuple(level.sentence for level in signal.levels)
    for code, signal in SIGNALS.items()
}
HELPER_ANSWERS = {
    code: tuple(answer.sentence for answer in signal.answers)
    for code, signal in HELPER_SIGNALS.items()
} | {"prior": ("how frequent its likeliest role is beside the likeliest innocent one",)}
"""What each answer of a signal says, and what a helper's prior is."""

ACCOUNTS_AT_ONCE = 150_000
"""Of how many accounts the evidence is put together at one time."""

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


def write_findings(
    store: Store,
    findings: Findings,
    policy: PolicySettings,
    *,
    confirmed: Sequence[str] = (),
) -> None:
    """Make the tables `out_accounts`, `out_teams`, … in the store.

    `confirmed` are accounts that people have confirmed as malicious: helps to them
    count as verified.
    """
    registered = _registered(findings)
    helping = _helping(store, findings, registered)
    cases = pd.concat([registered, helping], ignore_index=True)
    # Of several patterns the strongest is the role.
    cases = cases.sort_values(
        ["account", "rank", "role"], ascending=[True, False, True], kind="stable"
    )
    strongest = cases.drop_duplicates("account").reset_index(drop=True)
    put_bits(store, _registered_bits(findings, strongest), ACCOUNT_ANSWERS)
    put_bits(store, _helper_bits(findings, strongest), HELPER_ANSWERS, more=True)
    giving = strongest["team_id"].isin(findings.givers.teams["team_id"])
    givers = strongest.loc[giving, "account"].to_numpy().astype(np.int32)
    store.put("_giving", pa.table({"account": givers}))
    store.materialise(
        "_reported", "SELECT account FROM _bits UNION SELECT account FROM _giving"
    )
    _put_evidence(store, findings, strongest)
    helpers = findings.helpers
    store.put(
        "_helper_scores", pa.table({"account": helpers.helper, "score": helpers.score})
    )
    store.put("_shared_bits", _shared_bits(findings))
    put_accounts(store, policy, confirmed=confirmed)
    store.drop("_helper_scores", "_shared_bits")
    put_team_tables(store, cases, findings.teams, findings.givers, helpers)
    store.drop(
        "_reported",
        "grounds",
        "_giving",
        "_bits",
        "_answers_said",
        "_team_bits",
        "_cases",
    )


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
    given = findings.givers.helps
    at_stall = given.loc[given["pattern"] == "stall", "helper"].to_numpy()
    role = roles_told(
        helpers.role,
        seen=helpers.levels["gatherings"] > 0,
        at_crew=np.isin(helpers.helper, at_stall),
    )
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


def roles_told(
    seems: np.ndarray, *, seen: np.ndarray, at_crew: np.ndarray
) -> np.ndarray:
    """Return the role that each helper is said to have, as a number of `ROLES`.

    `seems` is what it is by its answers, `seen` whether it was at a session that was
    believed, `at_crew` whether it helped at a stall of a crew that is reported. Who
    seems a bystander and did is told of it as the lured are; and whoever was seen only
    where no crew stood after all was not lured.
    """
    bystander, lured = ROLES.index("bystander"), ROLES.index("lured_helper")
    said = seems.copy()
    said[(seems == lured) & seen & ~at_crew] = bystander
    said[(seems == bystander) & at_crew] = lured
    return said


GIVING = {
    ("lured_helper", "operator"): "scanning_crew",
    ("platform_worker",): "helper_platform",
}
"""The roles of those who help for a team, and the kind of the team."""


def _team_of(givers: Givers, kind: str) -> dict[int, str]:
    """Return the team of a kind for which each helper helped most.

    Between equals the first helped account decides, and not the team's name, which is a
    hash: then accounts that are called otherwise, in the same order, change nothing.
    """
    helps = givers.helps[givers.helps["kind"] == kind]
    groups = helps.groupby(["helper", "team_id"])["helped"]
    counts = groups.agg(n="size", first="min").reset_index()
    counts = counts.sort_values(
        ["helper", "n", "first", "team_id"], ascending=[True, False, True, True]
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
           GROUP BY h.helper, f.team_id
           ORDER BY h.helper, n, min(h.helped) DESC, f.team_id DESC"""
    )
    store.drop("_farms")
    return {helper: team for helper, team, _ in rows}


def _registered_bits(findings: Findings, strongest: pd.DataFrame) -> Iterator[Bits]:
    """Give the bits of the batch-registered: their community's, and their own."""
    beliefs = findings.beliefs
    mine = strongest[strongest["role"] == "batch_registered"]
    account, position = mine["account"].to_numpy(), mine["position"].to_numpy()
    prior = beliefs.prevalence_bits
    yield Bits("prior", account, np.full(len(mine), prior))
    yield Bits("team", account, beliefs.start[position] - prior)
    for code, own in beliefs.own.items():
        level = beliefs.levels[code][position] if code in beliefs.levels else None
        yield Bits(code, account, own[position], level)


def _helper_bits(findings: Findings, strongest: pd.DataFrame) -> Iterator[Bits]:
    helpers = findings.helpers
    mine = strongest[
        strongest["role"].isin(["platform_worker", "owned_helper", "operator"])
    ]
    account, position = mine["account"].to_numpy(), mine["position"].to_numpy()
    columns = {"prior": helpers.prior_bits[position]}
    columns |= {code: bits[position] for code, bits in helpers.bits.items()}
    risk = np.clip(mine["risk"].to_numpy(), 1e-12, 1 - 1e-12)
    columns["other_roles"] = np.log2(risk / (1 - risk)) - sum(columns.values())
    for code, bits in columns.items():
        level = helpers.levels[code][position] if code in helpers.levels else None
        if code == "prior":
            level = np.zeros(len(mine), dtype=np.int8)
        yield Bits(code, account, bits, level)


def _put_evidence(store: Store, findings: Findings, strongest: pd.DataFrame) -> None:
    store.put("_team_bits", _team_bits(findings))
    columns = ["account", "role", "risk", "team_id", "rank"]
    store.put("_cases", pa.Table.from_pandas(strongest[columns], preserve_index=False))
    store.materialise(
        "out_evidence",
        """SELECT '' AS team_id, '' AS account_id, '' AS signal,
             CAST(0 AS DOUBLE) AS bits,
             CAST([] AS STRUCT("table" VARCHAR, id VARCHAR)[]) AS events, '' AS says
           LIMIT 0""",
    )
    store.materialise(
        "_first",
        f"""SELECT account, team_id FROM (
              SELECT account, team_id, row_number() OVER (
                PARTITION BY team_id ORDER BY rank DESC, account) AS place
              FROM _cases WHERE team_id IS NOT NULL) AS m
            WHERE place <= {EVENTS_OF_A_TEAM}""",
    )
    # A part of the accounts at a time: the events of all take more than the evidence.
    parts = -(-store.count("_reported") // ACCOUNTS_AT_ONCE)
    for part in range(parts):
        mine = f"account % {parts} = {part}"
        gather_event_rows(store, f"SELECT account FROM _reported WHERE {mine}")
        _add_evidence(
            store,
            f"""SELECT c.team_id, n.account_id, b.signal, b.bits, e.events, w.says
                FROM (SELECT * FROM _bits WHERE {mine}) AS b
                JOIN _cases AS c ON c.account = b.account
                JOIN account_names AS n ON n.account = b.account
                LEFT JOIN _answers_said AS w
                  ON w.signal = b.signal AND w.level = b.level
                LEFT JOIN grounds AS g ON g.signal = b.signal
                LEFT JOIN event_rows AS e
                  ON e.account = b.account AND e.ground = g.ground""",
        )
    gather_event_rows(
        store, "SELECT account FROM _reported SEMI JOIN _first USING (account)"
    )
    _add_evidence(
        store,
        """SELECT t.team_id, NULL, t.signal, t.bits, e.events, NULL
           FROM _team_bits AS t LEFT JOIN grounds AS g ON g.signal = t.signal
           LEFT JOIN (
             SELECT m.team_id, e.ground, list_sort(flatten(list(e.events))) AS events
             FROM _first AS m JOIN event_rows AS e ON e.account = m.account
             WHERE e.ground <> 'helping' GROUP BY m.team_id, e.ground
             UNION ALL  -- what its members did elsewhere is not the team's
             SELECT o.team_id, 'helping', list_sort(list(
               struct_pack("table" := 'helps', id := o.help_id)))
             FROM giver_helps AS o JOIN helps AS h ON h.help_id = o.help_id
             JOIN _first AS m ON m.account = h.helper AND m.team_id = o.team_id
             GROUP BY o.team_id) AS e
             ON e.team_id = t.team_id AND e.ground = g.ground""",
    )
    store.drop("event_rows", "_first")


def _add_evidence(store: Store, rows: str) -> None:
    store.insert(
        "out_evidence",
        f"""SELECT team_id, account_id, signal, bits, coalesce(events, []), says
            FROM ({rows}) AS e(team_id, account_id, signal, bits, events, says)""",
    )


def _shared_bits(findings: Findings) -> pa.Table:
    """Return the evidence that the members of each farm share: one row a signal."""
    teams = findings.teams
    shared = {c: bits[teams.community] for c, bits in teams.beliefs.shared.items()}
    return pa.table(
        {
            "team_id": pa.array(list(teams.ids) * len(shared), pa.string()),
            "signal": pa.array(np.repeat(list(shared), len(teams.ids)), pa.string()),
            "bits": np.concatenate([np.zeros(0), *shared.values()]),
        }
    )


def _team_bits(findings: Findings) -> pa.Table:
    teams = findings.teams
    columns = {"prior": teams.beliefs.prior[teams.community]}
    columns |= {c: bits[teams.community] for c, bits in teams.beliefs.shared.items()}
    risk = np.clip(teams.risk, 1e-12, 1 - 1e-12)
    columns["members"] = np.log2(risk / (1 - risk)) - sum(columns.values())
    frame = pd.concat(
        [
            pd.DataFrame({"team_id": list(teams.ids), "signal": code, "bits": bits})
            for code, bits in columns.items()
        ],
        ignore_index=True,
    )
    frame = pd.concat([frame, findings.givers.bits], ignore_index=True)
    told = (frame["bits"] != 0) | (frame["signal"] == "prior")
    return pa.Table.from_pandas(frame[told], preserve_index=False)
