"""Farms: the communities of the lockstep graph that become teams, and their members."""

import hashlib
from dataclasses import dataclass

import numpy as np

from analyses.detection.belief import Beliefs, reassess
from graph.communities import number_by_first
from graph.lockstep import Lockstep

MEANS = ("device", "access_point")
"""Kinds of shared key that are a farm's own: numbers, lines and helpers are bought."""


@dataclass(frozen=True)
class TeamSettings:
    """Which communities become teams.

    `resolution` of the communities that are weighed; `means_resolution` and
    `joining_resolution` at which collusive ones are joined afterwards, by the means of
    registration and by everything (lower: larger teams). A team has at least
    `minimum_members` and `minimum_risk`; accounts are joined from `member_risk` on.
    """

    resolution: float = 2e-4
    means_resolution: float = 5e-5
    joining_resolution: float = 5e-6
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
    innocent ones around: first by the means of registration, which are a farm's own,
    and what is left by everything, the helpers that several farms buy from included.
    Data without devices and access points would then grow together over helpers: there
    the resolution stays. All others stay where they are.
    """
    inside = beliefs.risk >= settings.member_risk
    by_means = lockstep.communities(
        resolution=settings.means_resolution, members=inside, kinds=MEANS
    )
    size = np.bincount(by_means[inside], minlength=1)
    enough = inside & (size[np.maximum(by_means, 0)] >= settings.minimum_members)
    known = bool(np.isin(lockstep.kinds, MEANS).any())
    rest = lockstep.communities(
        resolution=settings.joining_resolution if known else settings.resolution,
        members=inside & ~enough,
    )
    # Three ranges of labels that do not meet: unjoined, by means, by all they share.
    count = len(lockstep.accounts) + len(lockstep.kinds)
    labels = np.where(enough, count + by_means, beliefs.community)
    labels = np.where(inside & ~enough, 2 * count + rest, labels)
    return reassess(beliefs, number_by_first(labels))


def form_teams(
    beliefs: Beliefs,
    account_risk: np.ndarray,
    account_ids: list[str],
    settings: TeamSettings,
) -> Teams:
    """Return the communities that are large and likely enough as teams.

    `account_risk` is each account's own risk, `beliefs` those about the communities,
    which may have been joined since. A member is an account that is at least half as
    likely as the believed ones of its community, so that strays fall out; a team's risk
    is the mean of its members'. A team's id comes from its smallest account id: it
    stays the same while that account is in it.
    """
    community, communities = beliefs.community, len(beliefs.community_risk)
    millionths = np.rint(1e6 * account_risk)
    believed = np.bincount(community, millionths, communities)
    squared = np.bincount(community, np.rint(1e6 * account_risk**2), communities)
    typical = squared / np.maximum(believed, 1.0)
    belongs = (account_risk * 2 >= typical[community]) & (
        account_risk >= settings.minimum_risk
    )
    size = np.bincount(community[belongs], minlength=communities)
    summed = np.bincount(community[belongs], millionths[belongs], communities)
    risk = summed / 1e6 / np.maximum(size, 1)
    chosen = np.flatnonzero(size >= settings.minimum_members)
    number = np.full(communities, -1)
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
