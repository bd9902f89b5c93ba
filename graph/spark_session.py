"""A session of Apache Spark: a new one, or one of our own beside one that is there."""

import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from graph.errors import InputError

SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a number that is too large is an error
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.driver.maxResultSize": "0",  # what comes back is bounded by the analysis
    "spark.ui.showConsoleProgress": "false",
}
"""What a session must be like for the same answer, whoever made it."""

NO_PANDAS = "PySpark does not yet fully support pandas"
"""A warning that does not concern us: only Arrow tables go through PySpark here."""

NUMBERING = "org.apache.spark.sql.execution.window.WindowExec"


@contextmanager
def spark_session(
    master: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Any]:
    """Give a session on the cluster `master`; it is stopped at the end.

    Without a master it is that of `spark-submit`, or Spark's own default. `settings`
    are further properties, `spark.…`.

    Where this process has a session already, be it a notebook's or one for several
    runs, its cluster is used and stays: what is given is a session beside it, whose
    properties and tables are its own.

    Raises InputError where Spark or Java is not installed, or cannot be reached, and
    where the session that is there is on another cluster or was begun with other
    properties.
    """
    if find_spec("pyspark") is None:
        raise InputError("Spark is not installed: try pip install 'scanring[spark]'")
    if shutil.which("java") is None:
        raise InputError("Spark needs Java 17 or newer, and there is no java: try one")
    warnings.filterwarnings("ignore", NO_PANDAS)
    # Or Python processes beside the executors would be whatever is called python3.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    there = _session_there()
    if there is None:
        session = _new_session(master, settings or {})
    else:
        session = _beside(there, master, settings or {})
    try:
        log4j = session._jvm.org.apache.logging.log4j
        # Numbers over all rows are given by one task, and each would be warned of.
        log4j.core.config.Configurator.setLevel(NUMBERING, log4j.Level.ERROR)
        yield session
    finally:
        if there is None:
            session.stop()


def _new_session(master: str | None, settings: Mapping[str, str]) -> Any:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("scanring")
    if master:
        builder = builder.master(master)
    for name, value in {**SETTINGS, **settings}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        line = str(error).splitlines()[0]
        raise InputError(f"Spark at {master or 'its default'}: {line}") from error


def _session_there() -> Any:
    """Return the session that this process has, or None."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    try:
        return SparkSession.active()
    except PySparkException:
        return None


def _beside(there: Any, master: str | None, settings: Mapping[str, str]) -> Any:
    """Return a session of our own on the cluster of one that is there."""
    at = there.sparkContext.master
    if master not in (None, at):
        raise InputError(
            f"Spark at {master}: this process has a session at {at}; stop it first, or "
            "name no master"
        )
    session = there.newSession()
    for name, value in {**SETTINGS, **settings}.items():
        if session.conf.isModifiable(name):
            session.conf.set(name, value)
        elif name in settings and session.conf.get(name, None) != value:
            raise InputError(
                f"{name}={value}: this process has a session at {at}, which was begun "
                f"with {session.conf.get(name, 'none')}; stop it first, or leave it out"
            )
    return session
