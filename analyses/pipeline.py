"""A run from end to end: read, number, share, believe, conclude, write."""

import hashlib
import os
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from analyses.background import Background, write_background
from analyses.capacity import Capacity, Fitted, fit_to_capacity
from analyses.casework.before import Before, Recalled, recall
from analyses.casework.lifecycle import Life
from analyses.casework.settle import Effect
from analyses.detection.belief import Beliefs, BeliefSettings, believe
from analyses.detection.combination import combine
from analyses.detection.crews import CrewSettings, put_groups
from analyses.detection.findings import Findings, write_findings
from analyses.detection.giver_signals import GIVER_WORDS
from analyses.detection.givers import Givers, find_givers
from analyses.detection.helper_roles import HelperRoles, find_helper_roles, put_roles
from analyses.detection.helper_signals import HELPER_SIGNALS
from analyses.detection.observations import observe
from analyses.detection.platforms import PlatformSettings
from analyses.detection.records import find_acquaintances
from analyses.detection.signals import OTHER_EVIDENCE, SIGNALS
from analyses.detection.teams import Teams, TeamSettings, form_teams, join_collusive
from analyses.networks.analysis import find_networks, not_analysed
from analyses.networks.registry import NETWORK_WORDS, NETWORKS
from analyses.on_spark import SparkSettings, tables_on
from analyses.phases import Clock, Phase, Progress
from analyses.policy import PolicySettings
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
from graph.gatherings import Closeness, find_gatherings
from graph.help_facts import gather_help_facts
from graph.lockstep import Lockstep, build_lockstep
from graph.numbering import Window, find_window, number
from graph.schema import TABLES
from graph.shared_keys import collect_shared_keys
from graph.store import Saved, Store
from loaders import Pseudonyms, load, write_rejects
from loaders.report import LoadReport


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
    the same answer (`analyses.resuming`). `before` names
    what is known from before: decisions, the last run, weights. `texts` is the language
    of the lists. `profile` is a folder for the plans of all statements, as JSON. With
    `pseudonyms` no id, address or name of the data is in anything that the run writes.
    With `spark` the statements over events run on that cluster, and find the same.
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
            window = steps.do(
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
            | {"notes": notes, "not_analysed": [*report.not_analysed, *left_out]}
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
        raise InputError("; ".join(report.blocking))
    recalled.add_events(store)
    recalled.declare(store)
    return report, recalled.twice, recalled.allowed


def _number(
    store: Store, settings: Settings, recalled: Recalled, phase: Phase
) -> Window:
    new_since, frozen = settings.new_since, recalled.frozen
    if new_since is None and frozen is not None:
        new_since = frozen.new_since
    window = find_window(store, new_since=new_since, as_of=settings.as_of)
    number(store, window)
    store.drop(*(f"loaded_{name}" for name in TABLES))
    phase.rows = store.count("account_names")
    return window


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
        everyone = np.ones(len(lockstep.accounts), dtype=bool)
        found = lockstep.communities(
            resolution=settings.teams.resolution, members=everyone
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
        found = find_givers(store, settings.crews, settings.platforms)
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
    return Analysis(lockstep, Background(beliefs.model, helpers.model))


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


def _new_ids(store: Store) -> list[str]:
    rows = store.arrow("SELECT account_id FROM accounts WHERE is_new ORDER BY account")
    ids: list[str] = rows["account_id"].to_pylist()
    return ids


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
