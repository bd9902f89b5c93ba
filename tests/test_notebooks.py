"""Every notebook runs from its first cell to its last."""

import runpy
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, capsys):
    runpy.run_path(str(path))
    assert "TEAM crew-" in capsys.readouterr().out


def test_a_notebook_defines_nothing():
    for path in NOTEBOOKS:
        assert "\ndef " not in path.read_text(encoding="utf-8")
