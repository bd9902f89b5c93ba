"""What an investigator does on the pages, step by step; the README says it in words.

`tests/analyses/casework/test_review_in_browser.py` walks on a sample world and looks at
each step, and `tests/refresh_screenshots.py` takes pictures on the way for the docs.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote


def find_the_largest_crew(page: Any, address: str) -> str:
    """List the crews, those with the most members first; return the first one's id."""
    page.goto(f"{address}/")
    page.get_by_label("Kind").select_option("push-code-scanning crew")
    page.get_by_label("Order").select_option("members")
    page.get_by_role("button", name="Show").click()
    found: str = page.locator("#cases tbody a").first.inner_text()
    return found


def read_why(page: Any) -> str:
    """Open the first case of the list; return what speaks for it and against."""
    page.locator("#cases tbody a").first.click()
    page.evaluate("document.fonts.ready")
    why: str = page.locator("section[aria-labelledby=h-evidence]").inner_text()
    return why


def dismiss(page: Any, address: str, account: str, note: str) -> str:
    """Dismiss an account with a note; return the state that the page then shows."""
    page.goto(f"{address}/case?kind=account&id={quote(account)}")
    page.get_by_label("dismissed").check()
    page.locator("form[action$='/decide'] textarea").fill(note)
    page.get_by_role("button", name="Keep the decision").click()
    page.evaluate("document.fonts.ready")
    state: str = page.locator("#state").inner_text()
    return state


def export_the_list(page: Any, saved: Path) -> None:
    """Save the list, without what was dismissed, to a file."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Export the list").click()
    download.value.save_as(saved)
