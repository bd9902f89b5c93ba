"""What every part adds: the same worlds with one part left out after the other.

    python tests/benchmarks/ablation.py [--world NAME …] [--only TEXT]

Left out are each signal about accounts, helpers, crews and platforms, each kind of
shared key as what joins accounts, and each step of the method. A world is read once and
analysed anew for each. What was measured is kept in the folder of results; a part that
is there is not measured again, so a long run can be made in pieces.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import graph.lockstep as lockstep
from analyses import analysis
from analyses.analysis import Settings, analyse
from analyses.detection.belief import Beliefs
from analyses.detection.giver_signals import CREW_SIGNALS, PLATFORM_SIGNALS
from analyses.detection.helper_signals import HELPER_SIGNALS
from analyses.detection.signals import SIGNALS
from analyses.evaluation.comparison import compare
from analyses.evaluation.evaluate import evaluate_world
from analyses.phases import Clock
from analyses.reporting.report_tables import Section
from analyses.reporting.run_folder import write_outputs
from graph.numbering import find_window, number
from graph.shared_keys import SHARED_KEYS
from graph.store import Store
from loaders import load
from loaders.simulator import simulate
from tests.benchmarks.quality_table import kind_words
from tests.benchmarks.quality_worlds import WorldName, rounded, weights_without

ROOT = Path(__file__).resolve().parents[2]
WORLDS = tuple(
    f"{design}:{farmed:g}:mixed:{70 + place}"
    for place, (farmed, design) in enumerate(
        (farmed, design)
        for farmed in (0.1, 0.02)
        for design in ("nationwide", "student_towns", "factory_belt")
        for _ in range(2)
    )
)
"""The worlds that are taken when none is named; none of them is reported elsewhere.

Three designs of two seeds each, where farms are frequent and where they are rare. The
weights of all evidence are those fitted without the design of the world.
"""

NEW = 6_000
"""New accounts of such a world, a seventh of the usual: there are many parts."""

WHOLE = "nothing is left out"

FIGURES = (
    ("accounts F1", "batch_registered.found.f1"),
    ("accounts AP", "batch_registered.average_precision"),
    ("farms", "registration_farm.bcubed_f1"),
    ("stall helps F1", "helps.stall.f1"),
    ("crews", "scanning_crew.bcubed_f1"),
    ("lured F1", "roles.lured_helper.f1"),
    ("workers F1", "roles.platform_worker.f1"),
    ("operators F1", "roles.operator.f1"),
    ("owned F1", "roles.owned_helper.f1"),
    ("repeat helpers AP", "repeat_helpers.average_precision"),
    ("calibration error", "calibration_error"),
    ("crews' risk", "scanning_crew.risk_brier"),
    ("platforms' risk", "helper_platform.risk_brier"),
)
"""The figures whose change is shown."""

RANKED = "accounts AP"
"""The figure that says how well accounts are ranked, whatever the threshold."""


@dataclass(frozen=True)
class Part:
    """A part that can be left out: its sort, its name, and how to run without it."""

    sort: str
    name: str
    without: Callable[[Settings], Any]

    @property
    def says(self) -> str:
        """The name under which its figures are kept."""
        return f"{self.sort}: {self.name}"


def parts() -> list[Part]:
    """Return every part that can be left out, in the order of the table."""
    found = [Part("signal of accounts", code, _signal(code)) for code in SIGNALS]
    found += [
        Part("signal of helpers", code, _helper_signal(code)) for code in HELPER_SIGNALS
    ]
    for sort, table in (
        ("signal of crews", CREW_SIGNALS),
        ("signal of platforms", PLATFORM_SIGNALS),
    ):
        found += [Part(sort, code, _giver_signal(table, code)) for code in table]
    found += [
        Part("shared key", key.kind, _shared_key(key.kind)) for key in SHARED_KEYS
    ]
    return found + _steps()


def _steps() -> list[Part]:
    """Return the steps of the method, each with the setting that leaves it out."""
    belief, teams = ("belief", "teams")
    settings: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("rounds of belief", belief, {"rounds": 1}),
        ("cap on members that count", belief, {"effective_members": 1e6}),
        (
            "caps on signals, families and sums",
            belief,
            {
                name: 1e3
                for name in (
                    *("signal_cap", "family_cap", "own_cap", "own_whole_cap"),
                    *("whole_cap", "concentration_cap"),
                )
            },
        ),
        ("cap on concentration", belief, {"concentration_cap": 1e3}),
        ("hiding costs little", belief, {"hiding_cost": 1e3}),
        ("evidence of the member itself", belief, {"own_weight": 0.0}),
        ("joining of collusive communities", teams, {"member_risk": 2.0}),
    )
    found = [
        Part("step", name, _setting(group, changes))
        for name, group, changes in settings
    ]
    found.append(
        Part(
            "step",
            "gatherings",
            _setting("closeness", {"minimum_helps": 10**9}),
        )
    )
    found.append(
        Part("step", "declared keys count less", _constant("DECLARED_SHARE", 1.0))
    )
    found.append(
        Part(
            "step",
            "weighing all evidence together",
            _constant("combine", _belief_alone, of=analysis),
        )
    )
    return found


def _belief_alone(beliefs: Beliefs, *_: object, **__: object) -> Beliefs:
    """Stand in for what weighs all evidence together."""
    return beliefs


def _setting(group: str, changes: dict[str, Any]) -> Callable[[Settings], Any]:
    @contextmanager
    def without(settings: Settings) -> Iterator[Settings]:
        yield replace(settings, **{group: replace(getattr(settings, group), **changes)})

    return without


@contextmanager
def _changed(table: dict[str, Any], code: str, **changes: Any) -> Iterator[None]:
    kept = table[code]
    table[code] = replace(kept, **changes)
    try:
        yield
    finally:
        table[code] = kept


def _changing(
    table: dict[str, Any], code: str, **changes: Any
) -> Callable[[Settings], Any]:
    @contextmanager
    def without(settings: Settings) -> Iterator[Settings]:
        with _changed(table, code, **changes):
            yield settings

    return without


def _signal(code: str) -> Callable[[Settings], Any]:
    return _changing(SIGNALS, code, of_communities=False, of_members=False)


def _helper_signal(code: str) -> Callable[[Settings], Any]:
    return _changing(HELPER_SIGNALS, code, level="-1")


def _giver_signal(table: dict[str, Any], code: str) -> Callable[[Settings], Any]:
    return _changing(table, code, collusive=(1.0, 1.0), innocent=(1.0, 1.0))


def _shared_key(kind: str) -> Callable[[Settings], Any]:
    worthless = tuple(
        replace(key, worth=0) if key.kind == kind else key for key in SHARED_KEYS
    )
    return _constant("SHARED_KEYS", worthless)


def _constant(
    name: str, value: object, *, of: ModuleType = lockstep
) -> Callable[[Settings], Any]:
    @contextmanager
    def without(settings: Settings) -> Iterator[Settings]:
        kept = getattr(of, name)
        setattr(of, name, value)
        try:
            yield settings
        finally:
            setattr(of, name, kept)

    return without


def ablate(
    name: WorldName, path: Path, wanted: list[Part], new: int = NEW
) -> dict[str, Any]:
    """Measure a world whole and without each part; keep what is there in the file."""
    found: dict[str, Any] = {"world": str(name), "parts": {}}
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
    missing = [part for part in wanted if part.says not in found["parts"]]
    if not missing and WHOLE in found["parts"]:
        return found
    with tempfile.TemporaryDirectory() as folder, Store() as store:
        world, out = Path(folder, "world"), Path(folder, "run")
        simulate(world, replace(name.settings(), new=new, existing=3 * new))
        load(world, store)
        number(store, find_window(store))
        out.mkdir()
        for part in (None, *missing):
            says = part.says if part else WHOLE
            if part is None and WHOLE in found["parts"]:
                continue
            settings = Settings()
            with weights_without(name.design):
                if part is None:
                    analyse(store, settings, Clock())
                else:
                    with part.without(settings) as changed:
                        analyse(store, changed, Clock())
            write_outputs(store, out)
            helps = world / "helps.parquet"
            figures = evaluate_world(compare(out, world / "truth", helps=helps)).figures
            found["parts"][says] = {key: rounded(figures[key]) for _, key in FIGURES}
            path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
            print(f"{name}  {says}", found["parts"][says], flush=True)
    return found


def tables(found: list[dict[str, Any]]) -> list[Section]:
    """Return a table for each kind of world: share farmed, and style of the farms."""
    kinds: dict[tuple[float, str], list[dict[str, Any]]] = {}
    for each in found:
        kinds.setdefault(WorldName.read(each["world"]).kind, []).append(each)
    ordered = sorted(kinds.items(), key=lambda item: (-item[0][0], item[0][1]))
    return [
        replace(table(worlds), title=f"{kind_words(*kind)}: {_named(worlds)}")
        for kind, worlds in ordered
    ]


def _named(found: list[dict[str, Any]]) -> str:
    return ", ".join(each["world"] for each in found)


def table(found: list[dict[str, Any]]) -> Section:
    """Return how much each figure changes without each part, mean of the worlds.

    A figure that falls without a part (negative) is what the part adds; of the
    calibration error and of the risk of crews and platforms (Brier scores), one that
    rises. The last column tells in how many of the worlds
    the ranking of accounts is worse without it.
    """
    names = list(dict.fromkeys(name for each in found for name in each["parts"]))
    rows: list[tuple[str, ...]] = []
    for name in names:
        cells = []
        for _, key in FIGURES:
            pairs = [
                (each["parts"][name].get(key), each["parts"][WHOLE].get(key))
                for each in found
                if name in each["parts"]
            ]
            known = [(a, b) for a, b in pairs if a is not None and b is not None]
            if not known:
                cells.append("none")
            elif name == WHOLE:
                cells.append(f"{sum(a for a, _ in known) / len(known):.3f}")
            else:
                change = sum(a - b for a, b in known) / len(known)
                cells.append("0" if abs(change) < 5e-4 else f"{change:+.3f}")
        rows.append((name, *cells, _worse_in(found, name)))
    return Section(
        f"Without each part: change of each figure, mean of the worlds {_named(found)}",
        ("left out", *(name for name, _ in FIGURES), f"{RANKED} falls in"),
        tuple(rows),
    )


def _worse_in(found: list[dict[str, Any]], name: str) -> str:
    """Say in how many worlds the accounts are ranked worse without a part."""
    if name == WHOLE:
        return ""
    key = dict(FIGURES)[RANKED]
    parts_of = [each["parts"] for each in found if name in each["parts"]]
    pairs = [(parts[name][key], parts[WHOLE][key]) for parts in parts_of]
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    return f"{sum(b - a >= 5e-4 for a, b in known)} of {len(known)}"


def ablations(folder: Path) -> list[dict[str, Any]]:
    """Return what was measured of each world in a folder of results."""
    paths = sorted(folder.glob("ablation_*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "quality")
    parser.add_argument("--world", action="append", type=WorldName.read)
    parser.add_argument("--only", default="", help="only parts with this in their name")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    if not wanted.report:
        chosen = [part for part in parts() if wanted.only in part.says]
        for name in wanted.world or [WorldName.read(world) for world in WORLDS]:
            ablate(name, wanted.folder / f"ablation_{name.file_name}", chosen)
    for section in tables(ablations(wanted.folder)):
        print("\n" + section.text())


if __name__ == "__main__":
    main()
