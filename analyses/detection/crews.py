"""Push-code-scanning crews: the stalls where lured passers-by scan relayed codes.

A *session* is a gathering that looks like a stall (`sessions`). Sessions are joined
into crews, two at a time, by how likely one crew held both: they serve the same farms,
at the same hours, in the same town or on the same spot, with the same operators. A crew
is never at two places at once, and more than one crew may work in one town.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from graph.density import EARTH_METRES
from graph.store import Store

DAY = 86_400


@dataclass(frozen=True)
class CrewSettings:
    """What speaks for one crew behind two sessions, in bits; every default here.

    `same_farms` is reached when both serve the same farms in the same shares, and falls
    to `other_farms` with none in common; so with hours, in seconds of the day.
    """

    same_farms: float = 4.0
    other_farms: float = 0.0
    same_hours: float = 1.5
    other_hours: float = -2.0
    hours_apart: int = 3 * 3600
    same_town: float = 1.0
    other_town: float = -1.5
    same_spot: float = 1.0
    same_operator: float = 3.0
    town_metres: float = 30_000.0
    spot_metres: float = 300.0
    minimum_helps: int = 5
    unplaced_seconds: int = 1800


@dataclass(frozen=True)
class Crews:
    """The crews found.

    `helps` has the columns help_id, helper, helped, crew (a number, 0 and up) and
    session; helps that have no place but fit a session by farm and time are in it too,
    with `placed` false. `sessions` has one row a session: crew, its middle (null where
    only the network is known), its times, and what it was `placed_by`.
    """

    helps: pd.DataFrame
    sessions: pd.DataFrame

    @property
    def count(self) -> int:
        """How many crews there are."""
        return int(self.sessions["crew"].max()) + 1 if len(self.sessions) else 0


def find_crews(store: Store, settings: CrewSettings | None = None) -> Crews:
    """Return the crews behind the relayed gatherings.

    Reads `help_facts`, the gatherings, `stall_sessions`,
    `account_group(account, team, risk)` of the new accounts, and
    `helper_role(helper, role)`.
    """
    settings = settings or CrewSettings()
    helps = store.frame(
        """SELECT f.help_id, f.helper, f.helped, f.moment,
                  g.latitude, g.longitude, g.placed_by,
                  f.latitude IS NOT NULL AND f.longitude IS NOT NULL AS somewhere,
                  coalesce(f.tied, false) AS tied,
                  CAST(r.gathering AS INTEGER) AS session, a.team AS farm, h.role
           FROM help_facts AS f
           LEFT JOIN gatherings AS g ON g.help_id = f.help_id
           LEFT JOIN stall_sessions AS r ON r.gathering = g.gathering
           LEFT JOIN account_group AS a ON a.account = f.helped
           LEFT JOIN helper_role AS h ON h.helper = f.helper
           WHERE f.kind = 'registration'
             AND (r.gathering IS NOT NULL OR h.role IN ('lured_helper', 'operator'))
           ORDER BY f.moment, f.helper, f.helped, f.help_id"""
    )
    helps["placed"] = helps["session"].notna()
    sessions = _sessions(helps[helps["placed"]], settings)
    if sessions.empty:
        empty = helps.iloc[:0].assign(crew=pd.Series(dtype="int64"))
        return Crews(helps=empty, sessions=sessions.assign(crew=[]))
    served = _served(helps[helps["placed"]], sessions)
    operators = _operators(helps[helps["placed"]], sessions)
    bits = _pair_bits(sessions, served, operators, settings)
    sessions["crew"] = _join(bits)
    helps = _attach(helps, sessions, settings)
    helps = helps.merge(sessions[["session", "crew"]], on="session")
    return Crews(helps=helps, sessions=sessions)


def _sessions(helps: pd.DataFrame, settings: CrewSettings) -> pd.DataFrame:
    """Return the sessions: relayed gatherings of at least so many helps.

    An address alone is a weak place, for a carrier's customers share it: there most of
    the helpers must look lured besides.
    """
    lured = helps["role"].isin(["lured_helper", "operator"])
    # A help may be placed by its town in a session that the others' positions place.
    own = helps["placed_by"].where(helps["placed_by"] != "town")
    rows = (
        helps.assign(lured=lured, own_place=own)
        .groupby("session")
        .agg(
            helps=("help_id", "size"),
            lured=("lured", "mean"),
            latitude=("latitude", "mean"),
            longitude=("longitude", "mean"),
            first=("moment", "min"),
            last=("moment", "max"),
            placed_by=("own_place", "max"),
        )
        .reset_index()
        .fillna({"placed_by": "town"})
    )
    enough = (rows["helps"] >= settings.minimum_helps) & (
        (rows["placed_by"] != "address") | (rows["lured"] >= 0.5)
    )
    return rows[enough].sort_values(["first", "session"], ignore_index=True)


def _served(helps: pd.DataFrame, sessions: pd.DataFrame) -> np.ndarray:
    """Return how much each session serves each farm: rows of unit length.

    Farms that many sessions serve say less (inverse document frequency).
    """
    known = helps.dropna(subset=["farm"])
    table = (known.groupby(["session", "farm"]).size().unstack(fill_value=0)).reindex(
        sessions["session"], fill_value=0
    )
    counts = table.to_numpy(dtype=np.float64)
    if counts.size == 0:
        return np.zeros((len(sessions), 1))
    rarity = np.log((1 + len(sessions)) / (1 + (counts > 0).sum(axis=0)))
    weighted = np.sqrt(counts) * rarity
    length = np.linalg.norm(weighted, axis=1, keepdims=True)
    return np.asarray(weighted / np.maximum(length, 1e-12))


def _operators(helps: pd.DataFrame, sessions: pd.DataFrame) -> np.ndarray:
    """Return sessions × sessions: helpers who were at both."""
    there = helps[["session", "helper"]].drop_duplicates()
    again = there[there.duplicated("helper", keep=False)]
    shared = np.zeros((len(sessions), len(sessions)))
    position = {s: n for n, s in enumerate(sessions["session"].tolist())}
    for _, group in again.groupby("helper"):
        at = [position[s] for s in group["session"].tolist() if s in position]
        for a in at:
            for b in at:
                if a != b:
                    shared[a, b] += 1
    return shared


def _pair_bits(
    sessions: pd.DataFrame,
    served: np.ndarray,
    operators: np.ndarray,
    settings: CrewSettings,
) -> np.ndarray:
    """Return the bits for one crew behind each pair of sessions; -inf: impossible."""
    alike = served @ served.T
    known: np.ndarray = np.asarray(served.any(axis=1))
    farms = settings.other_farms + alike * (settings.same_farms - settings.other_farms)
    bits = np.where(known[:, None] & known[None, :], farms, 0.0)
    apart = _hours_apart(sessions)
    share = np.clip(apart / settings.hours_apart, 0, 1)
    hours = settings.same_hours + share * (settings.other_hours - settings.same_hours)
    distance = _distances(sessions)
    # Stalls everywhere keep to the same hours: without a place these are no reason.
    bits += np.where(np.isnan(distance), np.minimum(hours, 0.0), hours)
    town = np.where(
        distance < settings.town_metres, settings.same_town, settings.other_town
    )
    bits += np.where(np.isnan(distance), 0.0, town)
    bits += np.where(distance < settings.spot_metres, settings.same_spot, 0.0)
    bits += np.minimum(operators, 2) * settings.same_operator
    first, last = sessions["first"].to_numpy(), sessions["last"].to_numpy()
    before: np.ndarray = np.less_equal.outer(first, last)
    impossible = before & before.T & (distance > settings.spot_metres)
    bits = np.where(impossible, -np.inf, bits)
    np.fill_diagonal(bits, 0.0)
    return np.asarray(bits)


def _hours_apart(sessions: pd.DataFrame) -> np.ndarray:
    """Return how far apart the middles of sessions are on the clock, in seconds."""
    middle = ((sessions["first"] + sessions["last"]) // 2 % DAY).to_numpy()
    apart = np.abs(middle[:, None] - middle[None, :])
    return np.asarray(np.minimum(apart, DAY - apart))


def _distances(sessions: pd.DataFrame) -> np.ndarray:
    phi = np.radians(sessions["latitude"].to_numpy() / 1e6)
    lam = np.radians(sessions["longitude"].to_numpy() / 1e6)
    place = np.column_stack(
        [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
    )
    squares = ((place[:, None, :] - place[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(EARTH_METRES * np.sqrt(squares))


def _join(bits: np.ndarray) -> np.ndarray:
    """Join the most alike groups while their mean bits speak for one crew.

    Average linkage; a pair that is impossible keeps two groups apart for good. Ties go
    to the earliest sessions. Returns a crew number per session, by first appearance.
    """
    mean = bits.copy()
    np.fill_diagonal(mean, -np.inf)
    rank = _millionths(mean)
    # The best partner of each group: kept up to date, or each step would look at all.
    partner = rank.argmax(axis=1) if len(mean) else np.zeros(0, dtype=np.int64)
    best = rank[np.arange(len(mean)), partner]
    size = np.ones(len(mean))
    label = np.arange(len(mean))
    while len(mean) > 1:
        a = int(best.argmax())
        b = int(partner[a])
        if not mean[a, b] > 0:
            break
        a, b = min(a, b), max(a, b)
        merged = (size[a] * mean[a] + size[b] * mean[b]) / (size[a] + size[b])
        merged[[a, b]] = -np.inf
        mean[a], mean[:, a] = merged, merged
        mean[b], mean[:, b] = -np.inf, -np.inf
        for changed in (a, b):
            rank[changed] = rank[:, changed] = _millionths(mean[changed])
        size[a] += size[b]
        label[label == b] = a
        better = (rank[:, a] > best) | ((rank[:, a] == best) & (a < partner))
        partner[better], best[better] = a, rank[better, a]
        lost = np.flatnonzero(((partner == a) | (partner == b)) & ~better)
        lost = np.union1d(lost, [a, b])
        partner[lost] = rank[lost].argmax(axis=1)
        best[lost] = rank[lost, partner[lost]]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return np.asarray(order[inverse])


def _millionths(bits: np.ndarray) -> np.ndarray:
    """Return bits as whole millionths, so that ties are ties everywhere."""
    return np.asarray(np.rint(1e6 * np.where(np.isfinite(bits), bits, -1e9)))


def _attach(
    helps: pd.DataFrame, sessions: pd.DataFrame, settings: CrewSettings
) -> pd.DataFrame:
    """Give helps of strangers without a place to the session that serves the same farm.

    It must be going on at the time; of several it is the one that serves it most.
    """
    placed = helps[helps["session"].isin(sessions["session"])]
    loose = helps[helps["session"].isna() & ~helps["somewhere"] & ~helps["tied"]]
    loose = loose.dropna(subset=["farm"])
    if loose.empty:
        return placed
    weight = placed.groupby(["session", "farm"]).size().rename("weight").reset_index()
    pairs = loose.drop(columns="session").merge(weight, on="farm")
    pairs = pairs.merge(sessions[["session", "first", "last"]], on="session")
    early, late = pairs["first"] - pairs["moment"], pairs["moment"] - pairs["last"]
    open_then = np.maximum(early, late) <= settings.unplaced_seconds
    chosen = (
        pairs[open_then]
        .sort_values(["help_id", "weight", "session"], ascending=[True, False, True])
        .drop_duplicates("help_id")[placed.columns]
        .sort_values("help_id")
    )
    return pd.concat([placed, chosen], ignore_index=True)


def put_groups(
    store: Store, accounts: np.ndarray, team: np.ndarray, risk: np.ndarray
) -> None:
    """Make `account_group(account, team, risk)`: the community of each new account."""
    store.put(
        "account_group",
        pa.table({"account": accounts, "team": team, "risk": risk}),
    )
