"""Tables that nobody thought of: never a stack trace, a lost row or a hang.

Hypothesis writes folders of tables whose values are good, bad and hostile, as CSV or
Parquet of any types, and CSV of any bytes. `make fuzz` tries thousands of them;
SCANRING_FUZZ is the number of examples of each test.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import InputError
from graph.schema import TABLES
from graph.store import Store
from loaders import load, render
from tests.loaders.catalogue.fault import WHOLE

EXAMPLES = int(os.environ.get("SCANRING_FUZZ", "30"))
MANY = settings(
    max_examples=EXAMPLES,
    deadline=60_000,
    suppress_health_check=list(HealthCheck),
    derandomize="SCANRING_FUZZ" not in os.environ,
)

GOOD = {
    "id": ["a", "b", "c", "d", "e"],
    "text": ["x", "y", "新号"],
    "time": ["2026-03-01T08:00:00Z", "2026-03-02", "2026-03-03 10:00:00+08:00"],
    "date": ["2026-03-01", "2026-03-02"],
    "bool": ["true", "0", "FALSE"],
    "integer": ["0", "7", "-7", "7.0"],
    "degrees": ["31.2", "-0.0", "90"],
    "ip": ["10.0.0.1", "2001:db8::1", "::ffff:1.2.3.4"],
    "seconds_list": ["[1, 2.5]", "[]"],
}
HOSTILE = [
    "", " ", "\0", "\n", "\r\n", '"', '""', ",", "'", "\\", "NULL", "nan", "inf",
    "-inf", "1e999", "=1+1", "'; DROP TABLE x;--", "'}) DETACH DELETE n //", "../..",
    "<script>", "\u202e", "\u200b", "\ufeff", "é", "e\u0301", "ａ", "\U0010ffff",
    "9" * 40, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-03-01T08:00:60Z",
    "[NaN]", "[[1]]", "999.1.1.1", "1::2::3", "x" * 300,
]  # fmt: skip


def values(column):
    """Values that a column of a table may have to take: good ones twice as often."""
    good = st.sampled_from(list(column.values) or GOOD[column.kind])
    return st.one_of(good, good, st.sampled_from(HOSTILE), st.text(max_size=12))


@st.composite
def tables(draw):
    """Some columns of a table of the contract, in any order, and some rows."""
    table = TABLES[draw(st.sampled_from(list(TABLES)))]
    columns = draw(st.permutations(table.columns))[: draw(st.integers(1, 8))]
    rows = draw(
        st.lists(st.tuples(*(values(column) for column in columns)), max_size=8)
    )
    return table.name, [column.name for column in columns], rows


ARROW = st.sampled_from(
    [
        pa.array([None, "a", "b\0"]),
        pa.array([b"a", b"\xff", None]),
        pa.array([1, -(2**63), None]),
        pa.array([0, 2**64 - 1, 1], pa.uint64()),
        pa.array([0.0, float("nan"), float("-inf")]),
        pa.array([1e300, -0.0, None], pa.float32()),
        pa.array([True, None, False]),
        pa.array([0, 2**62, -(2**62)], pa.timestamp("ms")),
        pa.array([0, 2**63 - 1, -(2**63) + 1], pa.timestamp("us", "UTC")),
        pa.array([0, 2**63 - 1, None], pa.timestamp("ns")),
        pa.array([1772355600, 2**52, None], pa.timestamp("s")),
        pa.array([0, 2**31 - 1, -(2**31)], pa.date32()),
        pa.array([1, 2, None], pa.duration("us")),
        pa.array([1, 2, None], pa.time32("s")),
        pa.array([[1.0], None, [float("inf"), 2.0]]),
        pa.array([{"a": 1}, None, {"a": 2}]),
        pa.array(["x", "y", "x"]).dictionary_encode(),
        pa.nulls(3),
        pa.array(["2026-03-01T08:00:00Z", "registration", "a"]),
    ]
)


@st.composite
def typed_tables(draw):
    """A table of the contract whose columns have any types."""
    table = TABLES[draw(st.sampled_from(list(TABLES)))]
    columns = draw(st.permutations(table.columns))[: draw(st.integers(1, 6))]
    return table.name, pa.table({column.name: draw(ARROW) for column in columns})


def loaded(files, name=None, rows=None):
    """Load a folder with these files; check that every row is accounted for."""
    with TemporaryDirectory() as folder, Store(threads=1) as store:
        for file, content in files.items():
            if isinstance(content, pa.Table):
                pq.write_table(content, Path(folder, file))
            else:
                Path(folder, file).write_bytes(content)
        try:
            report = load(Path(folder), store)
        except InputError as error:
            assert "\n" not in str(error) or folder in str(error)
            return None
        for table in report.tables:
            kept = store.count(f"loaded_{table.name}")
            gone = store.rows(
                "SELECT count(*), count(DISTINCT (file, row)) FROM rejects "
                "WHERE table_name = $name",
                {"name": table.name},
            )[0]
            assert gone[0] == gone[1] == table.rejected
            assert kept == table.loaded
            assert table.read == kept + gone[0]
            if table.name == name and rows is not None:
                assert table.read == rows
        assert all(line.isprintable() for line in render(report))
        return report


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"'


@MANY
@given(tables())
def test_csv_of_any_values(table):
    name, columns, rows = table
    lines = [",".join(columns), *(",".join(map(quoted, row)) for row in rows)]
    whole = {file: text.encode() for file, text in WHOLE.items()}
    report = loaded(
        whole | {f"{name}.csv": "\n".join(lines).encode(errors="replace")},
        name,
        len(rows),
    )
    assert report is not None


@MANY
@given(typed_tables())
def test_parquet_of_any_types(table):
    name, content = table
    whole = {file: text.encode() for file, text in WHOLE.items()}
    whole.pop(f"{name}.csv", None)
    assert loaded(whole | {f"{name}.parquet": content}, name, 3) is not None


@MANY
@given(
    st.lists(
        st.one_of(
            st.sampled_from([b'"', b"\n", b"\r", b",", b"\0", b"d,x\n", b'"a","b"\n']),
            st.binary(max_size=6),
        ),
        max_size=40,
    )
)
def test_csv_of_any_bytes(parts):
    whole = {file: text.encode() for file, text in WHOLE.items()}
    loaded(whole | {"devices.csv": b"device_id,model\n" + b"".join(parts)})


PACKED = pa.BufferOutputStream()
pq.write_table(
    pa.table({"device_id": [f"d{i}" for i in range(50)], "model": ["x"] * 50}), PACKED
)
PARQUET = PACKED.getvalue().to_pybytes()


@MANY
@given(
    st.lists(
        st.tuples(st.integers(0, len(PARQUET) - 1), st.integers(0, 255)),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, len(PARQUET)),
)
def test_parquet_with_damaged_bytes(damages, end):
    content = bytearray(PARQUET)
    for at, byte in damages:
        content[at] = byte
    whole = {file: text.encode() for file, text in WHOLE.items()}
    cut = content[:end] if end % 5 == 0 else content
    loaded(whole | {"devices.parquet": bytes(cut)})
