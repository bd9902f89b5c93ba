import gzip
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import InputError, ScanringError
from graph.schema import STORED, TABLES
from graph.store import Store
from loaders import load

ACCOUNTS = "account_id,registered_at\nann,2026-03-01T08:00:00Z\n"
HELPS = "help_id,helper_id,helped_id,kind\nh1,zoe,ann,registration\n"


def write(folder: Path, **tables: str | bytes | pa.Table) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in ({"accounts": ACCOUNTS, "helps": HELPS} | tables).items():
        if isinstance(content, pa.Table):
            pq.write_table(content, folder / f"{name}.parquet")
        elif isinstance(content, bytes):
            (folder / f"{name}.csv").write_bytes(content)
        else:
            (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


def test_every_table_is_there_in_the_types_of_the_schema(tmp_path, store):
    load(write(tmp_path), store)
    for table in TABLES.values():
        described = store.rows(f"DESCRIBE loaded_{table.name}")
        assert [(row[0], row[1]) for row in described] == [
            (column.name, STORED[column.kind]) for column in table.columns
        ]


def test_nothing_else_is_left_in_the_store(tmp_path, store):
    load(write(tmp_path), store)
    names = {name for (name,) in store.rows("SHOW TABLES")}
    assert names == {"rejects", *(f"loaded_{name}" for name in TABLES)}
    load(tmp_path, store)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T08:00:00Z",
        "2026-03-01T08:00:00",
        "2026-03-01 08:00:00.999",
        "2026-03-01T16:00:00+08:00",
        "2026-03-01T16:00:00+0800",
    ],
)
def test_ways_to_write_one_time(tmp_path, store, written):
    load(write(tmp_path, accounts=f"account_id,registered_at\nann,{written}\n"), store)
    assert store.rows("SELECT registered_at FROM loaded_accounts") == [(1772352000,)]


@pytest.mark.parametrize(
    "type_",
    [
        *(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")),
        pa.timestamp("us", "Asia/Shanghai"),
    ],
)
def test_parquet_times_of_any_unit(tmp_path, store, type_):
    times = pa.array([1772352000], pa.timestamp("s")).cast(type_)
    load(
        write(
            tmp_path, accounts=pa.table({"account_id": ["ann"], "registered_at": times})
        ),
        store,
    )
    assert store.rows("SELECT registered_at FROM loaded_accounts") == [(1772352000,)]


def test_parquet_types_that_fit_or_not(tmp_path, store):
    time = pa.array([1772352000] * 3, pa.timestamp("s"))
    accounts = pa.table(
        {
            "account_id": [1, 2, 3],
            "registered_at": time,
            "pay_enabled": pa.array([1, 0, 2], pa.int8()),
            "phone_prefix": pa.array([1380013.0, None, 1.5]),
            "nickname": pa.array(["a", "b", "c"]).dictionary_encode(),
            "os_version": pa.nulls(3),
        }
    )
    applications = pa.table(
        {
            "application_id": ["u1", "u2"],
            "account_id": ["1", "2"],
            "applied_at": time[:2],
            "steps_seconds": [[1, 2], [float("nan")]],
        }
    )
    load(write(tmp_path, accounts=accounts, unseal_applications=applications), store)
    assert store.rows(
        "SELECT account_id, pay_enabled, phone_prefix, nickname, os_version "
        "FROM loaded_accounts ORDER BY ALL"
    ) == [("1", True, "1380013", "a", None), ("2", False, None, "b", None)]
    assert store.rows("SELECT steps_seconds FROM loaded_unseal_applications") == [
        ("[1.0, 2.0]",)
    ]
    assert store.rows('SELECT row, "column", value FROM rejects') == [
        (3, "pay_enabled", "2"),
        (2, "steps_seconds", "[nan]"),
    ]


def test_empty_text_is_missing_in_every_format(tmp_path, store):
    table = pa.table({"device_id": ["d1", "", None], "model": ["", "x", "y"]})
    report = load(write(tmp_path, devices=table), store)
    assert store.rows("SELECT device_id, model FROM loaded_devices") == [("d1", None)]
    assert report.table("devices").rejected == 2


def test_text_that_is_not_utf8(tmp_path, store):
    texts = pa.Array.from_buffers(
        pa.string(), 2, pa.array([b"d1", b"\xff"], pa.binary()).buffers()
    )
    write(
        tmp_path,
        devices=pa.table({"device_id": texts}),
        ties=b"account_a,account_b\nann,\xff\nann,zoe\n",
    )
    load(tmp_path, store)
    assert store.rows("SELECT device_id FROM loaded_devices") == [("d1",)]
    assert store.rows("SELECT account_b FROM loaded_ties") == [("zoe",)]
    assert store.rows("SELECT file, row, value, reason FROM rejects") == [
        ("devices.parquet", 2, "\\xFF", "is no text in UTF-8"),
        ("ties.csv", 1, "ann,\\xff", "cannot be read as CSV: not UTF-8"),
    ]


def test_byte_order_mark_and_nul(tmp_path, store):
    """A nickname with a NUL must not keep its account out of the analysis."""
    accounts = b"\xef\xbb\xbfaccount_id,registered_at,nickname\nann,2026-03-01,a\0b\n"
    load(write(tmp_path, accounts=accounts), store)
    assert store.rows("SELECT nickname FROM loaded_accounts") == [("a\0b",)]


def test_table_with_a_header_only_and_empty_file(tmp_path, store):
    report = load(write(tmp_path, devices="device_id\n", ties=b""), store)
    assert report.table("devices").read == report.table("ties").read == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [("devices.parquet", b"PAR1 and no more"), ("devices.csv.gz", b"no gzip")],
)
def test_file_that_cannot_be_read(tmp_path, store, name, content):
    (write(tmp_path) / name).write_bytes(content)
    with pytest.raises(InputError, match=name):
        load(tmp_path, store)


def test_damaged_middle_of_a_parquet_file(tmp_path, store):
    table = pa.table({"device_id": [f"d{number}" for number in range(5000)]})
    path = write(tmp_path) / "devices.parquet"
    pq.write_table(table, path, use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[200:4000] = bytes(3800)
    path.write_bytes(content)
    with pytest.raises(InputError, match="devices"):
        load(tmp_path, store)


def test_truncated_gzip(tmp_path, store):
    rows = "".join(f"d{number},{number * 7919}\n" for number in range(20_000))
    packed = gzip.compress(f"device_id,model\n{rows}".encode())
    (write(tmp_path) / "devices.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match=r"devices\.csv\.gz"):
        load(tmp_path, store)


def test_column_that_is_there_twice(tmp_path, store):
    with pytest.raises(InputError, match="'device_id' is there twice"):
        load(write(tmp_path, devices="device_id,device_id\na,b\n"), store)


def test_same_result_in_any_order_form_and_number_of_threads(tmp_path):
    """Faulty data, once in one CSV file, once shuffled into mixed part files."""
    dice = random.Random(7)
    rows = [
        (
            f"d{dice.randrange(40)}",
            dice.choice(["x", "y", ""]),
            dice.choice(["true", "0", "2"]),
        )
        for _ in range(200)
    ]
    head = "device_id,model,is_rooted\n"
    lines = [",".join(row) + "\n" for row in rows]
    write(tmp_path / "one", devices=head + "".join(lines))
    shuffled = dice.sample(lines, len(lines))
    parts = write(tmp_path / "many") / "devices"
    parts.mkdir()
    (parts / "a.csv").write_text(head + "".join(shuffled[:70]))
    with gzip.open(parts / "b.csv.gz", "wt") as file:
        file.write(head + "".join(shuffled[70:120]))
    (parts / "c.csv").write_text(head + "".join(shuffled[120:]))
    texts = pa_csv.ConvertOptions(
        column_types={name: pa.string() for name in head.strip().split(",")}
    )
    table = pa_csv.read_csv(parts / "c.csv", convert_options=texts)
    pq.write_table(table, parts / "c.parquet")
    (parts / "c.csv").unlink()
    results = []
    for folder, threads in (("one", 1), ("many", 1), ("many", 4)):
        with Store(threads=threads) as store:
            report = load(tmp_path / folder, store)
            loaded = store.rows("SELECT * FROM loaded_devices ORDER BY ALL")
            rejected = store.rows(
                'SELECT "column", value, count(*) FROM rejects '
                "GROUP BY ALL ORDER BY ALL"
            )
            results.append((report.table("devices").read, loaded, rejected))
    assert results[0] == results[1] == results[2]
    assert results[0][0] == 200


NASTY = st.one_of(
    st.sampled_from(
        ["", "a", "b", "A", "'", '"', "x" * 257, "\0", "=1+1", "\u202e", "é" * 129]
    ),
    st.sampled_from(
        ["2026-03-01T08:00:00Z", "2026-03-01", "9999-01-01", "0000-00-00", "infinity"]
    ),
    st.sampled_from(["true", "1", "-1", "1e400", "nan", "[1]", "[", "::1", "::g"]),
    st.sampled_from(["registration", "unsealing", "login", "ok", "friend", "account"]),
    st.text(st.characters(codec="utf-8"), max_size=6),
)


@st.composite
def tables(draw):
    """Some tables of the contract with some columns, filled with nasty values."""
    chosen = {}
    names = draw(st.sets(st.sampled_from(sorted(TABLES)), max_size=3))
    for name in sorted(names | {"accounts", draw(st.sampled_from(["helps", "scans"]))}):
        columns = [column.name for column in TABLES[name].columns]
        kept = [column for column in columns if draw(st.booleans())] or columns
        rows = draw(
            st.lists(
                st.lists(NASTY, min_size=len(kept), max_size=len(kept)), max_size=5
            )
        )
        chosen[name] = (kept, rows, draw(st.sampled_from(["csv", "raw", "parquet"])))
    return chosen


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_no_row_is_lost_and_nothing_but_our_errors_escapes(tmp_path_factory, world):
    folder = tmp_path_factory.mktemp("nasty")
    for name, (columns, rows, form) in world.items():
        if form == "parquet":
            texts = {
                column: pa.array([row[at] for row in rows], pa.string())
                for at, column in enumerate(columns)
            }
            pq.write_table(pa.table(texts), folder / f"{name}.parquet")
            continue
        lines = [",".join(columns)]
        for row in rows:
            cells = row
            if form == "csv":
                cells = ['"' + cell.replace('"', '""') + '"' for cell in row]
            lines.append(",".join(cells))
        (folder / f"{name}.csv").write_bytes("\n".join(lines).encode())
    with Store(threads=2) as store:
        try:
            report = load(folder, store)
        except ScanringError:
            return
        for name, (_, rows, form) in world.items():
            table = report.table(name)
            assert table.read == table.loaded + table.rejected
            if form != "raw":
                assert table.read == len(rows)
            assert store.rows(f"SELECT count(*) FROM loaded_{name}") == [
                (table.loaded,)
            ]
            assert store.rows(
                f"SELECT count(*) FROM rejects WHERE table_name = '{name}'"
            ) == [(table.rejected,)]
