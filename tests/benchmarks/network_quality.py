"""How well the further networks are found: worlds of seeds drawn now, by kind.

    make networks
    python -m tests.benchmarks.network_quality --seeds 1 2 3 --designs nationwide

An account that takes part counts as found when it is a member of a team of the kind
with a risk of 0.5 or more, and as right when it is in a true team of that kind. The
deceived (victims, passers-by) are counted by themselves.
"""

import argparse
import secrets
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from analyses.networks.network import lacking
from analyses.networks.registry import NETWORKS
from analyses.networks.weighing import find
from analyses.reporting.outputs import DECEIVED_ROLES
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from graph.numbering import find_window, number
from graph.store import Store
from loaders import load
from loaders.simulator import NETWORKS as MADE
from loaders.simulator import WorldSettings, simulate

PAGE = Path(__file__).parents[2] / "docs" / "networks.md"


def main() -> None:
    """Measure, print the table, and write it into the page when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=[])
    parser.add_argument("--designs", nargs="*", default=["nationwide"])
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    seeds = given.seeds or [1000 + secrets.randbelow(9000) for _ in range(3)]
    rows = [
        row
        for design in given.designs
        for seed in seeds
        for row in measure(design, seed)
    ]
    text = table(rows)
    print(text)
    if given.publish:
        page = PAGE.read_text(encoding="utf-8")
        begin = page.index("\n", page.index("<!-- begin measured")) + 1
        end = page.index("<!-- end measured -->")
        said = f"Seeds {', '.join(map(str, seeds))}; {', '.join(given.designs)}."
        PAGE.write_text(
            f"{page[:begin]}\n{said}\n\n{text}\n\n{page[end:]}", encoding="utf-8"
        )


def measure(design: str, seed: int) -> list[dict[str, object]]:
    """Return one row for each kind of network in one world."""
    with tempfile.TemporaryDirectory() as folder, Store() as store:
        world = Path(folder)
        simulate(world, WorldSettings(seed=seed, design=design, networks=tuple(MADE)))
        load(world, store, count_outside=False)
        number(store, find_window(store))
        gather_help_facts(store)
        find_gatherings(store)
        truth = _truth(world)
        return [
            _row(store, kind, truth) | {"seed": seed, "design": design}
            for kind in NETWORKS
        ]


def _truth(world: Path) -> pd.DataFrame:
    accounts = pq.read_table(world / "truth" / "accounts.parquet").to_pandas()
    teams = pq.read_table(world / "truth" / "teams.parquet").to_pandas()
    kinds = dict(zip(teams["team_id"], teams["kind"], strict=True))
    accounts["kinds"] = [{kinds[t] for t in mine} for mine in accounts["team_ids"]]
    frame: pd.DataFrame = accounts.set_index("account_id")
    return frame


def _row(store: Store, kind: str, truth: pd.DataFrame) -> dict[str, object]:
    network = NETWORKS[kind]
    lacks = lacking(store, network)
    if lacks:
        return {"kind": kind, "lacks": lacks}
    names = dict(store.rows("SELECT account, account_id FROM account_names"))
    members = find(store, network).members
    acting = members[~members["role"].isin(DECEIVED_ROLES)]
    found = {names[account] for account in acting["account"]}
    inside = truth["kinds"].map(lambda mine: kind in mine)
    takes_part = inside & ~truth["role"].isin(DECEIVED_ROLES)
    true = set(truth.index[takes_part])
    told = {names[a] for a in members["account"]} - found
    deceived = set(truth.index[inside]) - true
    wrong = truth.loc[sorted(found - set(truth.index[inside]))]
    by_kind = Counter(wrong["innocent_kind"].fillna(wrong["role"]).fillna("(others)"))
    return {
        "kind": kind,
        "true": len(true),
        "found": len(found),
        "right": len(found & true),
        "deceived": len(deceived),
        "told": len(told & deceived),
        "wrong": ", ".join(f"{n} {name}" for name, n in sorted(by_kind.items())),
    }


def table(rows: list[dict[str, object]]) -> str:
    """Return the rows as Markdown."""
    lines = [
        "| network | world | take part | found | precision | recall | deceived found "
        "| wrongly found, by kind |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda r: list(NETWORKS).index(str(r["kind"]))):
        world = f"{row['design']} {row['seed']}"
        if "lacks" in row:
            lines.append(
                f"| `{row['kind']}` | {world} | not analysed: {row['lacks']} |"
            )
            continue
        true, found, right = (int(str(row[k])) for k in ("true", "found", "right"))
        lines.append(
            f"| `{row['kind']}` | {world} | {true} | {found} "
            f"| {right / max(found, 1):.2f} | {right / max(true, 1):.2f} "
            f"| {row['told']} of {row['deceived']} | {row['wrong']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
