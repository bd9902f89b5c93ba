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
from scipy.sparse import csr_array, diags_array

from analyses.detection.crew_pairs import (
    FARMS_ALIKE,
    HOURS_APART,
    PATTERNS,
    PairModel,
    all_patterns,
    learn_pairs,
    pattern_numbers,
    table_model,
)
from graph.density import EARTH_METRES
from graph.help_facts import NEARBY_METRES
from graph.open_gatherings import place_blocks
from graph.store import Store

DAY = 86_400

AT_ONCE = 256
"""Sessions that are compared with all others at one time."""

ON_ONE_SPOT, IN_ONE_TOWN, IN_TWO_TOWNS = range(3)
"""The answers of `same_place`."""


@dataclass(frozen=True)
class CrewSettings:
    """What counts as one spot, one town, a session and a crew; every default here.

    What is known of the place of a session by its town alone is good for a town.
    """

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
    only the network or the town is known), its times, and what it was `placed_by`.
    `model` is what pairs of sessions were weighed with.
    """

    helps: pd.DataFrame
    sessions: pd.DataFrame
    model: PairModel

    @property
    def count(self) -> int:
        """How many crews there are."""
        return int(self.sessions["crew"].max()) + 1 if len(self.sessions) else 0


def find_crews(
    store: Store,
    settings: CrewSettings | None = None,
    *,
    frozen: PairModel | None = None,
) -> Crews:
    """Return the crews behind the relayed gatherings.

    With a `frozen` model nothing is estimated. Reads `help_facts`, the gatherings,
    `stall_sessions`, `account_group(account, team, risk)` of the new accounts, and
    `helper_role(helper, role)`.
    """
    settings = settings or CrewSettings()
    place_blocks(store)
    helps = store.frame(
        """SELECT f.help_id, f.helper, f.helped, f.moment,
                  g.latitude, g.longitude, g.placed_by, f.access_point,
                  b.latitude AS town_latitude, b.longitude AS town_longitude,
                  f.latitude IS NOT NULL AND f.longitude IS NOT NULL AS somewhere,
                  coalesce(f.tied, false) AS tied,
                  CAST(r.gathering AS INTEGER) AS session, r.again,
                  a.team AS farm, h.role
           FROM help_facts AS f
           LEFT JOIN gatherings AS g ON g.help_id = f.help_id
           LEFT JOIN stall_sessions AS r ON r.gathering = g.gathering
           LEFT JOIN account_group AS a ON a.account = f.helped
           LEFT JOIN helper_role AS h ON h.helper = f.helper
           LEFT JOIN block_places AS b ON b.address_block = f.address_block
           WHERE f.kind = 'registration'
             AND (r.gathering IS NOT NULL OR h.role IN ('lured_helper', 'operator'))
           ORDER BY f.moment, f.helper, f.helped, f.help_id"""
    )
    store.drop("block_places")
    helps["placed"] = helps["session"].notna()
    sessions = _sessions(helps[helps["placed"]], settings)
    if sessions.empty:
        empty = helps.iloc[:0].assign(crew=pd.Series(dtype="int64"))
        return Crews(empty, sessions.assign(crew=[]), frozen or table_model())
    answered = _compare(helps[helps["placed"]], sessions, settings)
    patterns = all_patterns(_count(answered))
    model = frozen or learn_pairs(patterns, len(sessions))
    sessions["crew"] = _join(patterns.bits(model)[answered])
    helps = _attach(helps, sessions, settings)
    helps = helps.merge(sessions[["session", "crew"]], on="session")
    # A return alone is no crew: two strangers are chance where none is known.
    size = np.bincount(helps["crew"], minlength=int(sessions["crew"].max()) + 1)
    enough = size >= settings.minimum_helps
    number = np.cumsum(enough) - 1
    helps, sessions = (
        each[enough[each["crew"]]]
        .assign(crew=lambda rows: number[rows["crew"]])
        .reset_index(drop=True)
        for each in (helps, sessions)
    )
    return Crews(helps, sessions, model)


def _sessions(helps: pd.DataFrame, settings: CrewSettings) -> pd.DataFrame:
    """Return the sessions: relayed gatherings of at least so many helps, or returns.

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
            town_latitude=("town_latitude", "median"),
            town_longitude=("town_longitude", "median"),
            first=("moment", "min"),
            last=("moment", "max"),
            placed_by=("own_place", "max"),
            again=("again", "max"),
        )
        .reset_index()
        .fillna({"placed_by": "town"})
    )
    enough = (rows["helps"] >= settings.minimum_helps) & (
        (rows["placed_by"] != "address") | (rows["lured"] >= 0.5)
    )
    enough |= rows["again"].astype(bool)
    return rows[enough].sort_values(["first", "session"], ignore_index=True)


def _served(helps: pd.DataFrame, sessions: pd.DataFrame) -> csr_array:
    """Return how much each session serves each farm: sparse rows of unit length.

    Farms that many sessions serve say less (inverse document frequency).
    """
    counts = _there(helps, "farm", sessions)
    serving = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1 + len(sessions)) / (1 + serving))
    weighted = counts.sqrt() @ diags_array(rarity)
    length = np.sqrt((weighted * weighted).sum(axis=1))
    served = (diags_array(1 / np.maximum(length, 1e-12)) @ weighted).tocsr()
    served.eliminate_zeros()  # a farm that all serve says nothing
    return served


def _there(helps: pd.DataFrame, what: str, sessions: pd.DataFrame) -> csr_array:
    """Return sessions × values: in how many helps of a session each value is."""
    known = helps[["session", what]].dropna()
    known = known[known["session"].isin(sessions["session"])]
    row = pd.Index(sessions["session"]).get_indexer(known["session"])
    column, values = pd.factorize(known[what], sort=True)
    shape = (len(sessions), len(values))
    return csr_array((np.ones(len(row)), (row, column)), shape=shape)


def _compare(
    helps: pd.DataFrame, sessions: pd.DataFrame, settings: CrewSettings
) -> np.ndarray:
    """Return what pairs of sessions answer: sessions × sessions pattern numbers.

    A crew is never at two places at once. A session without a place is in the town
    where the address blocks of its helps are; towns are far enough apart to tell.
    """
    served = _served(helps, sessions)
    known = np.diff(served.indptr) > 0
    exact = sessions["latitude"].notna().to_numpy()
    places = _places(sessions)
    middles = ((sessions["first"] + sessions["last"]) // 2 % DAY).to_numpy()
    first, last = sessions["first"].to_numpy(), sessions["last"].to_numpy()
    helpers, networks = (
        _there(helps[helps["placed_by"] != "town"], what, sessions).sign()
        for what in ("helper", "access_point")
    )
    answered = np.empty((len(sessions), len(sessions)), dtype=np.uint16)
    for start in range(0, len(sessions), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        # Rounded, for a cosine on a limit is on the same side of it everywhere.
        alike = (served[rows] @ served.T).toarray().round(9)
        farms = np.searchsorted(FARMS_ALIKE, alike, side="right")
        exactly = exact[rows, None] & exact
        distance = _metres(places[rows], places)
        town_metres = np.where(exactly, settings.town_metres, NEARBY_METRES)
        place = np.where(
            exactly & (distance < settings.spot_metres),
            ON_ONE_SPOT,
            np.where(distance < town_metres, IN_ONE_TOWN, IN_TWO_TOWNS),
        )
        # On one spot a network may be the spot's.
        company = (networks[rows] @ networks.T).toarray()
        company[place == ON_ONE_SPOT] = 0
        company += (helpers[rows] @ helpers.T).toarray()
        apart = np.abs(middles[rows, None] - middles)
        hours = np.searchsorted(HOURS_APART, np.minimum(apart, DAY - apart), "right")
        answers = {
            "same_farms": np.where(known[rows, None] & known, farms, -1),
            "same_hours": hours,
            "same_place": np.where(np.isnan(distance), -1, place),
            "same_company": np.minimum(company, 2).astype(np.int64),
        }
        overlap = (first[rows, None] <= last) & (first <= last[rows, None])
        elsewhere = distance > np.where(exactly, settings.spot_metres, NEARBY_METRES)
        answered[rows] = pattern_numbers(answers, overlap & elsewhere)
    return answered


def _count(answered: np.ndarray) -> np.ndarray:
    """Return how many pairs of two sessions have each pattern."""
    twice = np.zeros(PATTERNS, dtype=np.int64)
    for row in answered:
        twice += np.bincount(row, minlength=PATTERNS)
    return (twice - np.bincount(np.diagonal(answered), minlength=PATTERNS)) // 2


def _places(sessions: pd.DataFrame) -> np.ndarray:
    """Return the place of each session, or of its town, on a ball of radius 1."""
    phi, lam = (
        np.radians(sessions[axis].fillna(sessions[f"town_{axis}"]).to_numpy() / 1e6)
        for axis in ("latitude", "longitude")
    )
    return np.column_stack(
        [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
    )


def _metres(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return some × others metres between places; nan where one is not known."""
    squares = np.zeros((len(some), len(others)))
    for axis in range(3):
        squares += (some[:, None, axis] - others[:, axis]) ** 2
    return np.asarray(EARTH_METRES * np.sqrt(squares))


def _join(mean: np.ndarray) -> np.ndarray:
    """Join the most alike groups while their mean bits speak for one crew.

    Average linkage; a pair that is impossible keeps two groups apart for good. Ties go
    to the earliest sessions. Returns a crew number per session, by first appearance.
    The pairs' bits are used up: of many sessions they are the largest thing in a run.
    """
    np.fill_diagonal(mean, -np.inf)
    # The best partner of each group: kept up to date, or each step would look at all.
    partner = np.zeros(len(mean), dtype=np.int64)
    best = np.zeros(len(mean))
    _find_best(mean, np.arange(len(mean)), partner, best)
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
        size[a] += size[b]
        label[label == b] = a
        rank = _millionths(merged)
        better = (rank > best) | ((rank == best) & (a < partner))
        partner[better], best[better] = a, rank[better]
        lost = np.flatnonzero(((partner == a) | (partner == b)) & ~better)
        _find_best(mean, np.union1d(lost, [a, b]), partner, best)
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return np.asarray(order[inverse])


def _find_best(
    mean: np.ndarray, groups: np.ndarray, partner: np.ndarray, best: np.ndarray
) -> None:
    """Find the best partner of each of these groups, the first of several."""
    for start in range(0, len(groups), AT_ONCE):
        some = groups[start : start + AT_ONCE]
        rank = _millionths(mean[some])
        partner[some] = rank.argmax(axis=1)
        best[some] = rank[np.arange(len(some)), partner[some]]


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
