"""What an investigator does, in a real browser, on a sample world."""

import csv

import pytest

from analyses.casework.decisions import read_decisions
from tests.analyses.casework.test_review_server import Review
from tests.investigator import (
    dismiss,
    export_the_list,
    find_the_largest_crew,
    read_why,
)


@pytest.fixture
def review(sample, tmp_path):
    """A review of the sample world: its address, and where decisions are kept."""
    server = Review(sample.folder, tmp_path / "decisions.jsonl")
    yield f"http://{server.host}:{server.port}{server.base}", server.decisions
    server.close()


@pytest.fixture
def page(browser):
    """A page on which nothing may go wrong."""
    context = browser.new_context(accept_downloads=True, bypass_csp=True)
    opened, wrong = context.new_page(), []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text))
    yield opened
    context.close()
    assert wrong == []


def test_the_largest_crew_is_read_and_an_account_dismissed(
    sample, page, review, tmp_path
):
    address, path = review
    crews = sample.teams[sample.teams["kind"] == "scanning_crew"]
    largest = crews.sort_values(["members", "team_id"]).iloc[-1]
    found = find_the_largest_crew(page, address)
    assert crews.set_index("team_id")["members"][found] == largest["members"]
    why = read_why(page)
    assert page.locator("h1").inner_text() == f"Team {found}"
    assert "scans are confirmed in seconds, as at a stall" in why
    listed = sample.accounts[sample.accounts["listed"]]
    account = listed["account_id"].min()
    assert dismiss(page, address, account, "a shop helps customers") == "dismissed"
    assert "Kept as decision 1." in page.content()
    (kept,) = read_decisions(path).decisions
    assert kept.subject == ("account", account)
    assert kept.note == "a shop helps customers"
    export_the_list(page, tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = [row["account_id"] for row in csv.DictReader(lines)]
    assert set(rows) == set(listed["account_id"]) - {account}
    # The case file opens too, and its own script may run.
    page.get_by_role("link", name="Case file").click()
    page.wait_for_selector("#list tbody tr")


def test_axe_finds_nothing_to_complain_about(sample, page, review):
    from axe_playwright_python.sync_playwright import Axe

    address, _ = review
    crew = find_the_largest_crew(page, address)
    for place in ("/", f"/case?kind=team&id={crew}", "/allowed"):
        page.goto(f"{address}{place}")
        found = Axe().run(page)
        assert [
            (each["id"], [node["html"] for node in each["nodes"]][:3])
            for each in found.response["violations"]
        ] == []
