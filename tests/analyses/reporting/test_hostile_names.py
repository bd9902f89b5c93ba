"""Names that attack whoever shows them, in every place where a person reads them.

Four attacks: a script, a formula, marks of direction, codes that steer a terminal.
"""

import base64
import csv
import json
import re
import zlib
from html import escape

import openpyxl
import pytest

from analyses.casework.case_list import cases_text
from analyses.casework.decisions import Ledger
from analyses.pipeline import WORDS
from analyses.reporting.cards import explain
from analyses.reporting.page.case_file import report_html
from analyses.reporting.risk_list import write_lists
from analyses.reporting.safe_text import FORMULA_STARTS, safe_cell, visible
from analyses.reporting.texts import Texts
from tests.analyses.reporting.conftest import ATTACKS, NICKNAME

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


@LANGUAGES
def test_on_the_page(hostile_run, language):
    page = report_html(hostile_run, WORDS, Texts(language))
    packed = re.findall(r'<script type="text/plain" id="t\d+">(.*?)</script>', page)
    parts = [json.loads(zlib.decompress(base64.b64decode(part))) for part in packed]
    shown = page + "".join(team for part in parts for team in part)
    for attack in (*ATTACKS.values(), NICKNAME):
        assert attack not in shown or attack == escape(attack) == visible(attack)
        assert not re.search("<script>document|<img|\u202e|\x1b|\x07", shown)
        assert (
            escape(visible(attack))
            .replace("&#x27;", "&#39;")
            .replace("&quot;", "&#34;")
            in shown
        )


@LANGUAGES
def test_in_the_spreadsheet(hostile_run, tmp_path, language):
    write_lists(hostile_run, tmp_path, WORDS, texts=Texts(language))
    book = openpyxl.load_workbook(tmp_path / "risk-list.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    for path in sorted(tmp_path.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            texts += [cell for row in csv.reader(file) for cell in row]
    book.close()
    names = {safe_cell(attack) for attack in ATTACKS.values()}
    assert names <= set(texts)
    for text in texts:
        assert text[:1] not in tuple(FORMULA_STARTS)
        assert not re.search("[\u202e\x1b\x07]", text)


@LANGUAGES
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_on_the_terminal(hostile_run, attack, language):
    texts = Texts(language)
    said = explain(hostile_run, attack, WORDS, texts)
    assert visible(attack) in said
    for text in (
        said,
        explain(hostile_run, "F", WORDS, texts),
        cases_text(hostile_run, Ledger(hostile_run.folder), texts=texts),
    ):
        assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_in_a_notebook(hostile_run, attack):
    shown = hostile_run.account(attack)._repr_html_()
    assert escape(visible(attack), quote=False)[:8] in shown.replace("&#34;", '"')
    for text in (
        shown,
        hostile_run._repr_html_(),
        hostile_run.team("F")._repr_html_(),
        hostile_run.team("P")._repr_html_(),
    ):
        assert not re.search("<script|<img|\u202e|\x1b|\x07", text)
