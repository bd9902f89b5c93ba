"""The statements of the embedded store, as Apache Spark understands them.

Statements are written once, for DuckDB, and sqlglot writes them anew for Spark. What it
writes runs there, but not all of it means the same; each difference that was found is
evened out here, in one place:

| written | differs because | written for Spark |
|---|---|---|
| `count(DISTINCT x) OVER` | Spark has no distinct window functions | a set's size |
| `arg_min(x, y)` | Spark's gives a null `x` as well | rows without `x` left out |
| `arg_min(x, (y, z))` | a tuple is no value there | a struct |
| `list(DISTINCT x)` | nulls are kept here, dropped there | the same: none are null |
| `quantile_disc(x, q)` | the translation has another form | `WITHIN GROUP` |
| `list_slice` | the translation does not know it | `slice` |
| `CAST(text AS DOUBLE[])` | Spark does not read lists from text | `from_json` |
| `t.* REPLACE (…)` | Spark has no `REPLACE` | the columns by name |
| `CAST(round(x) AS BIGINT)` | without `round` 2.7 is 3 here, 2 there | the same |

A null comes last in every order, as sqlglot writes it. What no rewriting would make
equal is refused: a list made in an order, the average as a whole number, which of the
most frequent comes first, approximate functions, hashes, `UNION BY NAME`, numbers
formatted as text. Tests compare each statement of a run on both engines.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

from graph.errors import ScanringError

REFUSED = (
    "approx_count_distinct",
    "approx_quantile",
    "date_diff",
    "datediff",
    "epoch",
    "format",
    "hash",
    "log",
    "mode",
    "printf",
    "random",
)
"""Functions that are called the same on both engines, or nearly so, and differ."""


class UntranslatableError(ScanringError):
    """A statement would not mean the same on Spark."""


def to_spark(
    sql: str,
    columns_of: Callable[[str], Sequence[str]],
    parameters: Mapping[str, Any] | None = None,
    *,
    ordered: bool = True,
) -> str:
    """Return a statement for DuckDB as one for Spark that means the same.

    `columns_of` gives the columns of a table, in order. Parameters are numbers, texts,
    or lists of them, and become literals. With `ordered` false the order of all rows is
    left out: a table has none. Otherwise one task sorts them if it can, for they go to
    one process anyway; several would need a job that looks first where to divide them.

    Raises UntranslatableError where the meaning would change.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    _refuse(tree)
    values = dict(parameters or {})
    for node in list(tree.find_all(exp.Parameter, exp.Placeholder)):
        node.replace(_literal(values[node.name]))
    for star in list(tree.find_all(exp.Star)):
        if star.args.get("replace"):
            _expand(star, columns_of)
    tree = tree.transform(_rewritten)
    if isinstance(tree, exp.Query) and not tree.args.get("limit"):
        if not ordered:
            tree.set("order", None)
        elif isinstance(tree, exp.Select) and _is_ordered_by_what_it_gives(tree):
            tree.hint("REPARTITION(1)", dialect="spark", copy=False)
    written: str = tree.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    return written


def tables_of(sql: str) -> list[str]:
    """Return the tables that a statement reads, sorted.

    >>> tables_of("WITH a AS (SELECT 1 FROM c) SELECT * FROM a JOIN b ON true")
    ['b', 'c']
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    own = {common.alias for common in tree.find_all(exp.CTE)}
    return sorted({table.name for table in tree.find_all(exp.Table)} - own)


def _is_ordered_by_what_it_gives(select: exp.Select) -> bool:
    """Tell whether rows can be sorted after they have been sent to one task."""
    order = select.args.get("order")
    if order is None or select.is_star:
        return False
    given = {(each.alias_or_name, "") for each in select.expressions}
    given |= {
        (each.name, each.table)
        for each in select.expressions
        if isinstance(each, exp.Column)
    }
    keys = [each.this for each in order.expressions]
    return all(
        isinstance(key, exp.Column) and (key.name, key.table) in given for key in keys
    )


def _refuse(tree: exp.Expr) -> None:
    for call in tree.find_all(exp.Func):
        name = (
            call.name if isinstance(call, exp.Anonymous) else call.sql_name()
        ).lower()
        if name in REFUSED:
            raise UntranslatableError(f"{name} does not mean the same on Spark")
    for made in tree.find_all(exp.ArrayAgg):
        if isinstance(made.this, exp.Order):
            raise UntranslatableError(
                "a list made in an order loses it on Spark: sort it with list_sort"
            )
    for cast in tree.find_all(exp.Cast):
        if isinstance(cast.this, exp.Avg | exp.Div) and cast.to.is_type(
            *exp.DataType.INTEGER_TYPES
        ):
            raise UntranslatableError(
                "a quotient as a whole number is rounded here and cut off on Spark: "
                "divide with // or round it first"
            )
    for union in tree.find_all(exp.SetOperation):
        if union.args.get("by_name"):
            raise UntranslatableError("Spark has no UNION BY NAME: name the columns")


def _rewritten(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Window) and isinstance(node.this, exp.Count):
        return _distinct_window(node)
    if isinstance(node, exp.ArgMin | exp.ArgMax):
        return _arg_min(node)
    if isinstance(node, exp.PercentileDisc):
        # As a function without a meaning, or an approximate one is written.
        share = exp.Anonymous(this="percentile_disc", expressions=[node.expression])
        order = exp.Order(expressions=[exp.Ordered(this=node.this)])
        return exp.WithinGroup(this=share, expression=order)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "list_slice":
        array, first, last = node.expressions
        assert first.name == "1", "a slice begins with the first"
        return exp.Anonymous(this="slice", expressions=[array, first, last])
    if isinstance(node, exp.Cast) and node.to.is_type("array<double>"):
        return exp.Anonymous(
            this="from_json",
            expressions=[node.this, exp.Literal.string("array<double>")],
        )
    return node


def _distinct_window(node: exp.Window) -> exp.Expr:
    """Count different values in a window as the size of their set."""
    counted = node.this.this
    if not isinstance(counted, exp.Distinct):
        return node
    (value,) = counted.expressions
    window = node.copy()
    window.set("this", exp.Anonymous(this="collect_set", expressions=[value.copy()]))
    size = exp.Anonymous(this="size", expressions=[window])
    return exp.cast(size, "bigint")


def _arg_min(node: exp.ArgMin | exp.ArgMax) -> exp.Expr:
    if isinstance(node.parent, exp.Filter):
        raise UntranslatableError("arg_min with a filter is not translated")
    least = node.copy()
    if isinstance(least.expression, exp.Tuple):
        parts = [
            exp.PropertyEQ(this=exp.to_identifier(f"part{at}"), expression=part)
            for at, part in enumerate(least.expression.expressions)
        ]
        least.set("expression", exp.Struct(expressions=parts))
    known = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.null()))
    return exp.Filter(this=least, expression=exp.Where(this=known))


def _expand(star: exp.Star, columns_of: Callable[[str], Sequence[str]]) -> None:
    """Write `t.* REPLACE (…)` as the columns of the table `t`."""
    column = star.parent if isinstance(star.parent, exp.Column) else star
    select = star.find_ancestor(exp.Select)
    assert select is not None, "a star stands in a SELECT"
    alias = column.table if isinstance(column, exp.Column) else ""
    sources = [
        table
        for table in select.find_all(exp.Table)
        if table.find_ancestor(exp.Select) is select
        and alias in ("", table.alias_or_name)
    ]
    if len(sources) != 1:
        raise UntranslatableError("* REPLACE needs a table's alias before it")
    (source,) = sources
    replaced = {each.alias: each.this for each in star.args["replace"]}
    written = [
        exp.alias_(replaced[name].copy(), name, quoted=True)
        if name in replaced
        else exp.column(name, source.alias_or_name, quoted=True)
        for name in columns_of(source.name)
    ]
    select.set(
        "expressions",
        [
            new
            for old in select.expressions
            for new in (written if old is column else [old])
        ],
    )


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, list | tuple):
        return exp.Array(expressions=[_literal(each) for each in value])
    return exp.convert(value)
