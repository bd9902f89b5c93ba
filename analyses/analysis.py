"""The analysis: from the numbered tables of events to the output tables of a run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analyses.background import Background
from analyses.capacity import Capacity
from analyses.detection.belief import Beliefs, BeliefSettings, believe
from analyses.detection.combination import combine
from analyses.detection.crews import CrewSettings, put_groups
from analyses.detection.findings import Findings, write_findings
from analyses.detection.givers import Givers, find_givers
from analyses.detection.helper_roles import HelperRoles, find_helper_roles, put_roles
from analyses.detection.observations import observe
from analyses.detection.platforms import PlatformSettings
from analyses.detection.records import find_acquaintances
from analyses.detection.teams import Teams, TeamSettings, form_teams, join_collusive
from analyses.networks.analysis import find_networks
from analyses.networks.registry import NETWORKS
from analyses.phases import Clock, Phase
from analyses.policy import PolicySettings
from analyses.resuming import Steps
from graph.density import Closeness
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.lockstep import Lockstep, build_lockstep
from graph.lockstep_communities import find_lockstep_communities
from graph.shared_keys import collect_shared_keys
from graph.store import Store


@dataclass(frozen=True)
class Settings:
    """What can be set for a run. Times are seconds since 1970 in UTC."""

    as_of: int | None = None
    new_since: int | None = None
    threads: int | None = None
    memory: str | None = None
    belief: BeliefSettings = field(default_factory=BeliefSettings)
    teams: TeamSettings = field(default_factory=TeamSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)
    capacity: Capacity = field(default_factory=Capacity)
    closeness: Closeness = field(default_factory=Closeness)
    crews: CrewSettings = field(default_factory=CrewSettings)
    platforms: PlatformSettings = field(default_factory=PlatformSettings)
    networks: tuple[str, ...] = tuple(NETWORKS)


@dataclass(frozen=True)
class Analysis:
    """What an analysis leaves beside the tables: its graph, and what is usual."""

    lockstep: Lockstep
    background: Background


def analyse(
    store: Store,
    settings: Settings,
    clock: Clock | None = None,
    *,
    steps: Steps | None = None,
    corrections: Mapping[str, np.ndarray] | None = None,
    confirmed: Sequence[str] = (),
    background: Background | None = None,
    beside_belief: Callable[[], None] = lambda: None,
) -> Analysis:
    """Go from the numbered tables to the output tables in the store.

    `corrections` are added to what answers weigh, in bits; `confirmed` are those
    that people have confirmed as malicious; with a `background` no shares and priors
    are estimated. With `steps` phases that are kept are not repeated. `beside_belief`
    begins other work where the database has little to do: belief is weighed on one
    processor.
    """
    if steps is None:
        steps = Steps(store, clock or Clock())

    def helps(phase: Phase) -> None:
        gather_help_facts(store)
        find_gatherings(store, settings.closeness)
        phase.rows = store.count("help_facts")

    def shared_keys(phase: Phase) -> Lockstep:
        collect_shared_keys(store)
        built = build_lockstep(store)
        phase.rows = len(built.account)
        return built

    def communities(phase: Phase) -> np.ndarray:
        found = find_lockstep_communities(
            store, lockstep, resolution=settings.teams.resolution
        )
        phase.rows = int(found.max(initial=-1)) + 1
        return found

    def belief(phase: Phase) -> tuple[Beliefs, Teams]:
        beside_belief()
        phase.rows = len(lockstep.accounts)
        beliefs = believe(
            observe(store, lockstep),
            community,
            acquaintances=find_acquaintances(store, lockstep),
            settings=settings.belief,
            frozen=background.accounts if background else None,
        )
        beliefs = combine(beliefs, lockstep, corrections=corrections)
        joined = join_collusive(lockstep, beliefs, settings.teams)
        teams = form_teams(joined, beliefs.risk, _new_ids(store), settings.teams)
        # What is not looked at again would take a gigabyte over some millions.
        teams = replace(teams, beliefs=replace(joined, own={}, levels={}))
        return replace(beliefs, shared={}), teams

    def helper_roles(phase: Phase) -> HelperRoles:
        put_groups(store, lockstep.accounts, beliefs.community, beliefs.risk)
        found = find_helper_roles(
            store, frozen=background.helpers if background else None
        )
        put_roles(store, found)
        phase.rows = len(found.helper)
        return found

    def crews(phase: Phase) -> Givers:
        found = find_givers(
            store,
            settings.crews,
            settings.platforms,
            frozen=background.sessions if background else None,
        )
        phase.rows = len(found.helps)
        return found

    def conclude(phase: Phase) -> None:
        write_findings(
            store,
            Findings(lockstep.accounts, beliefs, teams, helpers, givers),
            settings.policy,
            confirmed=confirmed,
        )
        phase.rows = store.count("out_evidence")

    def networks(phase: Phase) -> None:
        phase.rows = find_networks(
            store,
            settings.policy,
            kinds=settings.networks,
            confirmed=confirmed,
            as_of=settings.as_of,
        )

    steps.do("helps", helps)
    lockstep = steps.do("shared keys", shared_keys)
    community = steps.do("communities", communities)
    beliefs, teams = steps.do("belief", belief)
    helpers = steps.do("helpers", helper_roles)
    givers = steps.do("crews", crews)
    steps.do("conclude", conclude)
    steps.do("networks", networks)
    return Analysis(lockstep, Background(beliefs.model, helpers.model, givers.sessions))


def _new_ids(store: Store) -> list[str]:
    rows = store.arrow("SELECT account_id FROM accounts WHERE is_new ORDER BY account")
    ids: list[str] = rows["account_id"].to_pylist()
    return ids
