"""Write the parts of the documents that follow from the code.

    python tests/refresh_documents.py

The picture of the schema in README.md and docs/schema.svg, the tables in docs/data.md,
docs/signals.md and docs/rules.md, the schema and questions in docs/cypher.md, and what
follows from docs/quality.jsonl and docs/roles.jsonl, the published measurements: the
figures in README.md and docs/quality.md, docs/reliability.svg and the file of expected
errors that runs read. A part of a page stands between `<!-- begin NAME … -->` and `<!--
end NAME -->`. `tests/test_documents.py` fails when a document is out of step.
"""

from collections.abc import Iterable
from pathlib import Path

from analyses.detection.giver_signals import GIVER_WORDS
from analyses.detection.table import signal_table
from analyses.evaluation.expected_errors import FITTED
from analyses.reporting.outputs import OUTPUTS, OutputTable
from analyses.rules import rules_table
from graph.cypher.book import book
from graph.property_graph import schema_table
from graph.schema import TABLES, Column, Table
from graph.schema_picture import mermaid, svg
from loaders.report import LEFT_OUT
from tests.benchmarks import quality_pages as quality
from tests.benchmarks import roles

ROOT = Path(__file__).resolve().parents[1]

SIGNALS_PAGE = """# Every rule that scores something

What `scanring signals` prints, word for word. How a run uses it is in
[design.md](design.md#5-evidence-two-hypotheses-per-community-then-the-members-own);
how to read it on a card, in the [README](../README.md#reading-a-card).

- A *signal* asks one question of an account. Its code is the word on cards and in
  `accounts.parquet` and `evidence.parquet`.
- No answer, because a column is missing or null, weighs nothing.
- Signals of one family see the same thing twice: their sum is capped.
- The innocent shares marked *measured* are taken from the established accounts.
- What is said here is summed up with one weight an answer; see
  [design.md](design.md#5-evidence-two-hypotheses-per-community-then-the-members-own).

```text
{table}
```

## Of crews and platforms

What is weighed of a community that gives helps, and stands on its card:

| code | speaks for | speaks against |
|---|---|---|
{givers}
"""


def documents() -> dict[Path, str]:
    """Return every document with generated parts, as it ought to be."""
    readme, data = ROOT / "README.md", ROOT / "docs" / "data.md"
    cypher, rules = ROOT / "docs" / "cypher.md", ROOT / "docs" / "rules.md"
    page, published = ROOT / "docs" / "quality.md", ROOT / "docs" / "quality.jsonl"
    figures = quality.parts(published) | {"roles": roles.part()}
    short = figures.pop("short")
    drawing = {"schema": f"```mermaid\n{mermaid()}\n```"}
    contract = {
        "input": _joined(_input(table) for table in TABLES.values()),
        "output": _joined(_output(table) for table in OUTPUTS.values()),
    }
    return {
        readme: _with_parts(readme, drawing | {"figures": short}),
        data: _with_parts(data, contract),
        rules: _with_parts(rules, {"rules": rules_table()}),
        cypher: _with_parts(cypher, {"graph": schema_table(), "book": _book()}),
        page: _with_parts(page, figures),
        ROOT / "docs" / "reliability.svg": quality.figure(published),
        ROOT / "analyses" / "evaluation" / FITTED: quality.fitted(published),
        ROOT / "docs" / "schema.svg": svg(),
        ROOT / "docs" / "signals.md": SIGNALS_PAGE.format(
            table=signal_table(),
            givers="\n".join(
                f"| `{code}` | {remark.for_} | {remark.against} |"
                for code, remark in GIVER_WORDS.items()
            ),
        ),
    }


def _book() -> str:
    lines = ["| question | parameters | name |", "|---|---|---|"]
    for each in book().values():
        asked = ", ".join(
            f"`{one.name}`" + ("" if one.default is None else f" ({one.default})")
            for one in each.parameters
        )
        lines.append(f"| {each.question} | {asked} | `{each.name}` |")
    return "\n".join(lines)


def _joined(parts: Iterable[list[str]]) -> str:
    return "\n".join(line for part in parts for line in part)


def _with_parts(path: Path, parts: dict[str, str]) -> str:
    text = path.read_text(encoding="utf-8")
    for name, part in parts.items():
        begin = text.index("\n", text.index(f"<!-- begin {name}")) + 1
        end = text.index(f"<!-- end {name} -->")
        text = f"{text[:begin]}\n{part.strip()}\n\n{text[end:]}"
    return text


def _input(table: Table) -> list[str]:
    key = ", ".join(f"`{name}`" for name in table.key)
    lines = [
        f"### {table.name}",
        "",
        f"{table.says[0].upper()}{table.says[1:]}. Key: {key}.",
        "",
    ]
    if table.name in LEFT_OUT:
        lines += [f"Left out without this table: {LEFT_OUT[table.name]}.", ""]
    return [
        *lines,
        "| column | kind | values and meaning | left out without it |",
        "|---|---|---|---|",
        *(_column(table, column) for column in table.columns),
        "",
    ]


def _column(table: Table, column: Column) -> str:
    meaning = [
        ", ".join(f"`{value}`" for value in column.values),
        f"of `{column.refers_to}`" if column.refers_to else "",
        column.says,
    ]
    without = LEFT_OUT.get(f"{table.name}.{column.name}", "")
    return (
        f"| `{column.name}`{'*' if column.required else ''} | {column.kind} "
        f"| {'; '.join(part for part in meaning if part)} | {without} |"
    )


def _output(table: OutputTable) -> list[str]:
    return [
        f"### {table.file_name}",
        "",
        f"One row: {table.says}.",
        "",
        "| column | type | meaning |",
        "|---|---|---|",
        *(
            f"| `{column.name}` | {_type(str(column.type))} | {column.says} |"
            for column in (*table.columns, *table.added)
        ),
        "",
    ]


def _type(arrow: str) -> str:
    """Return an Arrow type as a reader would say it.

    >>> _type("list<element: struct<table: string, id: string>>")
    'list of {table, id}'
    """
    if "struct" in arrow:
        return "list of {table, id}"
    if arrow.startswith("list"):
        return "list of string"
    return {"timestamp[us]": "timestamp (UTC)", "int64": "int"}.get(arrow, arrow)


def main() -> None:
    """Write what is out of step, and say so."""
    for path, text in documents().items():
        there = path.read_text(encoding="utf-8") if path.exists() else ""
        if there != text:
            path.write_text(text, encoding="utf-8")
            print("written:", path.relative_to(ROOT))  # noqa: T201


if __name__ == "__main__":
    main()
