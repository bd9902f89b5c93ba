"""Evidence weights corrected by what people decided, and what that would change.

Few cases are decided, and only those that the run brought up. So the weights are not
counted anew from them. They are *corrected*: a few bits per answer, chosen so that the
decided accounts are believed what was decided, and held in three ways. Every correction
costs as if a bit more or less were one standard deviation from the table. What is
believed of undecided accounts is held, on either side with as much weight as the
decisions, and as 200 at least, so that a few decisions move little. And
the answers of a signal keep the table's order: what spoke more for a farm still does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit

from analyses.casework.again import (
    analysed_again,
    corrections_of,
    events_copied,
    settings_of,
)
from analyses.casework.decisions import Ledger
from analyses.casework.labels import Label, labels
from analyses.casework.weights import MOST_BITS, Weights
from analyses.detection.belief import Beliefs, believe
from analyses.detection.combination import combine
from analyses.detection.observations import observe
from analyses.detection.records import find_acquaintances
from analyses.detection.signals import SIGNALS
from analyses.reporting.card_parts import as_text, more
from analyses.reporting.report_tables import table_lines
from analyses.reporting.safe_text import visible
from analyses.run import Run
from graph.errors import InputError
from graph.lockstep import build_lockstep
from graph.lockstep_communities import find_lockstep_communities
from graph.store import Store

HELD_ACCOUNTS = 1500
"""About how many undecided accounts stand for all of them."""

HELD_AT_LEAST = 200
"""As many decisions the undecided weigh on either side, however few were made."""

LEAST_BITS = 0.01
"""Smaller corrections are left out."""


@dataclass(frozen=True)
class Calibration:
    """What was learned: the weights, each correction, and whose action would change.

    `corrections` has one row an answer: signal, answer, table (bits), correction.
    `changes` has account_id, judged, risk_before, risk, before and after (actions).
    """

    weights: Weights
    malicious: int
    innocent: int
    corrections: pd.DataFrame
    changes: pd.DataFrame
    right_before: int
    right: int

    def text(self, *, limit: int = 20) -> str:
        """Return the report."""
        judged = self.malicious + self.innocent
        rows = self.corrections.to_dict("records")
        moved = self.changes.to_dict("records")
        newly = self.changes["after_listed"] & ~self.changes["before_listed"]
        no_longer = self.changes["before_listed"] & ~self.changes["after_listed"]
        undecided = self.changes["judged"] == ""
        return as_text(
            [
                f"{judged:,} new accounts judged: {self.malicious:,} malicious, "
                f"{self.innocent:,} innocent",
                f"on the side that was decided: {self.right_before:,} with the weights "
                f"of the run, {self.right:,} with the corrected ones, which were "
                "fitted to these decisions",
                "",
                "Corrections, in bits",
                *table_lines(
                    ("signal", "answer", "table", "correction"),
                    [
                        (
                            row["signal"],
                            row["answer"],
                            f"{row['table']:+.1f}",
                            f"{row['correction']:+.2f}",
                        )
                        for row in rows
                    ],
                ),
                "",
                f"Would be newly listed: {int(newly.sum()):,}, undecided among them "
                f"{int((newly & undecided).sum()):,}; no longer listed: "
                f"{int(no_longer.sum()):,}, undecided among them "
                f"{int((no_longer & undecided).sum()):,}",
                "",
                f"Accounts with another action: {len(moved):,}",
                *table_lines(
                    ("account", "was judged", "risk", "would be", "action", "would be"),
                    [
                        (
                            visible(row["account_id"]),
                            row["judged"],
                            f"{row['risk_before']:.3f}",
                            f"{row['risk']:.3f}",
                            row["before"],
                            row["after"],
                        )
                        for row in moved[:limit]
                    ],
                ),
                *more(len(moved), limit),
            ]
        )


def calibrate(run: Run, ledger: Ledger) -> Calibration:
    """Return the corrected weights and what they would change in this run.

    InputError when no new account of the run was judged.
    """
    judged = labels(ledger)
    with events_copied(run) as store:
        beliefs, names = _believed(run, store)
        known = {name: place for place, name in enumerate(names)}
        mine = {known[n]: label for n, label in judged.items() if n in known}
        if not mine:
            raise InputError(
                f"no new account of {run.folder} was judged in {ledger.path}: "
                "confirm or dismiss some cases first"
            )
        found = fit(beliefs, mine)
        weights = Weights(
            _added(run, found),
            {
                "decisions": ledger.path.name,
                "decisions_sha256": ledger.digest,
                "run": run.folder.resolve().name,
                "malicious": sum(label.malicious for label in mine.values()),
                "innocent": sum(not label.malicious for label in mine.values()),
            },
        )
        before = analysed_again(run, store)
        after = analysed_again(run, store, corrections=weights.bits())
    risk = dict(zip(after["account_id"], after["risk"], strict=True))
    malicious = sum(label.malicious for label in mine.values())
    return Calibration(
        weights=weights,
        malicious=malicious,
        innocent=len(mine) - malicious,
        corrections=_corrections(weights),
        changes=_changes(before, after, judged),
        right_before=sum(
            (beliefs.risk[place] >= 0.5) == label.malicious
            for place, label in mine.items()
        ),
        right=sum(
            (risk.get(names[place], 0.0) >= 0.5) == label.malicious
            for place, label in mine.items()
        ),
    )


def fit(beliefs: Beliefs, judged: Mapping[int, Label]) -> dict[str, np.ndarray]:
    """Return the correction of each answer, in bits, by signal.

    `judged` are positions of accounts. Each decision counts once for the accounts that
    it is about; those that nobody judged are held where they are. A correction is added
    to the log2 odds of whoever answers so.
    """
    places, wanted, weight = _targets(beliefs, judged)
    asked = [
        (code, level)
        for code in sorted(SIGNALS)
        for level in np.unique(beliefs.levels[code][list(judged)]).tolist()
        if level >= 0
    ]
    answers = np.column_stack(
        [beliefs.levels[code][places] == level for code, level in asked]
    ).astype(np.float64)
    risk = np.clip(beliefs.risk[places], 1e-9, 1 - 1e-9)
    said = np.log2(risk / (1 - risk))

    def loss(bits: np.ndarray) -> tuple[float, np.ndarray]:
        odds = np.log(2) * (said + answers @ bits)
        missed = np.logaddexp(0, odds) - wanted * odds
        slope = np.log(2) * (weight * (expit(odds) - wanted)) @ answers
        return float((bits**2).sum() / 2 + weight @ missed), bits + slope

    found = minimize(
        loss,
        np.zeros(len(asked)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-MOST_BITS, MOST_BITS)] * len(asked),
    )
    return {
        code: _in_order(code, bits) for code, bits in _by_signal(asked, found.x).items()
    }


def _targets(
    beliefs: Beliefs, judged: Mapping[int, Label]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return accounts, what is wanted of each, and what it counts.

    The judged, and every so many of the others one: no seed, no order.
    """
    every = max(1, len(beliefs.risk) // HELD_ACCOUNTS)
    chosen = np.zeros(len(beliefs.risk), dtype=bool)
    chosen[::every] = True
    chosen[list(judged)] = True
    wanted, weight = beliefs.risk.copy(), np.zeros(len(beliefs.risk))
    decisions = _by_decision(judged)
    for about in decisions:
        places = np.array(sorted(about))
        wanted[places] = float(next(iter(about.values())).malicious)
        weight[places] = 1 / len(places)
    for side in (beliefs.risk >= 0.5, beliefs.risk < 0.5):
        others = chosen & (weight == 0) & side
        held = max(HELD_AT_LEAST, len(decisions))
        weight[others] = held / max(int(others.sum()), 1)
    places = np.flatnonzero(chosen)
    return places, wanted[places], weight[places]


def _by_decision(judged: Mapping[int, Label]) -> list[dict[int, Label]]:
    """Return the accounts that each decision is about."""
    about: dict[int, dict[int, Label]] = {}
    for place, label in sorted(judged.items()):
        about.setdefault(label.decision.number, {})[place] = label
    return [about[number] for number in sorted(about)]


def _believed(run: Run, store: Store) -> tuple[Beliefs, list[str]]:
    settings = settings_of(run)
    lockstep = build_lockstep(store)
    community = find_lockstep_communities(
        store, lockstep, resolution=settings.teams.resolution
    )
    beliefs = believe(
        observe(store, lockstep),
        community,
        acquaintances=find_acquaintances(store, lockstep),
        settings=settings.belief,
    )
    beliefs = combine(beliefs, lockstep, corrections=corrections_of(run))
    names = store.arrow("SELECT account_id FROM accounts WHERE is_new ORDER BY account")
    return beliefs, names["account_id"].to_pylist()


def _by_signal(asked: list[tuple[str, int]], bits: np.ndarray) -> dict[str, np.ndarray]:
    corrections: dict[str, np.ndarray] = {}
    for (code, level), correction in zip(asked, bits.tolist(), strict=True):
        empty = np.zeros(len(SIGNALS[code].levels))
        corrections.setdefault(code, empty)[level] = correction
    return corrections


def _in_order(code: str, bits: np.ndarray) -> np.ndarray:
    """Return corrections under which the answers keep the order of the table.

    >>> table_bits("software_age").round(2).tolist()
    [-0.47, 1.81]
    >>> _in_order("software_age", np.array([3.0, -3.0])).round(2).tolist()
    [1.14, -1.14]
    """
    table = table_bits(code)
    order = np.argsort(table, kind="stable")
    ranked = isotonic_regression((table + bits)[order]).x
    corrected = np.empty_like(table)
    corrected[order] = ranked - table[order]
    return np.asarray(np.clip(corrected, -MOST_BITS, MOST_BITS).round(3))


def table_bits(code: str) -> np.ndarray:
    """Return the weight of each answer to a signal, as the table has it, in bits."""
    return np.array(
        [np.log2(level.collusive / level.innocent) for level in SIGNALS[code].levels]
    )


def _added(run: Run, found: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Return the corrections as they are written, on top of those of the run."""
    used: Mapping[str, Any] = run.manifest.get("weights", {}).get("corrections", {})
    added: dict[str, dict[str, float]] = {}
    for code in sorted({*found, *used}):
        levels = SIGNALS[code].levels
        new = found.get(code, np.zeros(len(levels))).tolist()
        answers = {
            level.code: round(
                min(
                    max(bits + used.get(code, {}).get(level.code, 0.0), -MOST_BITS),
                    MOST_BITS,
                ),
                3,
            )
            for level, bits in zip(levels, new, strict=True)
        }
        kept = {a: bits for a, bits in answers.items() if abs(bits) >= LEAST_BITS}
        if kept:
            added[code] = kept
    return added


def _corrections(weights: Weights) -> pd.DataFrame:
    rows = [
        (code, level.code, bits, weights.corrections[code][level.code])
        for code in weights.corrections
        for level, bits in zip(
            SIGNALS[code].levels, table_bits(code).tolist(), strict=True
        )
        if level.code in weights.corrections[code]
    ]
    return pd.DataFrame(rows, columns=["signal", "answer", "table", "correction"])


def _changes(
    before: pd.DataFrame, after: pd.DataFrame, judged: Mapping[str, Label]
) -> pd.DataFrame:
    columns = ["account_id", "risk", "action", "listed"]
    both = before[columns].merge(
        after[columns], on="account_id", how="outer", suffixes=("_before", "")
    )
    both = both.sort_values("account_id", ignore_index=True)
    frame = pd.DataFrame(
        {
            "account_id": both["account_id"],
            "judged": [
                {None: "", True: "malicious", False: "innocent"}[
                    judged[name].malicious if name in judged else None
                ]
                for name in both["account_id"]
            ],
            "risk_before": both["risk_before"].fillna(0.0),
            "risk": both["risk"].fillna(0.0),
            "before": both["action_before"].fillna("none"),
            "after": both["action"].fillna("none"),
            "before_listed": both["listed_before"].eq(True),
            "after_listed": both["listed"].eq(True),
        }
    )
    changed = frame[frame["before"] != frame["after"]]
    return changed.sort_values(
        ["after_listed", "before_listed", "risk", "account_id"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )


def default_weights(run: Path) -> Path:
    """Return where the weights are written when no other file is named."""
    return run.resolve().parent / "weights.json"
