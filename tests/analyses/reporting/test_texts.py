import ast
import re
from pathlib import Path

import pytest

from analyses.casework.decisions import ALLOWED, CASES, STATES
from analyses.casework.lifecycle import CHANGES
from analyses.casework.review_pages import ORDERS
from analyses.pipeline import WORDS
from analyses.policy import Case, PolicySettings, suggest
from analyses.reporting import wording
from analyses.reporting.educate_list import EDUCATE_COLUMNS
from analyses.reporting.outputs import ACTIONS
from analyses.reporting.page import words
from analyses.reporting.page.case_file import PAGE_TEXTS
from analyses.reporting.page.tracks import TRACK_NAMES
from analyses.reporting.risk_list import EXPLANATION, LIST_COLUMNS, WORDS_COLUMNS
from analyses.reporting.tellings import TELLINGS
from analyses.reporting.texts import ENGLISH, Texts, catalogue, texts_in
from graph.errors import InputError
from graph.schema import TABLES
from loaders.report import LEFT_OUT

CHINESE = Texts("zh")
ANALYSES = Path(wording.__file__).parents[1]

WORDINGS = (
    wording.ROLES,
    wording.KINDS,
    wording.ACTION_WORDS,
    wording.TO_VERIFY,
    wording.PATTERNS,
    wording.LINKS,
    wording.INNOCENTS,
    words.KEY_WORDS,
    words.LINK_WORDS,
    words.LINKED,
    words.PLACED_BY,
    TRACK_NAMES,
    wording.CHANGE_WORDS,
    LEFT_OUT,
    WORDS_COLUMNS,
)
"""Dictionaries of texts."""


def said():
    """Every text that a person reads, by where it is from."""
    for table in WORDINGS:
        yield from table.values()
    yield from (
        wording.APPEAL,
        wording.EDUCATE,
        wording.TO_VERIFY_ELSE,
        *EXPLANATION,
        *LIST_COLUMNS,
        *LIST_COLUMNS.values(),
        *EDUCATE_COLUMNS,
        *PAGE_TEXTS,
        *ACTIONS,
        *ALLOWED,
        *CASES,
        *CHANGES,
        *ORDERS,
        *(state.replace("_", " ") for state in STATES),
    )
    for signal in WORDS.values():
        yield from (signal.for_, signal.against, getattr(signal, "question", ""))
        for level in getattr(signal, "levels", getattr(signal, "answers", ())):
            yield level.sentence
    for name, telling in TELLINGS.items():
        yield telling.sentence
        for parts in (telling.parts, telling.listed):
            yield from (parts or {}).values()
        for code in telling.codes:
            yield from (
                v.replace("_", " ") if code == "action" else v
                for v in TABLES[name].column(code).values
            )
    for path in ANALYSES.rglob("*.py"):
        yield from called(ast.parse(path.read_text(encoding="utf-8")))
    for path in (*ANALYSES.rglob("*.jinja"), *ANALYSES.rglob("pages/*.html")):
        yield from re.findall(r"\bt\(\"(.*?)\"", path.read_text(encoding="utf-8"))


def called(tree):
    """The texts with which `texts(…)` is called."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "texts":
            yield from constants(node.args[0])


def constants(node):
    """The texts that an expression may be."""
    if isinstance(node, ast.Constant):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*constants(node.body), *constants(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from constants(value)


def test_every_text_has_a_chinese_one():
    missing = sorted({text for text in said() if text and text not in catalogue()})
    assert missing == [], "add them to analyses/reporting/texts.toml"


def test_what_is_lacking_is_said_in_chinese_too():
    cases = [
        Case("batch_registered", risk=0.4, kinds=1),
        Case("batch_registered", risk=0.6, kinds=2, conduct=True),
        Case("batch_registered", risk=0.95, kinds=3, conduct=True),
        Case("owned_helper", risk=0.4, verified=1),
        Case("lured_helper", risk=0.4),
    ]
    lacks = [text for case in cases for text in suggest(case, PolicySettings())[1]]
    assert len(lacks) >= 7
    for text in lacks:
        assert re.search("[一-鿿]", CHINESE(text)), text
        assert re.findall(r"\d+\.?\d*", CHINESE(text)) == re.findall(
            r"\d+\.?\d*", text.replace("two-part", "")
        )


@pytest.mark.parametrize("english", catalogue())
def test_a_translation_has_the_places_of_its_text(english):
    places = sorted(re.findall(r"\{\w+\}", english))
    assert sorted(re.findall(r"\{\w+\}", catalogue()[english])) == places


def test_places_are_filled_in_both_languages():
    assert ENGLISH("to {last}", last="May") == "to May"
    assert CHINESE("to {last}", last="5 月") == "至 5 月"


def test_a_value_with_braces_is_no_place():
    assert CHINESE("to {last}", last="{0}{last}") == "至 {0}{last}"


def test_a_language_that_is_not_there_is_named():
    with pytest.raises(InputError, match="give one of en, zh"):
        texts_in("fr")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "dismissed by ann on 2026-03-01: a shop; no more (decision 7)",
            "ann 于 2026-03-01：已排除。a shop; no more（决定 7）",
        ),
        (
            "the account a1 was meanwhile open by bo on 2026-03-01: ? (decision 8): "
            "look at it, and decide again if you still want to",
            "账号 a1 在此期间已有决定：bo 于 2026-03-01：待处理。?（决定 8）。"
            "请先查看，若仍要决定请再提交一次",
        ),
    ],
)
def test_a_finished_sentence_is_recognised(english, chinese):
    assert CHINESE(english) == chinese


def test_what_a_person_wrote_is_not_recognised():
    assert CHINESE("anna: all") == "anna: all"
