"""Commands that make data: a sample world, and the demo on one."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.arguments import Overwrite
from analyses.commands.terminal import progress_bars, say
from analyses.demo import demo as run_demo
from graph.errors import InputError
from loaders.simulator import ATTACKS, DESIGNS, NETWORKS, WorldSettings
from loaders.simulator import simulate as simulate_world


def simulate(
    out: Annotated[Path, typer.Argument(help="folder to write the world into")],
    seed: Annotated[
        int, typer.Option(help="another seed, another world")
    ] = WorldSettings.seed,
    design: Annotated[
        str, typer.Option(help=f"which world: {', '.join(DESIGNS)}")
    ] = WorldSettings.design,
    varied: Annotated[
        bool, typer.Option(help="draw the habits anew around the design's, by the seed")
    ] = WorldSettings.varied,
    new: Annotated[
        int, typer.Option(help="accounts registered in the window")
    ] = WorldSettings.new,
    existing: Annotated[
        int, typer.Option(help="accounts registered before the window")
    ] = WorldSettings.existing,
    farmed: Annotated[
        float | None,
        typer.Option(
            help="share of the new that farms registered, 0 to 1; default: the design's"
        ),
    ] = None,
    attack: Annotated[
        str,
        typer.Option(
            help=f"what farms do to hide, joined by commas: {', '.join(ATTACKS)}"
        ),
    ] = "",
    networks: Annotated[
        str,
        typer.Option(
            help=f"further networks, joined by commas: {', '.join(NETWORKS)}; or all"
        ),
    ] = "",
    style: Annotated[
        str, typer.Option(help="skill of the farms: mixed, careful, middling, naive")
    ] = WorldSettings.style,
    crews: Annotated[
        int | None,
        typer.Option(help="how many crews have stalls; default: as the farms need"),
    ] = None,
    platforms: Annotated[
        int | None,
        typer.Option(help="how many platforms sell helps; default: as the farms need"),
    ] = None,
    days: Annotated[
        int, typer.Option(help="length of the window in days")
    ] = WorldSettings.days,
    look_alike_share: Annotated[
        float,
        typer.Option(
            help="share of honest newcomers in households, offices, agencies …"
        ),
    ] = WorldSettings.look_alike_share,
    missing: Annotated[
        float, typer.Option(help="share of values left out where they may be, 0 to 1")
    ] = WorldSettings.missing,
    format: Annotated[
        str, typer.Option(help="of the files: parquet, csv, csv.gz")
    ] = WorldSettings.format,
    parts: Annotated[
        int, typer.Option(help="part files of each table")
    ] = WorldSettings.parts,
    overwrite: Overwrite = False,
) -> None:
    """Write a sample world, with its truth in OUT/truth."""
    settings = WorldSettings(
        seed=seed,
        design=design,
        varied=varied,
        new=new,
        existing=existing,
        farmed=farmed,
        attacks=tuple(word for word in attack.split(",") if word),
        networks=_networks(networks),
        style=style,  # type: ignore[arg-type]  # checked by WorldSettings
        crews=crews,
        platforms=platforms,
        days=days,
        look_alike_share=look_alike_share,
        missing=missing,
        format=format,  # type: ignore[arg-type]  # checked by WorldSettings
        parts=parts,
    )
    _write_world(out, settings, overwrite=overwrite)
    say(f"{out}: a world of {new:,} new and {existing:,} established accounts")


def _networks(names: str) -> tuple[str, ...]:
    if names == "all":
        return tuple(NETWORKS)
    return tuple(word for word in names.split(",") if word)


def demo(
    out: Annotated[Path, typer.Argument(help="folder for the demo")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="another seed, another sample world")] = 7,
    overwrite: Overwrite = False,
) -> None:
    """Make a sample world, analyse it, compare found and true."""
    with progress_bars() as bar:
        say(run_demo(out, seed=seed, overwrite=overwrite, progress=bar))


def _write_world(out: Path, settings: WorldSettings, *, overwrite: bool) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file: name a folder that is not there yet")
    if out.exists() and any(out.iterdir()):
        if not overwrite:
            raise InputError(f"{out} is not empty: name another, or add --overwrite")
        if not (out / "truth").is_dir():
            raise InputError(f"{out} is no sample world, and is not overwritten")
        shutil.rmtree(out)
    simulate_world(out, settings)
