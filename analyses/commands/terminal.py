"""What a command shows while it works, and what it prints."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from analyses.phases import Phase


def say(text: str) -> None:
    """Print a text."""
    print(text)


@contextmanager
def progress_bars() -> Iterator["Bars"]:
    """Show a named bar per phase on a terminal, and nothing in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Bars(None)
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
