"""Designs varied: the same towns, where people and farms are of other habits.

Six designs keep six sets of habits, and whoever learns from them learns these. In a
varied world each habit is drawn anew around that of the design: how noisy complaints
are, how many look-alikes of each kind there are and how large their groups, how people
find a helper, how farms and platforms behave, and how much is missing.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from loaders.simulator.habits import (
    Aftermath,
    Crews,
    Design,
    Farms,
    Organisations,
    Papers,
    People,
    Platforms,
    Style,
)

TIMES: Mapping[type, Mapping[str, float]] = {
    People: {"helped": 1.05, "far": 2.0, "beside": 1.4, "helps_again": 2.5}
    | {"friends": 1.6, "handed_down": 1.5},
    Style: {"shared_device": 1.4, "per_device": 1.5, "tricked_device": 1.8}
    | {"bought_numbers": 1.4, "old_version": 1.4, "real_named": 1.6, "tied": 2.0}
    | {"pace": 1.4, "controlled": 1.5, "harmful": 1.35, "requests": 1.6}
    | {"acceptance": 1.5, "sleeps": 1.7},
    Farms: {"median": 1.6, "spread": 1.2},
    Crews: {"helps_a_crew": 1.7, "median": 1.5, "fails": 1.5, "waiting_seconds": 1.6}
    | {"passers_from_afar": 1.7, "on_wifi": 1.6},
    Platforms: {"orders_a_platform": 1.6, "races": 1.7, "rest": 1.3}
    | {"shared_phones": 1.6},
    Aftermath: {"complaints": 2.0, "verified": 1.5, "wrongly_verified": 2.5}
    | {"struck": 1.3, "lag_days": 1.6, "caught": 2.0, "quarrels": 4.0}
    | {"active_days": 1.7},
}
"""By what factor each habit is at most more or less, in a varied world."""

SHARES = 2.5
"""By what factor the share of a look-alike is at most more or less."""

SIZES = 1.6
"""By what factor its groups are at most larger or smaller."""

USUAL_SHARES: dict[str, float] = {
    "agency": 0.06,
    "test_lab": 0.03,
    "side_accounts": 0.05,
    "task_customer": 0.0,
}
"""Look-alikes that are the hardest, and in every varied world."""

CUSTOMERS = (0.0005, 0.012)
"""Between which honest newcomers buy help on a platform, however many farms there are.
"""

WELCOME = ((3.2, 2.4), (6.0, 3.5), (12.0, 5.0))
"""How the friend requests of ordinary people may be received."""

ASKS_NEXT = 0.12
"""The most honest helps before which somebody else was refused."""


def vary(design: Design, seed: int) -> Design:
    """Return a design whose habits are drawn by the seed around those of this one.

    >>> from loaders.simulator.designs import DESIGNS
    >>> varied = vary(DESIGNS["harbour"], seed=1)
    >>> varied.towns == DESIGNS["harbour"].towns, varied.people.far != 0.2
    (True, True)
    """
    rng = np.random.default_rng([seed, 0x5EED])
    people = _times(rng, design.people)
    aftermath = _times(rng, design.aftermath)
    styles = {name: _times(rng, style) for name, style in design.farms.styles.items()}
    shares = USUAL_SHARES | dict(design.shares)
    drawn = {kind: share * _factor(rng, SHARES) for kind, share in shares.items()}
    whole = sum(shares.values()) / max(sum(drawn.values()), 1e-9)
    return replace(
        design,
        people=replace(people, asks_next=float(rng.random() * ASKS_NEXT)),
        farms=replace(_times(rng, design.farms), styles=styles),
        organisations=Organisations(
            agency=_papers(rng),
            laboratory=_papers(rng),
            altered=float(rng.uniform(0.05, 0.9)),
        ),
        crews=_times(rng, design.crews),
        platforms=replace(
            _times(rng, design.platforms),
            customers=float(np.exp(rng.uniform(*np.log(CUSTOMERS)))),
        ),
        aftermath=replace(aftermath, welcome=WELCOME[int(rng.integers(len(WELCOME)))]),
        shares={kind: share * whole for kind, share in drawn.items()},
        sizes={kind: each * _factor(rng, SIZES) for kind, each in design.sizes.items()},
        honest_orders=min(1.0, design.honest_orders * _factor(rng, 2.0)),
        gaps={
            name: share if share == 1.0 else min(0.95, share * _factor(rng, 1.4))
            for name, share in design.gaps.items()
        },
    )


def _papers(rng: np.random.Generator) -> Papers:
    """Return what an organisation's accounts have, from all to hardly anything."""
    named, old, cards = rng.random(3)
    return Papers(
        named=float(named * 0.7),
        pays=float(named * 0.7 * rng.random()),
        old=float(old * 0.9),
        cards=float(cards),
    )


def _times(rng: np.random.Generator, habits: Any) -> Any:
    """Return habits with each of the named ones more or less; shares stay below 1."""
    changes = {}
    for name, most in TIMES[type(habits)].items():
        value = getattr(habits, name)
        drawn = value * _factor(rng, most)
        changes[name] = min(drawn, max(value, 0.97)) if value <= 1 else drawn
    return replace(habits, **changes)


def _factor(rng: np.random.Generator, most: float) -> float:
    """Return a factor between 1 / most and most, on a logarithmic scale."""
    return float(most ** rng.uniform(-1, 1))
