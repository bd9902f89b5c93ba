"""The waterfall of evidence: from the prior to the risk, one piece after the other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from analyses.reporting.report_tables import padded
from analyses.reporting.safe_text import visible
from analyses.reporting.texts import ENGLISH, Texts

HALF_BAR = 12
"""Characters on either side of nothing."""

TOLERATED = 0.005
"""By how much the evidence may miss the risk before the card says so."""


@dataclass(frozen=True)
class Step:
    """One piece of evidence: its code, its bits and its sentence."""

    code: str
    bits: float
    sentence: str


def probability(bits: float) -> float:
    """Return the probability of these log2 odds.

    >>> probability(0), probability(1) == 2 / 3, probability(-2000)
    (0.5, True, 0.0)
    """
    if bits < 0:
        return 1 - probability(-bits) if bits > -50 else math.exp2(max(bits, -2000))
    return 1 / (1 + math.exp2(-bits))


def log2_odds(risk: float) -> float:
    """Return the log2 odds of a probability; infinite at 0 and 1.

    >>> log2_odds(0.5), log2_odds(1)
    (0.0, inf)
    """
    if risk in (0, 1):
        return math.inf if risk else -math.inf
    return math.log2(risk / (1 - risk))


def waterfall(
    steps: Sequence[Step], *, risk: float | None = None, texts: Texts = ENGLISH
) -> list[str]:
    """Return the steps as lines: bits, a bar, the risk so far, and the sentence.

    The prior comes first, then what speaks for it and what speaks against it, the
    weightiest first. Where the steps do not add up to `risk`, a line says so. Without a
    prior there is no risk so far, and none is shown.

    >>> steps = [Step("a", 3.0, "many on a device"), Step("prior", -1.0, "at first")]
    >>> for line in waterfall(steps, risk=0.8):
    ...     print(line)
      prior    -1.0          ████|              0.333  at first
      a        +3.0              |████████████  0.800  many on a device
      in all   +2.0                             0.800
    """
    ordered = sorted(
        steps,
        key=lambda s: (s.code != "prior", s.bits < 0, -abs(s.bits), s.code, s.sentence),
    )
    largest = max((abs(step.bits) for step in ordered), default=0) or 1
    in_all = texts("in all")
    width = max([cell_len(in_all), *(len(visible(step.code)) for step in ordered)])
    has_prior = any(step.code == "prior" for step in ordered)
    lines, total = [], 0.0
    for step in ordered:
        total += step.bits
        length = round(abs(step.bits) / largest * HALF_BAR)
        bar = "█" * length
        left, right = (bar, "") if step.bits < 0 else ("", bar)
        lines.append(
            f"  {visible(step.code):{width}}  {step.bits:+5.1f}  "
            f"{left:>{HALF_BAR}}|{right:<{HALF_BAR}}  "
            f"{f'{probability(total):.3f}  ' if has_prior else ''}"
            f"{visible(step.sentence)}"
        )
    last = f"  {padded(in_all, width)}  {total:+5.1f}"
    gap = " " * (2 * HALF_BAR + 1)
    lines.append(f"{last}  {gap}  {probability(total):.3f}" if has_prior else last)
    if risk is not None and abs(probability(total) - risk) > TOLERATED:
        said = texts(
            "The risk is {risk}; the evidence itemised here gives {total}.",
            risk=f"{risk:.3f}",
            total=f"{probability(total):.3f}",
        )
        lines.append(f"  {said}")
    return lines
