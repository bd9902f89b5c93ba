"""Measure the Cypher store: how long it takes to make, to ask, and to push.

    python -m tests.benchmarks.measure_cypher [--accounts N] [--no-push] [--only-many]

Makes the store of a sample world, and of a world of a million accounts whose events are
made by DuckDB (no analysis: devices, codes, scans, helps, ties, and one team). The
sample world also goes to a Neo4j server that is started here, where there are Java and
Maven for it.
"""

import argparse
import resource
import shutil
import tempfile
import time
from pathlib import Path

from analyses.pipeline import run
from analyses.run import Run
from analyses.run_graph import build_graph, graph_id, graph_sources
from graph.cypher.book import book
from graph.cypher.graph import CypherGraph
from graph.cypher.ladybug_store import LadybugStore, ensure
from graph.cypher.neo4j_push import push
from graph.cypher.neo4j_store import open_driver
from graph.help_facts import gather_help_facts
from graph.numbering import Window, number
from graph.schema import STORED, TABLES
from graph.store import Store
from loaders.simulator import WorldSettings, simulate
from tests.neo4j_server import server

START = 1_772_352_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--only-many", action="store_true", help="no sample world")
    parser.add_argument("--no-push", action="store_true", help="no Neo4j server")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not wanted.only_many:
            sample(Path(folder), not wanted.no_push)
        many(Path(folder), wanted.accounts)


def timed(what: str, began: tuple[float, float]) -> None:
    seconds = time.perf_counter() - began[0]
    cpu = time.process_time() - began[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what}: {seconds:.1f} s, {cpu:.1f} s of processors, peak {peak:.1f} GB")


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def sample(folder: Path, push_too: bool) -> None:
    simulate(folder / "world", WorldSettings(seed=7))
    run(folder / "world", folder / "run")
    began = now()
    build_graph(folder / "run")
    timed("store of the sample world (160,000 accounts)", began)
    with Run.open(folder / "run") as opened:
        helper = opened.query("repeat-helpers")["helper"].iloc[0]
        helped = opened.query("helped-by", account=helper)["helped"].iloc[0]
        for name in ("repeat-helpers-of", *(f"within-{k}-hops" for k in range(1, 6))):
            began = now()
            rows = len(opened.query(name, account=helped))
            timed(f"  {name}, {rows:,} rows", began)
    lacking = [name for name in ("java", "mvn") if shutil.which(name) is None]
    if push_too and lacking:
        print(f"push: left out, for there is no {' and no '.join(lacking)}")
    elif push_too:
        with (
            server() as running,
            open_driver(running.uri) as driver,
            graph_sources(folder / "run") as store,
        ):
            began = now()
            pushed = push(
                store, graph_id(folder / "run"), driver, database="neo4j"
            ).rows
            rows, seconds = sum(pushed.values()), time.perf_counter() - began[0]
            print(f"push: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} a s")


def many(folder: Path, accounts: int) -> None:
    def sources() -> Store:
        store = Store()
        fill(store, accounts)
        return store

    place = folder / "many"
    made = sources()
    began = now()
    ensure(place, "many", lambda: made)
    timed(f"store of {accounts:,} accounts with devices, scans and helps", began)
    with CypherGraph(LadybugStore(place)) as graph:
        began = now()
        rows = len(graph.query("repeat-helpers-of", account="a17"))
        timed(f"  repeat-helpers-of, {rows:,} rows", began)
    assert "repeat-helpers-of" in book()


def fill(store: Store, accounts: int) -> None:
    """Make the event tables of so many accounts, and the empty ones of a run."""
    made = {
        "accounts": f"""SELECT 'a' || i AS account_id, {START} + i AS registered_at,
            'd' || (i * 9 // 10) AS registration_device_id,
            '10.' || (i % 250) || '.' || (i // 250 % 250) || '.1' AS registration_ip,
            'w' || (i % 300000) AS registration_wifi,
            CAST(1300000 + i % 90000 AS VARCHAR) AS phone_prefix
            FROM range({accounts}) AS r(i)""",
        "codes": f"""SELECT 'c' || i AS code_id, 'a' || i AS account_id,
            'register_help' AS purpose, {START} + i AS issued_at
            FROM range({accounts // 2}) AS r(i)""",
        "scans": f"""SELECT 's' || i AS scan_id,
            'a' || (i * 7919 % {accounts}) AS scanner_id, 'c' || (i // 2) AS code_id,
            'register_help' AS purpose, {START} + i AS scanned_at, 'ok' AS result,
            'd' || (i * 7919 % {accounts} * 9 // 10) AS device_id
            FROM range({accounts}) AS r(i)""",
        "helps": f"""SELECT 'h' || i AS help_id,
            'a' || (i * 7919 % {accounts} // 3) AS helper_id,
            'a' || (i * 31 % {accounts}) AS helped_id, 'registration' AS kind,
            {START} + i AS helped_at, 's' || i AS scan_id, 'ok' AS result
            FROM range({accounts // 2}) AS r(i)""",
        "ties": f"""SELECT 'a' || i AS account_a,
            'a' || (i * 13 % {accounts}) AS account_b, 'friend' AS kind
            FROM range({accounts}) AS r(i)""",
    }
    for table in TABLES.values():
        columns = ", ".join(
            f'CAST(NULL AS {STORED[column.kind]}) AS "{column.name}"'
            for column in table.columns
        )
        rows = f"(SELECT {columns} LIMIT 0)"
        if table.name in made:
            rows += f" UNION ALL BY NAME ({made[table.name]})"
        store.materialise(f"loaded_{table.name}", rows)
    number(store, Window(new_since=START, as_of=START + accounts))
    gather_help_facts(store)
    for name, columns in {
        "accounts": "'' AS account_id, 0.0 AS risk, '' AS role, '' AS action, "
        "false AS listed, 0.0 AS helper_score",
        "teams": "'' AS team_id, '' AS kind, 0 AS members, 0.0 AS risk, "
        "make_timestamp(0) AS first_seen, make_timestamp(0) AS last_seen",
        "members": "'' AS team_id, '' AS account_id, '' AS role, 0.0 AS evidence_bits",
        "helps": "'' AS help_id, '' AS team_id, '' AS pattern",
        "links": "'' AS team_a, '' AS team_b, '' AS kind, 0 AS events",
    }.items():
        store.materialise(f"found_{name}", f"SELECT {columns} LIMIT 0")
    store.materialise(
        "run_window", f"SELECT 'r' AS id, {START} AS new_since, {START} AS as_of"
    )


if __name__ == "__main__":
    main()
