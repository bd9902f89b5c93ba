"""Farms: the communities of the lockstep graph that become teams, and their members."""

import hashlib
from dataclasses import dataclass

import numpy as np

from analyses.detection.belief import Beliefs, reassess
from graph.communities import number_by_first
from graph.lockstep import Lockstep


@dataclass(frozen=True)
class TeamSettings:
    """Which communities become teams.

    `resolution` of the communities that are weighed; `joining_resolution` at which
    collusive ones are joined afterwards (lower: larger teams). A team has at least
    `minimum_members` and `minimum_risk`; a community joins others from `joining_risk`
    on, with its members of at least `member_risk`.
    """

    resolution: float = 2e-4
    joining_resolution: float = 1e-4
    joining_risk: float = 0.5
    member_risk: float = 0.3
    minimum_members: int = 5
    minimum_risk: float = 0.01


@dataclass(frozen=True)
class Teams:
    """The farms found.

    `team` numbers the team of each new account, -1 without one; `ids` and `risk` are by
    team; `community` leads from a team to its community in `beliefs`.
    """

    beliefs: Beliefs
    team: np.ndarray
    ids: tuple[str, ...]
    community: np.ndarray
    risk: np.ndarray


def join_collusive(
    lockstep: Lockstep, beliefs: Beliefs, settings: TeamSettings
) -> Beliefs:
    """Join collusive communities that hang together, and weigh the evidence anew.

    One farm often falls into several communities, one a device or a day. Among the
    accounts believed collusive a lower resolution joins them, without drawing in the
    innocent ones around. All others stay where they are.
    """
    inside = (beliefs.risk >= settings.member_risk) & (
        beliefs.community_risk[beliefs.community] >= settings.joining_risk
    )
    joined = lockstep.communities(
        resolution=settings.joining_resolution, members=inside
    )
    labels = np.where(inside, joined, beliefs.community + len(lockstep.accounts) + 1)
    labels[inside] += 2 * len(lockstep.accounts) + 2
    return reassess(beliefs, number_by_first(labels))


def form_teams(
    beliefs: Beliefs, account_ids: list[str], settings: TeamSettings
) -> Teams:
    """Return the communities that are large and likely enough as teams.

    A member is an account that is at least half as likely as its community, so that
    strays fall out. A team's id comes from its smallest account id: it stays the same
    from run to run while that account is in it.
    """
    community, risk = beliefs.community, beliefs.community_risk
    belongs = (beliefs.risk * 2 >= risk[community]) & (
        risk[community] >= settings.minimum_risk
    )
    size = np.bincount(community[belongs], minlength=len(risk))
    chosen = np.flatnonzero(size >= settings.minimum_members)
    number = np.full(len(risk), -1)
    number[chosen] = np.arange(len(chosen))
    team = np.where(belongs, number[community], -1)
    first: dict[int, str] = {}
    for position in np.flatnonzero(team >= 0):
        here, name = int(team[position]), account_ids[position]
        if here not in first or name < first[here]:
            first[here] = name
    return Teams(
        beliefs=beliefs,
        team=team,
        ids=tuple(team_id("farm", first[n]) for n in range(len(chosen))),
        community=chosen,
        risk=risk[chosen],
    )


def team_id(kind: str, smallest_account: str) -> str:
    """Return a team's id, made from its kind and its smallest account id.

    >>> team_id("farm", "a1")
    'farm-8a8bb7cd34'
    """
    digest = hashlib.md5(smallest_account.encode(), usedforsecurity=False).hexdigest()
    return f"{kind}-{digest[:10]}"
