"""A file of weights: what people's decisions have taught about the signals.

For each answer of a signal it has a correction in bits, which a run adds to the log2
odds of every account that answers so, after all evidence has been summed up.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from analyses.detection.signals import SIGNALS
from graph.errors import InputError, OutputError, did_you_mean

FORMAT = "scanring weights"
MOST_BITS = 4.0
"""No correction may be larger, whatever a file says."""


@dataclass(frozen=True)
class Weights:
    """Corrections in bits: signal → answer → bits; `made_from` says from what."""

    corrections: Mapping[str, Mapping[str, float]]
    made_from: Mapping[str, Any] = field(default_factory=dict)

    def bits(self) -> dict[str, np.ndarray]:
        """Return the correction of each answer in bits, by signal."""
        return {
            code: np.array(
                [answers.get(level.code, 0.0) for level in SIGNALS[code].levels]
            )
            for code, answers in sorted(self.corrections.items())
        }


def write_weights(path: Path, weights: Weights, *, overwrite: bool = False) -> None:
    """Write a file of weights, for its owner only."""
    if path.exists() and not overwrite:
        raise OutputError(f"{path} is there already: add --overwrite to replace it")
    content = {
        "format": FORMAT,
        "corrections": {k: dict(v) for k, v in weights.corrections.items()},
        "made_from": dict(weights.made_from),
    }
    beside = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(content, file, indent=2, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error


def read_weights(path: Path) -> tuple[Weights, str]:
    """Return the weights of a file, and its SHA-256; InputError when it has none."""
    try:
        content = path.read_bytes()
        record = json.loads(content)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no file of weights: it is not JSON") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise InputError(f"{path} is no file of weights: make one with calibrate")
    return weights_of(record, path), hashlib.sha256(content).hexdigest()


def weights_of(record: Mapping[str, Any], path: Path) -> Weights:
    """Return the weights that a record holds; InputError for what it must not."""
    corrections = record.get("corrections")
    if not isinstance(corrections, dict):
        raise InputError(f"{path} has no corrections")
    for code, answers in corrections.items():
        if code not in SIGNALS:
            raise InputError(
                f"{path}: there is no signal {code!r}{did_you_mean(code, SIGNALS)}"
            )
        known = [level.code for level in SIGNALS[code].levels]
        if not isinstance(answers, dict):
            raise InputError(f"{path}: {code} needs an answer and its bits")
        for answer, bits in answers.items():
            if answer not in known:
                raise InputError(
                    f"{path}: {code} has no answer {answer!r}"
                    f"{did_you_mean(answer, known)}"
                )
            number = isinstance(bits, int | float) and not isinstance(bits, bool)
            if not (number and -MOST_BITS <= bits <= MOST_BITS):
                raise InputError(
                    f"{path}: {code}, {answer}: {bits!r} is no correction: give bits "
                    f"from -{MOST_BITS:g} to {MOST_BITS:g}"
                )
    return Weights(corrections, record.get("made_from") or {})
