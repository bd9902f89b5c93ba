import pytest

from analyses.reporting.stall_list import stalls_text
from analyses.reporting.texts import Texts
from graph.errors import NotFoundError


def test_each_stall_has_its_place_and_those_to_be_told(crew_run):
    text = stalls_text(crew_run, people=True)
    lines = [line.split() for line in text.splitlines()]
    assert lines[0] == ["C"]
    assert lines[2][:3] == ["1", "2026-03-01", "15:00–17:00"]
    assert lines[2][-2:] == ["10", "1"]
    assert lines[3] == ["p"]
    assert "Likely next: between 2026-03-13 and 2026-03-13" in text


def test_the_list_is_in_chinese_too(crew_run):
    assert "下一次可能" in stalls_text(crew_run, texts=Texts("zh"))


def test_a_crew_that_is_not_there_is_answered(crew_run):
    with pytest.raises(NotFoundError, match="no stalls of a crew 'D'"):
        stalls_text(crew_run, crew="D")


def test_a_run_without_crews_says_so(run_folder):
    from analyses.run import Run

    with Run.open(run_folder) as run:
        assert stalls_text(run) == "no stalls were found"
