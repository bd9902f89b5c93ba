"""Hostile texts made harmless: nicknames and ids are written by those under suspicion.

Two dangers: a terminal or an editor obeys control characters (moves the cursor, turns
the direction of writing), and a spreadsheet runs what looks like a formula. Nothing is
dropped silently: what cannot be shown is shown as its code.
"""

import re
import unicodedata

FORMULA_STARTS = "=+-@＝＋－＠﹢﹣﹫−"
"""What starts a formula, in half and full width."""

_SEPARATED_FORMULA = re.compile(
    rf"""([,;|"'”“«»]\s*)(?=[{re.escape(FORMULA_STARTS)}])"""
)

_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _unsafe_ranges() -> str:
    """Return the characters that may steer, as ranges of a pattern of RE2.

    Python's tables of Unicode count, and not those of the database, which may be of
    another year. Beyond the first plane every character is looked at by Python.
    """
    ranges: list[list[int]] = []
    for code in range(0x10000):
        category = unicodedata.category(chr(code))
        if category not in _UNSAFE_CATEGORIES or category == "Cs":
            continue  # no text in UTF-8 has surrogates
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    ranges.append([0x10000, 0x10FFFF])
    return "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in ranges)


MAYBE_UNSAFE = (
    rf"[{_unsafe_ranges()}]"
    rf"""|(^|[,;|"'”“«»])[\s\p{{Z}}]*[{re.escape(FORMULA_STARTS)}]"""
)
"""A pattern for DuckDB: every text that `safe_cell` would change has it, few others."""


def visible(text: str) -> str:
    r"""Return the text with every character that steers instead of showing as a code.

    Those are control characters, marks of direction, joiners and other invisible ones,
    line separators, and characters that are not assigned.

    >>> visible("\x1b[2Jred"), visible("moc.\u202egnp"), visible("王小明")
    ('<U+001B>[2Jred', 'moc.<U+202E>gnp', '王小明')
    """
    return text if text.isprintable() else text.translate(steering(text))


def steering(text: str) -> dict[int, str]:
    r"""Return the characters of a text that steer, each with its code in brackets.

    >>> steering("a\x1bb")
    {27: '<U+001B>'}
    """
    return {
        ord(character): f"<U+{ord(character):04X}>"
        for character in set(text)
        if not character.isprintable()
        and unicodedata.category(character) in _UNSAFE_CATEGORIES
    }


def safe_cell(text: str) -> str:
    r"""Return the text as a spreadsheet cell that is shown and never run.

    A text that begins like a formula gets an apostrophe before it; so does what would
    begin one if the cell were split at a quotation mark or a separator in it. Steering
    characters are made visible.

    >>> safe_cell("=1+1"), safe_cell('a";=1+1'), safe_cell("Anna-Maria")
    ("'=1+1", 'a";\'=1+1', 'Anna-Maria')
    """
    text = _SEPARATED_FORMULA.sub(r"\1'", visible(text))
    return f"'{text}" if text.lstrip()[:1] in tuple(FORMULA_STARTS) else text
