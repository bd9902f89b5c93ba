"""The documents say what is there: commands, options, files, signals, figures."""

import re
from pathlib import Path

import pytest
import typer

from analyses.cli import app
from analyses.detection.helper_signals import HELPER_SIGNALS
from analyses.detection.signals import OTHER_EVIDENCE, SIGNALS
from analyses.pipeline import WORDS
from analyses.policy import PolicySettings
from analyses.reporting.outputs import ACTIONS, OUTPUTS
from graph.cypher.book import book
from graph.schema import TABLES
from loaders.mapping import read_mapping
from tests.refresh_documents import documents

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("docs/**/*.md")),
]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
TARGETS = set(
    re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
)


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def anchors(page):
    """What a `#…` can lead to: the headings, as they are written in links."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def options(command):
    """The long options of a command; of a group, those of its commands."""
    inside = getattr(COMMANDS[command], "commands", {"": COMMANDS[command]})
    return {
        name
        for each in inside.values()
        for option in each.params
        for name in option.opts
        if name.startswith("--")
    }


def section(command):
    """The part of docs/commands.md about a command."""
    found = re.search(
        rf"^## scanring {command}$(.*?)(?=^## |\Z)",
        text("docs/commands.md"),
        re.M | re.S,
    )
    return found[1] if found else ""


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_what_follows_from_the_code_is_in_step(path):
    wanted = documents()[path]
    assert path.read_text(encoding="utf-8") == wanted, (
        "run: python tests/refresh_documents.py"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_that_a_page_names_are_there(page):
    said = page.read_text(encoding="utf-8")
    code = re.findall(r"^(?:    .*|```\w*\n.*?^```)$", said, re.M | re.S)
    code += re.findall(r"`([^`\n]+)`", said)
    for part in code:
        for target in re.findall(r"^\s*make ([a-z-]+)", part, re.M):
            assert target in TARGETS, part
        for command, rest in re.findall(r"^\s*scanring ([a-z0-9]+)(.*)$", part, re.M):
            assert command in COMMANDS, part
            assert set(re.findall(r"(--[a-z-]+)", rest)) <= options(command), part


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_documented(command):
    said = section(command)
    assert f"    scanring {command}" in said
    documented = set(re.findall(r"^\| `(--[a-z-]+)` \|", said, re.M))
    assert documented == options(command) - {"--help"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_defaults_that_are_documented_are_those_of_the_program(command):
    rows = dict(re.findall(r"^\| `(--[a-z-]+)` \|(.*)\|$", section(command), re.M))
    for option in COMMANDS[command].params:
        said = re.search(r"default ([\d.,]+\d|\d)", rows.get(option.opts[0], ""))
        if said:
            assert float(said[1].replace(",", "")) == option.default, option.name


def test_every_make_target_that_helps_itself_is_documented():
    said = set(re.findall(r"`make ([a-z-]+)`", text("docs/commands.md")))
    explained = re.findall(r"^([a-z-]+):.*##", text("Makefile"), re.M)
    assert said == set(explained)


@pytest.mark.parametrize("code", [*SIGNALS, *HELPER_SIGNALS])
def test_every_signal_is_in_its_table(code):
    assert re.search(rf"^  {code} ", text("docs/signals.md"), re.M)


def test_what_is_no_signal_but_on_cards_is_explained():
    assert set(re.findall(r"^\| `(\w+)` \| [a-z]", text("docs/data.md"), re.M)) >= set(
        OTHER_EVIDENCE
    )


@pytest.mark.parametrize("code", WORDS)
def test_every_reason_code_is_explained(code):
    said = text("docs/signals.md") + text("docs/data.md")
    assert re.search(rf"(^  |`){code}( |`)", said, re.M)


@pytest.mark.parametrize("name", book())
def test_every_question_of_the_book_is_documented(name):
    assert re.search(rf"(^|[`\W]){name}($|[`\W])", text("docs/cypher.md"), re.M)


def test_every_record_of_a_decision_is_linked():
    said = text("docs/design.md")
    for page in ROOT.glob("docs/decisions/*.md"):
        assert f"](decisions/{page.name})" in said


def test_every_table_has_its_place():
    headings = re.findall(r"^### (.*)$", text("docs/data.md"), re.M)
    assert headings == [*TABLES, *(table.file_name for table in OUTPUTS.values())]


def test_readme_names_every_table_that_comes_out():
    for table in OUTPUTS.values():
        assert f"`{table.file_name}`" in text("README.md")


def test_readme_says_at_what_risk_something_is_suggested():
    settings = PolicySettings()
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", text("README.md"), re.M)
    limits = {
        action: float(re.findall(r"\d\.\d+", said)[0])
        for action, said in rows
        if action in ACTIONS
    }
    assert limits == {
        "watch": settings.watch_risk,
        "warn": settings.listed_risk,
        "limit": settings.limit_risk,
        "short_block": settings.block_risk,
    }


def test_the_mappings_that_are_shown_can_be_read(tmp_path):
    shown = re.findall(r"^```toml\n(.*?)^```$", text("docs/mapping.md"), re.M | re.S)
    for number, content in enumerate(shown):
        path = tmp_path / f"{number}.toml"
        path.write_text(content, encoding="utf-8")
        assert read_mapping(path).tables
    assert shown[-1] in text("loaders/mappings/hop.toml")


def test_the_files_that_the_design_names_are_there():
    for line in re.findall(r"^\| (`.*?) \|", text("docs/design.md"), re.M):
        folder = ROOT
        for name in re.findall(r"`([^`]+)`", line):
            path = ROOT / name if "/" in name else folder / name
            assert path.exists(), name
            folder = path.parent


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "docs" / "quality.jsonl"], ids=lambda page: page.name
)
def test_no_page_names_a_machine(page):
    assert not re.search(
        r"/(tmp|home|root|work|Users)/|localhost|127\.0\.0\.1|index-url",
        page.read_text(encoding="utf-8"),
    )
