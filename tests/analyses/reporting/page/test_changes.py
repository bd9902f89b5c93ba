"""A run that knew the run before it shows what became of the teams."""

import json

import pyarrow.parquet as pq
import pytest

from analyses.casework.lifecycle import Life, lives_table
from analyses.pipeline import WORDS
from analyses.reporting.page.case_file import report_html, team_html
from analyses.reporting.page.changes import changes_of
from analyses.reporting.page.team_views import team_views
from analyses.reporting.texts import ENGLISH, Texts
from analyses.run import Run

LIVES = [
    Life("P", "helper_platform", "born", (), 0, 2, 2, 0),
    Life("F", "registration_farm", "merged", ("F", "F0"), 3, 2, 1, 2),
    Life("C", "scanning_crew", "unchanged", ("C",), 1, 1, 0, 0),
    Life("old<b>", "registration_farm", "ended", ("old<b>",), 9, 0, 0, 9),
]


@pytest.fixture
def followed(run_folder):
    pq.write_table(lives_table(LIVES), run_folder / "lifecycle.parquet")
    path = run_folder / "manifest.json"
    manifest = json.loads(path.read_text()) | {"previous": {"run": "monday"}}
    path.write_text(json.dumps(manifest))
    with Run.open(run_folder) as run:
        yield run


def test_changes_are_counted_and_the_unchanged_not_told(followed):
    changes = changes_of(followed)
    assert changes
    assert changes.previous == "monday"
    assert changes.counts == {"born": 1, "merged": 1, "unchanged": 1, "ended": 1}
    assert [change.team_id for change in changes.told] == ["P", "F", "old<b>"]
    assert changes.untold == 0


def test_the_largest_of_each_sort_are_told(followed, monkeypatch):
    monkeypatch.setattr("analyses.reporting.page.changes.TOLD", 0)
    changes = changes_of(followed)
    assert changes
    assert (changes.told, changes.untold) == ([], 3)


def test_the_overview_and_the_team_say_what_became_of_it(followed):
    page = report_html(followed, WORDS, ENGLISH)
    assert "Teams since the run before, monday" in page
    assert "<code>old&lt;b&gt;</code>" in page and 'href="#team=old' not in page
    assert "<option>born</option>" in page and "<option>ended</option>" not in page
    (view,) = team_views(followed, WORDS, teams=["F"])
    part = team_html(view, ENGLISH, span=(20_513, 20_530))
    assert "took in another team; 3 to 2 members, 1 joined, 2 left" in part
    assert "came from F0" in part
    assert "并入了另一个团伙" in team_html(view, Texts("zh"), span=(20_513, 20_530))


def test_a_run_without_one_before_says_nothing_of_it(little_run):
    assert changes_of(little_run) is None
    page = report_html(little_run, WORDS, ENGLISH)
    assert "since the run before" not in page.lower()
