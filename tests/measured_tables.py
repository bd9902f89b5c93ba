"""The tables of the documents that come from `docs/measured.txt`.

That file is what `make measure` printed, word for word. Each table here puts one
section of it side by side: a row as there, a column for each world.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

WORLD = re.compile(r"SAMPLE WORLD seed (\d+), ([\d.]+)% farmed(.*), run in ([\d.]+) s")
PUBLIC = re.compile(r"PUBLIC RECORD (\w+)")
COLUMN = re.compile(r"\s{2,}")

HOP_PLAIN = {
    "Leiden communities between eligible accounts": ("0.532", "40"),
    "components between eligible accounts": ("0.494", "36"),
}
"""What plain methods reach on Hop's reported groups, measured once."""

Row = dict[str, str]


@dataclass
class Measured:
    """One world or public record: its name, and per section the rows of its table."""

    name: str
    seconds: str = ""
    sections: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, title: str) -> list[Row]:
        """Return the rows of the section whose title begins like this."""
        for name, rows in self.sections.items():
            if name.startswith(title):
                return rows
        return []


def read_measured(text: str) -> list[Measured]:
    """Return what was measured, in the order of the text."""
    found: list[Measured] = []
    title = ""
    columns: list[str] = []
    for line in text.splitlines():
        if head := WORLD.match(line):
            seed, share, style, seconds = head.groups()
            name = f"{float(share):g} %{style.removesuffix(' only')}, seed {seed}"
            found.append(Measured(name, seconds))
        elif head := PUBLIC.match(line):
            found.append(Measured(head[1]))
        elif not line.startswith("  "):
            title, columns = line, []
        elif found:
            cells = COLUMN.split(line.strip())
            if not columns:
                columns = cells
                found[-1].sections[title] = []
            elif len(cells) == len(columns):
                found[-1].sections[title].append(dict(zip(columns, cells, strict=True)))
            else:  # a figure below the table, `name: figure`
                name, _, figure = line.strip().rpartition(": ")
                found[-1].sections[name] = [{"": figure}]
    return found


def side_by_side(
    worlds: list[Measured],
    title: str,
    head: str,
    cell: Callable[[Row], str],
    *,
    total: tuple[str, ...] = (),
) -> str:
    """Return a Markdown table of one section of several worlds.

    The rows are named by their first column, in the order in which they first appear,
    and say `cell`; `total` names figures that stand below the table in the text.
    """
    names: dict[str, None] = {}
    for world in worlds:
        names |= dict.fromkeys(_name(row) for row in world.rows(title))
    lines = [
        f"| {head} | {' | '.join(world.name for world in worlds)} |",
        "|---" + "|---:" * len(worlds) + "|",
    ]
    for name in names:
        cells = [
            next((cell(row) for row in w.rows(title) if _name(row) == name), "–")
            for w in worlds
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for name in total:
        cells = [w.rows(name)[0][""] if w.rows(name) else "–" for w in worlds]
        lines.append(f"| *{name}* | {' | '.join(cells)} |")
    return "\n".join(lines)


def accounts_table(worlds: list[Measured]) -> str:
    """Return precision and recall beside the plain methods."""
    return side_by_side(
        worlds,
        "Batch-registered accounts, beside",
        "batch-registered accounts: precision / recall",
        lambda row: f"{row['precision']} / {row['recall']}",
    )


def farms_table(worlds: list[Measured]) -> str:
    """Return how well the farms are told apart, beside the plain methods."""
    return side_by_side(
        worlds,
        "Batch-registered accounts, beside",
        "farms as groups: BCubed F1",
        lambda row: row["farms as groups: BCubed F1"],
    )


def helpers_table(worlds: list[Measured]) -> str:
    """Return precision and recall of each helper role."""
    return side_by_side(
        worlds,
        "Roles of the",
        "helpers by role: precision / recall",
        lambda row: f"{row['precision']} / {row['recall']}",
    )


def repeat_table(worlds: list[Measured]) -> str:
    """Return how well the score ranks repeat helpers, and how long the run took."""
    ranked = [world.rows("Repeat helpers")[0] for world in worlds]
    rows = {
        "average precision of the helper score": [
            r["average precision"] for r in ranked
        ],
        "true repeat helpers": [row["true"] for row in ranked],
        "among accounts that helped": [row["accounts that helped"] for row in ranked],
        "seconds of the run": [world.seconds for world in worlds],
    }
    lines = [
        f"| repeat helpers of strangers | {' | '.join(w.name for w in worlds)} |",
        "|---" + "|---:" * len(worlds) + "|",
        *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()),
    ]
    return "\n".join(lines)


def innocents_table(worlds: list[Measured]) -> str:
    """Return the wrongly listed by kind of innocent."""
    return side_by_side(
        worlds,
        "Innocent accounts",
        "innocent accounts wrongly listed, by kind",
        lambda row: f"{row['wrongly listed']} of {row['accounts']}",
        total=("listed in all", "share wrongly listed"),
    )


def reliability_table(worlds: list[Measured]) -> str:
    """Return the risk said and what came true, by tenth."""
    return side_by_side(
        worlds,
        "Reliability",
        "risk: said / true",
        lambda row: f"{row['said']} / {row['true']}",
        total=("calibration error, risk 0.1 or more",),
    )


def public_table(records: list[Measured]) -> str:
    """Return the public records: true groups against the best-matching team."""
    lines = [
        "| record | groups of | kind | groups | mean best-match F1 | F1 0.5 or more |",
        "|---|---|---|---:|---:|---:|",
    ]
    for record in records:
        for row in record.rows("True groups"):
            lines.append(
                f"| {record.name} | {row['source']} | {row['label']} "
                f"| {row['groups']} | {row['mean best F1']} | {row['F1 0.5 or more']} |"
            )
    return "\n".join(lines)


def reported_table(records: list[Measured]) -> str:
    """Return the reported groups of Hop, beside plain methods on the same record."""
    (row,) = (
        row
        for record in records
        for row in record.rows("True groups")
        if row["source"] == "community_report"
    )
    plain = HOP_PLAIN.items()
    return "\n".join(
        [
            f"| Hop, {row['groups']} reported groups | mean best-match F1 "
            "| groups with 0.5 or more |",
            "|---|---:|---:|",
            f"| this run | {row['mean best F1']} | {row['F1 0.5 or more']} |",
            *(f"| {name} | {mean} | {good} |" for name, (mean, good) in plain),
        ]
    )


def _name(row: Row) -> str:
    return next(iter(row.values()))
