"""Still figures by matplotlib: a team's network and time line, the risk of a run.

Each function returns a figure of its own; no state of pyplot is touched, so a figure
appears in a notebook once, when it is the last thing of its cell. Texts are drawn in
DejaVu Sans and, where that has no character, in the Chinese font that comes along.
"""

import io
from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.lines import Line2D
from pylopdf_fonts_zh_cn import sans_path

from analyses.reporting.page.charts import TRACK_COLOURS
from analyses.reporting.page.drawing import NO_ROLE_WORDS
from analyses.reporting.page.fonts import FAMILY
from analyses.reporting.page.looks import (
    LINK_LOOKS,
    THING_LETTERS,
    Look,
    role_look,
)
from analyses.reporting.page.network import HEIGHT, WIDTH, Network
from analyses.reporting.page.tracks import DAY, TRACK_NAMES, Track
from analyses.reporting.page.words import LINK_WORDS
from analyses.reporting.safe_text import visible
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import KINDS, ROLES, in_words

INK = "#1d2430"
KIND_COLOURS = {
    "registration_farm": "#c44e00",
    "scanning_crew": "#007a5a",
    "helper_platform": "#0067a3",
}


class Picture(Figure):
    """A figure that a notebook shows as a picture, whatever its settings are."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=80, metadata={"Software": None})
        return buffer.getvalue()


def use_chinese_font() -> None:
    """Make the Chinese font known to matplotlib, behind the usual one."""
    if FAMILY not in {font.name for font in fontManager.ttflist}:
        fontManager.addfont(str(sans_path()))
    if rcParams["font.family"] != ["DejaVu Sans", FAMILY]:
        rcParams["font.family"] = ["DejaVu Sans", FAMILY]


def plain(text: str) -> str:
    r"""Return a text that is drawn as it stands: no mathematics, nothing that steers.

    >>> plain("$x^2$\u202e")
    '\\$x^2\\$<U+202E>'
    """
    return visible(text).replace("$", "\\$")


def network_figure(network: Network, title: str, texts: Texts = ENGLISH) -> Figure:
    """Return a team's network; roles by colour and shape, links by kind."""
    use_chinese_font()
    figure = Picture(figsize=(10, 7.2), layout="constrained")
    axes = figure.add_subplot()
    _links(axes, network)
    for role in sorted({n.kind for n in network.nodes if n.sort == "account"}):
        mine = [n for n in network.nodes if n.sort == "account" and n.kind == role]
        look = role_look(role)
        axes.scatter(
            [network.places[node.key][0] for node in mine],
            [network.places[node.key][1] for node in mine],
            s=[(60 + 110 * node.weight) * _scale(look) for node in mine],
            label=texts(in_words(ROLES, role) or NO_ROLE_WORDS),
            zorder=3,
            **_marks(look),
        )
    _names(axes, network)
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), xticks=[], yticks=[])
    axes.set_title(plain(title), loc="left", color=INK)
    axes.legend(
        handles=[*axes.get_legend_handles_labels()[0], *_link_handles(network, texts)],
        loc="upper left",
        bbox_to_anchor=(0, -0.01),
        ncols=2,
        frameon=False,
        fontsize=9,
    )
    return figure


def _scale(look: Look) -> float:
    return 2.4 if look.shape == "*" else 1.0


def _marks(look: Look) -> dict[str, Any]:
    return {
        "marker": look.shape,
        "facecolors": look.colour if look.filled else "white",
        "edgecolors": "white" if look.filled else look.colour,
        "linewidths": 0.8 if look.filled else 1.8,
    }


def _links(axes: Axes, network: Network) -> None:
    for link in network.links:
        (x1, y1), (x2, y2) = network.places[link.source], network.places[link.target]
        axes.plot([x1, x2], [y1, y2], alpha=0.45, lw=1, zorder=1, **_line(link.kind))


def _line(kind: str) -> dict[str, Any]:
    colour, dashes = LINK_LOOKS[kind]
    on = tuple(float(length) for length in dashes.split())
    return {"color": colour, "linestyle": (0, on) if on else "-"}


def _names(axes: Axes, network: Network) -> None:
    for node in network.nodes:
        if node.sort == "account":
            continue
        team = node.sort == "team"
        axes.text(
            *network.places[node.key],
            plain(node.label[:16] if team else THING_LETTERS.get(node.kind, "?")),
            ha="center",
            va="center",
            fontsize=7 if team else 6.5,
            color="white" if team else "#3d3a33",
            zorder=4 if team else 2,
            bbox={
                "boxstyle": "round,pad=0.35",
                "facecolor": "#23395b" if team else "#f1efe9",
                "edgecolor": "#57534a",
                "linewidth": 0 if team else 0.7,
            },
        )


def _link_handles(network: Network, texts: Texts) -> list[Line2D]:
    kinds = {link.kind for link in network.links}
    return [
        Line2D([], [], label=texts(LINK_WORDS[kind]), **_line(kind))
        for kind in LINK_LOOKS
        if kind in kinds
    ]


def timeline_figure(
    tracks: Sequence[Track], title: str, texts: Texts = ENGLISH
) -> Figure:
    """Return how many events of each kind there were on each day."""
    use_chinese_font()
    rows = max(1, len(tracks))
    figure = Picture(figsize=(10, 0.8 + 0.95 * rows), layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    for track, row in zip(tracks, axes, strict=False):
        days = pd.to_datetime([day * DAY for day, _ in track.days], unit="s")
        row.bar(
            days.to_numpy(),
            [count for _, count in track.days],
            width=0.9,
            color=TRACK_COLOURS.get(track.code, "#444444"),
        )
        row.set_ylabel(
            texts(TRACK_NAMES.get(track.code, track.code)),
            rotation=0,
            ha="right",
            va="center",
        )
        row.yaxis.get_major_locator().set_params(integer=True, nbins=3)
        row.spines[["top", "right"]].set_visible(False)
    locator: Any = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes[-1].xaxis.set_major_locator(locator)
    axes[-1].xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes[0].set_title(plain(title), loc="left", color=INK)
    return figure


def risk_figure(accounts: pd.DataFrame, teams: pd.DataFrame, texts: Texts) -> Figure:
    """Return how many accounts and teams there are by risk; listed accounts darker."""
    use_chinese_font()
    figure = Picture(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    suspected = accounts[accounts["role"].notna() & accounts["risk"].gt(0)]
    bands = [band / 20 for band in range(21)]
    listed = suspected["listed"].eq(True)
    left.hist(
        [suspected[listed]["risk"], suspected[~listed]["risk"]],
        bins=bands,
        stacked=True,
        color=["#b3420a", "#d9c3b6"],
        label=[texts("listed"), texts("not listed")],
    )
    left.set(yscale="log", xlabel=texts("risk"), ylabel=texts("accounts"))
    left.legend(frameon=False)
    kinds = sorted(set(teams["kind"]))
    right.hist(
        [teams[teams["kind"] == kind]["risk"] for kind in kinds],
        bins=bands[::2],
        stacked=True,
        color=[KIND_COLOURS.get(kind, "#4a4a4a") for kind in kinds],
        label=[texts(in_words(KINDS, kind)) for kind in kinds],
    )
    right.set(xlabel=texts("risk"), ylabel=texts("teams"))
    right.legend(frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    return figure
