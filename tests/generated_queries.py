"""Questions that hypothesis makes up, in the portable subset, and their SQL.

A chain of nodes and relationships of the schema, conditions on their properties, and
either distinct rows or counts. The SQL joins the rows of the kinds, so that a third
opinion stands beside the two stores.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from graph.cypher.rows import name_of
from graph.property_graph import NODES, RELATIONSHIPS, Property

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "INT64": st.sampled_from([0, 1, 2, 1_772_400_000, 1_776_000_000, 25_000_000]),
    "DOUBLE": st.sampled_from([0.0, 0.3, 0.5, 0.9]),
    "BOOL": st.booleans(),
    "STRING": st.sampled_from(["a", "ok", "registration", "stall", "x' OR 1", "王"]),
}
OPERATORS = {
    "INT64": ("=", "<", ">=", "<>"),
    "DOUBLE": ("<", ">="),
    "BOOL": ("=",),
    "STRING": ("=", "<>", "STARTS WITH", "CONTAINS", "<"),
}


@dataclass
class Made:
    """A question: its Cypher, the SQL that says the same, and the values of both."""

    cypher: str
    sql: str
    values: dict[str, Any] = field(default_factory=dict)


@st.composite
def questions(draw: st.DrawFn) -> Made:
    """Make up a question."""
    label = draw(st.sampled_from(sorted(NODES)))
    pattern, tables, joins = f"(x0:{label})", [f'"{label}" AS x0'], []
    things: list[tuple[str, tuple[Property, ...]]] = [("x0", NODES[label].columns)]
    used: set[str] = set()
    for step in range(1, draw(st.integers(0, 3)) + 1):
        there = [
            (kind, out)
            for kind in RELATIONSHIPS.values()
            for out, end in ((True, kind.source), (False, kind.target))
            if end == label and kind.type not in used
        ]
        if not there:
            break
        kind, out = draw(st.sampled_from(there))
        used.add(kind.type)  # ladybug may go along a relationship twice, Neo4j not
        label = kind.target if out else kind.source
        old, rel, new = f"x{step - 1}", f"r{step}", f"x{step}"
        arrow = (f"-[{rel}:{kind.type}]->", f"<-[{rel}:{kind.type}]-")[not out]
        pattern += f"{arrow}({new}:{label})"
        tables += [f'"{name_of(kind)}" AS {rel}', f'"{label}" AS {new}']
        near, far = ("source", "target") if out else ("target", "source")
        joins += [f"{rel}.{near} = {old}.id", f"{new}.id = {rel}.{far}"]
        things += [(rel, kind.all_properties), (new, NODES[label].columns)]
    wheres, sql_wheres, values = [], list(joins), {}
    for number in range(draw(st.integers(0, 2))):
        owner, properties = draw(st.sampled_from(things))
        each = draw(st.sampled_from(properties))
        said = f"{owner}.{each.name}"
        sql_said = f'{owner}."{each.name}"'
        form = draw(st.sampled_from(["compare", "null", "in", "not"]))
        if form == "null":
            wheres.append(f"{said} IS NULL")
            sql_wheres.append(f"{sql_said} IS NULL")
            continue
        name = f"v{number}"
        if form == "in":
            values[name] = draw(st.lists(VALUES[each.type], min_size=1, max_size=3))
            wheres.append(f"{said} IN ${name}")
            sql_wheres.append(f"list_contains(${name}, {sql_said})")
            continue
        operator = draw(st.sampled_from(OPERATORS[each.type]))
        values[name] = draw(VALUES[each.type])
        sql_test = {
            "STARTS WITH": f"starts_with({sql_said}, ${name})",
            "CONTAINS": f"contains({sql_said}, ${name})",
        }.get(operator, f"{sql_said} {operator} ${name}")
        negated = "NOT " if form == "not" else ""
        wheres.append(f"{negated}({said} {operator} ${name})")
        sql_wheres.append(f"{negated}({sql_test})")
    owner, properties = draw(st.sampled_from(things))
    each = draw(st.sampled_from(properties))
    ends = ("x0", things[-1][0])
    if draw(st.booleans()):
        returned = f"{owner}.{each.name} AS value, count(*) AS n, "
        returned += f"count(DISTINCT {ends[1]}.id) AS others"
        cypher = f"RETURN {returned} ORDER BY n DESC, value, others LIMIT 50"
        sql = f'SELECT {owner}."{each.name}" AS value, count(*) AS n, '
        sql += f"count(DISTINCT {ends[1]}.id) AS others"
        tail = "GROUP BY 1 ORDER BY n DESC, value NULLS LAST, others LIMIT 50"
    else:
        cypher = f"RETURN DISTINCT {ends[0]}.id AS first, {ends[1]}.id AS last, "
        cypher += f"{owner}.{each.name} AS value ORDER BY first, last, value LIMIT 50"
        sql = f"SELECT DISTINCT {ends[0]}.id AS first, {ends[1]}.id AS last, "
        sql += f'{owner}."{each.name}" AS value'
        tail = "ORDER BY first, last, value NULLS LAST LIMIT 50"
    condition = f" WHERE {' AND '.join(wheres)}" if wheres else ""
    sql_condition = f" WHERE {' AND '.join(sql_wheres)}" if sql_wheres else ""
    return Made(
        f"MATCH {pattern}{condition} {cypher}",
        f"{sql} FROM {', '.join(tables)}{sql_condition} {tail}",
        values,
    )
