"""What is installed, what is shipped, and under which licences."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGES = ("graph", "loaders", "analyses")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

PERMISSIVE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|CC0|Unlicense"
    r"|OFL)\b",
    re.IGNORECASE,
)
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EUPL|SSPL|GNU)\b", re.IGNORECASE)


def required():
    """Names of all distributions that an installed scanring needs, itself left out."""
    seen, open_ = set(), ["scanring"]
    while open_:
        for line in distribution(open_.pop()).requires or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                name = need.name.lower().replace("_", "-")
                if name not in seen:
                    seen.add(name)
                    open_.append(name)
    return sorted(seen)


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_distribution_has_a_package_of_this_name(name):
    assert set(packages_distributions().get(name, [])) <= {"scanring"}


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_imported_is_this_folder(name):
    assert Path(import_module(name).__file__ or "").parent == ROOT / name


@pytest.mark.parametrize("name", PACKAGES)
def test_every_package_tells_that_it_has_types(name):
    assert (ROOT / name / "py.typed").is_file()
    for folder in (ROOT / name).rglob("*.py"):
        assert (folder.parent / "__init__.py").is_file(), folder


def test_the_wheel_has_the_three_packages_and_nothing_else():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": list(PACKAGES)}


def test_the_command_leads_to_a_function():
    (point,) = distribution("scanring").entry_points
    assert (point.name, point.value) == ("scanring", "analyses.cli:main")
    assert callable(point.load())


def test_there_is_one_version():
    assert distribution("scanring").version == PROJECT["project"]["version"]


LOCKS = ("requirements.lock", "requirements-spark.lock")
"""With the tools for development, and with Apache Spark."""


def lock(name="requirements.lock"):
    """Return a lock file's requirements, each with what is written under it."""
    text = (ROOT / name).read_text(encoding="utf-8")
    pins: list[list[str]] = []
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            pins.append([line])
        elif pins:
            pins[-1].append(line)
    return pins


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_file_pins_every_requirement_with_a_hash(name):
    pins = lock(name)
    assert len(pins) > len(PROJECT["project"]["dependencies"])
    for first, *rest in pins:
        assert re.match(r"[a-z0-9-]+==[\w.]+( ;.*)? \\$", first), first
        assert any(re.search(r"--hash=sha256:[0-9a-f]{64}\b", line) for line in rest), (
            first
        )


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_file_names_no_place_to_fetch_from(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "http" not in text
    assert "--index" not in text


def test_the_lock_file_has_whatever_is_required():
    pinned = {first.partition("==")[0] for first, *_ in lock()}
    wanted = {Requirement(line).name for line in PROJECT["project"]["dependencies"]}
    wanted |= {Requirement(line).name for line in PROJECT["dependency-groups"]["dev"]}
    assert wanted <= pinned
    assert set(required()) <= pinned


def test_with_spark_everything_else_is_the_same():
    plain = {first for first, *_ in lock()}
    with_spark = {first for first, *_ in lock("requirements-spark.lock")}
    extra = PROJECT["project"]["optional-dependencies"]["spark"]
    wanted = {Requirement(line).name for line in extra}
    added = {first.partition("==")[0] for first in with_spark - plain}
    assert added == wanted | {"py4j"}
    assert set(required()) <= {first.partition("==")[0] for first in with_spark}


@pytest.mark.parametrize("name", required())
def test_the_licence_of_what_is_required_is_permissive(name):
    told = distribution(name).metadata.json
    # A licence's whole text names others as well: its first line is the licence.
    licence = " / ".join(
        [
            str(told.get("license_expression", "")),
            *(c for c in told.get("classifier", []) if c.startswith("License")),
            str(told.get("license", "")).strip().partition("\n")[0],
        ]
    )
    assert PERMISSIVE.search(licence), licence
    assert not COPYLEFT.search(licence), licence


@pytest.mark.long
def test_the_wheel_is_the_same_wherever_and_whenever_it_is_built(tmp_path):
    wheels = []
    for place, seconds, umask in (("here", 1_000_000_000, 0o022), ("there", 0, 0o077)):
        tree = tmp_path / place / "scanring"
        for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
            source, target = ROOT / name, tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                leave = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, target, ignore=leave)
            else:
                shutil.copyfile(source, target)
        for path in tree.rglob("*"):
            os.utime(path, (seconds, seconds))
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"],
            cwd=tree,
            check=True,
            capture_output=True,
            umask=umask,
        )
        (wheel,) = (tree / "dist").glob("*.whl")
        wheels.append((wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest()))
    assert wheels[0] == wheels[1]


@pytest.mark.long
def test_pages_can_be_made_of_all_docstrings(tmp_path):
    words = ["pdoc", "--output-directory", str(tmp_path), *PACKAGES]
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "analyses" / "pipeline.html").is_file()
