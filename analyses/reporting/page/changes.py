"""What became of the teams since the run before, as a run wrote it down."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow.parquet as pq

from analyses.reporting.texts import Texts
from analyses.reporting.wording import CHANGE_WORDS
from analyses.run import Run

FILE = "lifecycle.parquet"
"""The table, in the folder of a run that was given `--previous`."""

TOLD = 8
"""Teams of each sort of change that the overview tells of; the list has all."""


@dataclass(frozen=True)
class Change:
    """What became of one team: its row of lifecycle.parquet.

    An ended team has the id of the old run. `before` are the teams that it came from.
    """

    team_id: str
    kind: str
    change: str
    before: tuple[str, ...]
    members_before: int
    members: int
    joined: int
    left: int

    @property
    def size(self) -> int:
        """How many members joined or left."""
        return self.joined + self.left

    @property
    def came_from(self) -> tuple[str, ...]:
        """The other teams that it came from."""
        return tuple(team for team in self.before if team != self.team_id)

    def text(self, texts: Texts) -> str:
        """Return in words how many members it had, has, won and lost."""
        return texts(
            "{before} to {now} members, {joined} joined, {left} left",
            before=f"{self.members_before:,}",
            now=f"{self.members:,}",
            joined=f"{self.joined:,}",
            left=f"{self.left:,}",
        )


@dataclass(frozen=True)
class Changes:
    """All that became of the teams since the run `previous`."""

    previous: str
    of: Mapping[str, Change]

    @property
    def counts(self) -> dict[str, int]:
        """How many teams there are of each change."""
        counted = Counter(change.change for change in self.of.values())
        return {code: counted[code] for code in CHANGE_WORDS if counted[code]}

    @property
    def told(self) -> list[Change]:
        """The changes that are told one by one: the largest of each sort."""
        largest = sorted(self.of.values(), key=lambda c: (-c.size, c.team_id))
        return [
            change
            for code in self.counts
            if code != "unchanged"
            for change in [c for c in largest if c.change == code][:TOLD]
        ]

    @property
    def untold(self) -> int:
        """How many more teams have changed."""
        return len(self.of) - self.counts.get("unchanged", 0) - len(self.told)


def changes_of(run: Run) -> Changes | None:
    """Return what became of the teams; None when the run knew no run before it."""
    path = run.folder / FILE
    if not path.is_file():
        return None
    rows = pq.read_table(path).to_pylist()
    found = [Change(**row | {"before": tuple(row["before"])}) for row in rows]
    previous = run.manifest.get("previous", {}).get("run", "")
    return Changes(str(previous), {change.team_id: change for change in found})
