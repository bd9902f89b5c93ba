"""The demo says what to type next as it must be typed on this machine."""

import sys

import pytest

from analyses.demo import _as_typed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (".venv/bin/scanring", ".venv/bin/scanring teams demo/run"),
        ("/usr/local/bin/pytest", "scanring teams demo/run"),
    ],
)
def test_a_command_is_said_as_it_was_typed(monkeypatch, typed, said):
    monkeypatch.setattr(sys, "argv", [typed])
    monkeypatch.setenv("PATH", "")
    assert _as_typed("scanring teams demo/run") == said


def test_on_the_path_the_name_is_enough(monkeypatch, tmp_path):
    program = tmp_path / "scanring"
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _as_typed("scanring teams demo/run") == "scanring teams demo/run"
