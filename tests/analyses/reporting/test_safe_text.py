import pytest

from analyses.reporting.safe_text import safe_cell, visible


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM",
        "  =1",
        "\u00a0=1",
        '"=1',
        "a;=1",
        "a, @b",
        'x",=1',
        "a|=cmd|' /C calc'!A0",
        "'=1",
    ],
)
def test_what_begins_like_a_formula_gets_an_apostrophe(text):
    safe = safe_cell(text)
    assert safe != text
    for piece in [safe, *safe.replace('"', ",").replace(";", ",").split(",")]:
        assert piece.strip()[:1] not in ("=", "+", "@", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1", "\x00=1", "\u200b=1"])
def test_a_steering_character_before_a_formula_is_shown(text):
    assert safe_cell(text).startswith("<U+")


@pytest.mark.parametrize("text", ["Anna-Maria", "a=b", "王小明", "x@y", "", "O'Neill"])
def test_ordinary_texts_stay_as_they_are(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "<U+001B>[31m"),
        ("\x9b31m", "<U+009B>31m"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\u2066b", "a<U+2066>b"),
        ("a\u2028b", "a<U+2028>b"),
        ("\ufeffa", "<U+FEFF>a"),
        ("\U000e0041", "<U+E0041>"),
        ("\ud800", "<U+D800>"),
        ("a\x7f", "a<U+007F>"),
    ],
)
def test_steering_characters_are_shown_as_their_code(text, shown):
    assert visible(text) == shown
