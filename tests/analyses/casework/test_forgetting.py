"""A person is deleted, the others are not, and no file has the id any more."""

import json
import shutil
import threading
import time

import duckdb
import pytest

from analyses.casework.decisions import (
    DELETED,
    Decision,
    append,
    decisions_beside,
    forget_subject,
    read_decisions,
)
from analyses.casework.forgetting import _clean_store, forget, prove, prove_file
from analyses.pipeline import Settings
from analyses.pipeline import run as run_analysis
from analyses.reporting.run_folder import read_manifest
from analyses.run import Run
from analyses.run_graph import graph_id, graph_sources
from graph.cypher.neo4j_push import push
from graph.cypher.neo4j_store import DATABASE, open_driver
from graph.errors import InputError, NotFoundError, OutputError
from loaders.simulator import WorldSettings, simulate


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    place = tmp_path_factory.mktemp("forgetting")
    simulate(place / "data", WorldSettings(seed=3, new=400, existing=1200))
    run_analysis(place / "data", place / "run", settings=Settings(threads=2)).close()
    return place / "run"


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def a_member(run):
    with Run.open(run) as opened:
        return opened.members.sort_values("account_id")["account_id"].iloc[0]


def test_no_file_has_the_id_any_more_and_the_fact_stays(run):
    who = a_member(run)
    with pytest.raises(OutputError, match="still stands in"):
        prove(run, who)
    gone = forget(run, who)
    assert gone.rows["account_names"] == 1
    assert gone.rows["members.parquet"] >= 1
    assert prove(run, who) == len([p for p in run.rglob("*") if p.is_file()])
    manifest = read_manifest(run)
    rows = sum(gone.rows.values())
    assert manifest["deletions"] == [{"accounts": 1, "rows": rows}]
    assert not (run / "risk-list.csv").exists()
    with pytest.raises(NotFoundError):
        forget(run, who)


def test_all_others_stay(run):
    who = a_member(run)
    with Run.open(run) as opened:
        before = opened.accounts, opened.members, opened.evidence
    forget(run, who)
    with Run.open(run) as opened:
        after = opened.accounts, opened.members, opened.evidence
        assert opened.team(opened.teams["team_id"].iloc[0]).graph()
    for old, new in zip(before, after, strict=True):
        others = old[old["account_id"] != who]
        assert new["account_id"].tolist() == others["account_id"].tolist()


def nobody_special(run):
    """An account of which the run has nothing to say."""
    with Run.open(run) as opened:
        said = set(opened.accounts["account_id"])
        ids = opened.store.rows("SELECT account_id FROM accounts ORDER BY account")
    return next(name for (name,) in ids if name not in said)


def pushed(run, uri, *, replace=False):
    with open_driver(uri) as driver, graph_sources(run) as store:
        push(store, graph_id(run), driver, database=DATABASE, replace=replace)


def stands_in_neo4j(uri, who):
    """Whether a value of a node or relationship names the account."""
    with open_driver(uri) as driver:
        nodes, _, _ = driver.execute_query("MATCH (n) RETURN properties(n) AS p")
        between, _, _ = driver.execute_query(
            "MATCH ()-[r]->() RETURN properties(r) AS p"
        )
    assert len(nodes) > 1000
    return any(who in repr(dict(row["p"])) for row in [*nodes, *between])


@pytest.mark.parametrize(
    "choose", [a_member, pytest.param(nobody_special, marks=pytest.mark.long)]
)
def test_a_server_has_nothing_left_when_the_run_is_pushed_again(run, neo4j_uri, choose):
    who = choose(run)
    pushed(run, neo4j_uri)
    assert stands_in_neo4j(neo4j_uri, who)
    forget(run, who)
    with pytest.raises(OutputError, match="add --replace"):
        pushed(run, neo4j_uri)
    pushed(run, neo4j_uri, replace=True)
    assert not stands_in_neo4j(neo4j_uri, who)


def test_the_cypher_store_made_anew_has_nothing_left(run):
    who = nobody_special(run)
    asked = "MATCH (a:Account) WHERE a.id = $who RETURN count(a) AS n"
    with Run.open(run) as opened:
        assert opened.cypher(asked, who=who)["n"].tolist() == [1]
    forget(run, who)
    with Run.open(run) as opened:
        assert opened.cypher(asked, who=who)["n"].tolist() == [0]


def test_what_an_interrupted_run_kept_goes_too(run):
    kept = run.with_name(f".{run.name}.staging") / ".kept"
    kept.mkdir(parents=True)
    (kept / "belief").write_text(a_member(run))
    forget(run, a_member(run))
    assert [path.name for path in run.parent.iterdir()] == ["run"]


def test_an_account_that_is_not_there_changes_nothing(run):
    before = sorted((path, path.read_bytes()) for path in run.iterdir())
    with pytest.raises(NotFoundError, match="nothing was deleted"):
        forget(run, "nobody")
    assert sorted((path, path.read_bytes()) for path in run.iterdir()) == before


def decided(path, subject, note, **seen):
    return append(path, Decision(subject, "dismissed", "ann", note, seen), at=7)


def test_decisions_about_a_person_are_emptied_and_the_chain_holds(tmp_path):
    path = decisions_beside(tmp_path / "run")
    decided(path, ("account", "person-1"), "person-1 keeps a shop")
    decided(path, ("account", "person-2"), "knows person-1")
    decided(
        path,
        ("team", "farm-1"),
        "a school",
        members={"person-1": 0.9, "person-2": 0.8},
        evidence=[{"bits": 1.0, "events": [["logins", "person-1@5"], ["helps", "h2"]]}],
    )
    assert forget_subject(path, "person-1") == 3
    prove_file(path, "person-1")
    ledger = read_decisions(path)
    assert ledger.faults == ()
    one, two, three = ledger.decisions
    assert one.subject == ("account", DELETED)
    assert (one.number, one.at, one.person) == (1, 7, "ann")
    assert two.note == f"knows {DELETED}"
    assert three.seen["members"] == {"person-2": 0.8}
    assert three.seen["evidence"][0]["events"] == [["helps", "h2"]]
    assert decided(path, ("team", "farm-1"), "still").number == 4
    assert read_decisions(path).faults == ()


def test_a_decision_made_meanwhile_is_not_lost(tmp_path):
    path = decisions_beside(tmp_path / "run")
    for number in range(50):
        decided(path, ("account", f"person-{number}"), "why")

    def decide():
        for number in range(20):
            decided(path, ("account", f"later-{number}"), "why")
            time.sleep(0.001)

    deciding = threading.Thread(target=decide)
    deciding.start()
    for number in range(20):
        assert forget_subject(path, f"person-{number}") == 1
    deciding.join()
    ledger = read_decisions(path)
    assert ledger.faults == ()
    assert len(ledger.decisions) == 70


def test_a_file_that_was_changed_by_hand_is_not_rewritten(tmp_path):
    path = decisions_beside(tmp_path / "run")
    decided(path, ("account", "person-1"), "why")
    decided(path, ("account", "person-2"), "well")
    path.write_text(path.read_text().replace("why", "who"))
    before = path.read_bytes()
    with pytest.raises(InputError, match="changed by hand"):
        forget_subject(path, "person-1")
    assert path.read_bytes() == before
    assert json.loads(before.splitlines()[0])["subject"]["id"] == "person-1"


def test_where_there_are_no_decisions_there_are_none_to_empty(tmp_path):
    assert forget_subject(tmp_path / "decisions.jsonl", "ann") == 0


def test_where_a_person_was_lured_into_verifying_is_forgotten_too(tmp_path):
    path = tmp_path / "store.duckdb"
    with duckdb.connect(str(path)) as store:
        store.execute(
            """CREATE TABLE account_names AS
                 SELECT * FROM (VALUES (0, 'ann'), (1, 'ben'))
                 AS v(account, account_id);
               CREATE TABLE scans AS
                 SELECT * FROM (VALUES ('s0', 0), ('s1', 1)) AS v(scan_id, scanner);
               CREATE TABLE stall_scans AS
                 SELECT * FROM (VALUES ('s0', 't', -1), ('s1', 't', -1))
                 AS v(scan_id, team_id, session)"""
        )
    _clean_store(path, "ann")
    with duckdb.connect(str(path), read_only=True) as store:
        assert store.execute("SELECT scan_id FROM stall_scans").fetchall() == [("s1",)]
