"""How surely each new account is batch-registered: evidence of its team and its own.

How likely is each community a collusive team, given how its members answer the signals?
That is asked in rounds, for some answers depend on what is believed of others, and so
do how frequent such teams are and how much they differ. How collusive and innocent
accounts answer is taken from the signal table and not learned from the data at hand:
where farms hide well, learned shares drift until the farms pass for innocents. No
labels are used.

A community's evidence is a Dirichlet-multinomial likelihood ratio: the share of each
answer may differ from team to team, so a large community cannot pile up endless
certainty on one habit. Within a community a member that differs from the others loses,
one that is like them gains.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from analyses.detection.observations import Observations
from analyses.detection.profiles import Distinct, profiles_of
from analyses.detection.records import Acquaintances
from analyses.detection.signals import CONCENTRATION, SIGNALS, Signal

SIZE_CLASSES = (2, 3, 5, 8, 16, 32, 64)
"""Communities of 1, 2, 3 to 4, 5 to 7, 8 to 15, … members have priors of their own."""

CONCENTRATIONS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""The Dirichlet concentrations tried for how much shares differ between communities."""


@dataclass(frozen=True)
class BeliefSettings:
    """The constants of the belief model; every default in one place.

    `priors`: share of collusive communities by size class, before any data; they count
    as `prior_communities` communities, and never fall below `least_prior` of it, or a
    run that finds nothing at first would never find anything. `background_accounts`:
    the most that shares measured among established accounts count for, beside those
    of the signal table. `member_share`: the
    share of a collusive community that belongs to its team, before any data.
    `own_weight`: how much a
    member's own answers count, which its community has counted already. Caps are in
    bits, for a signal, a family, all of a community's or all of an account's own;
    `concentration_cap` holds together what any place with many registrations
    shows, be it a farm's or an honest organisation's, and `hiding_cost` is the most
    that its absence speaks against a farm: careful farms hide all of it.
    """

    rounds: int = 12
    damping: float = 0.5
    priors: tuple[float, ...] = (0.0005, 0.001, 0.002, 0.01, 0.03, 0.04, 0.05, 0.05)
    prior_communities: float = 20.0
    least_prior: float = 0.3
    background_accounts: float = 2000.0
    member_share: float = 0.7
    own_weight: float = 1.0
    effective_members: float = 40.0
    signal_cap: float = 5.0
    family_cap: float = 7.0
    own_cap: float = 6.0
    own_whole_cap: float = 12.0
    whole_cap: float = 20.0
    concentration_cap: float = 8.0
    hiding_cost: float = 1.0


@dataclass(frozen=True)
class Model:
    """What the search has settled on.

    Per signal the shares of its answers among `collusive` and `innocent` accounts, and
    in `varies` the two concentrations of these shares between communities; `priors` are
    the shares of collusive communities by size class.
    """

    collusive: Mapping[str, np.ndarray]
    innocent: Mapping[str, np.ndarray]
    varies: Mapping[str, tuple[float, float]]
    priors: np.ndarray


@dataclass(frozen=True)
class Beliefs:
    """What is believed of accounts in given communities.

    Over accounts: `risk` (a probability), `levels` (answers per signal), `start` (bits
    that its community lends a member) and `own` (bits per signal): an account's log2
    odds are `start` plus its own bits. Over communities: `prior` (log2 odds before
    evidence), `shared` (bits per signal) and `community_risk`; their sum is the log2
    odds likewise. `share` is how much of a community is believed to be of its team.
    """

    model: Model
    community: np.ndarray
    levels: Mapping[str, np.ndarray]
    risk: np.ndarray
    start: np.ndarray
    own: Mapping[str, np.ndarray]
    prior: np.ndarray
    shared: Mapping[str, np.ndarray]
    community_risk: np.ndarray
    share: np.ndarray

    @property
    def prevalence_bits(self) -> float:
        """Log2 odds that a new account, not looked at yet, is collusive."""
        if len(self.community) == 0:
            return 0.0
        share = np.clip(self.community_risk[self.community].mean(), 1e-6, 0.5)
        return float(np.log2(share / (1 - share)))


def believe(
    observations: Observations,
    community: np.ndarray,
    *,
    acquaintances: Acquaintances,
    settings: BeliefSettings | None = None,
    frozen: Model | None = None,
) -> Beliefs:
    """Return the beliefs about all new accounts.

    `community` numbers every account's community, 0 and up, without gaps. With a
    `frozen` model no shares and priors are estimated: only beliefs settle.
    """
    settings = settings or BeliefSettings()
    first = model = frozen or _first_model(observations, settings)
    levels = dict(observations.levels)
    profile = lasting = profiles_of(levels.values())
    risk = np.full(len(community), 0.01)
    share = np.full(int(community.max(initial=-1)) + 1, settings.member_share)
    for turn in range(settings.rounds):
        if turn:  # at first nothing is believed of anybody
            met = acquaintances.levels(risk, community)
            levels |= met
            profile = profiles_of(met.values(), start=lasting)
        alike = Distinct.of(profile, community)
        found = _assess_distinct(model, levels, alike, share, settings)
        keep = settings.damping if turn else 0.0
        risk = keep * risk + (1 - keep) * found.risk[alike.unit]
        risk = np.rint(1e6 * risk) / 1e6  # exact sums: the order of rows is nothing
        share = _member_share(risk, community, settings)
        if not frozen and turn < settings.rounds - 1:
            model = _reestimate(found, alike, first, settings)
    return _of_all(found, alike, levels, community)


def reassess(
    beliefs: Beliefs, community: np.ndarray, settings: BeliefSettings | None = None
) -> Beliefs:
    """Return the beliefs about the same accounts in other communities, same model."""
    settings = settings or BeliefSettings()
    share = _member_share(beliefs.risk, community, settings)
    alike = Distinct.of(profiles_of(beliefs.levels.values()), community)
    found = _assess_distinct(beliefs.model, beliefs.levels, alike, share, settings)
    return _of_all(found, alike, beliefs.levels, community)


def _assess_distinct(
    model: Model,
    levels: Mapping[str, np.ndarray],
    alike: Distinct,
    share: np.ndarray,
    settings: BeliefSettings,
) -> Beliefs:
    """Weigh the evidence of units and groups, which stand for all that are alike."""
    return assess(
        model,
        {code: level[alike.account] for code, level in levels.items()},
        alike.group_of,
        share[alike.community],
        settings,
        stands_for=alike.group,
    )


def _of_all(
    found: Beliefs,
    alike: Distinct,
    levels: Mapping[str, np.ndarray],
    community: np.ndarray,
) -> Beliefs:
    """Return beliefs about units and groups as those about all that are alike."""
    return replace(
        found,
        community=community,
        levels=dict(levels),
        risk=found.risk[alike.unit],
        start=found.start[alike.unit],
        own={code: bits[alike.unit] for code, bits in found.own.items()},
        prior=found.prior[alike.group],
        shared={code: bits[alike.group] for code, bits in found.shared.items()},
        community_risk=found.community_risk[alike.group],
        share=found.share[alike.group],
    )


def assess(
    model: Model,
    levels: Mapping[str, np.ndarray],
    community: np.ndarray,
    share: np.ndarray,
    settings: BeliefSettings,
    *,
    stands_for: np.ndarray | None = None,
) -> Beliefs:
    """Weigh all evidence once, with the shares of a settled model.

    Where a community stands for others like it, `stands_for` has its number for each.
    """
    size = np.bincount(community)
    counts = {
        code: _tally(levels[code], community, len(size), len(signal.levels))
        for code, signal in SIGNALS.items()
    }
    shared = {
        code: _shared_bits(counts[code], model, code, settings)
        for code, signal in SIGNALS.items()
        if signal.of_communities
    }
    _cap_families(shared, settings.family_cap)
    hidden = [code for code in shared if SIGNALS[code].family in CONCENTRATION]
    _cap(shared, hidden, settings.hiding_cost, settings.concentration_cap)
    _cap(shared, list(shared), settings.whole_cap, settings.whole_cap)
    at_first = model.priors[np.digitize(size, SIZE_CLASSES)]
    prior = np.log2(at_first / (1 - at_first))
    team_risk = probability(prior + sum(shared.values()))
    own = {
        code: _own_bits(levels[code], community, counts[code], team_risk, model, code)
        * (settings.own_weight * (1 - 1 / size))[community]
        for code, signal in SIGNALS.items()
        if signal.of_members
    }
    _cap_families(own, settings.own_cap)
    _cap(own, list(own), settings.own_whole_cap, settings.own_whole_cap)
    # An innocent community may still hold a collusive account or two: strays.
    every = slice(None) if stands_for is None else stands_for
    mean = np.average(team_risk[every], weights=size[every]) if len(size) else 0.0
    base = np.clip(mean, 1e-4, 0.2) / 4
    chance = np.where(size > 1, team_risk * share + (1 - team_risk) * base, team_risk)
    start = np.log2(chance / (1 - chance + 1e-12))[community]
    return Beliefs(
        model=model,
        community=community,
        levels=dict(levels),
        risk=probability(start + sum(own.values())),
        start=start,
        own=own,
        prior=prior,
        shared=shared,
        community_risk=team_risk,
        share=share,
    )


def _first_model(observations: Observations, settings: BeliefSettings) -> Model:
    return Model(
        collusive={
            code: _normal([level.collusive for level in signal.levels])
            for code, signal in SIGNALS.items()
        },
        innocent={
            code: _measured(
                _normal([level.innocent for level in signal.levels]),
                observations.background.get(code),
                settings,
            )
            for code, signal in SIGNALS.items()
        },
        varies={
            code: (signal.teams_vary, signal.groups_vary)
            for code, signal in SIGNALS.items()
        },
        priors=np.array(settings.priors),
    )


def _normal(shares: list[float]) -> np.ndarray:
    return np.array(shares) / sum(shares)


def probability(bits: np.ndarray) -> np.ndarray:
    """Return log2 odds as probabilities, never quite 0 or 1.

    >>> probability(np.array([0.0, 1.0])).round(3).tolist()
    [0.5, 0.667]
    """
    return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -40, 40))))


def _measured(
    table: np.ndarray, counts: np.ndarray | None, settings: BeliefSettings
) -> np.ndarray:
    """Blend the table's innocent shares with those of established accounts."""
    if counts is None or counts.sum() == 0:
        return table
    counts = counts * min(1.0, settings.background_accounts / counts.sum())
    return np.asarray((counts + 50 * table) / (counts.sum() + 50))


def _reestimate(
    found: Beliefs, alike: Distinct, first: Model, settings: BeliefSettings
) -> Model:
    """Return the model with the priors and spreads under which the data are likeliest.

    `found` is about the units and groups of `alike`.
    """
    varies = {
        code: _concentrations(
            _tally(
                found.levels[code],
                found.community,
                len(found.community_risk),
                len(signal.levels),
            ),
            found.community_risk,
            (first.collusive[code], first.innocent[code]),
            signal,
            settings,
        )
        for code, signal in SIGNALS.items()
    }
    priors = _priors(found, np.bincount(alike.group), settings)
    return replace(first, varies=varies, priors=priors)


def _priors(found: Beliefs, number: np.ndarray, settings: BeliefSettings) -> np.ndarray:
    """Return the priors by size class; each community is there `number` times."""
    first = np.array(settings.priors)
    size_class = np.digitize(np.bincount(found.community), SIZE_CLASSES)
    there = np.bincount(size_class, number, minlength=len(first))
    collusive = np.bincount(
        size_class, number * np.rint(1e6 * found.community_risk), len(first)
    )
    strength = settings.prior_communities
    shares = (collusive / 1e6 + strength * first) / (there + strength)
    return np.asarray(np.maximum(shares, settings.least_prior * first))


def _concentrations(
    counts: np.ndarray,
    risk: np.ndarray,
    shares: tuple[np.ndarray, np.ndarray],
    signal: Signal,
    settings: BeliefSettings,
) -> tuple[float, float]:
    """Return how little the answers differ from one community to the next.

    The concentrations of collusive teams and innocent groups that make the answers of
    the communities likeliest; those far from the table's are penalised.
    """
    large = counts.sum(axis=1) >= 8
    counts, risk = _at_most(counts[large], settings.effective_members), risk[large]
    best = []
    for share, weight, first in (
        (shares[0], risk, signal.teams_vary),
        (shares[1], 1 - risk, signal.groups_vary),
    ):
        scores = [
            np.rint(1e3 * weight * _dirichlet_multinomial(counts, tried * share)).sum()
            - 1e3 * abs(np.log2(tried / first))
            for tried in CONCENTRATIONS
        ]
        best.append(CONCENTRATIONS[int(np.argmax(scores))])
    return best[0], best[1]


def _member_share(
    risk: np.ndarray, community: np.ndarray, settings: BeliefSettings
) -> np.ndarray:
    believed = np.bincount(community, np.rint(1e6 * risk)) / 1e6
    prior = 5.0
    share = (believed + prior * settings.member_share) / (
        np.bincount(community) + prior
    )
    return np.clip(share, 0.05, 0.97)


def _tally(
    level: np.ndarray, community: np.ndarray, communities: int, width: int
) -> np.ndarray:
    """Count the answers of each community: an array of communities × levels."""
    place = community * (width + 1) + level + 1  # level -1: no answer
    flat = np.bincount(place, minlength=communities * (width + 1))
    return flat.reshape(communities, width + 1)[:, 1:].astype(np.float64)


def _at_most(counts: np.ndarray, members: float) -> np.ndarray:
    known = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts * np.minimum(1.0, members / np.maximum(known, 1)))


def _dirichlet_multinomial(counts: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return the log likelihood of each row of counts (without its coefficient)."""
    each = gammaln(counts + alpha) - gammaln(alpha)
    total = gammaln(counts.sum(axis=1) + alpha.sum()) - gammaln(alpha.sum())
    return np.asarray(each.sum(axis=1) - total)


def _shared_bits(
    counts: np.ndarray, model: Model, code: str, settings: BeliefSettings
) -> np.ndarray:
    counts = _at_most(counts, settings.effective_members)
    teams_vary, groups_vary = model.varies[code]
    bits = (
        _dirichlet_multinomial(counts, teams_vary * model.collusive[code])
        - _dirichlet_multinomial(counts, groups_vary * model.innocent[code])
    ) / np.log(2)
    return np.asarray(np.clip(bits, -settings.signal_cap, settings.signal_cap))


def _own_bits(
    level: np.ndarray,
    community: np.ndarray,
    counts: np.ndarray,
    team_risk: np.ndarray,
    model: Model,
    code: str,
) -> np.ndarray:
    """Return how much better than an innocent a member fits its own community."""
    known = counts.sum(axis=1, keepdims=True)
    profile = (4.0 * model.collusive[code] + counts) / (4.0 + known)
    team = team_risk[:, None]
    expected = team * profile + (1 - team) * model.collusive[code]
    table = np.log2(expected / model.innocent[code])
    table = np.column_stack([table, np.zeros(len(table))])  # level -1: no answer
    return np.asarray(table[community, level])


def _cap_families(bits: dict[str, np.ndarray], cap: float) -> None:
    for family in sorted({SIGNALS[code].family for code in bits}):
        _cap(bits, [c for c in bits if SIGNALS[c].family == family], cap, cap)


def _cap(
    bits: dict[str, np.ndarray], codes: list[str], lowest: float, highest: float
) -> None:
    """Scale some signals so that their sum stays within -lowest and highest."""
    total = sum(bits[code] for code in codes)
    size = np.maximum(np.abs(total), 1e-12)
    scale = np.minimum(1.0, np.where(total > 0, highest, lowest) / size)
    over = np.flatnonzero(scale < 1.0)
    for code in codes:
        bits[code][over] *= scale[over]
