from itertools import combinations
from xml.etree import ElementTree

import pytest

from graph.schema import TABLES
from graph.schema_picture import EDGES, NODES, mermaid, node_of, svg
from graph.shared_keys import SHARED_KEYS

MADE_OF_EVENTS = [edge for edge in EDGES if edge.columns]

NODE_TABLES = ("accounts", "devices", "codes")

NOT_DRAWN = {
    "logins.code_id": "the login code, beside the device",
    "payments.code_id": "the code paid by, beside the payee",
    "unseal_applications.account_id": "read, and not yet analysed",
    "unseal_applications.device_id": "read, and not yet analysed",
}
"""References that the picture leaves out, and why."""

ACCOUNTS_THEMSELVES = {"helper", "helped", "helper_device"}
"""Shared keys that are no node of their own in the picture."""


@pytest.mark.parametrize("edge", MADE_OF_EVENTS, ids=lambda edge: edge.says)
def test_the_columns_of_an_edge_lead_from_its_one_end_to_the_other(edge):
    for source, target in edge.columns:
        assert source.split(".")[0] == target.split(".")[0]
        assert (node_of(source), node_of(target)) == (edge.source, edge.target)


def test_every_reference_to_a_node_is_drawn_or_left_out_for_a_reason():
    drawn = {name for edge in EDGES for pair in edge.columns for name in pair}
    missing = set()
    for table in TABLES.values():
        ends = {c.name for c in table.columns if c.refers_to in NODE_TABLES}
        if table.name in NODE_TABLES or len(ends) >= 2:
            missing |= {f"{table.name}.{end}" for end in ends} - drawn
    assert missing == set(NOT_DRAWN)


def test_what_is_drawn_as_shared_is_what_accounts_can_share():
    kinds = {key.kind for key in SHARED_KEYS} - ACCOUNTS_THEMSELVES
    assert {n.name for n in NODES if n.shared} == {k.replace("_", " ") for k in kinds}


def test_a_column_that_names_no_node_has_none():
    with pytest.raises(KeyError):
        node_of("accounts.nickname")


def test_mermaid_has_every_node_and_edge_and_tells_findings_from_events():
    lines = mermaid().splitlines()
    assert len(lines) == 1 + len(NODES) + len(EDGES)
    assert "  account -->|helped| account" in lines
    assert "  account ---|is tied to| account" in lines
    assert "  account -.->|member of| team" in lines


def test_the_svg_is_well_formed_and_says_the_same_words():
    said = [text for text in ElementTree.fromstring(svg()).itertext() if text.strip()]
    for name in [node.name for node in NODES] + [edge.says for edge in EDGES]:
        assert name in said


def test_no_two_boxes_of_the_svg_overlap():
    boxes = [
        (float(box.get("x", 0)), float(box.get("y", 0)))
        for box in ElementTree.fromstring(svg()).iter(
            "{http://www.w3.org/2000/svg}rect"
        )
        if box.get("width") == "136"
    ]
    assert len(boxes) == len(NODES) + 2
    for (x, y), (other_x, other_y) in combinations(boxes, 2):
        assert abs(x - other_x) >= 136 or abs(y - other_y) >= 44
