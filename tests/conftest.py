"""A world in a few words: `world(accounts=..., helps=...)` is a store with those rows.

A table is a text, its first line the columns, `-` for null, times in seconds:

    world(accounts='''account_id registered_at
                      ann        -5
                      ben        7''')

or a list of dictionaries. Accounts that are not told when they registered are new; one
that registered before 0 is established.

Some tests need a part that not every machine has: a browser, a database, Apache Spark.
Without it they are skipped by its name. `SCANRING_REQUIRE=chromium,neo4j,spark` names
parts that must be there: then such a skip is a failure.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pytest
from neo4j import GraphDatabase
from xdist.scheduler import LoadScopeScheduling

from graph.numbering import Window, number
from graph.schema import STORED, TABLES, Table
from graph.store import Store
from tests.neo4j_server import Server, server

Rows = str | list[dict[str, Any]]
ARROW = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_()}
ENDLESS = Window(new_since=0, as_of=10**10)
DAY = 86_400
NOON = 20 * DAY + DAY // 2


BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def without(part: str, reason: str) -> NoReturn:
    """Skip the test for want of a part; fail where `SCANRING_REQUIRE` names it."""
    required = os.environ.get("SCANRING_REQUIRE", "").split(",")
    if part in (name.strip() for name in required):
        pytest.fail(f"{part} is required and not there: {reason}")
    pytest.skip(f"{part}: {reason}")


@pytest.fixture(scope="session")
def lacking() -> Callable[[str, str], NoReturn]:
    """Give `lacking(part, reason)`, which skips or fails; see `without`."""
    return without


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, driven by playwright."""
    with chromium() as opened:
        yield opened


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the Chromium that this machine has; without one the test is skipped."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        without("chromium", "install Debian's package chromium, or Google Chrome")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=[*BROWSER_FLAGS])
        yield opened
        opened.close()


WITH_NEO4J = (
    "test_forgetting.py",
    "test_neo4j_faults.py",
    "test_neo4j_push.py",
    "test_neo4j_source.py",
    "test_neo4j_tls.py",
    "test_query_book.py",
)
"""The files whose tests start a server."""


COMPARED = "questions compared"
"""What a test records with `record_property`, and the summary prints."""


WITH_SPARK = "test_spark_"
"""So begin the names of the files whose tests start a Spark session."""


A_WORLD_EACH = ("test_designs.py", "test_hardness.py")
"""The files whose tests share a large world for each value of the first parameter."""

ONE_WORLD = "of_a_sample_world"
"""So end the names of the tests of `test_worlds.py` that share one world."""


class OneServer(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Spread the tests over the processes, those that share something dear to one.

    That is a server, a session, or a large world, which each process would make anew.
    (`--dist loadgroup` says the same, and has no effect with pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        file = path.rpartition("/")[2]
        if file.startswith(WITH_SPARK):
            return "spark"
        if file in WITH_NEO4J:
            return "neo4j"
        name, _, parameters = test.rstrip("]").partition("[")
        if file in A_WORLD_EACH:
            return f"{path} {parameters.partition('-')[0]}"
        return path if name.endswith(ONE_WORLD) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneServer:
    """Have xdist use it."""
    return OneServer(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many questions each test of the Cypher stores compared."""
    said = sorted(
        f"{report.nodeid.partition('::')[2]}: {name} {value}"
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == COMPARED and report.when == "call"
    )
    if said:
        terminalreporter.section("questions in Cypher")
        terminalreporter.write("".join(f"{line}\n" for line in said))


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Server]:
    """A real Neo4j server; one process of the tests has it (see the scheduler)."""
    with server() as running:
        yield running


@pytest.fixture
def neo4j_uri(neo4j_server: Server) -> str:
    """The address of a Neo4j server whose database is empty."""
    with GraphDatabase.driver(neo4j_server.uri) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
    return neo4j_server.uri


def need_spark() -> None:
    """Leave out a file of tests, by its name, where Spark's packages are missing."""
    if find_spec("pyspark") and find_spec("sqlglot"):
        return
    reason = "make install-spark"
    if "spark" in os.environ.get("SCANRING_REQUIRE", "").split(","):
        pytest.fail(f"spark is required and not there: {reason}", pytrace=False)
    pytest.skip(f"spark: {reason}", allow_module_level=True)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A Spark session on this machine; one process of the tests has it."""
    from tests.engines import spark_for_tests

    with spark_for_tests() as session:
        yield session


@pytest.fixture
def public_data() -> Path:
    """The public records, which are not part of the project."""
    beside = Path(__file__).parents[1] / ".." / "shared" / "data"
    folder = Path(os.environ.get("SCANRING_DATA", beside))
    if not folder.is_dir():
        pytest.skip("the public records are not here (set SCANRING_DATA)")
    return folder


@pytest.fixture
def world() -> Iterator[Callable[..., Store]]:
    """Make stores of numbered event tables from literal rows; they are closed after."""
    opened = []

    def make(
        *, window: Window = ENDLESS, threads: int | None = None, **tables: Rows
    ) -> Store:
        store = Store(threads=threads)
        opened.append(store)
        assert not tables.keys() - TABLES.keys()
        for table in TABLES.values():
            put_rows(store, table, tables.get(table.name, []))
        number(store, window)
        return store

    yield make
    for store in opened:
        store.close()


def put_rows(store: Store, table: Table, rows: Rows) -> None:
    """Make `loaded_NAME` from literal rows."""
    rows = read_rows(rows) if isinstance(rows, str) else rows
    if table.name == "accounts":
        rows = [{"registered_at": 0} | row for row in rows]
    assert not {name for row in rows for name in row} - {c.name for c in table.columns}
    columns = {
        column.name: pa.array(
            [value_of(row.get(column.name), STORED[column.kind]) for row in rows],
            ARROW[STORED[column.kind]],
        )
        for column in table.columns
    }
    store.put(f"loaded_{table.name}", pa.table(columns))


def read_rows(text: str) -> list[dict[str, Any]]:
    """Read rows of words below a row of column names."""
    head, *lines = (line.split() for line in text.strip().splitlines())
    return [dict(zip(head, line, strict=True)) for line in lines]


def value_of(value: Any, kind: str) -> Any:
    """Return a word as the value that a column keeps."""
    if not isinstance(value, str):
        return value
    if value == "-":
        return None
    if kind == "BIGINT":
        return int(value)
    return value == "true" if kind == "BOOLEAN" else value


def people(prefix, count, *, at=NOON, **columns):
    """Accounts with the same in these columns; `{i}` stands for the number of each."""
    return [
        {
            column: value.format(i=i) if isinstance(value, str) else value
            for column, value in {
                "account_id": prefix + "{i:02}",
                "registered_at": at + 60 * i,
                "registration_device_id": prefix + "_phone{i}",
                "registration_wifi": prefix + "_home{i}",
                **columns,
            }.items()
        }
        for i in range(count)
    ]


def helps_by(helper, helped, count, *, at=NOON, **columns):
    """The i-th helper helps the i-th account; a name without `{i}` stays the same."""
    return [
        {
            "help_id": f"{helper}>{helped}".format(i=i),
            "helper_id": helper.format(i=i),
            "helped_id": helped.format(i=i),
            "kind": "registration",
            "helped_at": at + 60 * i + 30,
            "result": "ok",
        }
        | columns
        for i in range(count)
    ]


@pytest.fixture(scope="session")
def farm_and_office() -> dict[str, list[dict[str, Any]]]:
    """A farm on one phone and an office on one wifi, among ordinary people.

    farm00 … farm11      one phone, helped by strangers, and refused as friends
    office00 … office11  one wifi, helped by a colleague each, with ties among them
    plain00 … plain29    newcomers helped by a friend
    old00 … old59        established
    """
    friends = [
        {"account_a": f"plain{i:02}", "account_b": f"old{i:02}"} for i in range(30)
    ]
    colleagues = [
        {"account_a": f"office{i:02}", "account_b": f"old{j % 60:02}"}
        for i in range(12)
        for j in (30 + i, 31 + i, 32 + i)
    ]
    return {
        "accounts": [
            *people("farm", 12, registration_device_id="farm_phone"),
            *people("office", 12, registration_wifi="office_wifi"),
            *people("plain", 30),
            *people("old", 60, at=-90 * DAY),
        ],
        "helps": [
            *helps_by("stranger{i:02}", "farm{i:02}", 12),
            *helps_by("old3{i}", "office{i:02}", 10),
            *helps_by("old{i:02}", "plain{i:02}", 30),
        ],
        "ties": friends + colleagues,
        "activity": [
            {
                "account_id": row["account_id"],
                "day": 21 * DAY,
                "friend_requests_sent": sent,
                "friend_requests_accepted": accepted,
            }
            for prefix, count, sent, accepted in (
                ("farm", 12, 40, 1),
                ("office", 12, 6, 5),
                ("plain", 30, 2, 2),
                ("old", 60, 2, 2),
            )
            for row in people(prefix, count)
        ],
    }


@pytest.fixture(scope="session")
def farm_and_worker(
    farm_and_office: dict[str, list[dict[str, Any]]],
) -> dict[str, list[dict[str, Any]]]:
    """The same with a worker who helped farm00 … farm03, and tried farm04 and farm05.

    It was refused at the last two; for each code it raced a rival, who lost.
    """
    helps, scans = [], []
    for i in range(6):
        for scanner, result in (
            ("worker", "quota_refused" if i > 3 else "ok"),
            (f"rival{i}", "lost_race"),
        ):
            at = NOON + 600 + 60 * i
            scans.append(
                {
                    "scan_id": f"s_{scanner}_{i}",
                    "scanner_id": scanner,
                    "code_id": f"code{i}",
                    "purpose": "register_help",
                    "scanned_at": at,
                    "wifi": f"wifi_of_{scanner}",
                }
            )
            helps.append(
                {
                    "help_id": f"h_{scanner}_{i}",
                    "helper_id": scanner,
                    "helped_id": f"farm{i:02}",
                    "kind": "registration",
                    "helped_at": at,
                    "scan_id": f"s_{scanner}_{i}",
                    "result": result,
                }
            )
    return farm_and_office | {"helps": farm_and_office["helps"] + helps, "scans": scans}
