"""Figures as tables of plain text that a person reads in a terminal or a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.cells import cell_len

Cell: TypeAlias = str | int | float | None


@dataclass(frozen=True)
class Section:
    """A titled table, and below it single figures with their names.

    >>> print(Section("Helps", ("pattern", "recall"), (("stall", 0.5),)).text())
    Helps
      pattern  recall
      stall     0.500
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    below: tuple[tuple[str, Cell], ...] = ()

    def text(self) -> str:
        """Return the section as lines of plain text."""
        lines = [self.title, *table_lines(self.columns, self.rows)]
        lines += [f"  {name}: {cell_text(value)}" for name, value in self.below]
        return "\n".join(lines)

    def turned(self) -> list[tuple[Cell, ...]]:
        """Return the table on its side for a sheet: a line a column, all equally wide.

        The title comes first, and the figures below the table last.

        >>> Section("Helps", ("pattern", "recall"), (("stall", 0.5),)).turned()
        [('Helps', None), ('pattern', 'stall'), ('recall', 0.5)]
        """
        width = max(2, len(self.rows) + 1)
        down = [
            (name, *(row[place] for row in self.rows))
            for place, name in enumerate(self.columns)
        ]
        lines: list[tuple[Cell, ...]] = [(self.title,), *down, *self.below]
        return [(*line, *[None] * (width - len(line))) for line in lines]


@dataclass(frozen=True)
class Evaluation:
    """Named figures (None: there was nothing to measure) and the tables to read."""

    figures: Mapping[str, float | None]
    sections: tuple[Section, ...]

    def text(self) -> str:
        """Return all sections as plain text."""
        return "\n\n".join(section.text() for section in self.sections)


def cell_text(value: Cell) -> str:
    """Write a cell: counts with separators, shares with three digits, None as "none".

    >>> cell_text(12345), cell_text(0.25), cell_text(None)
    ('12,345', '0.250', 'none')
    """
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def table_lines(
    columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, indent: str = "  "
) -> list[str]:
    """Return a table as lines: texts to the left, numbers to the right."""
    if not rows:
        return [f"{indent}none"]
    cells = [[cell_text(value) for value in row] for row in rows]
    widths = [
        max(cell_len(name), *(cell_len(row[place]) for row in cells))
        for place, name in enumerate(columns)
    ]
    is_text = [
        all(isinstance(row[place], str) for row in rows)
        for place in range(len(columns))
    ]
    return [
        (
            indent
            + "  ".join(
                padded(value, width) if text else padded(value, -width)
                for value, width, text in zip(line, widths, is_text, strict=True)
            )
        ).rstrip()
        for line in [list(columns), *cells]
    ]


def padded(text: str, width: int) -> str:
    """Return a text filled up with blanks to a width; Chinese is twice as wide.

    A negative width puts the text to the right.

    >>> padded("ab", 4), padded("ab", -4), padded("\u4eba", 3)
    ('ab  ', '  ab', '\u4eba ')
    """
    blanks = " " * max(0, abs(width) - cell_len(text))
    return text + blanks if width > 0 else blanks + text
