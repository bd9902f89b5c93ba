"""The Chinese font: for figures, and the part of it that a page needs, inside the page.

The font is Noto Sans SC (SIL Open Font License 1.1), which the package
`pylopdf-fonts-zh-cn` carries. A page has only those characters of it that stand on it.
"""

import base64
import io

from fontTools import subset
from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import sans_path

from analyses.reporting.texts import Texts

FAMILY = "Noto Sans SC"


def embedded_font(page: str, texts: Texts) -> str:
    """Return the CSS of a font with the Chinese characters of a page; "" for none.

    What is packed in the page counts by the catalogue: all characters of its texts.
    """
    from analyses.reporting.texts import catalogue

    there = {ord(c) for c in page if ord(c) > 0x2E00}
    if texts.language == "zh":
        there |= {ord(c) for said in catalogue().values() for c in said}
    wide = sorted(code for code in there if code > 0x2E00)
    if not wide:
        return ""
    packed = base64.b64encode(_part(wide)).decode("ascii")
    return (
        f"@font-face{{font-family:'{FAMILY}';"
        f"src:local('{FAMILY}'),url(data:font/woff;base64,{packed}) format('woff');"
        "unicode-range:U+2E00-9FFF,U+F900-FAFF,U+FE30-FE4F,U+FF00-FFEF}"
    )


def _part(codes: list[int]) -> bytes:
    font = TTFont(sans_path(), recalcTimestamp=False, lazy=True)
    options = subset.Options(flavor="woff", hinting=False, layout_features=[])
    options.drop_tables += ["GPOS", "GSUB", "vhea", "vmtx", "VORG"]
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=codes)
    chosen.subset(font)
    font.flavor = "woff"
    buffer = io.BytesIO()
    font.save(buffer, reorderTables=False)
    return buffer.getvalue()
