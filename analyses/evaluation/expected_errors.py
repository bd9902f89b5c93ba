"""Who would be wrongly listed: by kind of innocent, at each threshold of risk.

The shares were measured on sample worlds and stand in `expected_errors.json`, with the
names of the worlds. `make refit` measures them anew. On real data there will be more.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from analyses.evaluation.comparison import Comparison
from analyses.reporting.outputs import COLLUSION_ROLES
from analyses.reporting.report_tables import Cell, Section
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import INNOCENTS, KINDS, in_words
from graph.store import Store

THRESHOLDS = (0.5, 0.7, 0.9, 0.95, 0.99)
"""The risks from which on a team might choose to look at listed accounts."""

ORDINARY = "nothing special"
"""The kind of an innocent account that belongs to no population of look-alikes."""

FITTED = "expected_errors.json"
OF_NETWORKS = "expected_network_errors.json"
"""The same for the further networks: counts by kind and risk."""

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


COLUMNS = (
    "risk",
    "innocent because they are",
    "listed here",
    "innocent, expected",
    "of 100 listed",
)
"""The columns of the expected errors: one row a threshold and kind of innocent."""


def expected_errors(
    accounts: pd.DataFrame,
    new: int,
    texts: Texts = ENGLISH,
    *,
    teams: Mapping[str, str] | None = None,
) -> Section:
    """Return how many of a run's list are expected to be innocent, and of what kinds.

    `accounts` are those of the run and `new` the number of all new ones; together they
    say what share is believed farmed. The sample worlds with that share, or with the
    next rarer one, are taken: the rarer farms are, the more of a list is innocent. For
    each threshold of risk that somebody is listed at there is a row for all kinds of
    innocents together, and one for each kind.

    `teams` has the kind of each team by its id. What is listed for a further network
    is counted by itself, for its own look-alikes were measured in worlds of their own.
    """
    of_networks = read_network_errors()
    kind = accounts["team_id"].map(teams) if teams else pd.Series(dtype=object)
    further = kind.reindex(accounts.index).isin(list(of_networks["kinds"]))
    apart, accounts = accounts[further], accounts[~further]
    believed = accounts.loc[accounts["role"] == "batch_registered", "risk"].sum()
    farmed = float(believed) / max(new, 1)
    fitted = read_fitted()
    measured: Mapping[str, Mapping[str, Counts]] = fitted["farmed"]
    taken = _not_more_frequent(measured, farmed)
    by_threshold = measured[taken]
    kinds = _most_frequent_first(by_threshold.values())
    risk = accounts.loc[accounts["listed"].eq(True), "risk"]
    rows: list[tuple[Cell, ...]] = []
    for name, here, wrong in _by_band(by_threshold, risk, kinds):
        said = texts("{risk} or more", risk=f"{float(name):g}")
        rows += _rows(said, here, wrong, texts)
    rows += _of_networks(apart.assign(kind=kind), of_networks["kinds"], texts)
    below = (
        (
            texts("measured"),
            texts(
                "on {day} with {n} sample worlds; those with {taken} of the new "
                "accounts farmed are taken for this list ({believed} believed farmed)",
                day=fitted["measured"],
                n=len(fitted["worlds"]),
                taken=f"{float(taken):.1%}",
                believed=f"{farmed:.1%}",
            ),
        ),
        (
            texts("how to read it"),
            texts(
                "a number is how many accounts of this list would be innocent if it "
                "erred as it did there; on real data there will be more"
            ),
        ),
        (
            texts("sample worlds"),
            ", ".join([*fitted["worlds"], *of_networks["worlds"]]),
        ),
    )
    return Section(
        texts("how often it is wrong"),
        tuple(texts(column) for column in COLUMNS),
        tuple(rows),
        below,
    )


def _of_networks(
    accounts: pd.DataFrame,
    measured: Mapping[str, Mapping[str, Counts]],
    texts: Texts,
) -> list[tuple[Cell, ...]]:
    """Return the rows of each further network that something is listed for."""
    rows: list[tuple[Cell, ...]] = []
    listed = accounts[accounts["listed"].eq(True)]
    for kind, by_threshold in measured.items():
        risk = listed.loc[listed["kind"] == kind, "risk"]
        if risk.empty:
            continue
        names = _most_frequent_first(by_threshold.values())
        for threshold, here, wrong in _by_band(by_threshold, risk, names):
            said = texts("{risk} or more", risk=f"{float(threshold):g}")
            said = f"{texts(in_words(KINDS, kind))}: {said}"
            rows += _rows(said, here, wrong, texts)
    return rows


def _by_band(
    by_threshold: Mapping[str, Counts], risk: pd.Series, kinds: Sequence[str]
) -> list[tuple[str, int, dict[str, float]]]:
    """Return, for each threshold, how many are listed and how many of them wrongly.

    Between one threshold and the next, the listed err as those did there that were
    between the same two. A threshold that nobody is between it and the next is left
    out: a list that was cut higher says nothing of what is below.
    """
    found: list[tuple[str, int, dict[str, float]]] = []
    above, wrong = 0, dict.fromkeys(kinds, 0.0)
    higher: Counts = {}
    for name in sorted(by_threshold, key=float, reverse=True):
        counts = by_threshold[name]
        here = int((risk >= float(name)).sum())
        listed = counts["listed"] - higher.get("listed", 0)
        share = (here - above) / listed if listed else 0.0
        wrong = {
            kind: so_far + (counts.get(kind, 0) - higher.get(kind, 0)) * share
            for kind, so_far in wrong.items()
        }
        if here > above:
            found.append((name, here, wrong))
        above, higher = here, counts
    return found[::-1] or [(min(by_threshold, key=float), 0, wrong)]


def _rows(
    said: str, here: int, wrong: Mapping[str, float], texts: Texts
) -> list[tuple[Cell, ...]]:
    """Return the rows of a threshold: all kinds of innocents, then each."""
    worded = {texts("all kinds together"): sum(wrong.values())}
    for kind, number in wrong.items():
        worded[texts(in_words(INNOCENTS, kind))] = number
    return [
        (said, words, here, round(number, 1), round(100 * number / max(here, 1), 1))
        for words, number in worded.items()
    ]


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
    return _read(FITTED)


@cache
def read_network_errors() -> dict[str, Any]:
    """Return the figures of the further networks."""
    return _read(OF_NETWORKS)


def _read(name: str) -> dict[str, Any]:
    text = resources.files("analyses.evaluation").joinpath(name).read_text("utf-8")
    fitted: dict[str, Any] = json.loads(text)
    return fitted


def _most_frequent_first(counts: Any) -> list[str]:
    sums: Counts = {}
    for each in counts:
        for kind, number in each.items():
            sums[kind] = sums.get(kind, 0) + number
    sums.pop("listed", None)
    return sorted(sums, key=lambda kind: (-sums[kind], kind))


def _not_more_frequent(measured: Iterable[str], farmed: float) -> str:
    """Return the largest share that is not more than the one believed, or the least.

    A fifth more counts as the same, for what is believed is a sum of risks.

    >>> [_not_more_frequent(["0.1", "0.02"], believed) for believed in (0.09, 0.05, 0)]
    ['0.1', '0.02', '0.02']
    """
    known = sorted(measured, key=float)
    fitting = [share for share in known if float(share) <= 1.2 * farmed]
    return fitting[-1] if fitting else known[0]
