"""An embedded store that spreads its work as Spark does, a component a call."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.store import Store, Work


class SpreadingStore(Store):
    """Calls `work` for each component alone, its rows in a shuffled order.

    `calls` counts them by the table that is made; `most_rows` is the most that came
    back at once to whoever uses the store.
    """

    spreads = True

    def __init__(self, **settings: Any) -> None:
        self.calls: dict[str, int] = {}
        self.most_rows = 0
        super().__init__(**settings)

    def rows(
        self, sql: str, parameters: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return rows, and note how many they are."""
        found = super().rows(sql, parameters)
        self.most_rows = max(self.most_rows, len(found))
        return found

    def arrow(self, sql: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        """Return an Arrow table, and note how long it is."""
        found = super().arrow(sql, parameters)
        self.most_rows = max(self.most_rows, len(found))
        return found

    def by_component(self, name: str, sql: str, work: Work, gives: pa.Schema) -> None:
        """Make a table of components, each in a call of its own."""
        rows = super().arrow(f"SELECT * FROM ({sql}) AS r ORDER BY hash(r)")
        parts = pc.unique(rows["component"])
        self.calls[name] = len(parts)
        self.put(
            name,
            pa.concat_tables(
                [gives.empty_table()]
                + [work(rows.filter(pc.equal(rows["component"], p))) for p in parts]
            ),
        )
