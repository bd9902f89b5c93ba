import pytest

from analyses.reporting.digest import digest
from analyses.run import Run
from graph.errors import InputError, NotFoundError


@pytest.fixture
def run(run_folder):
    with Run.open(str(run_folder)) as opened:
        yield opened


def test_a_run_has_its_tables(run):
    assert list(run.accounts["account_id"]) == ["b1", "b2", "g", "p", "w"]
    assert [len(t) for t in (run.teams, run.members, run.helps, run.links)] == [
        3,
        5,
        4,
        2,
    ]
    assert len(run.evidence) == 6
    assert run.manifest["format"] == "scanring run"


def test_a_team_has_members_helps_and_links(run):
    team = run.team("P")
    assert team.facts["kind"] == "helper_platform"
    assert list(team.members["account_id"]) == ["g", "w"]
    assert list(team.helps["help_id"]) == ["h1", "h2", "h5"]
    assert list(run.team("F").links["team_a"]) == ["C", "P"]


def test_a_team_is_a_graph(run):
    graph = run.team("F").graph()
    assert list(graph) == ["account:b1", "account:b2", "device:phone", "code:code1"]
    assert graph.nodes["account:b1"]["role"] == "batch_registered"
    assert graph.nodes["account:b1"]["evidence_bits"] == 5
    kinds = [kind for _, _, kind in graph.edges(data="kind")]
    assert sorted(set(kinds)) == ["logged_in_on", "registered_on", "serves"]


def test_a_neighbourhood_is_a_graph(run):
    graph = run.neighbourhood("p", hops=1)
    assert list(graph) == ["account:b1", "account:p"]
    assert "account:w" in run.neighbourhood("p", hops=2)
    assert list(run.account("p").graph()) == list(graph)


def test_the_evidence_of_an_account_is_its_own_and_that_of_its_team(run):
    evidence = run.account("b1").evidence
    assert list(evidence["signal"]) == ["many_new", "device", "prior", "team", "ties"]
    assert list(run.account("b2").evidence["signal"]) == ["many_new"]
    assert list(run.account("p").evidence["signal"]) == []


def test_facts_are_what_is_known(run):
    assert run.account("b1").facts["reasons"] == ["device"]
    assert "helper_score" not in run.account("b1").facts
    assert list(run.account("w").memberships["team_id"]) == ["P"]


def test_what_is_not_there_is_named_with_the_nearest(run):
    with pytest.raises(NotFoundError, match=r"no team 'f' \(did you mean 'F'\?\)"):
        run.team("f")
    with pytest.raises(NotFoundError, match=r"account 'B1' \(did you mean 'b1'"):
        run.account("B1")


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="not the folder of a finished run"):
        Run.open(tmp_path)


def test_a_store_that_is_open_already_is_used_and_left_open(run_folder, store):
    with Run(run_folder, store=store) as run:
        assert "account:b1" in run.neighbourhood("p")
    assert store.rows("SELECT 1") == [(1,)]


def test_a_table_that_was_cut_is_told_in_one_line(run_folder):
    file = run_folder / "evidence.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"evidence\.parquet is damaged") as told:
        digest(run_folder)
    assert "\n" not in str(told.value)
    with pytest.raises(InputError, match=r"evidence\.parquet is damaged"):
        assert Run.open(run_folder).evidence_on("b1", None).empty
