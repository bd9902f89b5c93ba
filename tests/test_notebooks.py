"""Every notebook runs within a minute, defines nothing, and has its pictures beside it.

A percent script is the source, and `NAME.ipynb` is it after it ran.
"""

import re
import runpy
import time

import jupytext
import nbformat
import pytest

from tests.refresh_notebooks import MOST_SECONDS, cells_of, sources

NOTEBOOKS = sources()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_within_a_minute(path):
    began = time.process_time()
    runpy.run_path(str(path))
    assert time.process_time() - began < MOST_SECONDS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_only_imports_calls_and_tells(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(def|class)\b|^(for|while|if|with|try)\b", text, re.M)
    assert not re.search(r"/(tmp|home|root|work|Users)/", text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_ready_notebook_is_in_step_with_its_source(path):
    ready = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    source = jupytext.read(path, fmt="py:percent")
    assert cells_of(ready) == cells_of(source), (
        f"run: python tests/refresh_notebooks.py {path.stem}"
    )
    outputs = [o for cell in ready.cells for o in cell.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error"]
    assert any("image/png" in o.get("data", {}) for o in outputs)
    assert not re.search(
        r"/(tmp|home|root|work|Users)/", path.with_suffix(".ipynb").read_text("utf-8")
    )
