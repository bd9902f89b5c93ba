"""A small finished run: one farm of two accounts, its crew, and what is true of them.

b1, b2   batch-registered, in farm F;  b3 is one too, but not found
w        a platform worker who helped b1 and b2 and tried b3
p        a passer-by lured to help b1;  g an agency that helped two customers c, d
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyses.reporting.outputs import OUTPUTS
from graph.numbering import Window, number
from graph.schema import STORED, TABLES
from graph.store import Store

HOUR = 3600
START = 1_772_352_000  # 2026-03-01T08:00:00Z

EVENTS: dict[str, list[dict[str, Any]]] = {
    "accounts": [
        {
            "account_id": name,
            "registered_at": START + place,
            "registration_device_id": device,
            "nickname": nickname,
        }
        for place, (name, device, nickname) in enumerate(
            [
                ("b1", "phone", "=cmd|' /C calc'!A0"),
                ("b2", "phone", "\x1b[31mred"),
                ("b3", None, "Anna"),
                ("w", None, None),
                ("p", None, None),
                ("g", "desk", "agency"),
                ("c", "desk", None),
                ("d", None, None),
            ]
        )
    ],
    "helps": [
        {
            "help_id": name,
            "helper_id": helper,
            "helped_id": helped,
            "kind": "registration",
            "helped_at": START + HOUR + place,
            "result": result,
        }
        for place, (name, helper, helped, result) in enumerate(
            [
                ("h1", "w", "b1", "ok"),
                ("h2", "w", "b2", "ok"),
                ("h3", "w", "b3", "quota_refused"),
                ("h4", "p", "b1", "lost_race"),
                ("h5", "g", "c", "ok"),
                ("h6", "g", "d", "ok"),
                ("h7", "stranger", "b2", "ok"),
            ]
        )
    ],
    "logins": [
        {"account_id": "w", "device_id": "phone", "logged_in_at": START + 2 * HOUR},
        {"account_id": "b1", "device_id": "phone", "logged_in_at": START + 3 * HOUR},
    ],
    "ties": [{"account_a": "c", "account_b": "d", "kind": "friend"}],
    "codes": [{"code_id": "code1", "account_id": "b1", "purpose": "register_help"}],
    "scans": [
        {
            "scan_id": "s1",
            "scanner_id": "w",
            "code_id": "code1",
            "purpose": "register_help",
            "scanned_at": START + HOUR,
            "result": "ok",
        }
    ],
    "sanctions": [
        {"account_id": "b1", "action": "limit", "applied_at": START + 4 * HOUR}
    ],
}

FOUND: dict[str, list[tuple[Any, ...]]] = {
    "accounts": [
        ("b1", 0.9, "batch_registered", "F", "short_block", True, None, ["device"]),
        ("b2", 0.8, "batch_registered", "F", "watch", False, None, ["device"]),
        ("g", 0.6, "platform_worker", "P", "warn", True, 0.5, ["repeat"]),
        ("p", 0.2, "lured_helper", "C", "educate", False, 0.1, []),
        ("w", 0.7, "platform_worker", "P", "warn", True, 0.9, ["repeat"]),
    ],
    "teams": [
        ("C", "scanning_crew", 1, 0.6, START, START + HOUR),
        ("F", "registration_farm", 2, 0.9, START, START + HOUR),
        ("P", "helper_platform", 2, 0.7, START, START + HOUR),
    ],
    "members": [
        ("C", "p", "lured_helper", 1.0),
        ("F", "b1", "batch_registered", 5.0),
        ("F", "b2", "batch_registered", 4.0),
        ("P", "g", "platform_worker", 2.0),
        ("P", "w", "platform_worker", 3.0),
    ],
    "helps": [
        ("h1", "P", "platform"),
        ("h2", "P", "platform"),
        ("h4", "C", "stall"),
        ("h5", "P", "platform"),
    ],
    "links": [("C", "F", "serves", 1), ("P", "F", "supplies_workers_to", 2)],
    "evidence": [
        ("F", None, "many_new", 2.0, [{"table": "accounts", "id": "b1"}]),
        ("F", "b1", "prior", -6.0, []),
        ("F", "b1", "team", 2.0, []),
        (
            "F",
            "b1",
            "device",
            8.169925001442312,
            [
                {"table": "accounts", "id": "b1"},
                {"table": "accounts", "id": "b2"},
                {"table": "logins", "id": f"b1@{START + 3 * HOUR}"},
            ],
        ),
        ("F", "b1", "ties", -1.0, []),
        ("P", "w", "repeat", 3.0, [{"table": "helps", "id": "h1"}]),
    ],
}

TRUE: dict[str, list[tuple[Any, ...]]] = {
    "accounts": [
        ("b1", "batch_registered", ["F1"], None),
        ("b2", "batch_registered", ["F1"], None),
        ("b3", "batch_registered", ["F1"], None),
        ("w", "platform_worker", ["P1"], None),
        ("p", "lured_helper", ["C1"], None),
        ("g", None, [], "agency"),
        ("c", None, [], "agency_customer"),
        ("d", None, [], None),
    ],
    "teams": [
        ("F1", "registration_farm"),
        ("P1", "helper_platform"),
        ("C1", "scanning_crew"),
    ],
    "helps": [
        ("h1", "P1", "platform"),
        ("h2", "P1", "platform"),
        ("h3", "P1", "platform"),
        ("h4", "C1", "stall"),
    ],
}

TRUE_COLUMNS = {
    "accounts": ("account_id", "role", "team_ids", "innocent_kind"),
    "teams": ("team_id", "kind"),
    "helps": ("help_id", "team_id", "pattern"),
}


def fill_events(store: Store) -> None:
    """Make the numbered event tables of the little world."""
    for table in TABLES.values():
        columns = ", ".join(
            f'CAST(NULL AS {STORED[column.kind]}) AS "{column.name}"'
            for column in table.columns
        )
        store.materialise(f"loaded_{table.name}", f"SELECT {columns} LIMIT 0")
        for row in EVENTS.get(table.name, []):
            names = ", ".join(row)
            values = ", ".join(f"${name}" for name in row)
            store.connection.execute(
                f"INSERT INTO loaded_{table.name} ({names}) VALUES ({values})", row
            )
    number(store, Window(new_since=START, as_of=START + 24 * HOUR))


def found_table(name: str) -> pa.Table:
    """Return one output table as the contract has it, times as seconds."""
    columns = OUTPUTS[name].columns
    return pa.table(
        {
            column.name: pa.array(
                [row[place] for row in FOUND[name]],
                pa.int64() if pa.types.is_timestamp(column.type) else column.type,
            )
            for place, column in enumerate(columns)
        }
    )


@pytest.fixture
def store():
    """A store with the little world's events and what a run found in them."""
    with Store() as opened:
        fill_events(opened)
        for name, table in OUTPUTS.items():
            opened.put(table.store_name, found_table(name))
        yield opened


@pytest.fixture
def run_folder(tmp_path: Path, store: Store) -> Path:
    """A finished run of the little world."""
    from analyses.reporting.outputs import output_table

    folder = tmp_path / "run"
    folder.mkdir()
    for name, table in OUTPUTS.items():
        pq.write_table(output_table(store, name), folder / table.file_name)
    with Store(folder / "store.duckdb") as kept:
        fill_events(kept)
    manifest = {
        "format": "scanring run",
        "files": sorted(p.name for p in folder.iterdir()),
        "rows": {},
        "not_analysed": [],
        "notes": [],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def truth_folder(tmp_path: Path) -> Path:
    """The truth about the little world."""
    folder = tmp_path / "truth"
    folder.mkdir()
    for name, rows in TRUE.items():
        frame = pd.DataFrame(rows, columns=list(TRUE_COLUMNS[name]))
        frame.to_parquet(folder / f"{name}.parquet")
    return folder
