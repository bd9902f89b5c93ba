"""Teams through time: which go on, under their old id, and what has become of each.

After MONIC (Spiliopoulou et al. 2006): a team of the new run is joined to teams of the
old one by the members that they share. A team goes on as the one that took most of it
and that came mostly from it; only a team that goes on keeps an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from analyses.detection.teams import team_id as new_id
from graph.store import Store

MATCH = 0.5
"""Share of a team that must be in another for the one to have become the other."""

CHANGES = (
    "born",
    "grew",
    "shrank",
    "merged",
    "split",
    "unchanged",
    "quiet",
    "ended",
)
"""What may have become of a team, in the order in which they are told.

`merged`: it took in most of another team; `split`: it is a part of a team of which most
went elsewhere, or which went on beside it; `quiet`: it goes on, but nothing was seen of
it since the old run; `ended`: no team has most of its members.
"""


@dataclass(frozen=True)
class Life:
    """What became of one team.

    `team_id` is its id in the new run (for an ended team, in the old one); `before` are
    the ids of old teams that it came from, its own first. `joined` and `left` count
    members.
    """

    team_id: str
    kind: str
    change: str
    before: tuple[str, ...]
    members_before: int
    members: int
    joined: int
    left: int


LIVES = pa.schema(
    [
        ("team_id", pa.string()),
        ("kind", pa.string()),
        ("change", pa.string()),
        ("before", pa.list_(pa.string())),
        ("members_before", pa.int64()),
        ("members", pa.int64()),
        ("joined", pa.int64()),
        ("left", pa.int64()),
    ]
)
"""The table `lifecycle.parquet` of a run folder."""


@dataclass(frozen=True)
class Snapshot:
    """The teams of one run: members by team id, kinds, and when each was last seen.

    Times are seconds since 1970; `as_of` is the end of the run's window.
    """

    members: Mapping[str, frozenset[str]]
    kinds: Mapping[str, str]
    last_seen: Mapping[str, int | None]
    as_of: int | None

    @classmethod
    def of(
        cls, teams: pd.DataFrame, members: pd.DataFrame, as_of: int | None
    ) -> "Snapshot":
        """Make one from the tables of teams and members."""
        last = teams["last_seen"]
        if not pd.api.types.is_integer_dtype(last):
            times = pd.to_datetime(last)
            last = pd.Series(
                [None if pd.isna(t) else int(t.timestamp()) for t in times],
                dtype=object,
            )
        ids = teams["team_id"].tolist()
        return cls(
            members=dict.fromkeys(ids, frozenset[str]())
            | {
                str(team): frozenset(rows)
                for team, rows in members.groupby("team_id")["account_id"]
            },
            kinds=dict(zip(ids, teams["kind"], strict=True)),
            last_seen={
                team: None if pd.isna(at) else int(at)
                for team, at in zip(ids, last.tolist(), strict=True)
            },
            as_of=as_of,
        )


def follow(old: Snapshot, new: Snapshot) -> tuple[dict[str, str], list[Life]]:
    """Return the id that each new team keeps or gets, and what became of all teams.

    >>> def run(**teams):
    ...     return Snapshot(
    ...         {t: frozenset(m) for t, m in teams.items()},
    ...         dict.fromkeys(teams, "farm"), dict.fromkeys(teams), None)
    >>> names, lives = follow(run(a="123", b="456"), run(x="1237", y="89"))
    >>> names["x"], [(life.team_id, life.change) for life in lives]
    ('a', [('y', 'born'), ('a', 'grew'), ('b', 'ended')])
    """
    shared = _shared(old, new)
    heir = _heirs(old, new, shared)
    names = _names(old, new, heir)
    lives = [_life(team, names[team], old, new, shared, heir) for team in new.kinds]
    gone = [
        Life(team, old.kinds[team], "ended", (team,), len(mine), 0, 0, len(mine))
        for team, mine in old.members.items()
        if team not in heir.values() and not _absorbed(team, old, shared)
    ]
    order = {change: place for place, change in enumerate(CHANGES)}
    return names, sorted([*lives, *gone], key=lambda x: (order[x.change], x.team_id))


def keep_ids(store: Store, old: Snapshot, as_of: int) -> list[Life]:
    """Give the teams in the store the ids that they had; return what became of all."""
    new = Snapshot.of(
        store.frame("SELECT * FROM out_teams ORDER BY team_id"),
        store.frame("SELECT * FROM out_members ORDER BY team_id, account_id"),
        as_of,
    )
    names, lives = follow(old, new)
    store.put(
        "_names",
        pa.table(
            {
                "was": pa.array(list(names), pa.string()),
                "is": pa.array(list(names.values()), pa.string()),
            }
        ),
    )
    for table, columns in RENAMED.items():
        if not store.has(table):
            continue
        joins = " ".join(
            f'LEFT JOIN _names AS n{i} ON n{i}.was = t."{column}"'
            for i, column in enumerate(columns)
        )
        replaced = ", ".join(
            f'coalesce(n{i}."is", t."{column}") AS "{column}"'
            for i, column in enumerate(columns)
        )
        store.materialise(
            table, f"SELECT t.* REPLACE ({replaced}) FROM {table} AS t {joins}"
        )
    store.drop("_names")
    return lives


RENAMED = {
    "out_accounts": ("team_id",),
    "out_teams": ("team_id",),
    "out_members": ("team_id",),
    "out_helps": ("team_id",),
    "out_links": ("team_a", "team_b"),
    "out_evidence": ("team_id",),
    "crew_sessions": ("team_id",),
    "stall_scans": ("team_id",),
}
"""Where the ids of teams stand."""


def lives_table(lives: list[Life]) -> pa.Table:
    """Return what became of the teams as the table that is written."""
    rows = [vars(life) | {"before": list(life.before)} for life in lives]
    return pa.Table.from_pylist(rows, schema=LIVES)


def _shared(old: Snapshot, new: Snapshot) -> dict[tuple[str, str], int]:
    """Count the members that an old and a new team of one kind share."""
    teams_of: dict[str, list[str]] = {}
    for team, members in old.members.items():
        for name in members:
            teams_of.setdefault(name, []).append(team)
    shared: dict[tuple[str, str], int] = {}
    for team, members in new.members.items():
        for name in members:
            for before in teams_of.get(name, ()):
                if old.kinds[before] == new.kinds[team]:
                    shared[before, team] = shared.get((before, team), 0) + 1
    return dict(sorted(shared.items()))


def _heirs(
    old: Snapshot, new: Snapshot, shared: Mapping[tuple[str, str], int]
) -> dict[str, str]:
    """Return the old team that each new team goes on from: each the other's best.

    Of several that share as many, the smallest is, and then the one with the first
    member: an id decides nothing, or a run would follow otherwise once it is renamed.
    """
    best_old: dict[str, tuple[int, int]] = {}
    best_new: dict[str, tuple[int, int]] = {}
    goes_on: dict[str, str] = {}
    becomes: dict[str, str] = {}
    pairs = sorted(
        shared, key=lambda pair: (min(old.members[pair[0]]), min(new.members[pair[1]]))
    )
    for before, team in pairs:
        number = shared[before, team]
        rank = (number, -len(old.members[before]))
        if team not in best_old or rank > best_old[team]:
            best_old[team], goes_on[team] = rank, before
        rank = (number, -len(new.members[team]))
        if before not in best_new or rank > best_new[before]:
            best_new[before], becomes[before] = rank, team
    return {
        team: before
        for team, before in sorted(goes_on.items())
        if becomes[before] == team
        and shared[before, team]
        >= MATCH * min(len(old.members[before]), len(new.members[team]))
    }


def _names(old: Snapshot, new: Snapshot, heir: Mapping[str, str]) -> dict[str, str]:
    """Return the id of each new team; an id of the old run is for its heir alone."""
    taken = {*old.kinds, *heir.values()}
    names = {}
    for team in sorted(new.kinds):
        name = heir.get(team, team)
        if team not in heir:
            while name in taken:
                name = new_id(team.rpartition("-")[0] or "team", f"{name}, another")
            taken.add(name)
        names[team] = name
    return names


def _absorbed(team: str, old: Snapshot, shared: Mapping[tuple[str, str], int]) -> bool:
    """Tell whether most of an old team is in some new one."""
    most = max((n for (before, _), n in shared.items() if before == team), default=0)
    return most >= MATCH * len(old.members[team])


def _life(
    team: str,
    name: str,
    old: Snapshot,
    new: Snapshot,
    shared: Mapping[tuple[str, str], int],
    heir: Mapping[str, str],
) -> Life:
    mine = new.members[team]
    own = heir.get(team)
    came = [
        before
        for (before, now), number in shared.items()
        if now == team and before != own and number >= MATCH * len(old.members[before])
    ]
    parts_of = [
        before
        for (before, now), number in shared.items()
        if now == team and before != own and number >= MATCH * len(mine)
    ]
    then = old.members.get(own or "", frozenset())
    parted = own is not None and any(
        before == own and now != team and number >= MATCH * len(new.members[now])
        for (before, now), number in shared.items()
    )
    if own is None:
        change = "split" if parts_of else "merged" if came else "born"
    elif came:
        change = "merged"
    elif parted:
        change = "split"
    elif _quiet(team, old, new) and mine <= then:
        change = "quiet"
    elif mine == then:
        change = "unchanged"
    else:
        change = "grew" if len(mine) >= len(then) else "shrank"
    return Life(
        name,
        new.kinds[team],
        change,
        tuple(dict.fromkeys([*([own] if own else []), *came, *parts_of])),
        len(then),
        len(mine),
        len(mine - then),
        len(then - mine),
    )


def _quiet(team: str, old: Snapshot, new: Snapshot) -> bool:
    """Tell whether nothing was seen of a team since the old run, which was earlier."""
    last = new.last_seen[team]
    if old.as_of is None or new.as_of is None or last is None:
        return False
    return last <= old.as_of < new.as_of
