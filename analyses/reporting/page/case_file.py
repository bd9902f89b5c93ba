"""The case file of a run: report.html, which opens from disk and needs no network.

The overview and the list of teams are on the page; the part of each team is HTML too,
but packed (zlib), and unpacked by the page's script when somebody opens it. So a run of
thousands of teams opens at once. The only script that may run is the page's own: its
hash stands in the page's Content-Security-Policy, and nothing is fetched.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from analyses.reporting.page import charts, drawing
from analyses.reporting.page.cypher_text import team_cypher
from analyses.reporting.page.fonts import embedded_font
from analyses.reporting.page.overview import Overview, overview
from analyses.reporting.page.team_views import TeamView, team_views
from analyses.reporting.page.words import LINKED, PLACED_BY
from analyses.reporting.safe_text import visible
from analyses.reporting.sheets import placed
from analyses.reporting.stalls import DAY, window_days
from analyses.reporting.texts import ENGLISH, LANGUAGES, Texts
from analyses.reporting.wording import (
    ACTION_WORDS,
    CHANGE_WORDS,
    KINDS,
    PATTERNS,
    ROLES,
    Reason,
    in_words,
)
from analyses.run import Run

FILE_NAME = "report.html"

TEAMS_IN_A_PART = 10
"""Teams that are packed together: what they have in common is then packed once."""

PAGE_TEXTS = (
    "{n} of {all} teams",
    "show {n} more",
    "no team is like that: change the search or the filter",
    "copied",
    "copy",
    "this browser is too old to unpack the teams: use one of 2023 or later",
)
"""Texts that the page's script writes."""


def write_report(
    run: Run,
    signals: Mapping[str, Reason],
    *,
    path: Path | None = None,
    texts: Texts = ENGLISH,
    overwrite: bool = False,
) -> Path:
    """Write the case file and return its path: RUN/report.html, or `path`.

    Raises OutputError when it is there already, unless `overwrite`.
    """
    target = path or run.folder / FILE_NAME
    with placed(target, overwrite=overwrite) as temporary:
        temporary.write_text(report_html(run, signals, texts), encoding="utf-8")
    return target


def report_html(run: Run, signals: Mapping[str, Reason], texts: Texts) -> str:
    """Return the whole page."""
    template = environment(texts).get_template("page.html.jinja")
    span = window_days(run)
    rows, parts = [], []
    characters: set[str] = set()
    for view in team_views(run, signals):
        rows.append(list_row(view, texts))
        part = team_html(view, texts, span=span)
        characters.update(part)
        parts.append(part)
    found = overview(run)
    script = asset("page.js")
    body = template.render(
        overview=found,
        pictures=_overview_pictures(found, texts, span),
        span=(charts.iso(span[0]), charts.iso(span[1])),
        rows=Markup(_inert(rows)),
        packed=[
            pack(_inert(parts[first : first + TEAMS_IN_A_PART]))
            for first in range(0, len(parts), TEAMS_IN_A_PART)
        ],
        together=TEAMS_IN_A_PART,
        members=pack(_inert(_teams_of_accounts(run, rows))),
        script_texts=Markup(_inert({text: texts(text) for text in PAGE_TEXTS})),
        kinds=sorted({row[1] for row in rows}),
        style=Markup(f"{asset('page.css')}\n{drawing.link_styles()}"),
        script=Markup(script),
        script_hash=base64.b64encode(
            hashlib.sha256(script.encode("utf-8")).digest()
        ).decode("ascii"),
    )
    return body.replace("/* font */", embedded_font(characters.union(body)), 1)


def team_html(
    view: TeamView, texts: Texts, *, span: tuple[int, int], **more: Any
) -> str:
    """Return the part of one team; `more` are values for blocks that a page adds."""
    template = environment(texts).get_template("team.html.jinja")
    name = visible(view.team_id)
    return template.render(
        team=view,
        drawn=drawing.network_svg(
            view.network, texts("the network of {id}", id=name), texts
        ),
        legend=drawing.legend(view.network, texts),
        timeline=charts.timeline_svg(
            view.tracks,
            texts("what happened on which day in {id}", id=name),
            texts,
            span,
        )
        if view.tracks
        else "",
        track_words=[charts.track_words(track, texts) for track in view.tracks],
        towns=[
            (
                town,
                charts.stalls_svg(
                    town,
                    texts(
                        "the stalls {first} to {last} on a sketch",
                        first=town[0].number,
                        last=town[-1].number,
                    ),
                ),
            )
            for town in charts.towns(view.sessions)
        ],
        largest=max((abs(s.step.bits) for s in view.waterfall), default=1.0),
        reach=_reach(view),
        cypher=team_cypher(view.team_id),
        **more,
    )


@cache
def environment(texts: Texts) -> jinja2.Environment:
    """Return the templates of the page, with the words that they use.

    Everything that is written passes autoescape; `safe` makes characters visible that
    steer. A block that another page fills is named `decisions`.
    """
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("analyses.reporting.page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.globals.update(
        t=texts,
        language=texts.language,
        languages=LANGUAGES,
        role=lambda code: texts(in_words(ROLES, code) or drawing.NO_ROLE_WORDS),
        kind=lambda code: texts(in_words(KINDS, code)),
        became=lambda code: texts(in_words(CHANGE_WORDS, code)),
        action=lambda code: texts(in_words(ACTION_WORDS, code)),
        pattern=lambda code: texts(in_words(PATTERNS, code)),
        linked=lambda way, code: texts(LINKED.get((way, code)) or str(code)),
        placed_by=lambda code: texts(PLACED_BY.get(code) or str(code)),
        shape=drawing.role_sample,
        iso=charts.iso,
        day=lambda at: charts.iso(at // DAY),
        hour=lambda at: f"{at % DAY // 3600:02}:{at % 3600 // 60:02}",
        degrees=lambda value: f"{value / 1e6:.4f}",
    )
    found.filters["safe_text"] = visible
    found.filters["safe_lines"] = lambda text: "\n".join(
        visible(line) for line in text.split("\n")
    )
    found.filters["bits"] = lambda value: f"{value:+.1f}".replace("-", "−")
    return found


def asset(name: str) -> str:
    """Return the page's script or its sheet of styles."""
    folder = files("analyses.reporting.page").joinpath("templates")
    return folder.joinpath(name).read_text(encoding="utf-8")


def pack(text: str) -> str:
    """Return a text packed for the page: zlib, then base64."""
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def list_row(view: TeamView, texts: Texts) -> list[Any]:
    """Return a team's row of the list, as the page's script expects it."""
    return [
        visible(view.team_id),
        texts(in_words(KINDS, view.kind)),
        round(view.risk, 4),
        view.size,
        view.listed,
        view.first_seen,
        view.last_seen,
        view.served,
        view.starving,
        texts(view.change.change) if view.change else "",
    ]


def _overview_pictures(
    found: Overview, texts: Texts, span: tuple[int, int]
) -> dict[str, Markup]:
    return {
        "risks": charts.risk_bars(
            {texts(in_words(KINDS, kind)): row for kind, row in found.risks.items()},
            texts("how many teams there are by kind and risk"),
        ),
        "places": charts.places_svg(
            found.stalls, texts("where the crews stood; larger: more helps")
        ),
        "times": charts.timeline_svg(
            found.tracks, texts("what happened on which day in all teams"), texts, span
        )
        if found.tracks
        else Markup(""),
    }


def _teams_of_accounts(run: Run, rows: Iterable[list[Any]]) -> dict[str, list[int]]:
    place = {row[0]: number for number, row in enumerate(rows)}
    result: dict[str, list[int]] = {}
    for team_id, account_id in zip(
        run.members["team_id"], run.members["account_id"], strict=True
    ):
        result.setdefault(visible(account_id), []).append(place[visible(team_id)])
    return result


def _reach(view: TeamView) -> tuple[float, float]:
    """Return the least and the most bits on the way of the waterfall, 0 among them."""
    ends = [
        0.0,
        *(s.before for s in view.waterfall),
        *(s.after for s in view.waterfall),
    ]
    low, high = min(ends), max(ends)
    return low, max(high, low + 1.0)


def _inert(value: object) -> str:
    """Return JSON that cannot end the script element in which it stands."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("&", "\\u0026")
