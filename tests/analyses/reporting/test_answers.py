import json

import pytest

from analyses.reporting.answers import written
from graph.cypher.statements import Answer
from graph.errors import InputError

FRAME = Answer(
    ("account", "helped_at", "risk", "listed"),
    [("=1+1", 1_772_352_000, 0.5, True), ("\x1b[2Jx", None, None, None)],
).frame()


def test_a_table_shows_dates_and_codes_of_what_steers():
    lines = written(FRAME, "table").splitlines()
    assert "2026-03-01 08:00:00" in lines[1]
    assert "<U+001B>[2Jx" in lines[2]
    assert lines[-1] == "2 rows"


def test_csv_runs_nothing_and_keeps_seconds():
    assert written(FRAME, "csv").splitlines() == [
        "account,helped_at,risk,listed",
        "'=1+1,1772352000,0.5,True",
        "<U+001B>[2Jx,,,",
    ]


def test_json_lines_are_one_object_a_row():
    rows = [json.loads(line) for line in written(FRAME, "jsonl").splitlines()]
    assert rows[0] == {
        "account": "=1+1",
        "helped_at": 1_772_352_000,
        "risk": 0.5,
        "listed": True,
    }
    assert rows[1]["account"] == "\x1b[2Jx"
    assert "\x1b" not in written(FRAME, "jsonl")


def test_no_rows_and_no_such_format_are_told():
    assert written(FRAME.head(0), "table").startswith("no rows; columns: account")
    with pytest.raises(InputError, match="no format 'xml': table, csv, jsonl"):
        written(FRAME, "xml")
