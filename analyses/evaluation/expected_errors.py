"""Who would be wrongly listed: by kind of innocent, at each threshold of risk.

The shares were measured on sample worlds and stand in `expected_errors.json`, with the
names of the worlds. `make refit` measures them anew. On real data there will be more.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from analyses.evaluation.comparison import Comparison
from analyses.reporting.outputs import COLLUSION_ROLES
from analyses.reporting.report_tables import Cell, Section
from graph.store import Store

THRESHOLDS = (0.5, 0.7, 0.9, 0.95, 0.99)
"""The risks from which on a team might choose to look at listed accounts."""

ORDINARY = "nothing special"
"""The kind of an innocent account that belongs to no population of look-alikes."""

FITTED = "expected_errors.json"

Counts = dict[str, int]


def kinds_of(innocent: pd.DataFrame) -> "pd.Series[str]":
    """Return the kind of each innocent account of `Comparison.both`."""
    kind = innocent["innocent_kind"]
    role = innocent["true_role"]
    return kind.where(kind != "", role.where(role != "", ORDINARY))


def wrongly_listed(compared: Comparison, threshold: float) -> Counts:
    """Count the listed at a risk of `threshold` or more: all, and innocent by kind."""
    both = compared.both
    listed = both[both["listed"] & (both["risk"] >= threshold)]
    innocent = listed[~listed["true_role"].isin(COLLUSION_ROLES)]
    counts = kinds_of(innocent).value_counts().sort_index()
    return {"listed": len(listed)} | {str(k): int(n) for k, n in counts.items()}


def expected_errors(accounts: pd.DataFrame, new: int) -> Section:
    """Return how many of a run's list are expected to be innocent, and of what kinds.

    `accounts` are those of the run and `new` the number of all new ones; together they
    say what share is believed farmed. The sample worlds whose share is nearest (by
    ratio) are taken. One row a threshold of risk.
    """
    believed = accounts.loc[accounts["role"] == "batch_registered", "risk"].sum()
    farmed = float(believed) / max(new, 1)
    fitted = read_fitted()
    measured: Mapping[str, Mapping[str, Counts]] = fitted["farmed"]
    nearest = min(measured, key=lambda share: _ratio(float(share), farmed))
    by_threshold = measured[nearest]
    kinds = _most_frequent_first(by_threshold.values())
    risk = accounts.loc[accounts["listed"].eq(True), "risk"]
    rows: list[tuple[Cell, ...]] = []
    for name, counts in by_threshold.items():
        here = int((risk >= float(name)).sum())
        scale = here / counts["listed"] if counts["listed"] else 0.0
        each = [round(counts.get(kind, 0) * scale, 1) for kind in kinds]
        wrong = sum(counts.get(kind, 0) for kind in kinds) * scale
        rows.append((f"{float(name):g} or more", here, round(wrong, 1), *each))
    below = (
        (
            "measured",
            f"on {fitted['measured']} with {len(fitted['worlds'])} sample worlds; "
            f"those with {float(nearest):.1%} of the new accounts farmed are nearest "
            f"to this list ({farmed:.1%} believed farmed)",
        ),
        (
            "how to read it",
            "a number is how many accounts of this list would be innocent if it erred "
            "as it did there; on real data there will be more",
        ),
        ("worlds", ", ".join(fitted["worlds"])),
    )
    return Section(
        "Who would be wrongly listed, by kind of innocent, at each threshold",
        ("risk", "listed here", "innocent, expected", *kinds),
        tuple(rows),
        below,
    )


def new_accounts(store: Store) -> int:
    """Return how many accounts are new in the event store of a run."""
    return int(store.rows("SELECT count(*) FROM accounts WHERE is_new")[0][0])


def fit(worlds: Sequence[Mapping[str, Any]], measured: str) -> dict[str, Any]:
    """Return what `expected_errors.json` holds, from the figures of sample worlds.

    Each world has its name (`world`), the share `farmed` and, in `wrongly_listed`, the
    counts of `wrongly_listed` by threshold. Counts of the same share are added up.
    """
    farmed: dict[str, dict[str, Counts]] = {}
    for world in worlds:
        sums = farmed.setdefault(f"{world['farmed']:g}", {})
        for threshold, counts in world["wrongly_listed"].items():
            here = sums.setdefault(threshold, {})
            for kind, number in counts.items():
                here[kind] = here.get(kind, 0) + number
    return {
        "measured": measured,
        "worlds": [world["world"] for world in worlds],
        "farmed": {
            share: {name: dict(sorted(counts.items())) for name, counts in sums.items()}
            for share, sums in sorted(farmed.items(), key=lambda item: float(item[0]))
        },
    }


@cache
def read_fitted() -> dict[str, Any]:
    """Return the figures that are shipped with the project."""
    text = resources.files("analyses.evaluation").joinpath(FITTED).read_text("utf-8")
    fitted: dict[str, Any] = json.loads(text)
    return fitted


def _most_frequent_first(counts: Any) -> list[str]:
    sums: Counts = {}
    for each in counts:
        for kind, number in each.items():
            sums[kind] = sums.get(kind, 0) + number
    sums.pop("listed", None)
    return sorted(sums, key=lambda kind: (-sums[kind], kind))


def _ratio(one: float, other: float) -> float:
    return abs(math.log(max(one, 1e-6) / max(other, 1e-6)))
