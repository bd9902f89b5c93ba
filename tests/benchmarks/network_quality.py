"""How well the further networks are found: worlds of seeds drawn now, by kind.

    make networks
    python -m tests.benchmarks.network_quality --seeds 1 2 3 --designs nationwide

Each world is analysed as `scanring run` does it. An account that takes part counts as
found when it is a member of a team of the kind with a risk of 0.5 or more, and as right
when it is in a true team of that kind; it is listed when the rules allow more than to
watch it. The deceived (victims, passers-by) are counted by themselves.
"""

import argparse
import json
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analyses.evaluation import expected_errors
from analyses.evaluation.comparison import compare
from analyses.evaluation.expected_errors import OF_NETWORKS, THRESHOLDS
from analyses.evaluation.network_figures import innocents_listed, network_figures
from analyses.networks.registry import NETWORKS
from analyses.pipeline import run
from loaders.simulator import NETWORKS as MADE
from loaders.simulator import WorldSettings, simulate

PAGE = Path(__file__).parents[2] / "docs" / "networks.md"
ERRORS = Path(expected_errors.__file__).with_name(OF_NETWORKS)


def main() -> None:
    """Measure, print the table, and write it into the page when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=[])
    parser.add_argument("--designs", nargs="*", default=["nationwide"])
    parser.add_argument("--new", type=int, default=40_000)
    parser.add_argument("--existing", type=int, default=120_000)
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    seeds = given.seeds or [1000 + secrets.randbelow(9000) for _ in range(3)]
    worlds = [
        measure(design, seed, new=given.new, existing=given.existing)
        for design in given.designs
        for seed in seeds
    ]
    text = table(worlds)
    print(text)
    if given.publish:
        page = PAGE.read_text(encoding="utf-8")
        begin = page.index("\n", page.index("<!-- begin measured")) + 1
        end = page.index("<!-- end measured -->")
        said = (
            f"Seeds {', '.join(map(str, seeds))}; {', '.join(given.designs)}; "
            f"{given.new:,} new and {given.existing:,} established accounts each."
        )
        PAGE.write_text(
            f"{page[:begin]}\n{said}\n\n{text}\n\n{page[end:]}", encoding="utf-8"
        )
        ERRORS.write_text(json.dumps(errors(worlds), indent=1) + "\n", "utf-8")


def measure(design: str, seed: int, *, new: int, existing: int) -> dict[str, Any]:
    """Return the figures of one world, and who was listed in it by risk."""
    with tempfile.TemporaryDirectory() as folder:
        world, out = Path(folder, "world"), Path(folder, "run")
        made = WorldSettings(
            seed=seed, design=design, networks=tuple(MADE), new=new, existing=existing
        )
        simulate(world, made)
        with run(world, out) as opened:
            lacks = [
                line
                for line in opened.manifest["not_analysed"]
                if line.partition(":")[0] in NETWORKS
            ]
        compared = compare(out, world / "truth")
        return {
            "world": f"{design} {seed}",
            "lacks": lacks,
            "figures": network_figures(compared),
            "listed": {f"{t:g}": innocents_listed(compared, t) for t in THRESHOLDS},
        }


def errors(worlds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the sheet of expected errors needs: sums over the worlds."""
    kinds: dict[str, dict[str, dict[str, int]]] = {}
    for world in worlds:
        for threshold, counted in world["listed"].items():
            for kind, counts in counted.items():
                sums = kinds.setdefault(kind, {}).setdefault(threshold, {})
                for name, number in counts.items():
                    sums[name] = sums.get(name, 0) + number
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "worlds": [world["world"].replace(" ", ":networks:") for world in worlds],
        "kinds": kinds,
    }


def table(worlds: list[dict[str, Any]]) -> str:
    """Return the figures as Markdown, the worlds of each kind together."""
    lines = [
        "| network | world | take part | found | precision | recall | listed | teams "
        "that list | deceived found | wrongly found, by kind | wrongly listed |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind in NETWORKS:
        for world in worlds:
            said = [line for line in world["lacks"] if line.startswith(f"{kind}:")]
            if said:
                because = said[0].partition("because ")[2]
                lines.append(
                    f"| `{kind}` | {world['world']} | not analysed: {because} |"
                )
                continue
            for each in world["figures"]:
                if each.kind != kind:
                    continue
                whole, used = each.members, each.deceived
                lines.append(
                    f"| `{kind}` | {world['world']} | {whole.true} | {whole.found} "
                    f"| {_number(whole.precision)} | {_number(whole.recall)} "
                    f"| {each.listed} | {each.listing} of {each.teams} "
                    f"| {used.right} of {used.true} | {_names(each.wrong)} "
                    f"| {_names(each.wrongly_listed)} |"
                )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _names(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())


if __name__ == "__main__":
    main()
