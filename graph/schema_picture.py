"""The picture of the graph: what the nodes are, and what joins them.

Kinds, their words and where they come from are those of `graph.property_graph`; only
where each box stands is said here. It is drawn twice: as Mermaid text and as SVG.
"""

from dataclasses import dataclass
from html import escape

from graph.property_graph import NODES as KINDS
from graph.property_graph import RELATIONSHIPS
from graph.schema import TABLES


@dataclass(frozen=True)
class Node:
    """A kind of node: its name, and the middle of its box in the SVG.

    `shared` tells that it is one of the rare things that new accounts may share.
    """

    name: str
    x: int
    y: int
    shared: bool = False


@dataclass(frozen=True)
class Edge:
    """A kind of relationship: its words, its ends, and the columns it is made from.

    `columns` are pairs of `table.column`, from one end to the other; none where the
    relationship is a finding and not an event. `symmetric` means without direction.
    """

    says: str
    source: str
    target: str
    columns: tuple[tuple[str, str], ...] = ()
    symmetric: bool = False


PLACES: dict[str, tuple[int, int]] = {
    "Account": (430, 260),
    "Device": (770, 70),
    "Code": (130, 110),
    "AccessPoint": (770, 165),
    "AddressBlock": (770, 260),
    "PhoneSegment": (770, 355),
    "Gathering": (130, 300),
    "Place": (130, 395),
    "Sanction": (770, 450),
    "Complaint": (700, 545),
    "Team": (430, 520),
}
"""The middle of each kind's box; a kind that is joined to nothing is not drawn."""

NODES: tuple[Node, ...] = tuple(
    Node(KINDS[label].named, x, y, shared=KINDS[label].shared)
    for label, (x, y) in PLACES.items()
)
"""The kinds of nodes. A helper is an account, and a shared thing as well."""

EDGES: tuple[Edge, ...] = tuple(
    Edge(
        kind.says,
        KINDS[kind.source].named,
        KINDS[kind.target].named,
        kind.columns,
        kind.symmetric,
    )
    for kind in RELATIONSHIPS.values()
)
"""The kinds of relationships, in the order in which they are listed."""

_OF_TABLE = {
    "accounts": "account",
    "devices": "device",
    "codes": "QR code",
    "complaints": "complaint",
}
_OF_COLUMN = {
    "wifi": "access point",
    "ip": "address block",
    "phone_prefix": "phone segment",
    "latitude": "gathering",
    "longitude": "gathering",
    "action": "sanction",
}


def node_of(name: str) -> str:
    """Return the kind of node that the values of `table.column` name.

    Raises KeyError for a column that names none.

    >>> node_of("scans.code_id"), node_of("accounts.registration_ip")
    ('QR code', 'address block')
    """
    table_name, column_name = name.split(".")
    table = TABLES[table_name]
    column = table.column(column_name)
    if column.refers_to:
        return _OF_TABLE[column.refers_to]
    if table.key == (column_name,):
        return _OF_TABLE[table_name]
    return _OF_COLUMN[column_name.removeprefix("registration_")]


def mermaid() -> str:
    """Return the picture as Mermaid text.

    >>> mermaid().splitlines()[0]
    'flowchart LR'
    """
    lines = ["flowchart LR"]
    for node in NODES:
        left, right = ("([", "])") if node.shared else ("[", "]")
        lines.append(f"  {_key(node.name)}{left}{node.name}{right}")
    for edge in EDGES:
        arrow = "---" if edge.symmetric else "-->"
        if not edge.columns:
            arrow = "-.-" if edge.symmetric else "-.->"
        lines.append(f"  {_key(edge.source)} {arrow}|{edge.says}| {_key(edge.target)}")
    return "\n".join(lines)


def svg() -> str:
    """Return the picture as an SVG document.

    Relationships between two nodes of one kind lead to a second, dashed box.
    """
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" role="img" '
            'aria-label="Accounts, what they share, and teams">',
            f"<style>{STYLE}</style>",
            f"<defs>{MARKERS}</defs>",
            f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="12"/>',
            *_bundles(),
            *(_box(node) for node in NODES),
            *_legend(),
            "</svg>",
            "",
        ]
    )


WIDTH, HEIGHT = 900, 640
BOX_WIDTH, BOX_HEIGHT = 136, 44
LINE = 17
"""Pixels from one line of text to the next."""

LETTER = 7
"""Pixels that a letter takes, near enough."""

ANOTHER = {"account": (430, 50), "team": (130, 520)}
"""Where the second box of a kind stands that is related to itself."""

STYLE = """
text{font:13px system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:#24292f}
.name{font-weight:600;text-anchor:middle}
.says{text-anchor:middle;fill:#424a53}
.ground,.behind{fill:#fff}
.ground{stroke:#d0d7de}
.found{font-style:italic}
.box{fill:#eaf2fb;stroke:#3b6ea8;stroke-width:1.5}
.shared{fill:#fdf3e1;stroke:#b7791f}
.team{fill:#f6e9f3;stroke:#8b3d78}
.another{fill:#fff;stroke-dasharray:4 3}
path{fill:none;stroke:#57606a;stroke-width:1.4}
.dashed{stroke-dasharray:5 4}
marker path{fill:#57606a;stroke:none}
"""

MARKERS = (
    '<marker id="to" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z"/></marker>'
)


def _key(name: str) -> str:
    return name.replace(" ", "_")


def _place(name: str) -> tuple[int, int]:
    return next((node.x, node.y) for node in NODES if node.name == name)


def _bundles() -> list[str]:
    """Draw one line for the relationships between the same two nodes, each way."""
    drawn: list[str] = []
    there: dict[tuple[str, str], list[Edge]] = {}
    for edge in EDGES:
        there.setdefault((edge.source, edge.target), []).append(edge)
    for (source, target), edges in there.items():
        start = _place(source)
        if source == target:
            end = ANOTHER[source]
            drawn += [*_line(start, end, edges, 0), _outline(source, *end)]
        else:
            bend = 34 if (target, source) in there else 0
            drawn += _line(start, _place(target), edges, bend)
    return drawn


def _line(
    start: tuple[int, int], end: tuple[int, int], edges: list[Edge], bend: int
) -> list[str]:
    """Draw a line from box to box, `bend` pixels to its left, and its words."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = (across**2 + down**2) ** 0.5
    middle = (
        (start[0] + end[0]) / 2 + bend * down / length,
        (start[1] + end[1]) / 2 - bend * across / length,
    )
    first, last = _rim(start, middle), _rim(end, middle)
    # A quadratic curve passes half as far from its chord as its control point lies.
    control = tuple(
        2 * m - (a + b) / 2 for m, a, b in zip(middle, first, last, strict=True)
    )
    dashed = all(not edge.columns for edge in edges)
    tip = "" if all(edge.symmetric for edge in edges) else ' marker-end="url(#to)"'
    drawn = [
        f'<path class="{"dashed" if dashed else "event"}" '
        f'd="M{_at(first)}Q{_at(control)} {_at(last)}"{tip}/>'
    ]
    top = middle[1] - LINE * (len(edges) - 1) / 2
    for number, edge in enumerate(edges):
        drawn += _words(edge, middle[0], top + LINE * number)
    return drawn


def _words(edge: Edge, x: float, y: float) -> list[str]:
    """Write what an edge says, on a white ground that hides the line behind it."""
    width = LETTER * len(edge.says) + 6
    kind = "says" if edge.columns else "says found"
    return [
        f'<rect class="behind" x="{x - width / 2:.1f}" y="{y - LINE / 2:.1f}" '
        f'width="{width}" height="{LINE}"/>',
        f'<text class="{kind}" x="{x:.1f}" y="{y + 4:.1f}">{escape(edge.says)}</text>',
    ]


def _rim(
    centre: tuple[float, float], towards: tuple[float, float]
) -> tuple[float, float]:
    """Return where the line from a box's centre leaves the box."""
    across, down = towards[0] - centre[0], towards[1] - centre[1]
    reach = min(
        (BOX_WIDTH / 2 + 3) / abs(across) if across else 9.0,
        (BOX_HEIGHT / 2 + 3) / abs(down) if down else 9.0,
    )
    return centre[0] + reach * across, centre[1] + reach * down


def _at(point: tuple[float, ...]) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _box(node: Node) -> str:
    kind = "box shared" if node.shared else "box team" if node.name == "team" else "box"
    return _rectangle(kind, node.name, node.x, node.y)


def _outline(name: str, x: int, y: int) -> str:
    kind = "box team another" if name == "team" else "box another"
    return _rectangle(kind, f"another {name}", x, y)


def _rectangle(kind: str, name: str, x: int, y: int) -> str:
    return (
        f'<rect class="{kind}" x="{x - BOX_WIDTH // 2}" y="{y - BOX_HEIGHT // 2}" '
        f'width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<text class="name" x="{x}" y="{y + 5}">{escape(name)}</text>'
    )


def _legend() -> list[str]:
    y = HEIGHT - 40
    return [
        f'<rect class="box shared" x="40" y="{y}" width="26" height="16" rx="4"/>',
        f'<text x="76" y="{y + 13}">rare things that new accounts may share; so is a '
        "helper, and a helper’s device</text>",
        f'<path class="dashed" d="M640 {y + 8}H680"/>',
        f'<text class="found" x="692" y="{y + 13}">found, not an event</text>',
    ]
