"""The drawing of a network as SVG: roles by colour and shape, links by kind.

Every text from the data passes `markupsafe` and `safe_text.visible`.
"""

from collections.abc import Iterable
from math import cos, pi, sin

from markupsafe import Markup

from analyses.reporting.page.looks import (
    LINK_LOOKS,
    ROLE_LOOKS,
    THING_LETTERS,
    Look,
    role_look,
)
from analyses.reporting.page.network import HEIGHT, WIDTH, Link, Network, Node
from analyses.reporting.page.words import KEY_WORDS, LINK_WORDS
from analyses.reporting.safe_text import visible
from analyses.reporting.texts import Texts
from analyses.reporting.wording import KINDS, ROLES, in_words

NO_ROLE_WORDS = "account with no role of its own"


def network_svg(network: Network, title: str, texts: Texts) -> Markup:
    """Return the drawing; `title` says in a sentence what it shows."""
    places = network.places
    lines = [_line(link, places) for link in network.links]
    marks = [_node(node, places[node.key], texts) for node in _on_top(network.nodes)]
    return Markup(
        '<svg class="network" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        "<g>{}</g><g>{}</g></svg>"
    ).format(WIDTH, HEIGHT, title, Markup("").join(lines), Markup("").join(marks))


def _on_top(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes in the order of drawing: names last, to be read."""
    layer = {"thing": 0, "account": 1, "team": 2}
    return sorted(nodes, key=lambda n: (layer[n.sort], n.weight))


def _line(link: Link, places: dict[str, tuple[int, int]]) -> Markup:
    (x1, y1), (x2, y2) = places[link.source], places[link.target]
    return Markup(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" class="k-{}" data-a="{}" data-b="{}"/>'
    ).format(x1, y1, x2, y2, link.kind, visible(link.source), visible(link.target))


def _node(node: Node, place: tuple[int, int], texts: Texts) -> Markup:
    x, y = place
    label = visible(node.label)
    if node.sort == "account":
        said = texts(in_words(ROLES, node.kind) or NO_ROLE_WORDS)
        drawn = _shape(role_look(node.kind), 8 + 5 * node.weight)
    elif node.sort == "team":
        said = texts(in_words(KINDS, node.kind))
        drawn = Markup(
            '<rect x="-54" y="-11" width="108" height="22" rx="11" class="team"/>'
            '<text y="4" class="team">{}</text>'
        ).format(label[:16])
    else:
        said = texts(in_words(KEY_WORDS, node.kind))
        drawn = _thing(node.kind)
    return Markup(
        '<g class="node {}" data-key="{}" transform="translate({} {})">'
        "<title>{}: {}</title>{}</g>"
    ).format(node.sort, visible(node.key), x, y, said, label, drawn)


def _thing(kind: str) -> Markup:
    return Markup(
        '<rect x="-11" y="-9" width="22" height="18" rx="3" class="thing"/>'
        '<text y="4" class="thing">{}</text>'
    ).format(THING_LETTERS.get(kind, "?"))


def _shape(look: Look, size: float) -> Markup:
    fill = look.colour if look.filled else "#fff"
    stroke = "#fff" if look.filled else look.colour
    form = (
        Markup('<circle r="{:.1f}"').format(size * 0.92)
        if look.shape == "o"
        else Markup('<polygon points="{}"').format(_points(look.shape, size))
    )
    return form + Markup(' fill="{}" stroke="{}" stroke-width="{}"/>').format(
        fill, stroke, 1.5 if look.filled else 2.5
    )


def _points(shape: str, size: float) -> str:
    """Return the corners of a shape that reaches `size` from its middle."""
    corners = {
        "s": (4, pi / 4, 1.1),
        "D": (4, 0.0, 1.1),
        "^": (3, -pi / 2, 1.2),
        "p": (5, -pi / 2, 1.1),
        "h": (6, 0.0, 1.0),
    }
    if shape == "*":
        count, start, reach = 10, -pi / 2, 1.4
        radii = [size * reach * (0.45 if n % 2 else 1) for n in range(count)]
    else:
        count, start, reach = corners[shape]
        radii = [size * reach] * count
    return " ".join(
        f"{r * cos(start + 2 * pi * n / count):.1f},"
        f"{r * sin(start + 2 * pi * n / count):.1f}"
        for n, r in enumerate(radii)
    )


def legend(network: Network, texts: Texts) -> list[tuple[Markup, str]]:
    """Return a mark and its meaning for all that the drawing has."""
    roles = {node.kind for node in network.nodes if node.sort == "account"}
    things = {node.kind for node in network.nodes if node.sort == "thing"}
    kinds = {link.kind for link in network.links}
    entries = [
        (role_sample(role), _role(role, texts))
        for role in [*ROLE_LOOKS, *sorted(roles - ROLE_LOOKS.keys())]
        if role in roles
    ]
    entries += [
        (_sample(_thing(kind)), texts(KEY_WORDS[kind]))
        for kind in THING_LETTERS
        if kind in things
    ]
    line = Markup('<line x1="-13" y1="0" x2="13" y2="0" class="k-{}"/>')
    entries += [
        (_sample(line.format(kind)), texts(LINK_WORDS[kind]))
        for kind in LINK_LOOKS
        if kind in kinds
    ]
    return entries


def role_sample(role: str) -> Markup:
    """Return the shape of a role as a small picture beside its words."""
    return _sample(_shape(role_look(role), 8))


def _role(role: str, texts: Texts) -> str:
    return texts(in_words(ROLES, role) or NO_ROLE_WORDS)


def _sample(mark: Markup) -> Markup:
    return Markup(
        '<svg class="sample" viewBox="-14 -13 28 26" aria-hidden="true">{}</svg>'
    ).format(mark)


def link_styles() -> str:
    """Return the style of each kind of link, for the sheet of styles."""
    lines = []
    for kind, (colour, dashes) in LINK_LOOKS.items():
        dash = f"stroke-dasharray:{dashes.replace(' ', ',')}" if dashes else ""
        lines.append(f".k-{kind}{{stroke:{colour};{dash}}}")
    return "\n".join(lines)
