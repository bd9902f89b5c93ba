"""The examples in the docstrings run, and give what they say."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("graph", "loaders", "analyses")
    for path in sorted((ROOT / package).rglob("*.py"))
]


@pytest.mark.parametrize(
    "name",
    MODULES,
)
def test_the_examples_of_a_module_run(name):
    result = doctest.testmod(import_module(name))
    assert result.failed == 0


def test_there_are_examples():
    found = doctest.DocTestFinder().find(import_module("graph.communities"))
    assert any(test.examples for test in found)
