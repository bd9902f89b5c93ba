"""A Neo4j server as a store to ask: read access, a named database, never a made text.

The password comes from the environment variable `NEO4J_PASSWORD` and from nowhere else,
so that it is in no command line and in no file of a run.
"""

import logging
import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import neo4j
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from graph.cypher.graph import CypherGraph
from graph.cypher.statements import Answer, QueryError, TimedOutError, told_by
from graph.errors import InputError

logging.getLogger("neo4j").addHandler(logging.NullHandler())  # errors are told once

PASSWORD = "NEO4J_PASSWORD"
DATABASE = "neo4j"
USER = "neo4j"
SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


def connect(uri: str, *, database: str = DATABASE, user: str = USER) -> CypherGraph:
    """Return the graph on a Neo4j server; InputError when it cannot be reached."""
    return CypherGraph(Neo4jStore(open_driver(uri, user=user), database))


def open_driver(uri: str, *, user: str = USER) -> neo4j.Driver:
    """Connect to a server with the official driver, and try whether it answers.

    Raises InputError with what to try.
    """
    _check_address(uri)
    password = os.environ.get(PASSWORD)
    auth = (user, password) if password else None
    try:
        driver = neo4j.GraphDatabase.driver(
            uri, auth=auth, notifications_min_severity="OFF", user_agent="scanring"
        )
        try:
            driver.verify_connectivity()
        except BaseException:
            driver.close()
            raise
    except (ConfigurationError, ValueError) as error:
        raise InputError(
            f"{uri!r} is no address of a Neo4j server: write bolt://HOST:7687"
        ) from error
    except AuthError as error:
        hint = "is wrong" if password else f"is needed: set {PASSWORD}"
        raise InputError(f"{uri}: the password of {user} {hint}") from error
    except (ServiceUnavailable, DriverError, Neo4jError, OSError) as error:
        scheme = uri.partition(":")[0]
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise InputError(
                    f"{uri}: the server's certificate is not trusted "
                    f"({cause.verify_message}): name the file of one that is in the "
                    f"environment variable SSL_CERT_FILE, or write {scheme}sc:// to "
                    "take any"
                ) from error
        encrypted = "+s" in scheme
        ask = (
            "does it take TLS connections (+s asks for them), is it started"
            if encrypted
            else "is it started"
        )
        if "DNS" in str(error):
            ask = f"is the name of the host right, {ask}"
        raise InputError(
            f"no Neo4j server answers at {uri}: {ask}, and is the port the one for "
            "Bolt?"
        ) from error
    return driver


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and all that it was raised from."""
    if error is not None:
        yield error
        yield from _causes(error.__cause__ or error.__context__)
        for each in getattr(error, "exceptions", ()):  # of a group
            yield from _causes(each)


def _check_address(uri: str) -> None:
    """Raise InputError for what is no address of a server; a password is not told."""
    scheme, colon, rest = uri.partition("://")
    if "@" in rest:
        raise InputError(
            "an address has no user or password in it: give the user with --user, and "
            f"the password in the environment variable {PASSWORD}"
        )
    if scheme not in SCHEMES or not colon or not rest:
        raise InputError(
            f"{uri!r} is no address of a Neo4j server: write bolt://HOST:7687, or "
            "bolt+s:// for TLS"
        )


GONE = (ServiceUnavailable, SessionExpired)
"""What the driver raises when a connection breaks."""

WAIT_SECONDS = 2.0
"""How long to wait before a broken connection is tried again."""

T = TypeVar("T")


def again(work: Callable[[], T]) -> T:
    """Do what may be done twice; once more when the connection breaks meanwhile."""
    try:
        return work()
    except GONE:
        time.sleep(WAIT_SECONDS)
        return work()


def _check_database(name: str) -> None:
    if not name or name == "system":
        raise InputError(
            f"{name!r} is no database for a graph: name one with --database, such as "
            f"{DATABASE}"
        )


@contextmanager
def told() -> Iterator[None]:
    """Turn the driver's errors into one line."""
    try:
        yield
    except AuthError as error:
        raise InputError(f"Neo4j refused: {error.message}") from error
    except Neo4jError as error:
        if "DatabaseNotFound" in (error.code or ""):
            name = (error.message or "").rpartition(":")[2].strip()
            raise InputError(
                f"the Neo4j server has no database {name}: name another with --database"
            ) from error
        said = error.message or str(error)
        if "Syntax" not in (error.code or ""):
            said = f"Runtime exception: {said}"
        raise QueryError(told_by("Neo4j", said)) from error
    except (ServiceUnavailable, DriverError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"the Neo4j server went away, and did not answer again: {said}; see "
            "whether it runs, and repeat the command; a push may be repeated"
        ) from error


class Neo4jStore:
    """One database of a Neo4j server, opened for reading."""

    def __init__(self, driver: neo4j.Driver, database: str) -> None:
        """Ask this database; the driver is closed with the store."""
        _check_database(database)
        self._driver = driver
        self._database = database

    def ask(
        self, text: str, parameters: dict[str, Any], *, timeout: float | None = None
    ) -> Answer:
        """Run a reading statement and return its columns and rows.

        `text` must have passed `statements.check`. Raises QueryError when Neo4j does
        not understand it, TimedOutError after `timeout` seconds.
        """
        with told():
            return again(lambda: self._asked(text, parameters, timeout))

    def _asked(
        self, text: str, parameters: dict[str, Any], timeout: float | None
    ) -> Answer:
        with self._driver.session(
            database=self._database, default_access_mode=neo4j.READ_ACCESS
        ) as session:
            try:
                result = session.run(neo4j.Query(text, timeout=timeout), parameters)
                columns = tuple(result.keys())
                return Answer(columns, [list(row.values()) for row in result])
            except ClientError as error:
                if timeout and "TransactionTimedOut" in (error.code or ""):
                    raise TimedOutError.after(timeout) from error
                raise

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()
