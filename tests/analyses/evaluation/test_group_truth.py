import pandas as pd
import pytest

from analyses.evaluation.evaluate import evaluate
from analyses.evaluation.group_truth import GroupColumns, best_matches, read_groups
from graph.errors import InputError

EIGHT = [f"a{n}" for n in range(8)]
TEN = [f"b{n}" for n in range(10)]


def groups(**members):
    return pd.DataFrame(
        [
            {"account_id": account, "group": name, "label": 1, "source": "report"}
            for name, accounts in members.items()
            for account in accounts
        ]
    )


def teams(**members):
    rows = [
        (team, account) for team, accounts in members.items() for account in accounts
    ]
    return (
        pd.DataFrame(rows, columns=["team_id", "account_id"]),
        pd.DataFrame({"team_id": list(members), "risk": [0.5] * len(members)}),
    )


def best(true, found, inside):
    return (
        best_matches(true, found[0], found[1], set(inside))
        .set_index("group")["f1"]
        .to_dict()
    )


def test_the_best_of_the_teams_counts():
    found = teams(whole=EIGHT, half=EIGHT[:4], wide=EIGHT + TEN)
    assert best(groups(A=EIGHT), found, EIGHT + TEN) == {"A": 1.0}
    found = teams(half=EIGHT[:4], wide=EIGHT + TEN)
    assert best(groups(A=EIGHT), found, EIGHT + TEN) == {"A": 8 / 12}


def test_a_group_that_no_team_touches_counts_as_nothing():
    assert best(groups(A=EIGHT), teams(B=TEN), EIGHT + TEN) == {"A": 0.0}
    assert best(groups(A=EIGHT), teams(), EIGHT) == {"A": 0.0}


def test_accounts_outside_count_neither_here_nor_there():
    found = teams(T=[*EIGHT, "x", "y", "z"])
    assert best(groups(A=[*EIGHT, "v", "w"]), found, EIGHT) == {"A": 1.0}


def test_groups_of_seven_and_of_too_many_do_not_count():
    many = [f"m{n}" for n in range(1001)]
    true = groups(few=EIGHT[:7], many=many, right=TEN)
    assert best(true, teams(T=TEN), EIGHT + TEN + many) == {"right": 1.0}


def test_the_same_name_in_two_sources_is_two_groups():
    true = pd.concat([groups(A=EIGHT), groups(A=TEN).assign(source="other")])
    members, risks = teams(T=TEN)
    matched = best_matches(true, members, risks, set(EIGHT + TEN))
    assert list(zip(matched["source"], matched["f1"], strict=True)) == [
        ("other", 1.0),
        ("report", 0.0),
    ]


@pytest.fixture
def truth_file(tmp_path):
    frame = pd.DataFrame(
        {
            "cluster": ["A"] * 3 + ["B"] * 2,
            "address": ["b1", "b2", "b3", "c", "d"],
            "behaviour_verified": [1, 1, 1, 0, 0],
        }
    )
    frame.to_parquet(tmp_path / "clusters.parquet")
    return tmp_path / "clusters.parquet"


def test_columns_are_recognised_or_named(truth_file):
    read = read_groups(truth_file, GroupColumns())
    assert read.iloc[0].to_dict() == {
        "account_id": "b1",
        "group": "A",
        "label": 1,
        "source": "groups",
    }
    swapped = read_groups(truth_file, GroupColumns(group="address", account="cluster"))
    assert swapped["group"].tolist() == ["b1", "b2", "b3", "c", "d"]
    with pytest.raises(InputError, match="no column gang: it has cluster"):
        read_groups(truth_file, GroupColumns(group="gang"))


def test_a_file_without_groups_is_refused(tmp_path):
    pd.DataFrame({"address": ["x"]}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError, match="which column is the group"):
        read_groups(tmp_path / "x.parquet", GroupColumns())


def test_evaluate_takes_a_file_of_groups(run_folder, truth_file, monkeypatch):
    monkeypatch.setattr("analyses.evaluation.group_truth.SMALLEST_GROUP", 2)
    evaluation = evaluate(run_folder, truth_file)
    assert evaluation.figures["groups.operator.best_match_f1"] == 0.8
    assert evaluation.figures["groups.operator.half_or_more"] == 1
    assert evaluation.figures["groups.false_alarm.best_match_f1"] == 0
    assert evaluation.figures["groups.risk_area"] == 1
    assert "false alarm" in evaluation.text()


def test_when_no_group_counts_the_tables_are_empty(run_folder, truth_file):
    evaluation = evaluate(run_folder, truth_file)
    assert evaluation.figures == {}
    assert "none" in evaluation.text()
