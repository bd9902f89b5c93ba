"""A run from end to end: read, number, analyse, store, write."""

import hashlib
import os
import platform
import shutil
from contextlib import nullcontext
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analyses.analysis import Analysis, analyse
from analyses.analysis import Settings as Settings
from analyses.background import write_background
from analyses.capacity import Fitted, fit_to_capacity
from analyses.casework.before import Before, Recalled, recall
from analyses.casework.lifecycle import Life
from analyses.casework.settle import Effect
from analyses.detection.giver_signals import GIVER_WORDS
from analyses.detection.helper_signals import HELPER_SIGNALS
from analyses.detection.signals import OTHER_EVIDENCE, SIGNALS
from analyses.networks.analysis import not_analysed
from analyses.networks.registry import NETWORK_WORDS
from analyses.on_spark import SparkSettings, tables_on
from analyses.phases import Clock, Phase, Progress
from analyses.reporting.risk_list import write_lists
from analyses.reporting.run_folder import (
    KEPT,
    read_manifest,
    staged,
    write_manifest,
    write_outputs,
)
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import Reason
from analyses.resuming import Kept, Steps, mark_of
from analyses.run import Run
from analyses.run_events import STORE_FILE
from graph.errors import InputError
from graph.lockstep import Lockstep
from graph.numbering import Window, find_window, lonely_end, number
from graph.schema import TABLES
from graph.store import Saved, Store
from loaders import Pseudonyms, load, write_rejects
from loaders.report import LoadReport


def run(
    data: Path,
    out: Path,
    *,
    mapping: Path | None = None,
    settings: Settings | None = None,
    before: Before | None = None,
    texts: Texts = ENGLISH,
    overwrite: bool = False,
    progress: Progress | None = None,
    profile: Path | None = None,
    pseudonyms: Pseudonyms | None = None,
    resumable: bool = False,
    spark: SparkSettings | None = None,
) -> Run:
    """Analyse a folder of event tables and write the run folder; return it opened.

    Raises InputError when the data cannot be read or is not enough, OutputError when
    the folder cannot be written. A run that fails leaves nothing behind; one that is
    `resumable` what its finished phases left, and the same run goes on from there, with
    the same answer (`analyses.resuming`). `before` names what is known from before:
    decisions, the last run, weights. `texts` is the language of the lists. `profile` is
    a folder for the plans of all statements, as JSON. With `pseudonyms` no id, address
    or name of the data is in anything that the run writes. With `spark` the statements
    over events run on that cluster, and find the same.
    """
    settings = settings or Settings()
    _same_names(before or Before(), pseudonyms)
    if resumable and pseudonyms is not None:
        raise InputError(
            "--resumable keeps what is read on the disk, --pseudonymise promises that "
            "nothing of it is written: give one of them"
        )
    if resumable and spark is not None:
        raise InputError(
            "--resumable keeps the phases of the embedded engine: leave it out with "
            "--engine spark"
        )
    recalled = recall(before or Before())
    clock = Clock(progress or (lambda name, at, of: None))
    with staged(out, overwrite=overwrite, keep=resumable) as folder:
        spill = folder / ".spilled"  # on the disk of OUT, and readable by its owner
        with (
            _kept(folder, data, mapping, settings, recalled)
            if resumable
            else nullcontext() as kept,
            Store(
                kept.tables if kept else None,
                threads=settings.threads,
                memory=settings.memory,
                spill=spill,
                profile=profile,
            ) as store,
        ):
            steps = Steps(store, clock, kept)
            report, recalled.twice, recalled.allowed = steps.do(
                "read",
                lambda phase: _read(store, data, mapping, recalled, pseudonyms, phase),
            )
            window, lonely = steps.do(
                "number", lambda phase: _number(store, settings, recalled, phase)
            )
            stored = kept.file(STORE_FILE, "store") if kept else folder / STORE_FILE
            with store.saving(stored) as saved:
                frozen = recalled.frozen
                with tables_on(store, EVENTS, spark, folder) as tables:
                    found = analyse(
                        tables,
                        replace(settings, as_of=window.as_of),
                        steps=Steps(tables, clock) if spark else steps,
                        corrections=recalled.corrections,
                        confirmed=recalled.confirmed,
                        background=frozen.background if frozen else None,
                        beside_belief=lambda: saved.add(EVENTS if kept is None else ()),
                    )
                left_out, fitted, recalled.effects, recalled.lives = steps.do(
                    "store",
                    lambda phase: _store(
                        store,
                        saved,
                        settings,
                        recalled,
                        window,
                        names=FOUND if kept is None else (*EVENTS, *FOUND),
                    ),
                )
            said = [fitted.note] if settings.capacity.is_limited else []
            notes = steps.do(
                "write",
                lambda phase: _write(
                    store, folder, found, recalled, said, texts, phase
                ),
            )
        if kept is not None:
            _link(stored, folder / STORE_FILE)
        shutil.rmtree(spill, ignore_errors=True)
        write_manifest(
            folder,
            _manifest(data, mapping, settings, window, report, clock, found.lockstep)
            | recalled.manifest()
            | ({"pseudonyms": {"key": pseudonyms.mark}} if pseudonyms else {})
            | {
                "notes": [*lonely, *notes],
                "not_analysed": [*report.not_analysed, *left_out],
            }
            | ({"capacity": asdict(fitted)} if settings.capacity.is_limited else {})
            | ({"resumed_after": kept.resumed_after} if kept else {})
            | ({"engine": spark.record()} if spark else {}),
        )
    return Run.open(out)


def _kept(
    folder: Path,
    data: Path,
    mapping: Path | None,
    settings: Settings,
    recalled: Recalled,
) -> Kept:
    """Return what an interrupted run over the same has left, or room for this one.

    How many threads and how much memory queries use changes no answer.
    """
    same = replace(settings, threads=None, memory=None)
    mark = mark_of(
        _versions(), _inputs(data, mapping), asdict(same), recalled.manifest()
    )
    return Kept(folder / KEPT, mark)


def _read(
    store: Store,
    data: Path,
    mapping: Path | None,
    recalled: Recalled,
    pseudonyms: Pseudonyms | None,
    phase: Phase,
) -> tuple[LoadReport, int, int]:
    report = load(
        data, store, mapping=mapping, count_outside=False, pseudonyms=pseudonyms
    )
    phase.rows = sum(table.loaded for table in report.tables)
    if report.blocking:
        raise InputError(
            f"{'; '.join(report.blocking)}: scanring check {data} says why"
        )
    recalled.add_events(store)
    recalled.declare(store)
    return report, recalled.twice, recalled.allowed


def _number(
    store: Store, settings: Settings, recalled: Recalled, phase: Phase
) -> tuple[Window, list[str]]:
    new_since, frozen = settings.new_since, recalled.frozen
    if new_since is None and frozen is not None:
        new_since = frozen.new_since
    window = find_window(store, new_since=new_since, as_of=settings.as_of)
    lonely = lonely_end(store, window)
    number(store, window)
    store.drop(*(f"loaded_{name}" for name in TABLES))
    phase.rows = store.count("account_names")
    return window, lonely


def _store(
    store: Store,
    saved: Saved,
    settings: Settings,
    recalled: Recalled,
    window: Window,
    *,
    names: tuple[str, ...],
) -> tuple[list[str], Fitted, list[Effect], list[Life]]:
    """Change the outputs as what is known from before asks; save tables by name."""
    left_out = not_analysed(store, settings.networks)
    recalled.settle(store, window.as_of)
    fitted = fit_to_capacity(store, settings.capacity)
    saved.add(names)
    saved.wait()
    store.drop(*NOT_LISTED)
    return left_out, fitted, recalled.effects, recalled.lives


def _write(
    store: Store,
    folder: Path,
    found: Analysis,
    recalled: Recalled,
    said: list[str],
    texts: Texts,
    phase: Phase,
) -> list[str]:
    """Write the files of the run; return what its reader must know."""
    phase.rows = store.count("out_accounts")
    write_outputs(store, folder)
    recalled.write(folder)
    write_background(found.background, folder)
    write_rejects(store, folder / "rejects")
    lists = write_lists(
        Run(folder, store=store), folder, WORDS, explanation=said, texts=texts
    )
    return [*said, *lists, *_background_notes(store), *recalled.notes()]


def _link(path: Path, to: Path) -> None:
    """Let a file be in two places; where the file system cannot do that, copy it."""
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)


def _same_names(before: Before, pseudonyms: Pseudonyms | None) -> None:
    """Raise InputError when an earlier run calls the accounts by other names."""
    mine = {"key": pseudonyms.mark} if pseudonyms else None
    for earlier in (before.previous, before.add_to):
        if earlier is not None and read_manifest(earlier).get("pseudonyms") != mine:
            raise InputError(
                f"{earlier} calls its accounts by other names: run both with "
                "--pseudonymise and the same key, or both without"
            )


def _background_notes(store: Store) -> list[str]:
    """Say so when there is too little to compare newcomers with."""
    new, old = store.rows(
        "SELECT count(*) FILTER (is_new), count(*) FILTER (NOT is_new) FROM accounts"
    )[0]
    if old * 2 >= new:
        return []
    return [
        f"{old:,} established accounts beside {new:,} new ones: there is little to "
        "compare newcomers with, and what they share may be usual; "
        "a later --new-since makes more of them established"
    ]


EVENTS = (*TABLES, "account_names")
"""What stays of the numbered events in the run's store."""

NOT_LISTED = (
    "devices",
    "logins",
    "ties",
    "key_holders",
    "shared_keys",
    "helper_helps",
    "helper_facts",
)
"""Large tables that no list needs."""

FOUND = (
    "shared_keys",
    "key_holders",
    "help_facts",
    "gatherings",
    "relayed_gatherings",
    "crew_sessions",
    "stall_scans",
)
"""What stays in it of the analysis: shared keys, helps, sessions of crews."""

WORDS: dict[str, Reason] = {
    **SIGNALS,
    **HELPER_SIGNALS,
    **GIVER_WORDS,
    **NETWORK_WORDS,
    **OTHER_EVIDENCE,
}


def _manifest(
    data: Path,
    mapping: Path | None,
    settings: Settings,
    window: Window,
    report: LoadReport,
    clock: Clock,
    lockstep: Lockstep,
) -> dict[str, Any]:
    return {
        "versions": _versions(),
        "inputs": _inputs(data, mapping),
        "parameters": asdict(settings),
        "window": asdict(window),
        "rows": {
            table.name: {
                "read": table.read,
                "loaded": table.loaded,
                "rejected": table.rejected,
            }
            for table in report.tables
            if not table.absent
        },
        "lockstep": {
            "new_accounts": len(lockstep.accounts),
            "shared_keys": len(lockstep.kinds),
            "links": int((lockstep.weight > 0).sum()),
        },
        "phases": clock.phases,
    }


def _versions() -> dict[str, str]:
    names = ("scanring", "duckdb", "networkit", "numpy", "pyarrow", "scipy")
    return {name: version(name) for name in names} | {
        "python": platform.python_version()
    }


def _inputs(data: Path, mapping: Path | None) -> dict[str, str]:
    return _hashes(data) | ({"mapping": _hash(mapping)} if mapping else {})


def _hashes(data: Path) -> dict[str, str]:
    files = sorted(path for path in data.rglob("*") if path.is_file())
    inside = [path for path in files if "truth" not in path.relative_to(data).parts]
    return {path.relative_to(data).as_posix(): _hash(path) for path in inside}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
