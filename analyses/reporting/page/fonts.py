"""The Chinese font: for figures, and the part of it that a page needs, inside the page.

The font is Noto Sans SC (SIL Open Font License 1.1), which the package
`pylopdf-fonts-zh-cn` carries. A page has only those characters of it that stand on it.
"""

import base64
import io
from collections.abc import Iterable

from fontTools import subset
from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import sans_path

FAMILY = "Noto Sans SC"
FIRST, LAST = 0x2E00, 0xFFEF
"""Where Chinese characters and their punctuation stand in Unicode."""


def embedded_font(characters: Iterable[str]) -> str:
    """Return the CSS of a font with the Chinese among these characters; "" for none."""
    wide = sorted(ord(each) for each in set(characters) if FIRST <= ord(each) <= LAST)
    if not wide:
        return ""
    packed = base64.b64encode(_part(wide)).decode("ascii")
    return font_face(f"data:font/woff;base64,{packed}")


def font_face(address: str) -> str:
    """Return the CSS of the font, where a page finds it at an address."""
    return (
        f"@font-face{{font-family:'{FAMILY}';font-weight:100 900;font-display:swap;"
        f"src:local('{FAMILY}'),url({address});"
        "unicode-range:U+2E00-9FFF,U+F900-FAFF,U+FE30-FE4F,U+FF00-FFEF}"
    )


def _part(codes: list[int]) -> bytes:
    options = subset.Options(flavor="woff", hinting=False, layout_features=[])
    options.drop_tables += ["GPOS", "GSUB", "vhea", "vmtx", "VORG"]
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=codes)
    buffer = io.BytesIO()
    with TTFont(sans_path(), recalcTimestamp=False, lazy=True) as font:
        chosen.subset(font)
        font.flavor = "woff"
        font.save(buffer, reorderTables=False)
    return buffer.getvalue()
