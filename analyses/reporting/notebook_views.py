"""How a run, a team and an account show themselves in a notebook: as a little HTML.

Everything is escaped and characters that steer are made visible.
"""

from collections.abc import Iterable, Sequence

import jinja2

from analyses.reporting.report_tables import Cell, cell_text
from analyses.reporting.safe_text import visible

_CARD = jinja2.Environment(autoescape=True, trim_blocks=True).from_string(
    """<div style="border-left:4px solid #23395b;padding:.2em 1em">
<p style="margin:.2em 0"><b>{{ title }}</b> {{ below }}</p>
<table><thead><tr>{% for name in columns %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>"""
)


def card_html(
    title: str, below: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> str:
    """Return a titled table as HTML in which every text is harmless.

    >>> "&lt;script&gt;" in card_html("<script>", "", ("a",), [("b",)])
    True
    """
    return _CARD.render(
        title=visible(title),
        below=visible(below),
        columns=columns,
        rows=[[visible(cell_text(cell)) for cell in row] for row in rows],
    )
