"""The pages of a review, without a server: in the language that was asked for."""

import csv
import io
import re

import pytest

from analyses.casework.case_list import cases_text, decide, history_text
from analyses.casework.comparison import compare_text
from analyses.casework.decisions import read_decisions
from analyses.casework.review_pages import Filled, ReviewPages
from analyses.reporting.texts import Texts

CHINESE = Texts("zh")


@pytest.fixture
def pages(farm_run, tmp_path):
    path = tmp_path / "decisions.jsonl"
    for subject in (("account", "farm07"), ("team", farm_run.teams["team_id"].iloc[0])):
        decide(farm_run, path, subject, "in_progress", person="ann", note="看看")
    decide(farm_run, path, ("wifi", "office_wifi"), "allow", person="bo", note="公司")
    return ReviewPages(farm_run, path, base="", csrf="c", texts=CHINESE)


def english_in(page):
    shown = re.sub(
        r"<(script|style|code|pre id).*?</\1>|<[^>]+>", " ", page, flags=re.S
    )
    found = re.findall(r"[A-Za-z]{2,}(?:[ ,]+[a-z]{2,}){2,}", shown)
    return [text for text in found if not re.match("scanring |MATCH ", text)]


def test_every_page_is_in_chinese(pages, farm_run):
    filled = Filled("ann")
    shown = [
        pages.cases({}, filled),
        pages.case(("account", "farm07"), filled),
        pages.case(("team", farm_run.teams["team_id"].iloc[0]), filled),
        pages.allowed(filled),
        pages.trouble("x", filled),
    ]
    for page in shown:
        assert '<html lang="zh-CN">' in page
        assert english_in(page) == []
    assert "处理中" in shown[0] and "Wi-Fi 接入点" in shown[3]


def test_the_exported_list_is_in_chinese(pages):
    text = pages.list_csv()
    assert text.startswith("\ufeff")
    first = next(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert first["状态"] in ("待处理", "处理中")
    assert first["角色说明"]


def test_lists_on_the_terminal_are_in_chinese(pages, farm_run):
    ledger = read_decisions(pages.decisions)
    for text in (
        cases_text(farm_run, ledger, texts=CHINESE),
        history_text(farm_run, ledger, ("account", "farm07"), CHINESE),
        compare_text(farm_run, farm_run, texts=CHINESE),
    ):
        assert english_in(text) == []
        assert re.search("[一-鿿]", text)
