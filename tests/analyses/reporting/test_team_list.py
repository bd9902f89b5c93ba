import pandas as pd
import pytest

from analyses.reporting.team_list import farms_served, rank_teams, teams_text
from analyses.run import Run
from graph.errors import InputError


@pytest.fixture
def run(run_folder):
    with Run.open(run_folder) as opened:
        yield opened


def test_a_farm_starves_without_the_team_that_gave_half_of_its_helps(run):
    # C gave one of F's three helps, P two.
    assert farms_served(run) == {"C": (1, 0), "P": (1, 1)}


def test_only_help_for_farms_counts(run):
    # What is not a platform supplies members in common, which are no helps.
    run.links = pd.concat(
        [
            run.links,
            pd.DataFrame(
                {
                    "team_a": ["C", "F", "C"],
                    "team_b": ["P", "F", "F"],
                    "kind": ["serves", "controls", "supplies_workers_to"],
                    "events": [9, 9, 9],
                }
            ),
        ]
    )
    assert farms_served(run) == {"C": (1, 0), "P": (1, 1)}


@pytest.mark.parametrize(
    ("rank", "order"),
    [("risk", "FPC"), ("members", "FPC"), ("disruption", "PCF")],
)
def test_teams_come_in_the_order_asked_for(run, rank, order):
    assert "".join(rank_teams(run, rank=rank)["team_id"]) == order


def test_kind_and_limit_choose(run):
    assert list(rank_teams(run, kind="scanning_crew")["team_id"]) == ["C"]
    assert list(rank_teams(run, limit=1)["team_id"]) == ["F"]


def test_the_table_is_in_words_and_says_what_is_left_out(run):
    lines = teams_text(run, rank="disruption", limit=1).splitlines()
    assert lines[0].split("  ")[-2:] == ["farms served", "farms that starve"]
    assert lines[1].split() == ["P", "online", "profit", "platform", "0.700", *"211"]
    assert lines[2:] == ["… and 2 more: add --limit"]


def test_what_cannot_be_asked_for_is_named_with_the_nearest(run):
    with pytest.raises(InputError, match="did you mean 'scanning_crew'"):
        rank_teams(run, kind="scaning_crew")
    with pytest.raises(InputError, match="give one of risk, members, disruption"):
        rank_teams(run, rank="size")
    with pytest.raises(InputError, match="limit is 0"):
        rank_teams(run, limit=0)
