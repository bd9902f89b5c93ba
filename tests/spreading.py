"""An embedded store that spreads its work as Spark does, a component a call."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.store import Store, Work


class SpreadingStore(Store):
    """Calls `work` for each component alone, its rows in a shuffled order."""

    spreads = True

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.calls: dict[str, int] = {}

    def by_component(self, name: str, sql: str, work: Work, gives: pa.Schema) -> None:
        """Make a table of components, each in a call of its own."""
        rows = self.arrow(f"SELECT * FROM ({sql}) AS r ORDER BY hash(r)")
        parts = pc.unique(rows["component"])
        self.calls[name] = len(parts)
        self.put(
            name,
            pa.concat_tables(
                [gives.empty_table()]
                + [work(rows.filter(pc.equal(rows["component"], p))) for p in parts]
            ),
        )
