"""A platform's day as files: new accounts, established ones, and a day's events.

    python tests/benchmarks/platform_day.py OUT [--new N] [--seed S]

The accounts and all that farms, crews and platforms do come from the simulator. Its
honest events are thinned to what a platform has in a day: for each million new accounts
3 million established ones, 2 million logins, half a million scans and helps each, and
1.7 million ties. More than a million new accounts are made in blocks of a million,
each a part file of its tables, so that no world has to fit into memory.
"""

import argparse
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.simulator import WorldSettings, simulate

ESTABLISHED = 3
"""Established accounts beside each new one."""

BLOCK = 1_000_000
"""The most new accounts that are made at once."""

WHOLE = ("accounts", "devices", "declared", "complaints", "sanctions")
"""Tables that are taken as the simulator makes them."""


@dataclass(frozen=True)
class Share:
    """How many rows of a table a day has for each new account, and which come first.

    `kept` is SQL that holds for the rows that are never left out, `drawn` SQL for a
    text by whose hash the others are drawn.
    """

    per_new: float
    drawn: str
    kept: str = "false"


THINNED = {
    "logins": Share(2.0, "account_id || CAST(logged_in_at AS VARCHAR)"),
    "helps": Share(
        0.5,
        "help_id",
        "helped_id IN (SELECT account_id FROM truth WHERE role = 'batch_registered')",
    ),
    "ties": Share(1.7, "account_a || account_b"),
}


def make_day(out: Path, *, new: int = 1_000_000, seed: int = 1) -> None:
    """Write the day's tables into a new folder, and its truth into `OUT/truth`.

    The same `new` and `seed` give the same rows.
    """
    out.mkdir(parents=True)
    if new <= BLOCK:
        _make_block(out, new, seed)
        return
    starts = range(0, new, BLOCK)
    for number, start in enumerate(starts):
        block = out / f"block-{number}"
        block.mkdir()
        _make_block(block, min(BLOCK, new - start), seed * len(starts) + number)
        for path in sorted(block.rglob("*.parquet")):
            table = out / path.relative_to(block).with_suffix("")
            table.mkdir(parents=True, exist_ok=True)
            path.rename(table / f"part-{number:03}.parquet")
        shutil.rmtree(block)
    with duckdb.connect() as database:
        for table in sorted((out / "truth").iterdir()):
            _write(database, f"FROM '{table}/*.parquet'", table.with_suffix(".parquet"))
            shutil.rmtree(table)


def _make_block(out: Path, new: int, seed: int) -> None:
    """Write a day into a folder that is there; `seed` is also that of all ids."""
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        world = Path(folder, "world")
        simulate(
            world,
            WorldSettings(new=new, existing=ESTABLISHED * new, days=1, seed=seed),
        )
        for name in WHOLE:
            path = Path(world, f"{name}.parquet")
            if path.exists():  # a small world has nothing declared
                path.rename(out / path.name)
        _thin(world, out, new)
        Path(world, "truth").rename(out / "truth")


def _thin(world: Path, out: Path, new: int) -> None:
    with duckdb.connect() as database:
        database.execute(f"CREATE VIEW truth AS FROM '{world}/truth/accounts.parquet'")
        for name, share in THINNED.items():
            rows = f"'{world}/{name}.parquet'"
            always, others = database.execute(
                f"SELECT count(*) FILTER ({share.kept}), "
                f"count(*) FILTER (NOT {share.kept}) FROM {rows}"
            ).fetchall()[0]
            drawn = min(1.0, max(0.0, share.per_new * new - always) / max(others, 1))
            limit = f"{round(drawn * 0xFFFFFF):06x}"
            _write(
                database,
                f"SELECT * FROM {rows} WHERE {share.kept} "
                f"OR left(md5({share.drawn}), 6) < '{limit}'",
                out / f"{name}.parquet",
            )
        _write(
            database,
            f"""SELECT s.* FROM '{world}/scans.parquet' AS s
                WHERE s.scan_id IN (SELECT scan_id FROM '{out}/helps.parquet')""",
            out / "scans.parquet",
        )
        _write(
            database,
            f"""SELECT c.* FROM '{world}/codes.parquet' AS c
                WHERE c.code_id IN (SELECT code_id FROM '{out}/scans.parquet')""",
            out / "codes.parquet",
        )


def _write(database: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    database.execute(f"COPY ({select}) TO '{path}' (COMPRESSION snappy)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--new", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    make_day(wanted.out, new=wanted.new, seed=wanted.seed)


if __name__ == "__main__":
    main()
