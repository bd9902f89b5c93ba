import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

from analyses.pipeline import WORDS
from analyses.reporting.card_parts import WIDTH, wrapped
from analyses.reporting.cards import explain, explain_account
from analyses.reporting.team_codes import code_lines
from analyses.reporting.texts import Texts
from analyses.run import Run
from graph.errors import NotFoundError
from graph.store import Store


@dataclass(frozen=True)
class Sentences:
    for_: str
    against: str


SIGNALS = {
    "device": Sentences("shares its device", "has its own device"),
    "many_new": Sentences("its team is new", "its team is old"),
    "ties": Sentences("knows nobody", "knows somebody"),
}


@pytest.fixture
def run(run_folder):
    with Run.open(run_folder) as opened:
        yield opened


def test_a_card_adds_up_from_the_prior_to_the_risk(run):
    lines = explain(run, "b1", SIGNALS).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("From the prior"))
    bits = [line.split()[:2] for line in lines[start + 1 : start + 5]]
    assert bits == [
        ["prior", "-6.0"],
        ["device", "+8.2"],
        ["team", "+2.0"],
        ["ties", "-1.0"],
    ]
    assert lines[start + 5].split() == ["in", "all", "+3.2", "0.900"]
    assert "not all that it rests on" not in explain(run, "b1", SIGNALS)


def test_a_card_has_words_events_helpers_and_what_to_verify(run):
    card = explain(run, "b1", SIGNALS)
    for part in (
        "ACCOUNT b1\n",
        "account that was registered in a batch (batch_registered)",
        "block for a short time (short_block), listed",
        "team      F, registration farm",
        "shares its device",
        "Why its community looks as it does: scanring explain RUN F",
        "its team is new",
        "knows somebody",
        "2026-03-01 11:00:00  logins: b1 logged in on device phone",
        "Helped by, or tried to be: 2",
        "2026-03-01 09:00:00  w (registration, ok; h1) – worker who helps",
        "Before acting, make sure",
        "Objection",
    ):
        assert part in card, part


def test_a_card_says_what_is_missing_for_the_list(run):
    assert "watch, is weaker than warn" in explain(run, "b2", SIGNALS)
    assert "Not listed" not in explain(run, "b1", SIGNALS)


def test_what_the_run_says_is_missing_goes_first(run_folder):
    path = run_folder / "accounts.parquet"
    table = pq.read_table(path)
    lacks = [["two-part test: helped 2 verified, 3 needed"]] * table.num_rows
    pq.write_table(table.append_column("lacks", [lacks]), path)
    with Run.open(run_folder) as run:
        card = explain(run, "b2", SIGNALS)
    assert "Not listed, because\n  two-part test: helped 2 verified, 3 needed" in card


def test_an_account_without_evidence_has_a_card(run):
    assert "No evidence is itemised." in explain(run, "g", {})


def test_an_innocent_account_has_a_card_too(run):
    card = explain(run, "c", SIGNALS)
    assert "nothing to say about this account" in card
    assert "g (registration, ok; h5) – worker who helps strangers" in card
    assert "from its events alone" in explain(run, "stranger", SIGNALS)


def test_a_team_has_a_card(run):
    card = explain(run, "F", SIGNALS)
    for part in (
        "TEAM F\n",
        "registration farm (registration_farm)",
        "2026-03-01 08:00:00 to 2026-03-01 09:00:00",
        "its team is new",
        "Members: 2\n  2  account that was registered in a batch\n",
        "  b1  account that was registered in a batch, +5.0 bits, risk 0.90",
        "P supplies workers to F: 2 events",
    ):
        assert part in card, part
    assert "3 given for pay through an online platform" in explain(run, "P", SIGNALS)


def test_hostile_values_are_harmless(run):
    card = explain(run, "b2", SIGNALS)
    assert "\x1b" not in card
    assert "nickname <U+001B>[31mred" in card


def test_an_unknown_id_is_named_with_the_nearest(run):
    with pytest.raises(
        NotFoundError,
        match=r"'W' is neither a team .* nor an account .*mean 'w'\?\).*such as",
    ):
        explain(run, "W", SIGNALS)
    with pytest.raises(NotFoundError, match=r"did you mean 'F'"):
        explain(run, "f", SIGNALS)
    with pytest.raises(NotFoundError):
        explain_account(run, "F", SIGNALS)


def test_long_lists_are_cut_and_say_so(run, monkeypatch):
    monkeypatch.setattr("analyses.reporting.cards.ROWS_SHOWN", 1)
    monkeypatch.setattr("analyses.reporting.card_parts.EVENTS_SHOWN", 1)
    card = explain(run, "b1", SIGNALS)
    assert "  … and 1 more" in card
    assert "    … and 2 more" in card


def change_accounts(folder, **columns):
    path = folder / "accounts.parquet"
    frame = pq.read_table(path).to_pandas()
    for name, values in columns.items():
        for account_id, value in values.items():
            frame.loc[frame["account_id"] == account_id, name] = value
    frame.to_parquet(path)


def test_a_helper_whom_nobody_suspects_has_a_quiet_card(run_folder):
    change_accounts(
        run_folder,
        role={"g": None},
        action={"g": "none"},
        listed={"g": False},
        risk={"g": 0.0},
    )
    with Run.open(run_folder) as run:
        card = explain(run, "g", SIGNALS)
    assert "role      none: nothing says" in card
    assert "action    none\n" in card
    assert "because it helped, or tried to help, more than once" in card
    for absent in ("()", "Not listed", "Before acting", "Objection", "below 0.5"):
        assert absent not in card, absent


def test_a_lured_person_is_told_and_not_accused(run):
    card = explain(run, "p", SIGNALS)
    assert "What to tell the person\n  Tell the person that somebody" in card
    for absent in ("Not listed, because", "Before acting", "Objection"):
        assert absent not in card, absent


def test_who_is_watched_is_looked_at_again_and_need_not_object(run):
    card = explain(run, "b2", SIGNALS)
    assert "When looking at it again, make sure" in card
    assert "Objection" not in card


def test_the_answer_that_was_given_is_said(run_folder):
    path = run_folder / "evidence.parquet"
    table = pq.read_table(path)
    says = [
        "lives on 3 phones" if code == "device" else None
        for code in table["signal"].to_pylist()
    ]
    pq.write_table(table.append_column("says", [says]), path)
    with Run.open(run_folder) as run:
        card = explain(run, "b1", SIGNALS)
    assert "lives on 3 phones" in card
    assert "shares its device" not in card
    assert "knows somebody" in card


WORKER = "worker who helps strangers for pay, again and again"


def test_each_membership_says_how_sure_it_is(run_folder):
    path = run_folder / "members.parquet"
    table = pq.read_table(path)
    surely = [0.25 if name == "w" else 0.5 for name in table["account_id"].to_pylist()]
    pq.write_table(table.append_column("probability", [surely]), path)
    with Run.open(run_folder) as run:
        account, team = explain(run, "w", SIGNALS), explain(run, "P", SIGNALS)
    assert f": {WORKER} (probability 0.25)\n" in account
    assert f"w  {WORKER} (probability 0.25), +3.0 bits" in team
    assert f"g  {WORKER} (probability 0.50), +2.0 bits" in team


def test_a_membership_of_an_earlier_version_says_nothing_of_that(run):
    assert f": {WORKER}\n" in explain(run, "w", SIGNALS)
    assert "probability" not in explain(run, "P", SIGNALS)


def test_a_crew_has_members_in_words_farms_and_sessions(run_folder):
    with Store(run_folder / "store.duckdb") as store:
        store.materialise(
            "crew_sessions",
            """SELECT * FROM (VALUES
                 ('C', 0, 1772352000, 1772355600, 31230416, 121473701, 5, 'position'),
                 ('C', 1, 1772438400, 1772442000, NULL, NULL, 6, 'address'),
                 ('X', 2, 0, 9, NULL, NULL, 6, 'address'))
               AS s(team_id, session, "first", "last", latitude, longitude, helps,
                    placed_by)""",
        )
    with Run.open(run_folder) as run:
        card = explain(run, "C", SIGNALS)
    for part in (
        "serves    1 farm; 0 of them",
        "Members: 1\n  1  passer-by who was deceived into helping\n",
        "  p  passer-by who was deceived into helping\n",
        "Stood at a stall: 2 sessions",
        "2026-03-01  08:00 to 09:00  31.2304, 121.4737      5  position",
        "2026-03-02  08:00 to 09:00  not known              6  address",
        "1 scanned at a stall",
        "C helped accounts of F: 1 event\n",
    ):
        assert part in card, part
    assert "risk 0.20" not in card


def test_a_crew_has_the_codes_behind_its_helps_and_whose_they_were(run_folder):
    with Store(run_folder / "store.duckdb") as store:
        store.connection.execute(
            """UPDATE helps SET scan_id = 's1' WHERE help_id = 'h4';
               UPDATE helps SET scan_id = 's2' WHERE help_id = 'h2';
               INSERT INTO scans BY NAME SELECT 's2' AS scan_id, scanner, purpose,
                 'code_' || repeat('x', 40) AS code_id, scanned_at FROM scans"""
        )
    with Run.open(run_folder) as run:
        assert [line.split() for line in code_lines(run.team("C"))[2:]] == [
            ["QR", "code", "whose", "it", "was", "team", "scans"],
            ["code1", "b1", "F", "1"],
        ]
        # Nobody says whose the long one was: it let in whom the worker helped with it.
        assert code_lines(run.team("P"))[-1].split() == [
            f"code_{'x' * 22}…",
            "b2",
            "F",
            "1",
        ]
        assert code_lines(run.team("F")) == []
        card = explain(run, "C", SIGNALS)
        assert "Codes scanned: 1; accounts they were for: 1\n" in card
        chinese = explain(run, "C", WORDS, Texts("zh"))
    assert "扫过的码：1 个，属于 1 个账号\n" in chinese


def test_of_many_codes_the_first_are_shown_and_the_others_counted(run_folder):
    with Store(run_folder / "store.duckdb") as store:
        store.connection.execute(
            """INSERT INTO scans BY NAME SELECT 'many' || n AS scan_id,
                 'many' || n AS code_id, scanner, purpose, scanned_at + n AS scanned_at
               FROM scans, range(23) t(n);
               INSERT INTO helps BY NAME SELECT 'many' || n AS help_id, helper, helped,
                 kind, helped_at, 'many' || n AS scan_id FROM helps, range(23) t(n)
               WHERE help_id = 'h4'"""
        )
    rows = pq.read_table(run_folder / "helps.parquet").to_pylist()
    rows += [
        {"help_id": f"many{n}", "team_id": "C", "pattern": "stall"} for n in range(23)
    ]
    schema = pq.read_schema(run_folder / "helps.parquet")
    pq.write_table(
        pa.Table.from_pylist(rows, schema=schema), run_folder / "helps.parquet"
    )
    with Run.open(run_folder) as run:
        lines = code_lines(run.team("C"))
    assert lines[1] == "Codes scanned: 23; accounts they were for: 1"
    assert (lines[3].split()[0], lines[22].split()[0]) == ("many0", "many19")
    assert lines[23:] == ["  … and 3 more"]


@pytest.mark.parametrize("name", ["b1", "b2", "w", "p", "c", "stranger", "F", "P", "C"])
def test_a_card_is_in_chinese(crew_run, name):
    card = explain(crew_run, name, WORDS, Texts("zh"))
    english = re.findall(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}", card)
    assert [text for text in english if not text.startswith("scanring ")] == []
    assert re.search("[一-鿿]", card)


def test_a_long_chinese_text_is_cut_where_the_line_ends():
    text = "告知账号持有人理由和申诉办法，" * 10
    lines = wrapped(text)
    assert "".join(line.strip() for line in lines) == text
    assert all(cell_len(line) <= WIDTH + 2 for line in lines)
    assert not any(line.strip().startswith("，") for line in lines)
