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

MAYBE_UNSAFE = (
    r"[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]"
    rf"""|(^|[,;|"'”“«»])[\s\p{{Z}}]*[{re.escape(FORMULA_STARTS)}]"""
)
"""A pattern for DuckDB: every text that `safe_cell` would change has it, few others."""

_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


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
