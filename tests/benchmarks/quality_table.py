"""The table of quality: its lines, what the first trial reached, and the goals.

The trial's figures and the goals are fixed; a line is measured over all worlds of its
kind, and the mean counts.
"""

from collections.abc import Mapping
from typing import Any

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


def compact_head() -> str:
    """Return the names over the lines of `compact_line`."""
    return f"{'world':30}" + "".join(f"{name:>7}" for name, _ in COMPACT)


def compact_line(figures: Figures) -> str:
    """Return one world's figures on one line."""
    return f"{figures['world']:30}" + "".join(
        f"{_short(figures.get(key)):>7}" for _, key in COMPACT
    )


def _short(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    text = f"{value:.3f}" if value < 10 else f"{value:.1f}"
    return text.removeprefix("0") if text.startswith("0.") else text
