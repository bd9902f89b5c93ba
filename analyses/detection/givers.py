"""Crews and platforms as teams: their helps, their evidence, and whom they serve."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analyses.detection.crew_pairs import PairModel
from analyses.detection.crews import Crews, CrewSettings, find_crews
from analyses.detection.giver_shares import crew_bits, platform_bits
from analyses.detection.platforms import PlatformSettings, find_platforms
from analyses.detection.teams import team_id
from graph.store import Store


@dataclass(frozen=True)
class Givers:
    """The teams that give helps.

    `teams` has one row a team: team_id, kind, risk, first, last. `helps` has help_id,
    helper, helped, team_id and pattern. `bits` has team_id, signal and bits, the prior
    among them: their sum is the log2 odds of the team's risk. `sessions` is what
    pairs of sessions of crews were weighed with.
    """

    teams: pd.DataFrame
    helps: pd.DataFrame
    bits: pd.DataFrame
    sessions: PairModel


def find_givers(
    store: Store,
    crew_settings: CrewSettings | None = None,
    platform_settings: PlatformSettings | None = None,
    *,
    frozen: PairModel | None = None,
) -> Givers:
    """Return the crews and platforms with their evidence.

    With a `frozen` model nothing is estimated of sessions. Reads `help_facts`, the
    gatherings, `account_group` and `helper_role`.
    """
    found = find_crews(store, crew_settings, frozen=frozen)
    crews = found.helps.rename(columns={"crew": "team"})
    orders = find_platforms(store, platform_settings).rename(
        columns={"platform": "team"}
    )
    parts = [
        _named(crews, "crew", "scanning_crew", "stall"),
        _named(orders, "platform", "helper_platform", "platform"),
    ]
    # A help has one giver: what was scanned at a stall is the crew's.
    helps = pd.concat(parts, ignore_index=True).drop_duplicates("help_id")
    helps = helps.sort_values(["team_id", "help_id"], ignore_index=True)
    bits = _evidence(store, helps)
    odds = bits.groupby("team_id")["bits"].sum()
    # What is more likely no team than one is none.
    helps = helps[helps["team_id"].isin(odds.index[odds >= 0])].reset_index(drop=True)
    bits = bits[bits["team_id"].isin(helps["team_id"])].reset_index(drop=True)
    store.put("giver_helps", pa.Table.from_pandas(helps, preserve_index=False))
    _put_sessions(store, found, parts[0][parts[0]["team_id"].isin(helps["team_id"])])
    teams = (
        helps.groupby(["team_id", "kind"])
        .agg(first=("moment", "min"), last=("moment", "max"))
        .reset_index()
    )
    teams["risk"] = 1 / (1 + np.exp2(-odds.reindex(teams["team_id"]).to_numpy(float)))
    return Givers(teams=teams, helps=helps, bits=bits, sessions=found.model)


def _evidence(store: Store, helps: pd.DataFrame) -> pd.DataFrame:
    """Return team_id, signal and bits of crews and platforms."""
    store.put("_given_helps", pa.Table.from_pandas(helps, preserve_index=False))
    given = "SELECT team_id, help_id, helper, helped FROM _given_helps WHERE kind = "
    bits = pd.concat(
        [
            crew_bits(store, f"{given} 'scanning_crew'"),
            platform_bits(store, f"{given} 'helper_platform'"),
        ],
        ignore_index=True,
    )
    store.drop("_given_helps")
    return bits


def _named(helps: pd.DataFrame, word: str, kind: str, pattern: str) -> pd.DataFrame:
    """Name each team by its first help, which it keeps from run to run."""
    first = helps.sort_values(["moment", "help_id"]).drop_duplicates("team")
    names = {
        team: team_id(word, help_id)
        for team, help_id in zip(first["team"], first["help_id"], strict=True)
    }
    named = helps[["help_id", "helper", "helped", "moment"]].copy()
    named["team_id"] = helps["team"].map(names).astype(object)
    named["kind"] = kind
    named["pattern"] = pattern
    return named


def _put_sessions(store: Store, found: Crews, named: pd.DataFrame) -> None:
    """Make `crew_sessions`: when and where each crew stood, for its card."""
    names = found.helps[["help_id", "crew"]].merge(named[["help_id", "team_id"]])
    names = names.drop_duplicates("crew")[["crew", "team_id"]]
    sessions = found.sessions.merge(names, on="crew")
    columns = ["team_id", "session", "first", "last", "latitude", "longitude"]
    table = sessions[[*columns, "helps", "placed_by"]].sort_values(
        ["team_id", "first", "session"]
    )
    store.put("_sessions", pa.Table.from_pandas(table, preserve_index=False))
    store.materialise(
        "crew_sessions",
        """SELECT CAST(team_id AS VARCHAR) AS team_id,
             CAST(session AS INTEGER) AS session,
             CAST("first" AS BIGINT) AS "first", CAST("last" AS BIGINT) AS "last",
             CAST(round(latitude) AS BIGINT) AS latitude,
             CAST(round(longitude) AS BIGINT) AS longitude,
             CAST(helps AS BIGINT) AS helps, CAST(placed_by AS VARCHAR) AS placed_by
           FROM _sessions""",
    )
    store.drop("_sessions")
