import re
from pathlib import Path

import pytest

from analyses.pipeline import WORDS
from analyses.policy import Case, PolicySettings, suggest
from analyses.reporting import wording
from analyses.reporting.page import words
from analyses.reporting.page.case_file import PAGE_TEXTS
from analyses.reporting.page.tracks import TRACK_NAMES
from analyses.reporting.texts import ENGLISH, Texts, catalogue, texts_in
from graph.errors import InputError

CHINESE = Texts("zh")
REPORTING = Path(wording.__file__).parent


def said():
    """Every text that a person reads, by where it is from."""
    for table in (
        wording.ROLES,
        wording.KINDS,
        wording.ACTION_WORDS,
        wording.TO_VERIFY,
        wording.PATTERNS,
        wording.LINKS,
        words.KEY_WORDS,
        words.LINK_WORDS,
        words.LINKED,
        words.PLACED_BY,
        TRACK_NAMES,
    ):
        yield from table.values()
    yield from (
        wording.APPEAL,
        wording.EDUCATE,
        wording.TO_VERIFY_ELSE,
        *PAGE_TEXTS[:3],
    )
    for signal in WORDS.values():
        yield from (signal.for_, signal.against)
        for level in getattr(signal, "levels", getattr(signal, "answers", ())):
            yield level.sentence
    for path in REPORTING.rglob("*.jinja"):
        yield from re.findall(r"\bt\(\"(.*?)\"", path.read_text(encoding="utf-8"))
    for path in REPORTING.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        yield from re.findall(r"\btexts\(\s*\"([^\"{}]+)\"\s*[,)]", source)


def test_every_text_has_a_chinese_one():
    missing = sorted({text for text in said() if text not in catalogue()})
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
