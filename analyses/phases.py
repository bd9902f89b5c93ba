"""The phases of a run: what each is called, and what each costs."""

import ctypes
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

PHASES = (
    "read",
    "number",
    "helps",
    "shared keys",
    "communities",
    "belief",
    "helpers",
    "crews",
    "conclude",
    "networks",
    "store",
    "write",
)
"""The phases of a run, in order."""

Progress = Callable[[str, int, int], None]
"""Told when a phase begins: its name, its number, and how many there are."""


@dataclass
class Phase:
    """One phase: how many rows came out of it, and its time and memory.

    `cpu_seconds` are of all threads, so they hardly depend on what else the machine
    does; `peak_memory_bytes` is the most that the whole process had meanwhile.
    """

    name: str
    rows: int | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0

    def record(self) -> dict[str, Any]:
        """Return the phase as the manifest has it."""
        return {
            "phase": self.name,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "peak_memory_bytes": self.peak_memory_bytes,
        }


@runtime_checkable
class ToldOfEnds(Protocol):
    """A progress that also wants to know how a phase ended."""

    def ended(self, phase: Phase) -> None:
        """Take note of a phase that has ended."""
        ...


class Clock:
    """Rows, seconds and peak memory of each phase."""

    def __init__(self, progress: Progress | None = None) -> None:
        """Tell `progress`, if there is one, when a phase begins."""
        self.progress = progress or (lambda name, at, of: None)
        self.phases: list[dict[str, Any]] = []

    @contextmanager
    def phase(self, name: str) -> Iterator[Phase]:
        """Measure a phase; whoever works in it says how many rows came out."""
        self.progress(name, PHASES.index(name), len(PHASES))
        phase = Phase(name)
        _give_back()
        _forget_peak()
        began, worked = time.perf_counter(), time.process_time()
        yield phase
        phase.seconds = time.perf_counter() - began
        phase.cpu_seconds = time.process_time() - worked
        phase.peak_memory_bytes = peak_memory()
        self.phases.append(phase.record())
        if isinstance(self.progress, ToldOfEnds):
            self.progress.ended(phase)


_STATUS, _REFERENCES = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_memory() -> int:
    """Return the most memory of this process in bytes, since the phase began.

    Where the system cannot begin anew (only Linux can) it is since the process began.
    """
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _give_back() -> None:
    """Give the memory that nobody uses any more back to the system, where that is."""
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):  # only the GNU library has it
        ctypes.CDLL(None).malloc_trim(0)


def _forget_peak() -> None:
    """Ask Linux to measure the peak anew; elsewhere nothing happens."""
    try:
        _REFERENCES.write_text("5")
    except OSError:
        return
