"""Designs crossed: a world whose towns are one design's and whose farms another's.

Six designs are six points: whoever learns from five of them cannot tell what belongs
together for a reason from what only happens to come together in one design. In a world
of crossed designs each part is that of one of them, drawn by the seed.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from loaders.simulator.habits import Design

PARTS: tuple[tuple[str, ...], ...] = (
    ("towns",),
    ("people",),
    ("farms",),
    ("farmed",),
    ("shares", "sizes"),
    ("honest_orders",),
    ("crews",),
    ("platforms",),
    ("aftermath",),
    ("gaps",),
    ("organisations",),
)
"""What comes from one design each: fields of a design that only make sense together."""


def cross(designs: Sequence[Design], seed: int) -> Design:
    """Return a design whose parts are each that of one of these, drawn by the seed.

    >>> from loaders.simulator.designs import DESIGNS
    >>> both = cross([DESIGNS["harbour"], DESIGNS["metropolis"]], seed=1)
    >>> both.name
    'harbour+metropolis'
    """
    rng = np.random.default_rng([seed, len(designs)])
    found: dict[str, Any] = {}
    for fields in PARTS:
        drawn = designs[int(rng.integers(len(designs)))]
        found |= {field: getattr(drawn, field) for field in fields}
    return replace(
        designs[0],
        name="+".join(design.name for design in designs),
        says="parts of " + ", ".join(design.name for design in designs),
        **found,
    )
