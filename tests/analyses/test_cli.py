import pytest
import typer
from typer.testing import CliRunner

from analyses.cli import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def said(*words):
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    return result.output


def test_no_summary_of_a_command_is_cut():
    assert "..." not in said("--help").partition("Commands:")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is(command):
    for option in COMMANDS[command].params:
        assert option.name == "help" or getattr(option, "help", ""), option.name


def test_the_version_is_said():
    assert said("--version").startswith("scanring ")


def test_teams_are_listed(run_folder):
    assert said("teams", str(run_folder), "--limit", "1").splitlines()[1][0] == "F"
