"""What is known from before a run: decisions, earlier runs, corrected weights.

Without any of them a run is what it was without this module.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analyses.background import Frozen, read_background
from analyses.casework.adding import add_events
from analyses.casework.decisions import Ledger, read_decisions
from analyses.casework.labels import confirmed_accounts
from analyses.casework.lifecycle import (
    CHANGES,
    Life,
    Snapshot,
    keep_ids,
    lives_table,
)
from analyses.casework.settle import Effect, decided_table, settle
from analyses.casework.weights import Weights, read_weights
from analyses.reporting.run_folder import MANIFEST
from analyses.run import Run
from graph.errors import InputError
from graph.store import Store

DECIDED_FILE = "decided.parquet"
LIFECYCLE_FILE = "lifecycle.parquet"


@dataclass(frozen=True)
class Before:
    """Where what is known from before stands; None: it is not used.

    `background` is the run whose background is taken, `add_to` one whose background and
    events are taken: one of both at most.
    """

    decisions: Path | None = None
    previous: Path | None = None
    weights: Path | None = None
    background: Path | None = None
    add_to: Path | None = None


@dataclass
class Recalled:
    """What was read of it, and what has come of it in this run."""

    before: Before
    ledger: Ledger | None = None
    previous: Snapshot | None = None
    previous_digest: str = ""
    weights: Weights | None = None
    weights_digest: str = ""
    frozen: Frozen | None = None
    twice: int = 0
    effects: list[Effect] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    allowed: int = 0

    @property
    def corrections(self) -> dict[str, np.ndarray] | None:
        """The factors for the collusive shares, if there are corrected weights."""
        return self.weights.bits() if self.weights else None

    @property
    def confirmed(self) -> tuple[str, ...]:
        """The accounts that people have confirmed as malicious."""
        return confirmed_accounts(self.ledger) if self.ledger else ()

    def add_events(self, store: Store) -> None:
        """Put the events of the run to be added to beside the loaded ones."""
        if self.before.add_to is not None:
            self.twice = add_events(store, self.before.add_to)

    def declare(self, store: Store) -> None:
        """Let what is on the allow list count as declared; before ids are numbered."""
        if self.ledger is None:
            return
        allowed = sorted(self.ledger.allowed().items())
        self.allowed = len(allowed)
        store.put(
            "_allowed",
            pa.table(
                {
                    "kind": pa.array([kind for (kind, _), _ in allowed], pa.string()),
                    "value": pa.array([name for (_, name), _ in allowed], pa.string()),
                }
            ),
        )
        store.materialise(
            "loaded_declared",
            """SELECT * FROM loaded_declared UNION ALL BY NAME
               SELECT a.kind, a.value, 'on the allow list' AS organisation
               FROM _allowed AS a WHERE NOT EXISTS (
                 SELECT 1 FROM loaded_declared AS d
                 WHERE d.kind = a.kind AND d.value = a.value)""",
        )
        store.drop("_allowed")

    def settle(self, store: Store, as_of: int) -> None:
        """Change the output tables as what is known from before asks."""
        if self.previous is not None:
            self.lives = keep_ids(store, self.previous, as_of)
        if self.ledger is not None:
            self.effects = settle(store, self.ledger)

    def write(self, folder: Path) -> None:
        """Write the tables of what has come of it into the run folder."""
        if self.ledger is not None:
            pq.write_table(decided_table(self.effects), folder / DECIDED_FILE)
        if self.previous is not None:
            pq.write_table(lives_table(self.lives), folder / LIFECYCLE_FILE)

    def notes(self) -> list[str]:
        """Return what the reader of a run must know of it."""
        accounts = [e for e in self.effects if e.kind == "account"]
        down = sum(e.effect == "kept_down" for e in accounts)
        again = sum(e.effect == "raised_again" for e in accounts)
        notes = list(self.ledger.faults) if self.ledger else []
        if self.twice and self.before.add_to is not None:
            notes.append(
                f"{self.twice:,} rows were in {self.before.add_to.name} already, and "
                "stayed as they were"
            )
        if down:
            notes.append(
                f"{down:,} account{'s' * (down != 1)} not raised again: dismissed or "
                "allowed before"
            )
        if again:
            notes.append(
                f"{again:,} account{'s' * (again != 1)} raised again, though dismissed "
                f"or allowed before, because something stands out: {DECIDED_FILE} says "
                "what"
            )
        return notes

    def manifest(self) -> dict[str, Any]:
        """Return what the manifest says of it; nothing when nothing was used."""
        said: dict[str, Any] = {}
        if self.ledger is not None:
            effects = [e.effect for e in self.effects if e.kind == "account"]
            said["decisions"] = {
                "file": self.ledger.path.name,
                "sha256": self.ledger.digest,
                "decisions": len(self.ledger.decisions),
                "in_force": len(self.ledger.in_force()),
                "faults": list(self.ledger.faults),
                "allowed": self.allowed,
                **{
                    effect: effects.count(effect)
                    for effect in ("kept_down", "raised_again", "verified")
                },
            }
        if self.before.previous is not None:
            changes = [life.change for life in self.lives]
            said["previous"] = {
                "run": self.before.previous.resolve().name,
                "manifest_sha256": self.previous_digest,
                "changes": {c: changes.count(c) for c in CHANGES},
                "teams": [
                    vars(life) | {"before": list(life.before)}
                    for life in self.lives
                    if life.change != "unchanged"
                ],
            }
        earlier = self.before.add_to or self.before.background
        if self.frozen is not None and earlier is not None:
            said["background"] = {
                "run": earlier.resolve().name,
                "sha256": self.frozen.digest,
                "events_added": self.before.add_to is not None,
                "rows_there_twice": self.twice,
            }
        if self.weights is not None and self.before.weights is not None:
            said["weights"] = {
                "file": self.before.weights.name,
                "sha256": self.weights_digest,
                "corrections": {
                    k: dict(v) for k, v in self.weights.corrections.items()
                },
            }
        return said


def recall(before: Before) -> Recalled:
    """Read what is known from before; InputError for what is named and not there."""
    recalled = Recalled(before)
    if before.background is not None and before.add_to is not None:
        raise InputError(
            "a background and a run to add to: give one of them; "
            "events are added with the background of their run"
        )
    earlier = before.add_to or before.background
    if earlier is not None:
        recalled.frozen = read_background(earlier)
    if before.decisions is not None:
        if not before.decisions.is_file():
            raise InputError(f"there is no file of decisions {before.decisions}")
        recalled.ledger = read_decisions(before.decisions)
    if before.previous is not None:
        with Run.open(before.previous) as old:
            recalled.previous = snapshot(old)
        content = (before.previous / MANIFEST).read_bytes()
        recalled.previous_digest = hashlib.sha256(content).hexdigest()
    if before.weights is not None:
        recalled.weights, recalled.weights_digest = read_weights(before.weights)
    return recalled


def snapshot(run: Run) -> Snapshot:
    """Return the teams of a finished run."""
    as_of = run.manifest.get("window", {}).get("as_of")
    return Snapshot.of(run.teams, run.members, as_of)
