"""The network of a team: its accounts, what joins them, and whom they serve.

The same network is drawn on the case file (`drawing`) and by matplotlib (`figures`).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, sqrt

import networkx as nx

WIDTH, HEIGHT = 1000, 620
"""The sheet on which a network is laid out."""

MARGIN, SIDE = 34, 64


@dataclass(frozen=True)
class Node:
    """An account, a thing that accounts share, or another team.

    `sort` is account, thing or team; `kind` the role, the kind of key or the kind of
    team; `weight` how important it is, from 0 to 1.
    """

    key: str
    sort: str
    kind: str
    label: str
    weight: float = 0.5


@dataclass(frozen=True)
class Link:
    """A link between two nodes: which kind of evidence, and how many events."""

    source: str
    target: str
    kind: str
    events: int = 1


@dataclass(frozen=True)
class Network:
    """Nodes and links of a team, and how many of its accounts are not among them."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    left_out: int = 0
    places: dict[str, tuple[int, int]] = field(default_factory=dict)


def laid_out(network: Network) -> Network:
    """Return the network with a place for each node on a sheet of WIDTH × HEIGHT.

    What hangs together is placed by forces (Fruchterman & Reingold 1991), with a fixed
    seed; the parts stand side by side, and what is joined to nothing below them.
    """
    graph = nx.Graph()
    graph.add_nodes_from(node.key for node in network.nodes)
    graph.add_edges_from((link.source, link.target) for link in network.links)
    parts = [sorted(part) for part in nx.connected_components(graph)]
    parts.sort(key=lambda part: (-len(part), part[0]))
    alone = [part[0] for part in parts if len(part) == 1]
    joined = [part for part in parts if len(part) > 1]
    below = min(HEIGHT // 3, 46 * ceil(len(alone) / 24)) if joined else HEIGHT
    places: dict[str, tuple[int, int]] = {}
    for part, box in zip(
        joined,
        _boxes([len(p) for p in joined], HEIGHT - below * bool(alone)),
        strict=True,
    ):
        places |= _part(graph, part, box)
    places |= _rows(alone, (0, HEIGHT - below, WIDTH, below))
    return Network(network.nodes, network.links, network.left_out, places)


Box = tuple[int, int, int, int]


def _boxes(sizes: list[int], height: int) -> list[Box]:
    """Return a box for each part: left, top, width, height; in rows of like height."""
    if not sizes:
        return []
    rows = 1 if len(sizes) < 3 else 2 if len(sizes) < 7 else 3
    share = sum(map(sqrt, sizes)) / rows
    lines: list[list[float]] = [[]]
    for size in map(sqrt, sizes):
        if lines[-1] and sum(lines[-1]) + size / 2 > share and len(lines) < rows:
            lines.append([])
        lines[-1].append(size)
    tall = [max(line) for line in lines]
    boxes, top = [], 0.0
    for line, high in zip(lines, tall, strict=True):
        left, this = 0.0, height * high / sum(tall)
        for size in line:
            wide = WIDTH * size / sum(line)
            boxes.append((round(left), round(top), round(wide), round(this)))
            left += wide
        top += this
    return boxes


def _part(graph: nx.Graph, part: list[str], box: Box) -> dict[str, tuple[int, int]]:
    number = {node: place for place, node in enumerate(part)}
    edges = graph.subgraph(part).edges
    ends = sorted(tuple(sorted((number[a], number[b]))) for a, b in edges)
    found = dict(zip(part, _by_forces(len(part), tuple(ends)), strict=True))
    left, top, wide, high = box
    xs = [found[node][0] for node in part]
    ys = [found[node][1] for node in part]

    def scaled(
        value: float, values: list[float], start: int, length: int, margin: int
    ) -> int:
        low, high = min(values), max(values)
        share = (value - low) / (high - low) if high > low else 0.5
        return round(start + margin + share * (length - 2 * margin))

    return {
        node: (
            scaled(found[node][0], xs, left, wide, SIDE),
            scaled(found[node][1], ys, top, high, MARGIN),
        )
        for node in part
    }


@lru_cache(maxsize=10_000)
def _by_forces(
    count: int, ends: tuple[tuple[int, ...], ...]
) -> tuple[tuple[float, float], ...]:
    """Return where the nodes 0 to `count` lie; small parts are often of one shape."""
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(ends)
    found = nx.spring_layout(graph, seed=1, iterations=50, k=2.2 / sqrt(count))
    return tuple((float(found[node][0]), float(found[node][1])) for node in graph)


def _rows(alone: list[str], box: Box) -> dict[str, tuple[int, int]]:
    left, top, wide, high = box
    if not alone:
        return {}
    columns = min(len(alone), 24) if high < HEIGHT else ceil(sqrt(len(alone) * 1.6))
    lines = ceil(len(alone) / columns)
    return {
        name: (
            round(left + (number % columns + 0.5) * wide / columns),
            round(top + (number // columns + 0.5) * high / lines),
        )
        for number, name in enumerate(alone)
    }
