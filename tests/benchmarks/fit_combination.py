"""Fit the weights of all evidence together on sample worlds, and say what it gains.

    python -m tests.benchmarks.fit_combination [--seed N] [--new N]
                                               [--check | --signals | --without CODES]

Worlds of every design, at several shares of farmed accounts, under every attack, with
whole tables left out, and with habits drawn anew around the design's. For each design
the weights fitted on the *other* designs are tried on it, beside the belief model
alone: that is the figure that counts. Then all worlds together give
`analyses/detection/combined_weights.json`. The weights without a design stay beside
this file, for `make quality`. `--check` leaves both alone, and so does `--signals`: it
says what the sum is worth without the parts of one signal after the other, fitted anew.
`--without` says what all is worth when some signals, joined by commas, are asked
neither by the belief model nor by the sum.
"""

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from analyses.detection.belief import Beliefs, believe
from analyses.detection.combination import Weights, fitted_weights
from analyses.detection.combination_fit import Example, example, fit
from analyses.detection.observations import observe
from analyses.detection.records import find_acquaintances
from analyses.detection.signals import SIGNALS
from analyses.detection.teams import TeamSettings
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.lockstep import Lockstep, build_lockstep
from graph.numbering import find_window, number
from graph.shared_keys import collect_shared_keys
from graph.store import Store
from loaders import load
from loaders.simulator import ATTACKS, DESIGNS, WorldSettings, simulate

FILE = Path(__file__).parents[2] / "analyses" / "detection" / "combined_weights.json"
LEFT_OUT_FILE = Path(__file__).with_name("weights_left_out.json")
"""Weights for each design, fitted on the others: `make quality` measures with these."""

WORLDS: tuple[dict[str, Any], ...] = (
    {"farmed": 0.1},
    {"farmed": 0.1, "style": "careful"},
    {"farmed": 0.03},
    {"farmed": 0.008},
)
"""The shares of farmed accounts and the styles of which each design has a world."""

LEFT_OUT = (
    ("ties",),
    ("activity", "posts"),
    ("logins", "devices"),
    ("scans", "codes"),
    ("complaints", "sanctions"),
    ("activity", "complaints", "logins", "posts", "sanctions", "ties"),
)
"""Tables that are missing together, one of these for each design."""


@dataclass(frozen=True)
class Training:
    """A world to learn from: its settings, and the tables that nobody has there."""

    settings: WorldSettings
    without: tuple[str, ...] = ()

    def __str__(self) -> str:
        one = self.settings
        words = [one.design, f"{one.farmed:g}", one.style, *one.attacks]
        words += ["varied"] if one.varied else []
        return " ".join(words + [f"without {name}" for name in self.without])


def training_worlds(seed: int, new: int) -> list[Training]:
    """Return all worlds to learn from, with seeds from this one on."""
    chosen: list[tuple[dict[str, Any], tuple[str, ...]]] = [
        ({"design": design} | extra, ()) for extra in WORLDS for design in DESIGNS
    ]
    for design, without in zip(DESIGNS, LEFT_OUT, strict=True):
        chosen.append(({"design": design, "farmed": 0.05}, without))
    for place, attack in enumerate(ATTACKS):
        for step, farmed in ((0, 0.1), (1, 0.03)):
            design = list(DESIGNS)[(2 * place + 3 * step) % len(DESIGNS)]
            chosen.append(
                ({"design": design, "farmed": farmed, "attacks": (attack,)}, ())
            )
    chosen += [
        ({"design": design, "varied": True} | extra, ())
        for extra in WORLDS
        for design in DESIGNS
    ]
    return [
        Training(
            WorldSettings(
                seed=seed + place,
                new=new if options["farmed"] > 0.01 else 2 * new,
                existing=3 * new,
                **options,
            ),
            without,
        )
        for place, (options, without) in enumerate(chosen)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--new", type=int, default=12_000)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--signals", action="store_true")
    parser.add_argument("--without", default="")
    wanted = parser.parse_args()
    without = wanted.without.split(",") if wanted.without else []
    if unknown := set(without) - set(SIGNALS):
        parser.error(f"no signals: {', '.join(sorted(unknown))}")
    worlds = training_worlds(wanted.seed, wanted.new)
    examples: list[Example] = []
    before: list[np.ndarray] = []
    for world in worlds:
        found, risk = measured(world)
        examples.append(found)
        before.append(risk)
    if wanted.signals or without:
        whole = tried(examples)
        print(*head(whole), sep="\n", flush=True)
        for code in SIGNALS if wanted.signals else ():
            if code != "attachment":
                less = [one.without(code) for one in examples]
                print(changed(code, tried(less), whole), flush=True)
        for code in without:
            SIGNALS[code] = replace(
                SIGNALS[code], of_communities=False, of_members=False
            )
        if without:
            less = [measured(world)[0] for world in worlds]
            print(changed(f"everywhere: {wanted.without}", tried(less), whole))
        return
    print("fitted on the other designs, tried on this one: alone -> together")
    left_out = {}
    for design in DESIGNS:
        weights = fit([one for one in examples if one.design != design])
        left_out[design] = weights
        for world, one, risk in zip(worlds, examples, before, strict=True):
            if one.design == design:
                print(
                    f"  {str(world):50}  {figures(one.farmed, risk)} -> "
                    f"{figures(one.farmed, one.risk(weights))}",
                    flush=True,
                )
    weights = fit(examples)
    if not wanted.check:
        write(weights, left_out, worlds)
        fitted_weights.cache_clear()


def tried(worlds: list[Example]) -> np.ndarray:
    """Return worlds × (F1, average precision, calibration error).

    Weights are fitted on half of the designs and tried on the others, both ways.
    """
    rows = np.empty((len(worlds), 3))
    for half in (list(DESIGNS)[::2], list(DESIGNS)[1::2]):
        weights = fit([one for one in worlds if one.design in half])
        for place, one in enumerate(worlds):
            if one.design not in half:
                precision, recall, average, error = _numbers(
                    one.farmed, one.risk(weights)
                )
                f1 = 2 * precision * recall / max(precision + recall, 1e-9)
                rows[place] = f1, average, error
    return rows


def head(whole: np.ndarray) -> list[str]:
    """Return the first lines of a table in Markdown: what all is worth."""
    cells = [f"{mean:.3f}" for mean in whole.mean(axis=0)]
    return [
        "| left out | F1 | average precision | calibration error | worse, better in |",
        "|---|---:|---:|---:|---:|",
        f"| nothing | {' | '.join(cells)} | of {len(whole)} |",
    ]


def changed(name: str, less: np.ndarray, whole: np.ndarray) -> str:
    """Return a line of the table: the mean change when something is left out.

    Last, in how many worlds average precision falls and rises by more than .0005.
    """
    change = less - whole
    cells = [f"{mean:+.4f}" for mean in change.mean(axis=0)]
    worse, better = (change[:, 1] < -5e-4).sum(), (change[:, 1] > 5e-4).sum()
    return f"| {name} | {' | '.join(cells)} | {worse}, {better} |"


def measured(world: Training) -> tuple[Example, np.ndarray]:
    """Return the evidence on the newcomers of a world, and the belief model's risk."""
    settings = world.settings
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder), settings)
        for name in world.without:
            Path(folder, f"{name}.parquet").unlink(missing_ok=True)
        with Store() as store:
            load(Path(folder), store)
            number(store, find_window(store))
            lockstep, beliefs = believed(store)
            names = store.frame(
                "SELECT account_id FROM accounts WHERE is_new ORDER BY account"
            )["account_id"]
        truth = pd.read_parquet(Path(folder, "truth", "accounts.parquet"))
    role = truth.set_index("account_id")["role"].reindex(names)
    farmed = (role == "batch_registered").to_numpy()
    return example(settings.design, beliefs, lockstep, farmed), beliefs.risk


def believed(store: Store) -> tuple[Lockstep, Beliefs]:
    """Go from the numbered tables to what the belief model alone says."""
    gather_help_facts(store)
    find_gatherings(store)
    collect_shared_keys(store)
    lockstep = build_lockstep(store)
    everyone = np.ones(len(lockstep.accounts), dtype=bool)
    community = lockstep.communities(
        resolution=TeamSettings().resolution, members=everyone
    )
    met = find_acquaintances(store, lockstep)
    return lockstep, believe(observe(store, lockstep), community, acquaintances=met)


def figures(farmed: np.ndarray, risk: np.ndarray) -> str:
    """Say precision, recall, average precision and calibration error."""
    precision, recall, average, error = _numbers(farmed, risk)
    return f"P {precision:.2f} R {recall:.2f} AP {average:.2f} error {error:.2f}"


def _numbers(farmed: np.ndarray, risk: np.ndarray) -> tuple[float, float, float, float]:
    found = risk >= 0.5
    precision = (found & farmed).sum() / max(1, found.sum())
    recall = (found & farmed).sum() / max(1, farmed.sum())
    sure = np.sort(np.flatnonzero(risk >= 0.1))
    sure = sure[np.argsort(risk[sure], kind="stable")]
    error = sum(
        len(part) / len(sure) * abs(risk[part].mean() - farmed[part].mean())
        for part in np.array_split(sure, 10)
        if len(part)
    )
    average = average_precision_score(farmed, risk)
    return float(precision), float(recall), float(average), float(error)


def write(
    weights: Weights,
    left_out: dict[str, Weights],
    worlds: list[Training],
) -> None:
    """Write the file of weights that runs read, and those for honest measurements."""
    text = {
        "what": "weights of all evidence together; made by `make fit`",
        "worlds": [str(world) for world in worlds],
        "first_seed": worlds[0].settings.seed,
        "new_accounts": worlds[0].settings.new,
        "weights": asdict(weights),
    }
    FILE.write_text(json.dumps(text, indent=1) + "\n")
    kept = {design: asdict(each) for design, each in left_out.items()}
    LEFT_OUT_FILE.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
