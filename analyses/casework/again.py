"""A finished run's analysis, repeated on a changed copy of its events."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from analyses.analysis import Settings, analyse
from analyses.background import read_background
from analyses.casework.before import DECIDED_FILE
from analyses.casework.weights import weights_of
from analyses.run import Run
from analyses.run_events import STORE_FILE
from graph.errors import InputError
from graph.store import Store


@contextmanager
def events_copied(run: Run) -> Iterator[Store]:
    """Give a store in memory with the events of a run, to be changed at will."""
    path = run.folder / STORE_FILE
    if not path.is_file():
        raise InputError(f"{run.folder} has no {STORE_FILE}: the events are needed")
    parameters = run.manifest.get("parameters", {})
    with Store(
        threads=parameters.get("threads"), memory=parameters.get("memory")
    ) as store:
        store.load(path)
        yield store


def analysed_again(
    run: Run, store: Store, *, corrections: Mapping[str, np.ndarray] | None = None
) -> pd.DataFrame:
    """Analyse a changed copy as the run did; return its accounts.

    `corrections` change weights, instead of those that the run used itself. What people
    confirmed counts as it did in the run; what they dismissed does not.
    """
    if corrections is None:
        corrections = corrections_of(run)
    # What was not estimated is not estimated now: the run has it in its folder, too.
    frozen = read_background(run.folder) if run.manifest.get("background") else None
    analyse(
        store,
        settings_of(run),
        corrections=corrections,
        confirmed=confirmed_in(run),
        background=frozen.background if frozen else None,
    )
    return store.frame("SELECT * FROM out_accounts ORDER BY account_id")


def corrections_of(run: Run) -> dict[str, np.ndarray]:
    """Return the corrections of weights that a run used; empty when none."""
    used = run.manifest.get("weights")
    return weights_of(used, Path(str(used.get("file")))).bits() if used else {}


def settings_of(run: Run) -> Settings:
    """Return the settings of a run, from its manifest."""
    found = _filled(Settings(), run.manifest.get("parameters", {}))
    assert isinstance(found, Settings)
    return found


def _filled(default: Any, said: Mapping[str, Any]) -> Any:
    """Return settings with what is said in place of the defaults."""
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(default):
        if field.name not in said:
            continue
        value = said[field.name]
        if dataclasses.is_dataclass(getattr(default, field.name)):
            value = _filled(getattr(default, field.name), value)
        changes[field.name] = tuple(value) if isinstance(value, list) else value
    return dataclasses.replace(default, **changes)


def confirmed_in(run: Run) -> Sequence[str]:
    """Return the accounts that a run took for confirmed malicious, sorted."""
    path = run.folder / DECIDED_FILE
    if not path.is_file():
        return ()
    table = pq.read_table(path).to_pylist()
    return sorted(row["id"] for row in table if row["effect"] == "verified")
