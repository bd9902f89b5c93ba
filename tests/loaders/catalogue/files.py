"""Files that are broken, packed wrongly, not readable, or no files at all."""

import gzip
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.loaders.catalogue.fault import WHOLE, Content, Fault

CSV = b"device_id,model\nd1,x\nd2,y\n"
TABLE = pa.table({"device_id": ["d1", "d2"], "model": ["x", "y"]})


def parquet(table: pa.Table = TABLE, **options: object) -> bytes:
    """Return a table as the bytes of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def raw(content: bytes):
    """Return a function that writes just these bytes, whatever the file's name."""

    def make(path: Path) -> None:
        path.write_bytes(content)

    return make


def claims_a_billion(*, of: str) -> Callable[[Path], None]:
    """Return a function that writes two rows of Parquet that claim to be 2^30.

    The number stands in the footer once for the file (`of` is file), then for each
    group of rows and each of its columns (`of` is all).
    """

    def make(path: Path) -> None:
        content = parquet(compression="none")
        length = struct.unpack("<I", content[-8:-4])[0]
        body, footer = content[: -8 - length], content[-8 - length : -8]
        two, billion = b"\x16\x04", b"\x16\x80\x80\x80\x80\x08"  # zigzag numbers
        footer = footer.replace(two, billion, 1 if of == "file" else -1)
        path.write_bytes(body + footer + struct.pack("<I", len(footer)) + b"PAR1")

    return make


def bomb(path: Path) -> None:
    """Write a packed file of some kilobytes that unpacks to 100 MB of one value."""
    with gzip.open(path, "wb") as file:
        file.write(b"device_id,model\nd1,")
        for _ in range(100):
            file.write(b"x" * 1_000_000)


def long_end(path: Path) -> None:
    """Write rows of which the last is longer than a reader's buffer."""
    path.write_bytes(CSV + b"d3," + b"x" * 40_000_000)


def bomb_of_rows(path: Path) -> None:
    """Write a packed file of few kilobytes with 300,000 rows, all the same."""
    with gzip.open(path, "wb") as file:
        file.write(b"device_id,model\n")
        for _ in range(30):
            file.write(b"d,x\n" * 10_000)


def fifo(path: Path) -> None:
    """Make a pipe, which whoever opens it waits at."""
    os.mkfifo(path)


def socket_file(path: Path) -> None:
    """Make a socket."""
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(here)


def link(target: str):
    """Return a function that makes a link to this target."""

    def make(path: Path) -> None:
        path.symlink_to(target)

    return make


def folder(path: Path) -> None:
    """Make an empty folder."""
    path.mkdir()


def changed(content: bytes, at: int, to: bytes) -> bytes:
    """Return bytes with some of them changed."""
    return content[:at] + to + content[at + len(to) :]


def devices(
    what: str, name: str, make: Content, loaded: int | None = None, rejected: int = 0
) -> Fault:
    """A file of devices that is made in this way."""
    return Fault(what, {name: make}, loaded=loaded, rejected=rejected)


WIDE = pa.table({"device_id": [f"d{i}" for i in range(5000)], "model": ["x"] * 5000})
TWICE = pa.table(
    [pa.array(["d1"]), pa.array(["x"]), pa.array(["y"])],
    names=["device_id", "model", "model"],
)
CASES = pa.table(
    [pa.array(["d1"]), pa.array(["x"]), pa.array(["y"])],
    names=["device_id", "model", "MODEL"],
)

FILES = (
    devices("a Parquet file that is cut off", "devices.parquet", parquet()[:-20]),
    devices(
        "half of a Parquet file",
        "devices.parquet",
        parquet(WIDE)[: len(parquet(WIDE)) // 2],
    ),
    devices("a Parquet file without its first bytes", "devices.parquet", parquet()[4:]),
    devices(
        "a Parquet file with a damaged page",
        "devices.parquet",
        changed(parquet(WIDE, compression="snappy"), 60, b"\xff" * 400),
    ),
    devices(
        "a Parquet file with a damaged footer",
        "devices.parquet",
        changed(parquet(), len(parquet()) - 60, b"\xff" * 30),
    ),
    devices(
        "a Parquet footer longer than its file",
        "devices.parquet",
        changed(parquet(), len(parquet()) - 8, b"\xff\xff\xff\x7f"),
    ),
    devices(
        "a Parquet file that claims a billion rows",
        "devices.parquet",
        claims_a_billion(of="file"),
        2,
    ),
    devices(
        "a Parquet file whose parts claim a billion rows",
        "devices.parquet",
        claims_a_billion(of="all"),
    ),
    devices("an empty Parquet file", "devices.parquet", b""),
    devices("eight bytes of Parquet", "devices.parquet", b"PAR1PAR1"),
    devices("an encrypted Parquet file", "devices.parquet", parquet()[:-4] + b"PARE"),
    devices("CSV that is named Parquet", "devices.parquet", CSV),
    devices("Parquet that is named CSV", "devices.csv", parquet()),
    devices(
        "a Parquet file without rows", "devices.parquet", parquet(TABLE.slice(0, 0)), 0
    ),
    devices(
        "a Parquet file without columns", "devices.parquet", parquet(pa.table({})), None
    ),
    devices("a Parquet file with a column twice", "devices.parquet", parquet(TWICE)),
    devices(
        "Parquet columns that differ by case only", "devices.parquet", parquet(CASES)
    ),
    devices(
        "Parquet columns named as a reader's own",
        "devices.parquet",
        parquet(
            TABLE.append_column("file", pa.array([1, 2]))
            .append_column("row", pa.array([1, 2]))
            .append_column("file_row_number", pa.array([7, 8]))
            .append_column("file_index", pa.array([7, 8]))
            .append_column("filename", pa.array([7, 8]))
        ),
        2,
    ),
    devices(
        "a Parquet text that is not UTF-8",
        "devices.parquet",
        parquet(
            pa.table(
                {
                    "device_id": pa.array(["d1", "d2"]),
                    "model": pa.Array.from_buffers(
                        pa.string(), 2, pa.array([b"x", b"\xff\xfe"]).buffers()
                    ),
                }
            )
        ),
        1,
        1,
    ),
    Fault(
        "part files with other types and columns",
        {
            "devices/a.parquet": parquet(
                pa.table({"device_id": ["d1"], "is_rooted": [1]})
            ),
            "devices/b.parquet": parquet(pa.table({"device_id": [2], "model": ["x"]})),
            "devices/c.csv": "is_rooted,device_id\nmaybe,d3\ntrue,d4\n",
        },
        loaded=3,
        rejected=1,
    ),
    Fault(
        "one part file of three that is broken",
        {
            "devices/a.csv": CSV,
            "devices/b.parquet": parquet()[:-20],
            "devices/c.csv": b"device_id\nd9\n",
        },
        loaded=None,
    ),
    Fault(
        "a Parquet file written as parts by Spark",
        {
            "devices.parquet/part-0.parquet": parquet(),
            "devices.parquet/_SUCCESS": b"",
            "devices.parquet/.part-0.parquet.crc": b"crc",
        },
        loaded=2,
    ),
    devices(
        "a packed file that is cut off", "devices.csv.gz", raw(gzip.compress(CSV)[:-12])
    ),
    devices(
        "a packed file with a wrong sum",
        "devices.csv.gz",
        raw(changed(gzip.compress(CSV), len(gzip.compress(CSV)) - 8, b"\0\0\0\0")),
    ),
    devices("a packed file that is not packed", "devices.csv.gz", raw(CSV)),
    devices(
        "a packed file with rubbish behind it",
        "devices.csv.gz",
        raw(gzip.compress(CSV) + b"rubbish"),
    ),
    devices(
        "two packed files in one",
        "devices.csv.gz",
        raw(gzip.compress(CSV) + gzip.compress(b"d3,z\n")),
        3,
    ),
    devices("an empty packed file", "devices.csv.gz", raw(b""), 0),
    devices("a packed file of nothing", "devices.csv.gz", b"", 0),
    devices("a packed file named as plain CSV", "devices.csv", gzip.compress(CSV)),
    devices("a gz bomb of one value", "devices.csv.gz", bomb, 0, 1),
    devices("a gz bomb of rows", "devices.csv.gz", bomb_of_rows, 1, 299_999),
    devices("a last row of 40 MB without a line feed", "devices.csv", long_end, 2, 1),
    devices("a pipe instead of a file", "devices.csv", fifo),
    devices("a socket instead of a file", "devices.csv", socket_file),
    devices("a link to a file without an end", "devices.csv", link("/dev/zero")),
    devices("a link that leads nowhere", "devices.csv", link("nowhere.csv")),
    devices("a link to itself", "devices.csv", link("devices.csv")),
    Fault(
        "a folder of parts with a link to itself",
        {"devices/a.csv": CSV, "devices/again": link("../devices")},
        loaded=None,
    ),
    Fault(
        "a folder of parts with a link that leads nowhere",
        {"devices/a.csv": CSV, "devices/b.csv": link("nowhere.csv")},
        loaded=None,
    ),
    Fault(
        "a link to a good file",
        {"devices.csv": link("devices-of-march.txt"), "devices-of-march.txt": CSV},
        loaded=2,
    ),
    devices("a folder instead of a file", "devices.csv", folder, 0),
    Fault("a folder without tables", {"devices/notes.txt": b"x"}, loaded=0),
    Fault(
        "a table that is there twice",
        {"devices.csv": CSV, "devices.parquet": parquet()},
        loaded=None,
    ),
    Fault(
        "a table that is there as file and as folder",
        {"devices.csv": CSV, "devices/a.csv": CSV},
        loaded=None,
    ),
    Fault(
        "part files with names that are patterns",
        {"devices/[a]*?.csv": CSV, "devices/a.csv": b"device_id\nd9\n"},
        loaded=3,
    ),
    Fault(
        "a CSV file whose name stands for others",
        {"devices/*.csv": CSV, "devices/b.csv": b"device_id\nd9\n"},
        loaded=3,
    ),
    Fault(
        "Parquet files with names that are patterns",
        {
            "devices/*.parquet": parquet(),
            "devices/b.parquet": parquet(pa.table({"device_id": ["d9"]})),
        },
        loaded=3,
    ),
    Fault(
        "a file name with a line break and quotes",
        {
            'devices/it\'s\n"a".csv': CSV,
            "devices/\x1b[31m.parquet": parquet(pa.table({"device_id": ["d9"]})),
        },
        loaded=3,
    ),
    Fault(
        "a broken file whose name steers a terminal",
        {"devices/\x1b[2J\n.parquet": b"x"},
        loaded=None,
    ),
    Fault(
        "a file name with commas and braces",
        {
            "devices/{a,b}.csv": CSV,
            "devices/{a,b}.parquet": parquet(pa.table({"device_id": ["d9"]})),
        },
        loaded=3,
    ),
    Fault(
        "a folder named like a partition",
        {"devices/model=z/a.parquet": parquet(TABLE.select(["device_id"]))},
        loaded=2,
    ),
    Fault(
        "a hidden part file",
        {"devices/a.csv": CSV, "devices/._a.csv": b"\0\5\x16"},
        loaded=2,
    ),
    Fault("a table with another ending", {"devices.xlsx": b"PK"}, loaded=0),
    Fault("a misspelt table", {"divices.csv": CSV}, loaded=0),
    Fault(
        "accounts under another name",
        {"accounts.csv": None, "users.csv": WHOLE["accounts.csv"]},
        loaded=None,
    ),
)
