import pytest
import typer
from typer.testing import CliRunner

from analyses.cli import app
from analyses.commands.analysing import summary
from analyses.commands.terminal import progress_bars
from analyses.phases import Clock
from analyses.run import Run
from graph.errors import InputError

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


def test_the_summary_of_a_run_counts_its_teams_by_kind(run_folder):
    lines = summary(Run.open(run_folder)).splitlines()
    assert "3 teams at a risk of 0.5 or more" in lines[0]
    kinds = "helper_platform 1, registration_farm 1, scanning_crew 1"
    assert f"  these teams: {kinds}" in lines


def test_a_question_of_the_book_is_asked(run_folder):
    answer = said("query", str(run_folder), "repeat-helpers-of", "-p", "account=b1")
    assert "w " in answer
    assert "b2" in answer
    assert (run_folder / "cypher" / "graph.lbug").is_file()


def test_a_question_in_cypher_takes_parameters(run_folder):
    text = "MATCH (a:Account) WHERE a.id IN $ids RETURN a.id AS one ORDER BY one"
    command = ["query", str(run_folder), text, "-p", 'ids=["b2","b1"]']
    assert said(*command, "--format", "csv") == "one\nb1\nb2\n"


def test_the_book_and_the_schema_are_printed():
    assert "repeat-helpers-of\n    Who are the repeat helpers" in said(
        "query", "--list"
    )
    assert "| `Account` |" in said("query", "--schema")
    assert ":param days => 7;" in said(
        "query", "repeat-helpers", "--show", "-p", "days=7"
    )


def test_a_question_that_writes_is_one_line(run_folder):
    result = CliRunner().invoke(app, ["query", str(run_folder), "MATCH (a) DELETE a"])
    assert str(result.exception).startswith("DELETE is refused")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--engine", "sparc"], "--engine 'sparc': give embedded or spark"),
        (["--master", "local[2]"], "--master, --work and --spark-property are for"),
        (
            ["--engine", "spark", "--spark-property", "ui.enabled=false"],
            "write it as spark.NAME=VALUE",
        ),
        (
            ["--engine", "spark", "--spark-property", "spark.ui.enabled"],
            "write it as spark.NAME=VALUE",
        ),
        (["--engine", "spark", "--resumable"], "leave it out with --engine spark"),
    ],
)
def test_what_does_not_go_with_an_engine_is_one_line(tmp_path, words, says):
    command = ["run", str(tmp_path), str(tmp_path / "out"), *words]
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, InputError)
    assert says in str(result.exception)
    assert "\n" not in str(result.exception)


def test_phases_are_lines_for_a_scheduler(capsys):
    with progress_bars(lines=True) as told:
        clock = Clock(told)
        with clock.phase("shared keys") as phase:
            phase.rows = 12
    begun, ended = capsys.readouterr().err.splitlines()
    assert begun == "phase=shared_keys number=4 of=12 state=begun"
    words = dict(word.split("=") for word in ended.split())
    assert words["phase"] == "shared_keys"
    assert words["state"] == "ended"
    assert words["rows"] == "12"
    assert float(words["seconds"]) >= 0
    assert int(words["peak_memory_bytes"]) > 0
