import os
import signal
import subprocess
import sys
import time

import ladybug
import pytest

from graph.cypher import ladybug_store
from graph.cypher.graph import CypherGraph
from graph.cypher.ladybug_store import LadybugStore, ensure
from graph.cypher.statements import QueryError, TimedOutError
from graph.errors import InputError, OutputError
from graph.help_facts import gather_help_facts
from tests.graph.cypher.found import put_found

ENDLESS = (
    "MATCH (a:Account), (b:Account), (c:Account), (d:Account), (e:Account), "
    "(f:Account) WHERE (a.id + b.id + c.id + d.id + e.id + f.id) CONTAINS 'zz' "
    "RETURN count(*) AS n"
)


@pytest.fixture
def sources(world):
    def make():
        store = world(
            accounts="account_id registered_at registration_device_id\n"
            + "\n".join(f"a{i:02} {i} phone" for i in range(40)),
            helps="""help_id helper_id helped_id kind         helped_at result
                     h1      a01       a02       registration 5         ok
                     h2      a01       a01       registration -         ok""",
        )
        gather_help_facts(store)
        put_found(store)
        return store

    return make


def test_a_store_is_made_once_and_anew_for_other_findings(tmp_path, sources):
    place = tmp_path / "cypher"
    assert ensure(place, "one", sources)
    assert not ensure(place, "one", sources)
    assert ensure(place, "two", sources)
    assert [each.name for each in tmp_path.iterdir()] == ["cypher"]
    assert sorted(each.name for each in place.iterdir()) == [
        "graph.lbug",
        "made_of.json",
    ]
    assert {each.stat().st_mode & 0o777 for each in place.iterdir()} == {0o600}


def test_a_store_that_lost_something_is_made_anew(tmp_path, sources):
    place = tmp_path / "cypher"
    ensure(place, "one", sources)
    os.truncate(place / "graph.lbug", 1000)
    assert ensure(place, "one", sources)
    (place / "graph.lbug").unlink()
    assert ensure(place, "one", sources)
    assert not ensure(place, "one", sources)


def test_a_file_in_its_place_is_left_alone(tmp_path, sources):
    place = tmp_path / "cypher"
    place.write_text("notes")
    with pytest.raises(OutputError, match="is a file, and the folder"):
        ensure(place, "one", sources)
    assert place.read_text() == "notes"


def test_it_answers(tmp_path, sources):
    ensure(tmp_path / "cypher", "one", sources)
    with CypherGraph(LadybugStore(tmp_path / "cypher")) as graph:
        answer = graph.query("helped-by", account="a01")
        assert answer["help"].tolist() == ["h1", "h2"]
        assert answer["helped_at"].isna().tolist() == [False, True]
        assert graph.query("device-hours", device="phone")["accounts"].max() == 40


def test_what_runs_away_is_stopped(tmp_path, sources):
    ensure(tmp_path / "cypher", "one", sources)
    with CypherGraph(LadybugStore(tmp_path / "cypher")) as graph:
        began = time.monotonic()
        with pytest.raises(TimedOutError, match=r"stopped after 0.3 seconds: ask for"):
            graph.cypher(ENDLESS, timeout=0.3)
        assert time.monotonic() - began < 10
        assert graph.cypher("RETURN 1 AS one")["one"].tolist() == [1]


def test_the_store_itself_is_read_only(tmp_path, sources):
    ensure(tmp_path / "cypher", "one", sources)
    store = LadybugStore(tmp_path / "cypher")
    with pytest.raises(QueryError, match="read-only"):
        store.ask("CREATE (:Team {id: 'x'})", {})
    store.close()


def test_a_build_that_fails_leaves_nothing(tmp_path, sources, monkeypatch):
    def fail(store, kind, folder):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(ladybug_store, "_write_rows", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        ensure(tmp_path / "cypher", "one", sources)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys
from pathlib import Path
from graph.cypher import ladybug_store
from graph.store import Store

def fill(store, folder, progress):
    (folder / "graph.lbug").write_text("half")
    print("building", flush=True)
    sys.stdin.read()

ladybug_store._build = fill
ladybug_store.ensure(Path(sys.argv[1]), "one", Store)
"""


def test_a_build_that_is_killed_leaves_nothing_that_counts(tmp_path, sources):
    place = tmp_path / "cypher"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"building\n"
        os.kill(process.pid, signal.SIGKILL)
    assert not place.exists()
    assert ensure(place, "one", sources)
    assert [each.name for each in tmp_path.iterdir()] == ["cypher"]


def test_a_broken_store_is_told_in_one_line(tmp_path):
    (tmp_path / "graph.lbug").write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match="is damaged"):
        LadybugStore(tmp_path)
    assert ladybug.__version__
