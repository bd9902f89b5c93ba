"""The same data written otherwise gives the same answer.

    python -m tests.analyses.same_answer [NEW] [SEED …]

Over a sample world of NEW new accounts (and three times as many established ones), for
each seed: the order of rows, part files, threads, hash seed, time zone, locale, CSV and
Parquet must change no digest; a renaming of all ids that keeps their order must change
no team and no risk; one that does not keep it hardly any.
"""

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from analyses.reporting.digest import digest
from analyses.run import Run
from graph.schema import TABLES
from loaders.simulator import WorldSettings, simulate

Tables = dict[str, pa.Table]
IDS = ("account", "device", "wifi")
"""The kinds of declared things whose values are ids."""

LOCALES = ("C", "C.UTF-8", "POSIX", "zh_CN.UTF-8", "tr_TR.UTF-8")


def read_world(folder: Path) -> Tables:
    """Return the tables of a world."""
    return {path.stem: pq.read_table(path) for path in sorted(folder.glob("*.parquet"))}


def write_world(
    tables: Tables,
    folder: Path,
    *,
    seed: int | None = None,
    parts: int = 1,
    ending: str = "parquet",
) -> Path:
    """Write tables with their rows shuffled by a seed, in parts, in a form."""
    for name, table in tables.items():
        if seed is not None:
            order = list(range(table.num_rows))
            random.Random(f"{seed} {name}").shuffle(order)
            table = table.take(pa.array(order, pa.int64()))
        (folder / name).mkdir(parents=True)
        for part in range(parts):
            rows = table.take(pa.array(range(part, table.num_rows, parts), pa.int64()))
            path = folder / name / f"{parts - part}.{ending}"
            if ending == "parquet":
                pq.write_table(rows, path)
            else:
                with (
                    pa.CompressedOutputStream(path, "gzip")
                    if ending == "csv.gz"
                    else pa.OSFile(str(path), "wb") as file
                ):
                    pyarrow.csv.write_csv(_for_csv(rows), file)
    return folder


def _for_csv(table: pa.Table) -> pa.Table:
    """Write lists as the contract has them in CSV."""
    for index, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            texts = [
                None if v is None else json.dumps(v) for v in table[index].to_pylist()
            ]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table


def renamed(
    tables: Tables, name_of: Callable[[list[str]], dict[str, str]]
) -> tuple[Tables, dict[str, str]]:
    """Return the tables with other ids, and which id each new one was."""
    known: set[str] = set()
    for name, table in tables.items():
        for column in _id_columns(name, table):
            known |= set(table[column].to_pylist())
    names = name_of(sorted(one for one in known if one is not None))
    changed = {}
    for name, table in tables.items():
        for column in _id_columns(name, table):
            values = table[column].to_pylist()
            if name == "declared":
                kinds = table["kind"].to_pylist()
                new = [
                    names[value] if kind in IDS else value
                    for kind, value in zip(kinds, values, strict=True)
                ]
            else:
                new = [names.get(value, value) for value in values]
            at = table.column_names.index(column)
            table = table.set_column(at, column, pa.array(new, pa.string()))
        changed[name] = table
    return changed, {new: old for old, new in names.items()}


def _id_columns(name: str, table: pa.Table) -> list[str]:
    return [
        column.name
        for column in TABLES[name].columns
        if column.kind == "id" and column.name in table.column_names
    ]


def in_order(names: list[str]) -> dict[str, str]:
    """Give each id a new name that sorts where it did."""
    return {name: f"{number:09}" for number, name in enumerate(names)}


def out_of_order(names: list[str]) -> dict[str, str]:
    """Give each id a new name that sorts anywhere."""
    return {name: hashlib.sha256(name.encode()).hexdigest()[:16] for name in names}


def run(
    data: Path,
    out: Path,
    *,
    threads: int = 2,
    more: Sequence[object] = (),
    **environment: str,
) -> Path:
    """Run the analysis in a process of its own."""
    words = ["run", data, out, "--no-decisions", "--threads", threads, *more]
    subprocess.run(
        [sys.executable, "-m", "analyses.cli", *map(str, words)],
        env=os.environ | environment,
        check=True,
        capture_output=True,
    )
    return out


SURROUNDINGS: dict[str, list[dict[str, Any]]] = {
    "threads": [{"threads": number} for number in (1, 3, 4)],
    "hash seed": [{"PYTHONHASHSEED": seed} for seed in ("0", "1", "4294967295")],
    "time zone": [
        {"TZ": zone}
        for zone in ("Asia/Shanghai", "America/St_Johns", "Pacific/Kiritimati")
    ],
    "locale": [{"LC_ALL": locale, "LANG": locale} for locale in LOCALES],
}
"""What surrounds a run and must not matter, each in several ways."""


def all_at_once() -> Iterator[dict[str, Any]]:
    """Give surroundings that differ in everything, until each has been tried."""
    for turn in range(max(map(len, SURROUNDINGS.values()))):
        together: dict[str, Any] = {}
        for ways in SURROUNDINGS.values():
            together |= ways[turn % len(ways)]
        yield together


def variants(
    tables: Tables, place: Path, *, each_alone: bool = True
) -> Iterator[tuple[str, dict[str, str]]]:
    """Give what was changed, and the digest of the run over it.

    Its surroundings are changed one by one (`each_alone`), so that a difference names
    what made it, or all at once, which finds as much in fewer runs.
    """
    plain = write_world(tables, place / "plain")
    forms = {
        "rows in another order": {"seed": 1},
        "rows in a third order, 3 part files": {"seed": 2, "parts": 3},
        "7 part files": {"parts": 7},
        "CSV": {"ending": "csv"},
        "CSV, packed, rows in another order, 2 part files": {
            "ending": "csv.gz",
            "seed": 3,
            "parts": 2,
        },
    }
    number = 0

    def out() -> Path:
        nonlocal number
        number += 1
        return place / f"out{number}"

    yield "plain", digest(run(plain, out()))
    for what, form in forms.items():
        data = write_world(tables, place / what, **form)  # type: ignore[arg-type]
        yield what, digest(run(data, out()))
    alone = [way for ways in SURROUNDINGS.values() for way in ways]
    for changed in alone if each_alone else all_at_once():
        said = ", ".join(f"{name} {value}" for name, value in changed.items())
        yield said, digest(run(plain, out(), **changed))


def after_renaming(
    tables: Tables, place: Path, name_of: Callable[[list[str]], dict[str, str]]
) -> tuple[float, float]:
    """Return how alike the teams are (BCubed F1) and how far a risk went.

    Compared are a run over the tables, and one over them with all ids renamed.
    """
    before = run(write_world(tables, place / "as it was"), place / "before")
    new, was = renamed(tables, name_of)
    after = run(write_world(new, place / "renamed"), place / "after")
    old, now = found(before), found(after)
    now.index = pd.Index([was[one] for one in now.index])
    return bcubed(old["team"], now["team"]), furthest(old["risk"], now["risk"])


def against_a_background(tables: Tables, place: Path) -> dict[str, float]:
    """Add what concerns nobody to the data, against the background of a run before.

    Returns how many accounts changed their team when an island of accounts came that
    nobody else has to do with, how far a risk went then, and how much the risk of
    anybody rose when one more honest tie, two years old, came.
    """
    background = run(write_world(tables, place / "first"), place / "background")
    before = found(_again(tables, place / "same", background))
    island = _again(with_an_island(tables), place / "island", background)
    after = found(island).reindex(before.index)
    moved = (before["team"].fillna("") != after["team"].fillna("")).sum()
    tied = found(_again(with_a_tie(tables), place / "tie", background))
    both = pd.concat([before["risk"], tied["risk"]], axis=1).fillna(0.0)
    return {
        "accounts that an island moves to another team": float(moved),
        "how far an island moves a risk": furthest(before["risk"], after["risk"]),
        "how far one more old tie raises a risk": float(
            (both.iloc[:, 1] - both.iloc[:, 0]).max()
        ),
    }


def _again(tables: Tables, place: Path, background: Path) -> Path:
    return run(
        write_world(tables, place),
        Path(f"{place}.out"),
        more=("--background", background),
    )


def with_an_island(tables: Tables, people: int = 30) -> Tables:
    """Return the tables with honest accounts that share nothing with anybody."""
    registered = tables["accounts"]["registered_at"].to_pylist()
    middle = sorted(registered)[-len(registered) // 8]
    rows = [
        {
            "account_id": f"island{i:03}",
            "registered_at": middle,
            "registration_device_id": f"island-phone{i:03}",
            "registration_wifi": f"island-home{i:03}",
            "real_name_verified": True,
            "pay_enabled": True,
        }
        for i in range(people)
    ]
    return tables | {"accounts": _with_rows(tables["accounts"], rows)}


def with_a_tie(tables: Tables) -> Tables:
    """Return the tables with one more tie, two years old, of a new account."""
    accounts = tables["accounts"].sort_by("registered_at")["account_id"].to_pylist()
    first = min(t for t in tables["ties"]["since"].to_pylist() if t is not None)
    row = {
        "account_a": accounts[0],
        "account_b": accounts[len(accounts) // 2],
        "kind": "friend",
        "since": first,
    }
    return tables | {"ties": _with_rows(tables["ties"], [row])}


def _with_rows(table: pa.Table, rows: list[dict[str, object]]) -> pa.Table:
    whole = [{name: row.get(name) for name in table.column_names} for row in rows]
    return pa.concat_tables([table, pa.Table.from_pylist(whole, table.schema)])


def found(folder: Path) -> pd.DataFrame:
    """Return the team and the risk of each account of a run."""
    with Run.open(folder) as opened:
        accounts = opened.accounts.set_index("account_id")
        return pd.DataFrame({"team": accounts["team_id"], "risk": accounts["risk"]})


def furthest(old: "pd.Series[float]", now: "pd.Series[float]") -> float:
    """Return the largest difference of a risk; not named is a risk of 0."""
    both = pd.concat([old, now], axis=1).fillna(0.0)
    return float((both.iloc[:, 0] - both.iloc[:, 1]).abs().max())


def bcubed(old: "pd.Series[str]", now: "pd.Series[str]") -> float:
    """Return the BCubed F1 of two ways to put accounts into teams; 1 when the same."""
    old, now = old.dropna(), now.dropna()
    both = pd.DataFrame({"old": old, "now": now})
    both["together"] = both.groupby(["old", "now"])["old"].transform("size")
    sizes = {side: both[side].map(both[side].value_counts()) for side in ("old", "now")}
    shared = both["together"].fillna(0)
    precision = (shared / sizes["now"])[both["now"].notna()].mean()
    recall = (shared / sizes["old"])[both["old"].notna()].mean()
    return float(2 * precision * recall / (precision + recall))


def main() -> None:
    """Try everything, and print it."""
    new = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    seeds = [int(seed) for seed in sys.argv[2:]] or [int.from_bytes(os.urandom(2))]
    failed = False
    for seed in seeds:
        with TemporaryDirectory() as folder:
            place = Path(folder)
            simulate(
                place / "world", WorldSettings(seed=seed, new=new, existing=3 * new)
            )
            tables = read_world(place / "world")
            _say(f"world of seed {seed}, {new:,} new accounts")
            expected: dict[str, str] = {}
            for what, told in variants(tables, place):
                expected = expected or told
                same = told == expected
                failed |= not same
                _say(f"  {what:50} {'the same digest' if same else 'ANOTHER DIGEST'}")
            for what, rename, least, most in (
                ("ids renamed in order", in_order, 1.0, 1e-9),
                ("ids renamed out of order", out_of_order, 0.99, 0.01),
            ):
                alike, far = after_renaming(tables, place / what, rename)
                failed |= alike < least or far > most
                _say(f"  {what:50} teams BCubed {alike:.4f}, a risk moves {far:.2g}")
            for what, far in against_a_background(tables, place / "more").items():
                failed |= far > (0.01 if what.startswith("how far an") else 1e-9)
                _say(f"  {what:50} {far:.2g}")
    sys.exit(failed)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
