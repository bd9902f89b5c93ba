import csv
import json
import re
from dataclasses import dataclass

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyses.pipeline import WORDS
from analyses.reporting.outputs import OUTPUTS
from analyses.reporting.risk_list import LIST_COLUMNS, write_lists
from analyses.reporting.texts import Texts
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


def sheets_of(path):
    book = openpyxl.load_workbook(path)
    try:
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    finally:
        book.close()


def test_the_workbook_has_a_sheet_for_each_kind_of_team(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS)
    sheets = sheets_of(tmp_path / "risk-list.xlsx")
    assert list(sheets) == [
        "registration farm",
        "online profit platform",
        "codes and columns",
        "how often it is wrong",
    ]
    farm, platform = sheets["registration farm"], sheets["online profit platform"]
    assert [row[0] for row in farm] == ["account_id", "b1"]
    assert farm[1][1] == "'=cmd|' /C calc'!A0"
    assert [row[0] for row in platform] == ["account_id", "w", "g"]


def test_accounts_without_a_team_have_a_sheet_and_an_empty_list_has_one(
    run_folder, tmp_path
):
    accounts = pq.read_table(run_folder / "accounts.parquet")
    for listed, sheet, ids in (
        (["w"], "no team", ["account_id", "w"]),
        ([], "risk list", ["account_id"]),
    ):
        rows = [
            row | {"listed": row["account_id"] in listed, "team_id": None}
            for row in accounts.to_pylist()
        ]
        table = pa.Table.from_pylist(rows, accounts.schema)
        pq.write_table(table, run_folder / "accounts.parquet")
        with Run.open(run_folder) as run:
            write_lists(run, tmp_path, SIGNALS, overwrite=True)
        sheets = sheets_of(tmp_path / "risk-list.xlsx")
        assert next(iter(sheets)) == sheet
        assert [row[0] for row in sheets[sheet]] == ids


def test_the_workbook_explains_every_column_and_code(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS, explanation=["so many can be looked at"])
    rows = sheets_of(tmp_path / "risk-list.xlsx")["codes and columns"]
    assert ("reason", "ties", None, "knows nobody", "knows somebody") in rows
    said = {(row[0], row[1]) for row in rows}
    assert {("column", name) for name in LIST_COLUMNS} <= said
    assert {("role", "mule"), ("team", "loan_ring"), ("action", "limit")} <= said
    assert ("how to read", None, "so many can be looked at", None, None) in rows


def test_the_workbook_says_how_often_such_a_listing_is_wrong(run, tmp_path):
    write_lists(run, tmp_path, SIGNALS)
    rows = sheets_of(tmp_path / "risk-list.xlsx")["how often it is wrong"]
    together = [row for row in rows if row[1] == "all kinds together"]
    # b1 (0.9), w (0.7) and g (0.6) are listed.
    assert [row[:1] + row[2:3] for row in together[:3]] == [
        ("0.5 or more", 3),
        ("0.7 or more", 2),
        ("0.9 or more", 1),
    ]
    assert all(0 <= row[3] <= 3 and 0 <= row[4] <= 100 for row in together)
    assert "on real data there will be more" in str(rows)


def test_the_lists_are_in_chinese_and_their_names_for_programs_are_not(run, tmp_path):
    write_lists(run, tmp_path, WORDS, texts=Texts("zh"))
    with (tmp_path / "risk-list.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    assert first["角色说明"] == "批量注册的账号"
    assert first["处理前核实"].startswith("没有机构")
    assert first["团伙概要"] == "F，风险 0.90: many_new +2.0"
    sheets = sheets_of(tmp_path / "risk-list.xlsx")
    assert list(sheets) == ["批量注册团伙", "网赚平台", "代码与列的说明", "多常出错"]
    for path in (tmp_path / "watch-list.csv", tmp_path / "educate-list.csv"):
        head = path.read_text(encoding="utf-8-sig").splitlines()[0]
        assert not re.search("[a-z]", head)
    line = (tmp_path / "risk-list.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert list(json.loads(line))[:3] == ["account_id", "nickname", "role"]


def test_a_sentence_of_the_run_is_said_in_chinese(run_folder, tmp_path):
    evidence = pq.read_table(run_folder / "evidence.parquet")
    says = ["payment is not enabled" for _ in range(evidence.num_rows)]
    table = evidence.append_column("says", pa.array(says))
    pq.write_table(table, run_folder / "evidence.parquet")
    with Run.open(run_folder) as run:
        write_lists(run, tmp_path, SIGNALS, texts=Texts("zh"))
    text = (tmp_path / "risk-list.csv").read_text(encoding="utf-8-sig")
    assert "未开通支付 (+8.2; accounts b1; accounts b2; logins" in text


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
