"""Reading a folder of event tables into the store: all rows, all problems, at once."""

from pathlib import Path

import duckdb
import pyarrow as pa

from graph.errors import InputError
from graph.schema import TABLES, Table
from graph.store import Store
from loaders.files import find_sources
from loaders.findings import report_of
from loaders.keys import reject_same_keys
from loaders.mapping import Mapping, read_mapping
from loaders.opening import need, open_sources
from loaders.pseudonyms import Pseudonyms
from loaders.reading import Reader, why_unreadable
from loaders.references import reject_impossible_times
from loaders.rejects import finish_rejects, open_rejects, reject_bad, reject_broken
from loaders.report import LoadReport, TableReport
from loaders.staging import Staged, stage
from loaders.values import IP_FUNCTION, literal, register_ip

OURS = (
    duckdb.ParserException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.OutOfMemoryException,
)
"""What DuckDB raises that has nothing to do with a damaged file."""

FIRST = ("accounts", "codes")
"""Tables that others' times are compared with, so their own keys are settled first."""


def load(
    data: Path,
    store: Store,
    *,
    mapping: Path | None = None,
    count_outside: bool = True,
    pseudonyms: Pseudonyms | None = None,
) -> LoadReport:
    r"""Read the tables of a folder into the store and return what was found.

    Afterwards the store holds, for every table of the contract, `loaded_NAME` with
    the contract's columns in their stored types (empty when the table is not there),
    and `rejects` with every row that was not loaded and the reason. The report counts
    ids that point outside only with `count_outside`, for that takes a while. With
    `pseudonyms` no id, address or name of the data is in the store or the report.

    Raises InputError when the folder or the mapping is not what was asked for, a file
    cannot be read at all, or `accounts` or both of `helps` and `scans` are missing.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store() as store:
    ...     _ = Path(folder, "accounts.csv").write_text(
    ...         "account_id,registered_at\na,2026-03-01T08:00:00Z\n")
    ...     _ = Path(folder, "helps.csv").write_text(
    ...         "help_id,helper_id,helped_id,kind\n1,b,a,registration\n")
    ...     report = load(Path(folder), store)
    ...     report.table("helps").loaded, report.outside[0].ids
    (1, 1)
    """
    sources = find_sources(data)
    plan = read_mapping(mapping) if mapping else Mapping()
    need(sources, plan)
    register_ip(store.connection)
    reader = Reader(store, sources)
    try:
        said = open_sources(reader, plan)
        open_rejects(store)
        staged = {}
        for name, table in TABLES.items():
            staged[name] = _staged(table, plan, reader)
            if pseudonyms is not None:
                with pseudonyms.functions(store.connection):
                    pseudonyms.replace(store, table)
        _put_files(reader)
        _settle(store, [name for name in TABLES if staged[name].rows])
        tables = tuple(_finish(staged[name], plan, reader) for name in TABLES)
        finish_rejects(store)
        return report_of(store, tables, said, count_outside=count_outside)
    finally:
        reader.close()
        store.drop("_files", "_rejects", *(f"_staged_{name}" for name in TABLES))
        store.connection.remove_function(IP_FUNCTION)


def _staged(table: Table, plan: Mapping, reader: Reader) -> Staged:
    """Read one table and reject the rows that are bad by themselves."""
    try:
        staged = _read(table, plan, reader)
    except OURS:
        raise
    except duckdb.Error as error:
        names = sorted(
            {source for source, _ in plan.table(table.name).origins(table.name)}
        )
        raise InputError(
            f"{reader.sources.folder}: {' and '.join(names)} cannot be read: "
            f"{why_unreadable(error)}"
        ) from None
    reject_bad(reader.store, staged)
    later = list(TABLES)[list(TABLES).index(table.name) + 1 :]
    for source, _ in plan.table(table.name).origins(table.name):
        if not any(source in dict(plan.table(name).origins(name)) for name in later):
            reader.release(source)
    return staged


def _read(table: Table, plan: Mapping, reader: Reader) -> Staged:
    try:
        return stage(table, plan, reader)
    except duckdb.InvalidInputException as error:
        if "encoding" not in str(error):
            raise
    except duckdb.ConversionException:
        pass  # a time that DuckDB has no date for
    for source, _ in plan.table(table.name).origins(table.name):
        reader.read_anew(source)
    return stage(table, plan, reader)


def _settle(store: Store, filled: list[str]) -> None:
    """Reject what only other rows show to be wrong: same keys, impossible times."""
    for name in sorted(filled, key=lambda name: name not in FIRST):
        reject_impossible_times(store, TABLES[name])
        reject_same_keys(store, TABLES[name])


def _put_files(reader: Reader) -> None:
    paths = [reader.sources.relative(path) for path in reader.files]
    reader.store.put(
        "_files",
        pa.table(
            {
                "file": pa.array(range(len(paths)), pa.int32()),
                "path": pa.array(paths, pa.string()),
            }
        ),
    )


def _finish(staged: Staged, plan: Mapping, reader: Reader) -> TableReport:
    """Turn a staged table into the loaded one, and count its rows."""
    name, store = staged.table.name, reader.store
    origins = [
        source
        for source, _ in plan.table(name).origins(name)
        if source in reader.sources.files
    ]
    broken = reject_broken(store, name, origins)
    store.drop(f"loaded_{name}")
    for helper in ("_file", "_row", "_bad", "_value", "_reason"):
        store.connection.execute(f"ALTER TABLE {staged.name} DROP COLUMN {helper}")
    store.connection.execute(f"ALTER TABLE {staged.name} RENAME TO loaded_{name}")
    loaded = int(store.rows(f"SELECT count(*) FROM loaded_{name}")[0][0])
    rejected = int(
        store.rows(f"SELECT count(*) FROM _rejects WHERE table_name = {literal(name)}")[
            0
        ][0]
    )
    assert staged.rows + broken == loaded + rejected, f"{name}: rows were lost"
    return TableReport(
        name=name,
        files=tuple(
            reader.sources.relative(path)
            for source in dict.fromkeys(origins)
            for path in reader.sources.files[source]
        ),
        read=staged.rows + broken,
        loaded=loaded,
        rejected=rejected,
        source_rows=staged.source_rows + broken,
        missing=tuple(
            column.name
            for column in staged.table.columns
            if origins and column.name not in staged.present
        ),
    )
