"""The examples in the docstrings run, and give what they say."""

import doctest
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("graph", "loaders", "analyses")
    for path in sorted((ROOT / package).rglob("*.py"))
]

OF_SPARK = ("graph.spark_session", "graph.spark_sql", "graph.spark_store")
"""Modules that need the extra."""


@pytest.mark.parametrize(
    "name",
    MODULES,
)
def test_the_examples_of_a_module_run(name, lacking):
    if name in OF_SPARK and find_spec("sqlglot") is None:
        lacking("spark", "make install-spark")
    result = doctest.testmod(import_module(name))
    assert result.failed == 0


def test_there_are_examples():
    found = doctest.DocTestFinder().find(import_module("graph.communities"))
    assert any(test.examples for test in found)
