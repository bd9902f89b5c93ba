"""The table of quality: every line as measured, beside the trial and the goal.

A line is measured over all worlds of its kind and its mean counts. Where a line is a
precision and a recall, it falls below the trial when its F1 does, for one can be had
for the other; a goal is reached when every figure of it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyses.reporting.report_tables import Section
from tests.benchmarks.quality_lines import LINES, Line
from tests.benchmarks.quality_worlds import WorldName

Figures = Mapping[str, Any]

COMPACT = (
    ("P", "batch_registered.found.precision"),
    ("R", "batch_registered.found.recall"),
    ("AP", "batch_registered.average_precision"),
    ("farms", "registration_farm.bcubed_f1"),
    ("crews", "scanning_crew.bcubed_f1"),
    ("stallP", "helps.stall.precision"),
    ("stallR", "helps.stall.recall"),
    ("luredP", "roles.lured_helper.precision"),
    ("luredR", "roles.lured_helper.recall"),
    ("luredL", "lured_helper.listed"),
    ("workP", "roles.platform_worker.precision"),
    ("workR", "roles.platform_worker.recall"),
    ("operP", "roles.operator.precision"),
    ("operR", "roles.operator.recall"),
    ("ownP", "roles.owned_helper.precision"),
    ("ownR", "roles.owned_helper.recall"),
    ("repAP", "repeat_helpers.average_precision"),
    ("ECE", "calibration_error"),
    ("said", "said.mean"),
    ("true", "said.true"),
    ("wrong", "listed.wrong_share"),
    ("cpu", "processor_seconds"),
)
"""The figures of one world on one line: short name, and the figure."""


@dataclass(frozen=True)
class Measured:
    """A line with what was measured: mean, lowest and highest of each figure.

    `without` are the worlds in which the first figure is undefined, such as a precision
    where nothing was found. They are not in its mean, and the row says how many.
    """

    line: Line
    worlds: int
    mean: tuple[float | None, ...]
    lowest: tuple[float | None, ...]
    highest: tuple[float | None, ...]
    without: int = 0

    @property
    def below_trial(self) -> bool:
        """Whether the mean is below what the first trial reached, or is not there."""
        if not self.line.trial:
            return False
        means = [value for value in self.mean if value is not None]
        if len(means) < len(self.mean):
            return True
        return _one_number(means) < _one_number(self.line.trial)

    @property
    def reaches_goal(self) -> bool | None:
        """Whether every figure reaches its goal; None without a goal."""
        if not self.line.goal:
            return None
        return all(
            value is not None
            and (value <= goal if self.line.most else round(value, 3) >= goal)
            for value, goal in zip(self.mean, self.line.goal, strict=True)
        )

    @property
    def verdict(self) -> str:
        """The word at the end of the row."""
        if self.below_trial:
            return "BELOW THE TRIAL"
        return {None: "", True: "goal reached", False: "short of the goal"}[
            self.reaches_goal
        ]


def measured_lines(worlds: Iterable[Figures]) -> list[Measured]:
    """Return every line with its figures over the worlds without an attack."""
    everything = list(worlds)
    result = []
    for line in LINES:
        chosen = [each for each in everything if _is_of(each, line)]
        columns = [
            [
                value
                for value in (_figure(each, name) for each in chosen)
                if value is not None
            ]
            for name in line.figures
        ]
        means = [
            _mean(values) for name, values in zip(line.figures, columns, strict=True)
        ]
        result.append(
            Measured(
                line,
                len(chosen),
                tuple(means),
                tuple(min(values, default=None) for values in columns),
                tuple(max(values, default=None) for values in columns),
                without=len(chosen) - len(columns[0]),
            )
        )
    return result


def table(measured: Sequence[Measured]) -> Section:
    """Return the table of the goals: trial, goal, measured."""
    return Section(
        "Quality: what the first trial reached, the goal, and what was measured",
        ("what", "worlds", "trial", "goal", "measured", "over worlds", "so"),
        tuple(
            (
                each.line.says,
                f"{each.worlds} of {kind_words(each.line.farmed, each.line.style)}",
                _numbers(each.line.figures, each.line.trial),
                _numbers(each.line.figures, each.line.goal, most=each.line.most),
                _numbers(each.line.figures, each.mean, digits=3) + _without(each),
                _spread(each),
                each.verdict,
            )
            for each in measured
        ),
    )


def methods_table(worlds: Sequence[Figures], farmed: float, style: str) -> Section:
    """Return the mean of every method over the worlds of one kind."""
    chosen = [
        each["methods"]
        for each in worlds
        if _name(each).kind == (farmed, style)
        and not _name(each).attacks
        and "methods" in each
    ]
    names = dict.fromkeys(method for methods in chosen for method in methods)
    rows = tuple(
        (
            method,
            _precision([each[method][0] for each in chosen]),
            *(_mean([each[method][place] for each in chosen]) for place in range(1, 4)),
        )
        for method in names
    )
    return Section(
        f"Beside other methods, mean of {len(chosen)} worlds: "
        f"{kind_words(farmed, style)}",
        ("method", "precision", "recall", "F1", "farms as groups: BCubed F1"),
        rows,
    )


def kind_words(farmed: float, style: str) -> str:
    """Return a kind of world in words.

    >>> kind_words(0.005, "mixed"), kind_words(0.1, "careful")
    ('0.5 %', '10 %, careful farms')
    """
    return f"{100 * farmed:g} %" + ("" if style == "mixed" else f", {style} farms")


def compact_head() -> str:
    """Return the names over the lines of `compact_line`."""
    return f"{'world':34}" + "".join(f"{name:>7}" for name, _ in COMPACT)


def compact_line(figures: Figures) -> str:
    """Return one world's figures on one line."""
    return f"{figures['world']:34}" + "".join(
        f"{short_figure(figures.get(key)):>7}" for _, key in COMPACT
    )


def short_figure(value: Any) -> str:
    """Return a figure in as few characters as tell it.

    >>> short_figure(0.9412), short_figure(3), short_figure(None), short_figure(1.0)
    ('.941', '3', '-', '1.000')
    """
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    text = f"{value:.3f}" if value < 10 else f"{value:.1f}"
    return text.removeprefix("0") if text.startswith("0.") else text


def _name(figures: Figures) -> WorldName:
    return WorldName.read(figures["world"])


def _is_of(figures: Figures, line: Line) -> bool:
    name = _name(figures)
    return name.kind == (line.farmed, line.style) and not name.attacks


def _figure(figures: Figures, name: str) -> float | None:
    if name == "said.distance":
        said, true = figures.get("said.mean"), figures.get("said.true")
        return None if said is None or true is None else abs(said - true)
    value: float | None = figures.get(name)
    return value


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _precision(values: Sequence[float | None]) -> float | str | None:
    """Return the mean precision; where it is undefined, how often that is stands by."""
    mean, without = _mean(values), sum(value is None for value in values)
    if mean is None or not without:
        return mean
    return f"{mean:.3f} (nothing found in {without} of {len(values)})"


def _without(each: Measured) -> str:
    """Say in how many worlds the figure is undefined, if in any."""
    if not each.without:
        return ""
    what = "nothing found" if len(each.line.figures) == 2 else "nothing to measure"
    return f" ({what} in {each.without} of {each.worlds})"


def _one_number(figures: Sequence[float]) -> float:
    """Return F1 of a precision and a recall, or the only figure there is."""
    if len(figures) == 1:
        return figures[0]
    precision, recall = figures
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def _numbers(
    names: Sequence[str],
    values: Sequence[float | None],
    *,
    digits: int = 2,
    most: bool = False,
) -> str:
    if not values:
        return ""
    heads = ("P ", "R ") if len(names) == 2 else ("at most ",) if most else ("",)
    digits = 0 if names[0].endswith(".listed") else digits
    return " ".join(
        head + _number(value, digits) for head, value in zip(heads, values, strict=True)
    )


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return "none"
    if isinstance(value, int):
        return str(value)
    return f"{value:.{digits}f}"


def _spread(each: Measured) -> str:
    return ", ".join(
        f"{_number(low, 3)} to {_number(high, 3)}"
        for low, high in zip(each.lowest, each.highest, strict=True)
    )
