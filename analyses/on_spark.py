"""The analysis of a run on Apache Spark, and what goes there and comes back.

Reading, checking and numbering stay with the embedded store, which spills to the disk
of this machine, and so do the lists. All statements over events in between run on
Spark. What is believed of newcomers is computed in this process, from a few numbers of
each (docs/spark.md says how many).
"""

import contextlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from graph.store import Store

if TYPE_CHECKING:  # an extra of the package
    from graph.spark_store import SparkStore

ROWS_PER_GROUP = 250_000


@dataclass(frozen=True)
class SparkSettings:
    """Where Spark is, and where it keeps tables.

    `master` is the cluster (None: that of spark-submit); `work` a folder that this
    machine and all workers reach, a path or a URI such as `hdfs://…` (None: beside the
    run folder, which is enough for `local[…]` and `local-cluster[…]`); `properties` are
    further settings of Spark.
    """

    master: str | None = None
    work: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)

    def record(self) -> dict[str, str]:
        """Return what the manifest says of it."""
        return {"name": "spark", "version": version("pyspark")}


@contextlib.contextmanager
def tables_on(
    store: Store, names: Sequence[str], spark: SparkSettings | None, beside: Path
) -> Iterator[Store]:
    """Give a store on Spark with the tables `names` of the embedded one.

    At the end all other tables that are there are put into the embedded store.
    `beside` is a folder on this machine for what is on its way. Without `spark` it is
    the embedded store that is given.

    Raises InputError where Spark cannot be had.
    """
    if spark is None:
        yield store
        return
    from graph.spark_session import spark_session
    from graph.spark_store import SparkStore

    with (
        spark_session(spark.master, spark.properties) as session,
        TemporaryDirectory(dir=beside, prefix=".spark") as passing,
        SparkStore(
            session, _folder(spark.work, Path(passing)), passing=Path(passing)
        ) as there,
    ):
        for name in names:
            _send(store, name, there, Path(passing))
        yield there
        for name in sorted(set(there.names()) - set(names)):
            _fetch(there, name, store, Path(passing))


def _folder(work: str | None, passing: Path) -> str | Path:
    """Return where the tables are kept, in a folder of this run's own."""
    own = f"scanring-{uuid.uuid4().hex}"
    if work is None:
        return passing / own
    return f"{work.rstrip('/')}/{own}" if "://" in work else Path(work, own)


def _send(store: Store, name: str, there: "SparkStore", passing: Path) -> None:
    """Put a table of the embedded store into a file that Spark reads."""
    file = passing / f"{name}.parquet"
    quoted = str(file).replace("'", "''")
    store.connection.execute(
        f"COPY \"{name}\" TO '{quoted}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP})"
    )
    there.take(name, file)


def _fetch(there: "SparkStore", name: str, store: Store, passing: Path) -> None:
    """Put a table of Spark into the embedded store, through its files."""
    with TemporaryDirectory(dir=passing) as folder:
        files = [str(file) for file in there.give(name, Path(folder))]
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        store.materialise(name, f"SELECT * FROM read_parquet([{listed}])")
