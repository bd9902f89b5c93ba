"""The lines of the table of quality: what the first trial reached, and the goals.

Both are fixed. A line is measured on all worlds of one kind.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of the table: its figures on worlds of one kind, the trial, the goal.

    `figures` are names in the figures of a world; `trial` and `goal` have one number
    for each, or none. With `most` a figure must be no more than the goal.
    """

    says: str
    farmed: float
    style: str
    figures: tuple[str, ...]
    trial: tuple[float, ...] = ()
    goal: tuple[float, ...] = ()
    most: bool = False


def _two(name: str) -> tuple[str, str]:
    return f"{name}.precision", f"{name}.recall"


_FOUND = _two("batch_registered.found")

LINES = (
    Line("batch-registered accounts", 0.1, "mixed", _FOUND, (0.85, 0.86), (0.95, 0.90)),
    Line(
        "batch-registered accounts, average precision",
        0.1,
        "mixed",
        ("batch_registered.average_precision",),
        (0.94,),
    ),
    Line(
        "batch-registered accounts", 0.1, "careful", _FOUND, (0.81, 0.69), (0.90, 0.80)
    ),
    Line(
        "batch-registered accounts", 0.02, "mixed", _FOUND, (0.63, 0.92), (0.90, 0.85)
    ),
    Line(
        "batch-registered accounts", 0.005, "mixed", _FOUND, (0.25, 0.81), (0.85, 0.70)
    ),
    Line(
        "farms as groups, BCubed F1",
        0.1,
        "mixed",
        ("registration_farm.bcubed_f1",),
        (0.72,),
        (0.90,),
    ),
    Line(
        "farms as groups, BCubed F1",
        0.1,
        "careful",
        ("registration_farm.bcubed_f1",),
        (0.24,),
        (0.70,),
    ),
    Line("stall helps", 0.1, "mixed", _two("helps.stall"), (0.98, 0.97), (0.98, 0.97)),
    Line(
        "stall helps", 0.005, "mixed", _two("helps.stall"), (0.55, 0.91), (0.90, 0.90)
    ),
    Line(
        "crews, BCubed F1",
        0.1,
        "mixed",
        ("scanning_crew.bcubed_f1",),
        (0.63,),
        (0.90,),
    ),
    Line(
        "lured helpers",
        0.1,
        "mixed",
        _two("roles.lured_helper"),
        (0.98, 0.92),
        (0.98, 0.95),
    ),
    Line(
        "lured helpers listed, accounts",
        0.1,
        "mixed",
        ("lured_helper.listed",),
        (),
        (0,),
        most=True,
    ),
    Line(
        "platform workers",
        0.1,
        "mixed",
        _two("roles.platform_worker"),
        (0.80, 0.79),
        (0.90, 0.85),
    ),
    Line("operators", 0.1, "mixed", _two("roles.operator"), (0.2, 0.95), (0.80, 0.80)),
    Line("owned helpers", 0.1, "mixed", _two("roles.owned_helper")),
    Line(
        "repeat helpers, average precision",
        0.1,
        "mixed",
        ("repeat_helpers.average_precision",),
        (0.45,),
        (0.85,),
    ),
    *(
        Line(
            "said 0.9 to 0.97: distance of said from true",
            farmed,
            style,
            ("said.distance",),
            (),
            (0.05,),
            most=True,
        )
        for farmed, style in ((0.1, "mixed"), (0.02, "mixed"), (0.005, "mixed"))
    ),
    *(
        Line(
            "expected calibration error, risk 0.1 or more",
            farmed,
            style,
            ("calibration_error",),
            (),
            (0.05,),
            most=True,
        )
        for farmed, style in ((0.1, "mixed"), (0.02, "mixed"), (0.005, "mixed"))
    ),
)
"""The lines of the table, in its order. A trial that gave no number has none."""

KINDS = tuple(dict.fromkeys((line.farmed, line.style) for line in LINES))
"""The kinds of worlds that the lines are measured on: share farmed, and style."""
