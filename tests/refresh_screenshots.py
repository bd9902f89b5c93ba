"""Take the pictures of the pages that stand in the docs: `make screenshots`.

On the sample world of `make demo`, by the steps of `tests/investigator.py`, in the
Chromium that the tests use. Decisions are kept in a temporary file.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analyses.pipeline import WORDS
from analyses.reporting.page.case_file import write_report
from analyses.run import Run
from tests.analyses.casework.test_review_server import Review
from tests.conftest import chromium
from tests.investigator import dismiss, find_the_largest_crew, read_why

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SIZE = {"width": 1180, "height": 1000}


def main() -> None:
    """Take the pictures of a run, that of the demo unless another is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo" / "run"
    with Run.open(folder) as run, chromium() as browser:
        crew = case_file(run, browser)
        review(run, browser, crew)


def case_file(run: Run, browser: Any) -> str:
    """Take the overview and the largest crew of the case file; return its id."""
    crews = run.teams[run.teams["kind"] == "scanning_crew"]
    crew = str(crews.sort_values(["members", "team_id"])["team_id"].iloc[-1])
    with tempfile.TemporaryDirectory() as place, opened(browser) as page:
        path = write_report(run, WORDS, path=Path(place, "report.html"))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        page.screenshot(path=DOCS / "case-file.png")
        page.goto(f"{path.as_uri()}#team={crew}")
        page.wait_for_selector("#team article")
        page.screenshot(
            path=DOCS / "case-file-team.png",
            full_page=True,
            clip={"x": 0, "y": 0, "width": SIZE["width"], "height": 1800},
        )
    return crew


def review(run: Run, browser: Any, crew: str) -> None:
    """Take the list of the crews and an account that was dismissed."""
    listed = run.accounts[run.accounts["listed"]]
    account = str(listed["account_id"].min())
    with tempfile.TemporaryDirectory() as place, opened(browser) as page:
        server = Review(run.folder, Path(place, "decisions.jsonl"))
        address = f"http://{server.host}:{server.port}{server.base}"
        assert find_the_largest_crew(page, address) == crew
        page.screenshot(path=DOCS / "review-cases.png", clip=top(610))
        assert read_why(page)
        state = dismiss(page, address, account, "a phone shop helps its customers")
        assert state == "dismissed"
        page.screenshot(path=DOCS / "review-decided.png", clip=top(580))
        server.close()


def top(height: int) -> dict[str, int]:
    """Return the upper part of the page, so high."""
    return {"x": 0, "y": 0, "width": SIZE["width"], "height": height}


@contextmanager
def opened(browser: Any) -> Iterator[Any]:
    """Give a page of its own."""
    context = browser.new_context(viewport=SIZE)
    yield context.new_page()
    context.close()


if __name__ == "__main__":
    main()
