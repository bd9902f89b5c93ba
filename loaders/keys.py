"""Rows that have the same key: one is kept, whatever order they come in.

Rows with the same key and the same content are duplicates: one stays. Where contents
differ, the one that sorts first stays (column by column, missing values last), and
the others are rejected, for nobody can say which of them is right.
"""

from graph.schema import Table
from graph.store import Store
from loaders.rejects import reject
from loaders.values import iso, literal, quoted


def reject_same_keys(store: Store, table: Table) -> None:
    """Reject all but one of the rows that have the same key."""
    staged = f"_staged_{table.name}"
    keys = ", ".join(quoted(name) for name in table.key)
    content = ", ".join(quoted(column.name) for column in table.columns)
    # Whole keys are wide; their hashes find the few rows that can be the same.
    store.materialise(
        "_same_hash",
        f"SELECT hash({keys}) AS h FROM {staged} GROUP BY h HAVING count(*) > 1",
    )
    if store.rows("SELECT count(*) FROM _same_hash")[0][0]:
        reject(
            store,
            table.name,
            f"""
            SELECT which, {literal(", ".join(table.key))} AS "column",
                {_named(table)} AS value,
                CASE WHEN place = 1 THEN 'duplicate of ' ELSE 'conflicts with ' END
                    || kept_file.path || ' row ' || kept_row AS reason,
                CASE WHEN place = 1 THEN 'duplicate' ELSE 'conflict' END AS rule
            FROM (
                SELECT rowid AS which, {keys},
                    dense_rank() OVER (PARTITION BY {keys} ORDER BY {content}) AS place,
                    row_number() OVER same AS number,
                    first_value(_file) OVER same AS kept_in,
                    first_value(_row) OVER same AS kept_row
                FROM {staged}
                WHERE hash({keys}) IN (SELECT h FROM _same_hash)
                WINDOW same AS (PARTITION BY {keys} ORDER BY {content}, _file, _row)
            ) AS ranked
            JOIN _files AS kept_file ON kept_file.file = kept_in
            WHERE number > 1
            """,
        )
    store.drop("_same_hash")


def _named(table: Table) -> str:
    """Give SQL for the key as a reader may look it up."""
    texts = {
        name: iso(quoted(name))
        if table.column(name).kind in ("time", "date")
        else f"CAST({quoted(name)} AS VARCHAR)"
        for name in table.key
    }
    return " || ', ' || ".join(f"coalesce({text}, '')" for text in texts.values())
