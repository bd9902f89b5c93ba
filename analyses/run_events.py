"""What an evaluation needs from the events of a run: who helped, who is an account.

The events are in the run folder's `store.duckdb`; accounts are numbers there, and
`account_names` gives each number its id.
"""

from pathlib import Path

import duckdb
import pandas as pd

from graph.errors import InputError
from graph.store import Store

STORE_FILE = "store.duckdb"


def attempts_per_helper(run: Path, helps: Path | None = None) -> pd.DataFrame:
    """Return account_id and attempts (helps given or tried) of all that helped.

    The helps are those of the run's event store, or the Parquet or CSV file `helps`.
    """
    counted = "SELECT {id} AS account_id, count(*) AS attempts FROM {rows} GROUP BY 1"
    if helps is not None:
        if not helps.is_file():
            raise InputError(f"there is no file {helps}")
        reader = "read_parquet" if helps.suffix == ".parquet" else "read_csv"
        options = "" if helps.suffix == ".parquet" else ", all_varchar = true"
        with Store() as memory:
            return memory.frame(
                counted.format(id="helper_id", rows=f"{reader}($path{options})"),
                {"path": str(helps)},
            )
    with open_store(run) as store:
        return store.frame(
            counted.format(
                id="account_id",
                rows="helps JOIN account_names ON account_names.account = helps.helper",
            )
        )


def inside_accounts(run: Path) -> set[str]:
    """Return the ids of the accounts in the run's accounts table."""
    with open_store(run) as store:
        found = store.rows(
            "SELECT account_id FROM account_names WHERE NOT outside ORDER BY account_id"
        )
    return {account_id for (account_id,) in found}


def open_store(run: Path) -> Store:
    """Open the event store of a run folder for reading.

    Raises InputError when there is none, or when it is in use by a program that writes.
    """
    path = run / STORE_FILE
    if not path.is_file():
        raise InputError(f"{run} has no {STORE_FILE}: the events of the run are needed")
    try:
        return Store(path, read_only=True)
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0]
        raise InputError(f"{path} cannot be opened: {first_line}") from error
