"""What an investigator does, in a real browser, on a sample world."""

import csv
from urllib.parse import quote

from analyses.casework.decisions import read_decisions
from tests.analyses.casework.test_review_server import Review


def test_the_largest_crew_is_read_and_an_account_dismissed(sample, browser, tmp_path):
    crews = sample.teams[sample.teams["kind"] == "scanning_crew"]
    largest = crews.sort_values("members")["team_id"].iloc[-1]
    path = tmp_path / "decisions.jsonl"
    server = Review(sample.folder, path)
    context = browser.new_context(accept_downloads=True)
    try:
        page = context.new_page()
        wrong = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text))
        page.goto(f"http://{server.host}:{server.port}{server.base}/")
        # Find the largest crew.
        page.get_by_label("Kind").select_option("push-code-scanning crew")
        page.get_by_label("Order").select_option("members")
        page.get_by_role("button", name="Show").click()
        page.locator("#cases tbody a").first.click()
        assert page.locator("h1").inner_text() == f"Team {largest}"
        # Read why.
        why = page.locator("#evidence").inner_text()
        assert "those whose codes were scanned were elsewhere" in why
        # Dismiss one listed account with a note.
        farm = sample.accounts[sample.accounts["listed"]]["account_id"].min()
        page.goto(
            f"http://{server.host}:{server.port}{server.base}"
            f"/case?kind=account&id={quote(farm)}"
        )
        page.get_by_label("dismissed").check()
        page.locator("form[action$='/decide'] textarea").fill("a shop helps customers")
        page.get_by_role("button", name="Keep the decision").click()
        assert page.locator("#state").inner_text() == "dismissed"
        assert "Kept as decision 1." in page.content()
        (kept,) = read_decisions(path).decisions
        assert kept.subject == ("account", farm)
        assert kept.note == "a shop helps customers"
        # Export the list.
        with page.expect_download() as download:
            page.get_by_role("link", name="Export the list").click()
        saved = tmp_path / "list.csv"
        download.value.save_as(saved)
        with saved.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row["account_id"] for row in csv.DictReader(lines)]
        listed = set(sample.accounts.loc[sample.accounts["listed"], "account_id"])
        assert set(rows) == listed - {farm}
        # The case file opens too, and its own script may run.
        page.get_by_role("link", name="Case file").click()
        assert page.locator("#list tbody tr").count() > 0
        assert [line for line in wrong if "Content Security" not in line] == []
    finally:
        context.close()
        server.close()
