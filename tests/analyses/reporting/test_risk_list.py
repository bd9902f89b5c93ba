import csv
import json
from dataclasses import dataclass

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyses.reporting.outputs import OUTPUTS
from analyses.reporting.risk_list import LIST_COLUMNS, write_lists
from analyses.run import Run
from graph.errors import OutputError


@dataclass(frozen=True)
class Sentences:
    for_: str
    against: str


SIGNALS = {
    "device": Sentences("shares its device", "has its own device"),
    "many_new": Sentences("its team is new", "its team is old"),
    "ties": Sentences("knows nobody", "knows somebody"),
    "repeat": Sentences("helped strangers {events} times", "helped friends"),
}


@pytest.fixture
def run(run_folder):
    with Run.open(run_folder) as opened:
        yield opened


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_listed_come_by_risk_and_the_watched_apart(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS)
    listed = rows_of(tmp_path / "risk-list.csv")
    assert [row["account_id"] for row in listed] == ["b1", "w", "g"]
    watched = rows_of(tmp_path / "watch-list.csv")
    assert [row["account_id"] for row in watched] == ["b2"]


def test_a_row_says_what_a_person_needs_to_act(run, tmp_path):
    assert write_lists(run, tmp_path, SIGNALS) == []
    first = rows_of(tmp_path / "risk-list.csv")[0]
    assert list(first) == list(LIST_COLUMNS)
    assert first["nickname"] == "'=cmd|' /C calc'!A0"
    assert first["role_in_words"] == "account that was registered in a batch"
    assert first["team_kind"] == "registration farm"
    assert first["risk"] == "0.9"
    assert first["reasons_for"] == (
        "shares its device (+8.2; accounts b1; accounts b2; logins 2026-03-01 11:00:00)"
    )
    assert first["team_in_short"] == "F, risk 0.90: many_new +2.0"
    assert first["reasons_against"] == "knows somebody (-1.0)"
    assert (first["events"], first["first_seen"], first["last_seen"]) == (
        "3",
        "2026-03-01 08:00:00",
        "2026-03-01 11:00:00",
    )
    assert "organisation" in first["to_verify"]
    assert "object" in first["appeal"]


def test_steering_characters_in_a_nickname_are_shown(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS)
    assert rows_of(tmp_path / "watch-list.csv")[0]["nickname"] == "<U+001B>[31mred"


def test_json_lines_name_all_events_and_exact_values(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS)
    lines = (tmp_path / "risk-list.jsonl").read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    assert first["nickname"] == "=cmd|' /C calc'!A0"
    assert first["reason_codes"] == ["device"]
    assert first["reasons"][0]["code"] == "device"
    assert len(first["reasons"][0]["events"]) == 3
    assert [reason["code"] for reason in first["reasons"]] == ["device", "ties"]


def test_the_workbook_has_the_same_rows(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS)
    book = openpyxl.load_workbook(tmp_path / "risk-list.xlsx")
    sheet = book["risk list"]
    assert [sheet.cell(row, 1).value for row in range(1, 5)] == [
        "account_id",
        "b1",
        "w",
        "g",
    ]
    assert sheet.cell(2, 2).value == "'=cmd|' /C calc'!A0"
    book.close()


def test_the_workbook_explains_reasons_roles_and_actions(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS)
    book = openpyxl.load_workbook(tmp_path / "risk-list.xlsx")
    rows = list(book["words used"].iter_rows(values_only=True))
    assert ("reason", "ties", None, "knows nobody", "knows somebody") in rows
    assert {row[0] for row in rows[1:]} == {"reason", "role", "team", "action"}
    book.close()


def test_cells_name_the_weightiest_reasons_and_count_the_rest(run_folder, tmp_path):
    evidence = pq.read_table(run_folder / "evidence.parquet").to_pylist()
    helps = [{"table": "helps", "id": f"h{n}"} for n in range(5)]
    said = [(f"s{n}", 9.0 - n, f"says {n}", helps) for n in range(7)]
    said += [(f"c{n}", n - 9.0, f"but {n}", []) for n in range(4)]
    rows = [
        {"team_id": "F", "account_id": "b1", "signal": code, "bits": bits}
        | {"says": sentence, "events": events}
        for code, bits, sentence, events in said
    ]
    rest = [row | {"says": None} for row in evidence if row["account_id"] != "b1"]
    schema = OUTPUTS["evidence"].schema.append(pa.field("says", pa.string()))
    table = pa.Table.from_pylist(rest + rows, schema)
    pq.write_table(table, run_folder / "evidence.parquet")
    with Run.open(run_folder) as run:
        write_lists(run, tmp_path, SIGNALS)
    first = rows_of(tmp_path / "risk-list.csv")[0]
    speaking, against = first["reasons_for"], first["reasons_against"]
    assert speaking.startswith("says 0 (+9.0; helps h0; helps h1; helps h2; 2 more) | ")
    assert speaking.endswith(" | 2 more")
    assert speaking.count("says") == 5
    assert against == "but 0 (-9.0) | but 1 (-8.0) | but 2 (-7.0) | 1 more"


def test_an_account_without_evidence_or_sentence_is_listed_too(run, tmp_path):
    write_lists(run, tmp_path, {})
    rows = rows_of(tmp_path / "risk-list.csv")
    assert rows[2]["account_id"] == "g"
    assert (rows[2]["reasons_for"], rows[2]["first_seen"]) == ("", "")
    assert rows[1]["reasons_for"] == "repeat (+3.0; helps h1)"


def test_lists_are_not_overwritten_unless_asked_for(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS)
    with pytest.raises(OutputError, match="--overwrite"):
        write_lists(run, tmp_path, SIGNALS)
    write_lists(run, tmp_path, SIGNALS, overwrite=True)


def test_the_cover_sheet_says_who_would_be_wrongly_listed(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS, explanation=["so many can be looked at"])
    book = openpyxl.load_workbook(tmp_path / "risk-list.xlsx")
    rows = list(book["what it means"].iter_rows(values_only=True))
    assert (None, "so many can be looked at") in [row[:2] for row in rows]
    table = {row[0]: row[1:] for row in rows}
    assert table["risk"][0] == "0.5 or more"
    # b1 (0.9), w (0.7) and g (0.6) are listed.
    assert table["listed here"][:3] == (3, 2, 1)
    assert all(0 <= share <= 3 for share in table["innocent, expected"][:3])
    book.close()
