import base64
import json
import re
import zlib

import pytest

from analyses.pipeline import WORDS
from analyses.reporting.page.case_file import report_html, team_html, write_report
from analyses.reporting.page.team_views import team_views
from analyses.reporting.texts import ENGLISH, Texts
from graph.errors import OutputError
from tests.analyses.reporting.conftest import ATTACKS, NICKNAME


def unpacked(page):
    """The parts of the teams, in the order of the list."""
    parts = re.findall(r'<script type="text/plain" id="t\d+">(.*?)</script>', page)
    unpacked = [zlib.decompress(base64.b64decode(part)) for part in parts]
    return [team for part in unpacked for team in json.loads(part)]


def test_a_page_has_a_row_and_a_part_for_each_team(little_run):
    page = report_html(little_run, WORDS, ENGLISH)
    assert '[["F","registration farm",0.9,2,1,' in page
    parts = unpacked(page)
    assert len(parts) == 3
    farm = parts[0]
    assert "account that was registered in a batch" in farm
    assert "1 farm" not in farm and "was helped by" in farm
    assert "MATCH (team:Team {id: &#39;F&#39;})" in farm


def test_a_page_fetches_nothing_and_runs_only_its_own_script(little_run):
    page = report_html(little_run, WORDS, ENGLISH)
    everything = page + "".join(unpacked(page))
    assert not re.findall(
        r"(?:src|href)=[\"'](?!#|data:)|@import|url\((?!data:)", everything
    )
    assert "default-src 'none'; script-src 'sha256-" in page
    assert not re.search(r"\son\w+=", everything)


def test_hostile_names_are_text_on_the_page(hostile_run):
    page = report_html(hostile_run, WORDS, ENGLISH)
    everything = page + "".join(unpacked(page))
    for attack in (*ATTACKS.values(), NICKNAME):
        assert attack not in everything
    assert "document.title='owned'" not in everything
    assert "&lt;script&gt;document.title=" in everything
    assert "\u202e" not in everything and "\x1b" not in everything
    assert "&lt;U+202E&gt;" in everything


def test_a_team_that_was_lured_shows_no_risk_of_its_people(crew_run):
    (view,) = team_views(crew_run, WORDS, teams=["C"])
    part = team_html(view, ENGLISH, span=(20_513, 20_530))
    assert "a deceived person; nothing is held against them" in part
    assert "0.200" not in part
    assert "Likely next:" in part


def test_a_chinese_page_has_no_english_sentences(crew_run):
    page = report_html(crew_run, WORDS, Texts("zh"))
    shown = "".join([page.partition("<body>")[2], *unpacked(page)])
    shown = re.sub(r"<(script|style|pre|code).*?</\1>|<[^>]+>", " ", shown, flags=re.S)
    english = re.findall(r"[A-Za-z]{2,}(?:\s+[a-z]{2,}){2,}", shown)
    assert [text for text in english if not text.startswith("scanring ")] == []
    assert "@font-face" in page


def test_a_page_is_not_written_over_unless_asked(little_run, tmp_path):
    path = write_report(little_run, WORDS, path=tmp_path / "page.html")
    first = path.read_bytes()
    with pytest.raises(OutputError, match="is there already"):
        write_report(little_run, WORDS, path=path)
    write_report(little_run, WORDS, path=path, overwrite=True)
    assert path.read_bytes() == first
