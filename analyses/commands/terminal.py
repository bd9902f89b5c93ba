"""What a command shows while it works, and what it prints."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from analyses.phases import Phase


def say(text: str) -> None:
    """Print a text."""
    print(text)


@contextmanager
def progress_bars(*, lines: bool = False) -> Iterator["Bars | PhaseLines"]:
    """Show a named bar per phase on a terminal, and nothing in a pipe.

    With `lines` a line is written for each phase in a pipe, for a scheduler to read.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield PhaseLines() if lines else Bars(None)
        return
    with Progress(
        TextColumn("{task.description:16}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[came_out]}"),
        console=console,
    ) as progress:
        bars = Bars(progress)
        yield bars
        bars.finish()


class PhaseLines:
    """Turns the phases of a run into lines, one when each begins and one at its end.

    phase=helps number=3 of=12 state=begun
    phase=helps state=ended rows=1546 seconds=4.1 peak_memory_bytes=512000000
    """

    def __call__(self, name: str, at: int, of: int) -> None:
        """Say that a phase begins."""
        self._write(f"phase={self._word(name)} number={at + 1} of={of} state=begun")

    def ended(self, phase: Phase) -> None:
        """Say how many rows came out of a phase, and what it took."""
        rows = "" if phase.rows is None else f" rows={phase.rows}"
        self._write(
            f"phase={self._word(phase.name)} state=ended{rows} "
            f"seconds={phase.seconds:.1f} peak_memory_bytes={phase.peak_memory_bytes}"
        )

    @staticmethod
    def _word(name: str) -> str:
        return name.replace(" ", "_")

    @staticmethod
    def _write(line: str) -> None:
        print(line, file=sys.stderr, flush=True)


class Bars:
    """Turns the phases of a run into bars."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.task: int | None = None

    def __call__(self, name: str, at: int, of: int) -> None:
        """Begin the bar of a phase, ending the one before."""
        if self.progress is None:
            return
        self.finish()
        self.task = self.progress.add_task(name, total=None, came_out="")

    def ended(self, phase: Phase) -> None:
        """Say how many rows came out of a phase, and how much memory it took."""
        if self.progress is not None and self.task is not None:
            rows = "" if phase.rows is None else f"{phase.rows:,} rows, "
            memory = f"{phase.peak_memory_bytes / 1e9:.1f} GB"
            self.progress.update(self.task, came_out=rows + memory)  # type: ignore[arg-type]

    def finish(self) -> None:
        """End the bar that is shown."""
        if self.progress is not None and self.task is not None:
            self.progress.update(self.task, total=1, completed=1)  # type: ignore[arg-type]
            self.progress.stop_task(self.task)  # type: ignore[arg-type]
            self.task = None
