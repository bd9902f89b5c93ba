"""The teams of a run in an order: by risk, members, or what their end disrupts."""

from typing import Any

import pandas as pd

from analyses.reporting.report_tables import table_lines
from analyses.reporting.safe_text import visible
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import KINDS, in_words
from analyses.run import Run
from graph.errors import InputError, did_you_mean

RANKS = {
    "risk": ["risk", "members"],
    "members": ["members", "risk"],
    "disruption": ["starving", "served", "risk"],
}
"""What teams can be ordered by; the largest first, then by the next."""

STARVES_AT = 0.5
"""A farm starves without a team that gave it this share of its recorded helps."""


def rank_teams(
    run: Run, *, kind: str | None = None, rank: str = "risk", limit: int | None = None
) -> pd.DataFrame:
    """Return the teams: team_id, kind, risk, members, served, starving.

    `served` counts the farms that a team helped; `starving` those of them that would
    lose half or more of the helps that links.parquet records for them if the team
    stopped. `kind` keeps one kind, `limit` the first so many. Raises InputError for a
    kind or rank that there is not, and a limit below 1.
    """
    _one_of("rank", rank, list(RANKS))
    if kind is not None:
        _one_of("kind", kind, sorted({*KINDS, *run.teams["kind"]}))
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}: give 1 or more")
    teams = run.teams[["team_id", "kind", "risk", "members"]]
    served = farms_served(run)
    pairs = [served.get(team_id, (0, 0)) for team_id in teams["team_id"]]
    teams = teams.assign(served=[s for s, _ in pairs], starving=[n for _, n in pairs])
    if kind is not None:
        teams = teams[teams["kind"] == kind]
    by = RANKS[rank]
    teams = teams.sort_values(
        [*by, "team_id"], ascending=[False] * len(by) + [True], ignore_index=True
    )
    return teams if limit is None else teams.head(limit)


def teams_text(
    run: Run,
    *,
    kind: str | None = None,
    rank: str = "risk",
    limit: int | None = None,
    texts: Texts = ENGLISH,
) -> str:
    """Return the teams as a table to read; see `rank_teams`."""
    every = rank_teams(run, kind=kind, rank=rank)
    shown = (
        every if limit is None else rank_teams(run, kind=kind, rank=rank, limit=limit)
    )
    columns = ("team", "kind", "risk", "members", "farms served", "farms that starve")
    rows: list[tuple[Any, ...]] = [
        (
            visible(str(row[0])),
            texts(in_words(KINDS, row[1])),
            float(row[2]),
            *map(int, row[3:]),
        )
        for row in shown.itertuples(index=False)
    ]
    lines = table_lines([texts(column) for column in columns], rows, indent="")
    if len(every) > len(shown):
        left = f"{len(every) - len(shown):,}"
        lines.append(texts("… and {n} more: add --limit", n=left))
    return "\n".join(lines)


def farms_served(run: Run) -> dict[str, tuple[int, int]]:
    """Return, per team that helped farms: how many, and how many starve without it.

    Links of a ring with a farm count members in common and not helps; so of those who
    supply workers only platforms count.
    """
    kinds = run.teams.set_index("team_id")["kind"]
    links = run.links
    giver, receiver = links["team_a"].map(kinds), links["team_b"].map(kinds)
    supplies = (links["kind"] == "supplies_workers_to") & (giver == "helper_platform")
    gives = (links["kind"] == "serves") | supplies
    serving = links[gives & (receiver == "registration_farm")]
    given = serving.groupby(["team_a", "team_b"], as_index=False)["events"].sum()
    received = given.groupby("team_b")["events"].transform("sum")
    given["starving"] = given["events"] >= STARVES_AT * received
    counts = given.groupby("team_a")["starving"].agg(["size", "sum"])
    return {
        str(team): (int(served), int(starving))
        for team, served, starving in counts.itertuples()
    }


def _one_of(name: str, value: str, allowed: list[str]) -> None:
    if value not in allowed:
        raise InputError(
            f"{name} is {value!r}: give one of {', '.join(allowed)}"
            f"{did_you_mean(value, allowed)}"
        )
