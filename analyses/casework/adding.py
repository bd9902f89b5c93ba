"""Events added to those of a finished run: one more hour to the day.

A run keeps its numbered events. Here they are given their ids back and put beside the
rows that have just been loaded, as if all of them had been read together.
"""

from pathlib import Path

from analyses.run_events import STORE_FILE
from graph.errors import InputError
from graph.schema import TABLES, Table
from graph.store import Store

ATTRIBUTES = ("model", "os", "is_emulator", "is_rooted")
"""A device without any of them may be known from events alone, which tell it again."""


def add_events(store: Store, run: Path) -> int:
    """Put the events of a run beside the loaded ones; return how many were there twice.

    Where a row of `loaded_NAME` has the key of one of the run's, the run's stays. What
    the run did not look at, because it was after its end, is not among its events.
    Raises InputError when the run has no events.
    """
    path = run / STORE_FILE
    if not path.is_file():
        raise InputError(f"{run} has no {STORE_FILE}: the events of the run are needed")
    twice = 0
    with store.attached(path, "added"):
        there = {
            name
            for (name,) in store.rows(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'added'"
            )
        }
        for table in TABLES.values():
            if table.name not in there:  # an older version did not know it
                continue
            key = " AND ".join(
                f'n."{name}" IS NOT DISTINCT FROM o."{name}"' for name in table.key
            )
            before = store.count(f"loaded_{table.name}")
            store.materialise("_old", _with_ids(table))
            store.materialise(
                "_added",
                f"""SELECT * FROM _old UNION ALL BY NAME
                    SELECT n.* FROM loaded_{table.name} AS n
                    WHERE NOT EXISTS (SELECT 1 FROM _old AS o WHERE {key})""",
            )
            twice += store.count("_old") + before - store.count("_added")
            store.drop("_old", f"loaded_{table.name}")
            store.connection.execute(
                f"ALTER TABLE _added RENAME TO loaded_{table.name}"
            )
    return twice


def _with_ids(table: Table) -> str:
    """Give SQL for a table of the run as it was loaded: ids instead of numbers."""
    columns, joins = [], []
    for column in table.columns:
        short = column.name.removesuffix("_id")
        if column.refers_to == "accounts":
            columns.append(f'{short}_name.account_id AS "{column.name}"')
            joins.append(
                f"LEFT JOIN added.account_names AS {short}_name "
                f"ON {short}_name.account = t.{short}"
            )
        elif column.refers_to == "devices":
            columns.append(f'{short}_name.device_id AS "{column.name}"')
            joins.append(
                f"LEFT JOIN added.devices AS {short}_name "
                f"ON {short}_name.device = t.{short}"
            )
        else:
            columns.append(f't."{column.name}"')
    known = " OR ".join(f"t.{name} IS NOT NULL" for name in ATTRIBUTES)
    kept = known if table.name == "devices" else "true"
    return (
        f"SELECT {', '.join(columns)} FROM added.{table.name} AS t "
        f"{' '.join(joins)} WHERE {kept}"
    )
