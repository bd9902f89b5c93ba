"""What the documents say of the quality, from `docs/quality.jsonl`.

That file has what `make quality` and `make ablation` measured, one line for each world,
public record and ablation. `parts` makes the tables of the pages from it, `figure` the
picture of reliability, and `fitted` the file of expected errors that runs read.
"""

import io
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from analyses.evaluation.expected_errors import fit
from analyses.reporting.report_tables import Section, cell_text
from loaders.simulator.attacks import ATTACKS, SESSION
from tests.benchmarks import ablation
from tests.benchmarks import quality_table as tables
from tests.benchmarks.public_records import public_sections
from tests.benchmarks.quality_lines import KINDS
from tests.benchmarks.quality_worlds import WorldName

Results = list[dict[str, Any]]

RANGES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 97, 100)
"""The ranges of risk, in hundredths, that are a dot each in the picture."""

LEFT_OUT = ("lured_helper.listed", "processor_seconds")
"""Figures that the table of every world does without."""

LEAST_IN_A_DOT = 20
"""Accounts that a dot of the picture of reliability stands for at least."""


def read_results(path: Path) -> tuple[Results, Results, Results]:
    """Return the worlds, the public records and the ablations of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return (
        [each for each in found if "world" in each and "parts" not in each],
        [each for each in found if "record" in each],
        [each for each in found if "parts" in each],
    )


def parts(path: Path) -> dict[str, str]:
    """Return the generated parts of README.md and docs/quality.md by their names."""
    worlds, records, ablations = read_results(path)
    measured = [line for line in tables.measured_lines(worlds) if line.worlds]
    methods = [tables.methods_table(worlds, *kind) for kind in KINDS]
    methods = [section for section in methods if section.rows]
    return {
        "goals": f"{_when(worlds)}\n\n{markdown(tables.table(measured))}",
        "worlds": markdown(worlds_table(worlds)),
        "methods": "\n\n".join(
            f"{section.title}.\n\n{markdown(section)}" for section in methods
        ),
        "errors": markdown(wrongly_listed_table(worlds)),
        "calibration": markdown(calibration_table(worlds)),
        "attacks": markdown(attacks_table(worlds)),
        "ablation": "\n\n".join(
            f"{section.title}.\n\n{markdown(section)}"
            for section in ablation.tables(ablations)
        )
        or markdown(ablation.table([])),
        "public": "\n\n".join(map(markdown, public_sections(records))),
        "short": f"{_when(worlds)}\n\n{markdown(short_table(measured))}\n\n"
        f"{markdown(methods_in_short(worlds))}",
    }


def fitted(path: Path) -> str:
    """Return the text of the file of expected errors."""
    worlds = [each for each in read_results(path)[0] if _usual(each)]
    named = [
        {**each, "farmed": WorldName.read(each["world"]).farmed} for each in worlds
    ]
    return json.dumps(fit(named, _days(worlds)), indent=1) + "\n"


def figure(path: Path) -> str:
    """Return the picture of reliability as SVG: said and true, by share farmed."""
    worlds = [each for each in read_results(path)[0] if _usual(each)]
    with matplotlib.rc_context(
        dict(matplotlib.rcParamsDefault)
        | {"backend": "agg", "svg.hashsalt": "scanring", "svg.fonttype": "none"}
    ):
        picture = Figure(figsize=(6.4, 4.8), layout="constrained")
        axes = picture.add_subplot()
        axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="as said")
        for (farmed, style), mark in zip(KINDS, "osD^", strict=False):
            dots = _dots([each for each in worlds if _kind(each) == (farmed, style)])
            axes.plot(
                [said for said, _ in dots],
                [true for _, true in dots],
                marker=mark,
                markersize=4,
                linewidth=1,
                label=tables.kind_words(farmed, style),
            )
        axes.set_xlabel("risk as said")
        axes.set_ylabel("share that was true")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.legend(title="of the new accounts farmed", frameon=False)
        text = io.StringIO()
        picture.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _dots(worlds: Results) -> list[tuple[float, float]]:
    """Return said and true of the accounts in each range of risk, of all worlds."""
    dots = []
    for lowest, highest in pairwise(RANGES):
        inside = [
            step for each in worlds for step in each["risk_steps"][lowest:highest]
        ]
        accounts, said, true = (
            sum(step[place] for step in inside) for place in range(3)
        )
        if accounts >= LEAST_IN_A_DOT:
            dots.append((said / accounts, true / accounts))
    return dots


def worlds_table(worlds: Results) -> Section:
    """Return the figures of each world without an attack on one row."""
    names = [(short, key) for short, key in tables.COMPACT if key not in LEFT_OUT]
    return Section(
        "Every world",
        ("world", *(short for short, _ in names)),
        tuple(
            (each["world"], *(tables.short_figure(each.get(key)) for _, key in names))
            for each in worlds
            if _usual(each)
        ),
    )


def calibration_table(worlds: Results) -> Section:
    """Return the calibration error per kind of world, mean and range."""
    rows = []
    for farmed, style in KINDS:
        chosen = [
            each for each in worlds if _usual(each) and _kind(each) == (farmed, style)
        ]
        errors = [each["calibration_error"] for each in chosen]  # None: nobody
        errors = [error for error in errors if error is not None]
        if errors:
            rows.append(
                (
                    tables.kind_words(farmed, style),
                    f"{len(errors)} of {len(chosen)}",
                    sum(errors) / len(errors),
                    min(errors),
                    max(errors),
                )
            )
    return Section(
        "Expected calibration error",
        ("farmed", "worlds", "mean", "least", "most"),
        tuple(rows),
    )


def wrongly_listed_table(worlds: Results) -> Section:
    """Return the innocent by kind that were listed, at each threshold."""
    usual = [each for each in worlds if _usual(each)]
    sums: dict[str, dict[str, int]] = {}
    for world in usual:
        for threshold, counts in world["wrongly_listed"].items():
            here = sums.setdefault(threshold, {})
            for kind, number in counts.items():
                here[kind] = here.get(kind, 0) + number
    everyone: dict[str, int] = {}
    for world in usual:
        for kind, number in world["innocents"].items():
            everyone[kind] = everyone.get(kind, 0) + number
    first = next(iter(sums.values()), {})
    kinds = sorted(everyone, key=lambda kind: (-first.get(kind, 0), kind))
    rows: list[tuple[str | int, ...]] = [
        (kind, everyone[kind], *(counts.get(kind, 0) for counts in sums.values()))
        for kind in kinds
    ]
    listed = [counts["listed"] for counts in sums.values()]
    wrong = [sum(counts.values()) - counts["listed"] for counts in sums.values()]
    pairs = zip(wrong, listed, strict=True)
    shares = [f"{part / whole:.3f}" if whole else "none" for part, whole in pairs]
    rows.append(("listed in all", "", *listed))
    rows.append(("share wrongly listed", "", *shares))
    return Section(
        "Innocent accounts that were listed",
        ("kind of innocent", "accounts", *(f"risk {name} or more" for name in sums)),
        tuple(rows),
    )


def attacks_table(worlds: Results) -> Section:
    """Return what each attack costs, and what is found with it and without.

    The last column is what the attacker is after: accounts a day that are not found.
    """
    found = {WorldName.read(each["world"]): each for each in worlds}
    rows: list[tuple[str | float, ...]] = []
    shown = set()
    for name, figures in found.items():
        before = found.get(name.without_attacks())
        if not name.attacks or before is None:
            continue
        if name.without_attacks() not in shown:
            shown.add(name.without_attacks())
            rows.append(("none", str(name.without_attacks()), *_attacked(before, ())))
        rows.append(
            ("+".join(name.attacks), "the same", *_attacked(figures, name.attacks))
        )
    return Section(
        "Attackers who know the method",
        (
            *("attack", "world", "accounts a day", "recall", "precision", "farms"),
            *("framed", "of these listed", "Louvain", "not found a day"),
        ),
        tuple(rows),
    )


def _attacked(figures: dict[str, Any], attacks: tuple[str, ...]) -> list[str | float]:
    """Return the cells of a row of `attacks_table`; of several the dearest counts."""
    a_day = min([SESSION, *(ATTACKS[name].accounts_a_day for name in attacks)])
    recall = figures["batch_registered.found.recall"]
    framed = figures.get("framed", {})
    louvain = next((n for m, n in framed.items() if m.startswith("Louvain")), None)
    counts = framed.get("accounts"), framed.get("listed"), louvain
    return [
        f"{a_day:.3g}",
        recall,
        figures["batch_registered.found.precision"],
        figures["registration_farm.bcubed_f1"],
        *(str(count) if framed.get("accounts") else "–" for count in counts),
        f"{a_day * (1 - recall):.2f}",
    ]


def short_table(measured: Sequence[tables.Measured]) -> Section:
    """Return the goals in three columns."""
    whole = tables.table(measured)
    return Section(
        whole.title,
        ("what", "of the new farmed", "goal", "measured"),
        tuple(
            (row[0], str(row[1]).partition(" of ")[2], row[3], row[4])
            for row in whole.rows
        ),
    )


def methods_in_short(worlds: Results) -> Section:
    """Return precision and recall of each method, a column for each kind of world."""
    columns = {
        kind: tables.methods_table(worlds, *kind).rows
        for kind in KINDS
        if tables.methods_table(worlds, *kind).rows
    }
    names = dict.fromkeys(row[0] for rows in columns.values() for row in rows)
    rows = []
    for name in names:
        cells = []
        for found in columns.values():
            row = next((row for row in found if row[0] == name), None)
            told = "none" if row is None else f"{_cell(row[1])} / {_cell(row[2])}"
            cells.append(told)
        rows.append((str(name), *cells))
    return Section(
        "Methods",
        (
            "batch-registered accounts: precision / recall",
            *(tables.kind_words(*kind) for kind in columns),
        ),
        tuple(rows),
    )


def markdown(section: Section) -> str:
    """Return the table of a section in Markdown.

    >>> print(markdown(Section("x", ("a", "b"), (("c", 0.5),))))
    | a | b |
    |---|---:|
    | c | 0.500 |
    """
    if not section.rows:
        return "No figures are published here yet."
    texts = [
        all(isinstance(row[place], str) for row in section.rows) and place < 2
        for place in range(len(section.columns))
    ]
    lines = [
        f"| {' | '.join(section.columns)} |",
        "|" + "|".join("---" if text else "---:" for text in texts) + "|",
        *(f"| {' | '.join(map(_cell, row))} |" for row in section.rows),
    ]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return cell_text(value).replace("|", "\\|")


def _usual(world: dict[str, Any]) -> bool:
    return not WorldName.read(world["world"]).attacks


def _kind(world: dict[str, Any]) -> tuple[float, str]:
    return WorldName.read(world["world"]).kind


def _days(worlds: Results) -> str:
    days = sorted({each["measured_on"] for each in worlds})
    return " and ".join(dict.fromkeys((days[0], days[-1]))) if days else "no day"


def _when(worlds: Results) -> str:
    usual = [each for each in worlds if _usual(each)]
    names = ", ".join(f"`{each['world']}`" for each in usual)
    return f"Measured on {_days(usual)}. Worlds (design:farmed:style:seed): {names}."
