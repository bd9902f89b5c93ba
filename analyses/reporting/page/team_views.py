"""What the case file shows of each team, gathered for all teams at once.

A run may have thousands of teams, so everything is read in a few queries over all of
them and then handed out by team. Of a large team the accounts that matter most are
shown: those who take part before those who were deceived, the most evidence first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analyses.reporting.next_stall import NextStall, next_stall
from analyses.reporting.outputs import DECEIVED_ROLES
from analyses.reporting.page.changes import Change, changes_of
from analyses.reporting.page.network import Network
from analyses.reporting.page.networks import networks
from analyses.reporting.page.tracks import Track, tracks
from analyses.reporting.reason_lines import SUMS
from analyses.reporting.stalls import Session, stalls_of_crews, window_days
from analyses.reporting.team_list import farms_served
from analyses.reporting.waterfall import Step, probability
from analyses.reporting.wording import Reason, reason
from analyses.run import Run

MEMBERS_SHOWN = 60
"""Accounts of a team that are shown; all are in members.parquet."""

EXPLAINED = 12
"""Members whose own reasons are on the page; all are on their cards."""

LINKS_SHOWN = 30


@dataclass(frozen=True)
class Member:
    """An account of a team and what the run says of it."""

    account_id: str
    nickname: str
    role: str
    bits: float
    risk: float | None
    action: str
    deceived: bool
    reasons: tuple[Step, ...] = ()
    probability: float | None = None
    """Of the role in this team; a run of an earlier version does not know."""


@dataclass(frozen=True)
class WaterfallStep:
    """One line of the waterfall: a step, where its bar begins, and the risk so far."""

    step: Step
    before: float
    after: float
    events: tuple[tuple[str, str], ...] = ()

    @property
    def risk(self) -> float:
        """The risk after this step."""
        return probability(self.after)


@dataclass(frozen=True)
class TeamView:
    """Everything that the case file shows of one team."""

    team_id: str
    kind: str
    risk: float
    size: int
    first_seen: str
    last_seen: str
    roles: Mapping[str, int]
    listed: int
    served: int
    starving: int
    members: Sequence[Member]
    network: Network
    tracks: Sequence[Track]
    sessions: Sequence[Session]
    next_stall: NextStall | None
    waterfall: Sequence[WaterfallStep]
    links: Sequence[tuple[str, str, str, str, int]]
    links_left_out: int
    patterns: Mapping[str, int]
    change: Change | None = None


def ordered_members(run: Run) -> pd.DataFrame:
    """Return the members with what the run says of them, the important ones first."""
    members = run.members.merge(
        run.accounts[["account_id", "risk", "action", "listed"]],
        on="account_id",
        how="left",
    )
    members["deceived"] = members["role"].isin(DECEIVED_ROLES)
    without = members["role"].isna()
    return members.assign(last=members["deceived"] * 1 + without * 2).sort_values(
        ["team_id", "last", "evidence_bits", "account_id"],
        ascending=[True, True, False, True],
        ignore_index=True,
    )


def team_views(
    run: Run,
    signals: Mapping[str, Reason],
    *,
    teams: Sequence[str] | None = None,
    members_shown: int = MEMBERS_SHOWN,
) -> Iterator[TeamView]:
    """Yield the view of each team (or of `teams`), the highest risk first."""
    chosen = run.teams.sort_values(
        ["risk", "members", "team_id"], ascending=[False, False, True]
    )
    if teams is not None:
        chosen = chosen[chosen["team_id"].isin(set(teams))]
    members = ordered_members(run)
    members = members[members["team_id"].isin(set(chosen["team_id"]))]
    shown = members.groupby("team_id").head(members_shown)
    sizes: Any = members.groupby("team_id").size()
    drawn = networks(run, shown, sizes.to_dict())
    said = _members(run, shown, signals)
    when = tracks(run, members)
    stood = stalls_of_crews(run)
    falls = _waterfalls(run, chosen["team_id"].tolist(), signals)
    links = _links(run)
    served, changes = farms_served(run), changes_of(run)
    _, end = window_days(run)
    listed = members[members["listed"].eq(True)].groupby("team_id").size().to_dict()
    roles = _counts(members, "role")
    patterns = _counts(run.helps, "pattern")
    for row in chosen.to_dict("records"):
        team_id = str(row["team_id"])
        mine = links.get(team_id, [])
        yield TeamView(
            team_id=team_id,
            kind=str(row["kind"]),
            risk=float(row["risk"]),
            size=int(row["members"]),
            first_seen=_date(row["first_seen"]),
            last_seen=_date(row["last_seen"]),
            roles=roles.get(team_id, {}),
            listed=listed.get(team_id, 0),
            served=served.get(team_id, (0, 0))[0],
            starving=served.get(team_id, (0, 0))[1],
            members=said.get(team_id, []),
            network=drawn.get(team_id, Network((), ())),
            tracks=when.get(team_id, []),
            sessions=stood.get(team_id, []),
            next_stall=next_stall(stood.get(team_id, []), after=end),
            waterfall=falls.get(team_id, []),
            links=mine[:LINKS_SHOWN],
            links_left_out=max(0, len(mine) - LINKS_SHOWN),
            patterns=patterns.get(team_id, {}),
            change=changes.of.get(team_id) if changes else None,
        )


def _members(
    run: Run, shown: pd.DataFrame, signals: Mapping[str, Reason]
) -> dict[str, list[Member]]:
    place = shown.groupby("team_id").cumcount()
    explained = shown[(place < EXPLAINED) & ~shown["deceived"]]
    evidence = run.evidence_of(accounts=explained["account_id"])
    lines = _reasons(evidence, signals)
    nicknames = dict(
        run.store.rows(
            """SELECT account_id, nickname FROM accounts WHERE nickname IS NOT NULL
               AND account_id IN (SELECT unnest($ids))""",
            {"ids": sorted(set(shown["account_id"]))},
        )
    )
    why = set(zip(explained["team_id"], explained["account_id"], strict=True))
    result: dict[str, list[Member]] = {}
    for row in shown.to_dict("records"):
        key = (row["team_id"], row["account_id"])
        result.setdefault(row["team_id"], []).append(
            Member(
                account_id=row["account_id"],
                nickname=nicknames.get(row["account_id"], ""),
                role=_text(row["role"]),
                bits=float(row["evidence_bits"]),
                risk=None
                if row["deceived"] or pd.isna(row["risk"])
                else float(row["risk"]),
                action=_text(row["action"]),
                deceived=bool(row["deceived"]),
                reasons=tuple(lines.get(key, ())) if key in why else (),
                probability=row.get("probability"),
            )
        )
    return result


def _reasons(
    evidence: pd.DataFrame, signals: Mapping[str, Reason]
) -> dict[tuple[str, str], list[Step]]:
    """Return the reasons by team ("": none) and account, the weightiest first."""
    result: dict[tuple[str, str], list[Step]] = {}
    for row in evidence[~evidence["signal"].isin(SUMS)].to_dict("records"):
        code, bits = row["signal"], float(row["bits"])
        sentence = reason(
            signals, code, bits=bits, events=len(row["events"]), says=row.get("says")
        )
        key = (_text(row["team_id"]), row["account_id"])
        result.setdefault(key, []).append(Step(code, bits, sentence))
    for steps in result.values():
        steps.sort(key=lambda step: (-abs(step.bits), step.code))
    return result


def _waterfalls(
    run: Run, team_ids: list[str], signals: Mapping[str, Reason]
) -> dict[str, list[WaterfallStep]]:
    evidence = run.evidence_of(teams=team_ids)
    result: dict[str, list[WaterfallStep]] = {}
    rows = sorted(
        evidence.to_dict("records"),
        key=lambda r: (
            r["team_id"],
            r["signal"] != "prior",
            r["bits"] < 0,
            -abs(r["bits"]),
            r["signal"],
        ),
    )
    for row in rows:
        mine = result.setdefault(row["team_id"], [])
        before = mine[-1].after if mine else 0.0
        bits = float(row["bits"])
        named = tuple((event["table"], event["id"]) for event in row["events"])
        sentence = reason(
            signals, row["signal"], bits=bits, events=len(named), says=row.get("says")
        )
        step = Step(row["signal"], bits, sentence)
        mine.append(WaterfallStep(step, before, before + bits, named))
    return result


def _links(run: Run) -> dict[str, list[tuple[str, str, str, str, int]]]:
    """Return per team: direction (to or from), kind, other team, its kind, events."""
    kinds = dict(zip(run.teams["team_id"], run.teams["kind"], strict=True))
    result: dict[str, list[tuple[str, str, str, str, int]]] = {}
    rows = run.links.sort_values(
        ["events", "team_a", "team_b", "kind"], ascending=[False, True, True, True]
    )
    for a, b, kind, events in zip(
        rows["team_a"], rows["team_b"], rows["kind"], rows["events"], strict=True
    ):
        to, fro = kinds.get(b, ""), kinds.get(a, "")
        result.setdefault(a, []).append(("to", kind, b, to, int(events)))
        result.setdefault(b, []).append(("from", kind, a, fro, int(events)))
    return result


def _counts(frame: pd.DataFrame, column: str) -> dict[str, dict[str, int]]:
    counted = frame.assign(**{column: frame[column].fillna("")})
    sizes: Any = counted.groupby(["team_id", column]).size()
    result: dict[str, dict[str, int]] = {}
    for (team_id, value), count in sizes.items():
        result.setdefault(str(team_id), {})[str(value)] = int(count)
    return {
        team_id: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        for team_id, counts in result.items()
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _date(value: Any) -> str:
    return "" if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"
