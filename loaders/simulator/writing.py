"""Writing a world: numbers become opaque ids and words, in an order that tells nothing.

An id is a seeded one-to-one scrambling of a row's number, so that ids made one after
another have nothing in common. Rows stand in the order of their time, at one second in
that of a random draw; those without a time in the order of their ids.
"""

import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from graph.schema import TABLES, Column, Table
from loaders.simulator import names
from loaders.simulator.aftermath import RULES
from loaders.simulator.geography import V6, Ints
from loaders.simulator.organisations import DECLARED
from loaders.simulator.unsealing import UNSEALING_RESULTS
from loaders.simulator.world import World

Array = npt.NDArray[np.generic]
_LETTERS = {"accounts": "a", "devices": "d", "wifi": "w", "codes": "c", "scans": "s"}
_LETTERS |= {"helps": "h", "complaints": "k", "posts": "p", "payments": "y"}
_LETTERS |= {"answers": "n", "applications": "q"}
_LETTERS |= {"groups": "g", "teams": "t", "texts": "x", "targets": "u"}
_NUMBERED = {
    "account_id": "accounts",
    "device_id": "devices",
    "code_id": "codes",
    "complaint_id": "complaints",
    "post_id": "posts",
    "payment_id": "payments",
    "help_id": "helps",
    "scan_id": "scans",
    "group_id": "groups",
    "content_hash": "texts",
    "diversion_target": "targets",
    "answers_hash": "answers",
    "application_id": "applications",
}
_PERSONS = ("account_id", "scanner_id", "helper_id", "payer_id", "account_a")
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_MASK = np.uint64((1 << 48) - 1)
_WORDS = {
    "app_version": names.VERSIONS,
    "os_version": names.SYSTEMS,
    "os": names.SYSTEMS,
    "model": tuple(model[0] for model in names.MODELS),
    "rule": RULES,
    "result": UNSEALING_RESULTS,
}


def scramble(numbers: Ints, table: str, seed: int) -> npt.NDArray[np.uint64]:
    """Map numbers to others below 2**48, one to one.

    >>> found = scramble(np.arange(100_000), "accounts", 1)
    >>> len(np.unique(found)), int(found.max()) < 2**48
    (100000, True)
    """
    key = zlib.crc32(f"{seed}/{table}".encode())
    x = (numbers.astype(np.uint64) + np.uint64(key * 2_654_435_761 % (1 << 48))) & _MASK
    for shift, factor in ((23, 0xD6E8FEB86659), (25, 0xCA6B8E9F5A2D), (24, 1)):
        x ^= x >> np.uint64(shift)
        x = x * np.uint64(factor) & _MASK
    return x


def ids(numbers: Ints, table: str, seed: int) -> pa.Array:
    """Opaque ids of numbered rows; -1 is null."""
    hashed = scramble(np.maximum(numbers, 0), table, seed)
    shifts = np.arange(44, -1, -4, dtype=np.uint64)
    text = np.empty((len(numbers), 13), dtype=np.uint8)
    text[:, 0] = ord(_LETTERS[table])
    for place, shift in enumerate(shifts):
        text[:, place + 1] = _HEX[(hashed >> shift).astype(np.uint8) & 15]
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * 13
    array = pa.StringArray.from_buffers(
        len(numbers), pa.py_buffer(offsets), pa.py_buffer(text)
    )
    return _with_nulls(array, numbers < 0)


def _with_nulls(array: pa.Array, null: npt.NDArray[np.bool_]) -> pa.Array:
    if not null.any():
        return array
    return pc.if_else(pa.array(null), pa.scalar(None, array.type), array)


def _words(codes: Ints, words: tuple[str, ...]) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words)).cast(pa.string())


def _ips(values: Ints) -> pa.Array:
    four = values < V6
    octet = pa.array([str(n) for n in range(256)])
    parts = [
        octet.take(pa.array(np.where(four, values >> shift, 0) & 255))
        for shift in (24, 16, 8, 0)
    ]
    text = pc.binary_join_element_wise(*parts, ".")
    if not four.all():
        group = pa.array([f"{n:x}" for n in range(65_536)])
        six = [
            group.take(pa.array(np.where(four, 0, values >> shift) & 65_535))
            for shift in (32, 16, 0)
        ]
        long = pc.binary_join_element_wise(
            pc.binary_join_element_wise("240e", *six, ":"), "1", "::"
        )
        text = pc.if_else(pa.array(four), text, long)
    return _with_nulls(text, values < 0)


def _nicknames(parts: Ints) -> pa.Array:
    vocabulary = pa.array(names.VOCABULARY)
    return pc.binary_join_element_wise(
        *[vocabulary.take(pa.array(parts[:, at])) for at in range(3)], ""
    )


def _column(world: World, column: Column, values: Array) -> pa.Array:
    """One column of a table as it is written."""
    seed = world.settings.seed
    if column.name == "nickname":
        return _nicknames(values.astype(np.int64))
    if values.dtype == object:
        return pa.array(values.tolist(), pa.string())
    if column.kind == "degrees":
        floats = values.astype(np.float64)
        return pa.array(np.round(floats, 6), mask=np.isnan(floats))
    numbers = values.astype(np.int64)
    if column.values:
        return _words(numbers, column.values)
    if column.name in ("profile_region", "claimed_region"):
        return _words(numbers, world.geography.regions)
    if column.name in _WORDS:
        return _words(numbers, _WORDS[column.name])
    if column.name in _NUMBERED:
        return ids(numbers, _NUMBERED[column.name], seed)
    if column.refers_to:
        return ids(numbers, column.refers_to, seed)
    if "wifi" in column.name:
        return ids(numbers, "wifi", seed)
    null = numbers < 0
    if column.kind == "ip":
        return _ips(numbers)
    if column.kind == "time":
        return pa.array(numbers, pa.timestamp("s", "UTC"), mask=null)
    if column.kind == "date":
        return pa.array((numbers // 86_400).astype(np.int32), mask=null).cast(
            pa.date32()
        )
    if column.kind == "bool":
        return pa.array(numbers == 1, mask=null)
    if column.kind == "integer":
        return pa.array(numbers, mask=null)
    return pa.array(numbers, mask=null).cast(pa.string())


def _declared_values(world: World, kinds: Ints, values: Ints) -> Array:
    tables = {"account": "accounts", "device": "devices", "wifi": "wifi"}
    out = np.full(len(values), None, dtype=object)
    for number, kind in enumerate(DECLARED):
        rows = np.flatnonzero(kinds == number)
        if len(rows):
            found = ids(values[rows], tables[kind], world.settings.seed)
            out[rows] = found.to_pylist()
    return out


def _collected(world: World, table: Table) -> dict[str, Array]:
    """Join what the populations added to a table, within the window."""
    parts = world.columns.get(table.name, [])
    wanted = [name for name in (*_names(table), "team", "pattern")]
    out: dict[str, Array] = {}
    for name in wanted:
        pieces = [
            part[name] if name in part else np.full(len(next(iter(part.values()))), -1)
            for part in parts
        ]
        if any(name in part for part in parts):
            out[name] = np.concatenate(pieces)
    times = [c.name for c in table.columns if c.kind == "time" and c.name != "until"]
    if table.name == "accounts" or not out:
        return out
    keep = np.ones(len(next(iter(out.values()))), dtype=bool)
    keep &= ~left_out(world, table.name, out)
    for name in times:
        if name in out:
            keep &= out[name].astype(np.int64) < world.end
    return {name: values[keep] for name, values in out.items()}


def left_out(
    world: World, what: str, columns: dict[str, Array]
) -> npt.NDArray[np.bool_]:
    """Which rows a design leaves out of a table (or nulls of `table.column`).

    By person where the rows are about one: whoever forbids an app to see the position
    does so once. Latitude and longitude come and go together.
    """
    count = len(next(iter(columns.values())))
    gap = world.design.gaps.get(what, 0.0)
    if not gap:
        return np.zeros(count, dtype=bool)
    rng = world.rng(f"left out of {what.replace('longitude', 'latitude')}")
    about = next((name for name in _PERSONS if name in columns), None)
    if about is None:
        return rng.random(count) < gap
    lacks = rng.random(world.accounts) < gap
    return lacks[columns[about].astype(np.int64)]


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _order(world: World, table: Table, columns: dict[str, Array]) -> Ints:
    rng = world.rng(f"order of {table.name}")
    count = len(next(iter(columns.values())))
    draw = rng.integers(0, 1 << 30, count)
    times = [c.name for c in table.columns if c.kind in ("time", "date")]
    if table.name in ("accounts", "balances", "devices"):
        return np.argsort(draw, kind="stable")
    at = columns[times[0]].astype(np.int64)
    return np.argsort((at << 30) + draw, kind="stable")


def _distinct(table: Table, columns: dict[str, Array]) -> Ints:
    """Rows of the first of each key, for tables keyed by more than an id."""
    if len(table.key) < 2 or table.name in ("activity", "declared"):
        return np.arange(len(next(iter(columns.values()))))
    keys = [columns[name].astype(np.int64) for name in table.key]
    order = np.lexsort(keys)
    same = np.ones(len(order), dtype=bool)
    same[:1] = False
    for key in keys:
        same[1:] &= key[order][1:] == key[order][:-1]
    return order[~same]


def table_of(world: World, table: Table) -> tuple[pa.Table, dict[str, Array]] | None:
    """Return a table as it is written, and its columns as numbers; None when empty."""
    columns = _collected(world, table)
    if not columns or not len(next(iter(columns.values()))):
        return None
    order = _distinct(table, columns)
    columns = {name: values[order] for name, values in columns.items()}
    order = _order(world, table, columns)
    columns = {name: values[order] for name, values in columns.items()}
    count = len(order)
    gaps = world.rng(f"gaps in {table.name}")
    arrays, kept = [], []
    for column in table.columns:
        gap = world.design.gaps.get(f"{table.name}.{column.name}", 0.0)
        if column.name not in columns or gap == 1:
            continue
        values = columns[column.name]
        if table.name == "declared" and column.name == "value":
            values = _declared_values(
                world, columns["kind"].astype(np.int64), values.astype(np.int64)
            )
        array = _column(world, column, values)
        if not column.required and table.name != "declared":
            null = gaps.random(count, dtype=np.float32) < world.settings.missing
            null |= left_out(world, f"{table.name}.{column.name}", columns)
            array = _with_nulls(array, null)
        arrays.append(array)
        kept.append(column.name)
    return pa.table(arrays, names=kept), columns


def write_world(world: World, out: Path) -> None:
    """Write every table that has rows, and the truth."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "truth").mkdir()

    def one(table: Table) -> None:
        made = table_of(world, table)
        if made is None:
            return
        _write(world, made[0], out / table.name)
        if table.name == "helps":
            _write_truth_of_helps(world, made[1], out / "truth")

    # The largest first, so that no thread is left alone with one at the end.
    tables = sorted(TABLES.values(), key=lambda table: -_size(world, table))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, tables))


def _size(world: World, table: Table) -> int:
    return sum(
        len(next(iter(part.values()))) for part in world.columns.get(table.name, [])
    )


def _write(world: World, table: pa.Table, path: Path) -> None:
    settings = world.settings
    name = f"{path.name}.{settings.format}"
    if settings.parts == 1:
        _write_file(table, path.parent / name, settings.format)
        return
    folder = path.parent / name
    folder.mkdir()
    ends = np.linspace(0, table.num_rows, settings.parts + 1).astype(int)
    for part in range(settings.parts):
        piece = table.slice(ends[part], ends[part + 1] - ends[part])
        _write_file(
            piece, folder / f"part-{part:04d}.{settings.format}", settings.format
        )


def _write_file(table: pa.Table, path: Path, form: str) -> None:
    if form == "parquet":
        # A dictionary of ids would be as long as the column: only words get one.
        plain = {"account_id", "helped_id", "helper_id", "nickname"}
        words = [
            column.name
            for column in table.schema
            if pa.types.is_string(column.type)
            and not column.name.endswith("_id")
            and column.name not in plain
        ]
        pq.write_table(table, path, compression="snappy", use_dictionary=words)
        return
    for at, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            text = pc.strftime(
                table.column(at).cast(pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S"
            )
            table = table.set_column(at, column.name, text)
    if form == "csv":
        pc_csv.write_csv(table, path)
        return
    with pa.CompressedOutputStream(str(path), "gzip") as stream:
        pc_csv.write_csv(table, stream)


def _write_truth_of_helps(world: World, columns: dict[str, Array], out: Path) -> None:
    from loaders.simulator.helping import PATTERNS

    team = columns["team"].astype(np.int64)
    rows = np.flatnonzero(team >= 0)
    seed = world.settings.seed
    table = pa.table(
        {
            "help_id": ids(columns["help_id"].astype(np.int64)[rows], "helps", seed),
            "team_id": ids(team[rows], "teams", seed),
            "pattern": _words(columns["pattern"].astype(np.int64)[rows], PATTERNS),
        }
    )
    pq.write_table(table.sort_by("help_id"), out / "helps.parquet")
