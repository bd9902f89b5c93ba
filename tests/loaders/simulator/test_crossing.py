"""A world of crossed designs has each part of one of them."""

import pandas as pd
import pytest

from graph.errors import InputError
from loaders.simulator import DESIGNS, WorldSettings, simulate
from loaders.simulator.designs.crossing import PARTS, cross

NAMES = ("harbour", "metropolis", "student_towns")


def crossed(seed):
    return cross([DESIGNS[name] for name in NAMES], seed)


def whose(design, fields):
    """Which of the designs have all these fields in common with this one."""
    return {
        name
        for name in NAMES
        if all(
            getattr(design, field) == getattr(DESIGNS[name], field) for field in fields
        )
    }


@pytest.mark.parametrize("seed", range(5))
def test_each_part_is_that_of_one_of_them(seed):
    design = crossed(seed)
    for fields in PARTS:
        assert whose(design, fields), fields


def test_every_design_gives_a_part_somewhere():
    farms = [whose(crossed(seed), ("farms",)) for seed in range(20)]
    assert {name for one in farms for name in one} == set(NAMES)


def test_every_field_of_a_design_is_a_part_but_its_name_and_words():
    fields = {field for part in PARTS for field in part}
    assert fields == set(vars(DESIGNS["harbour"])) - {"name", "says"}


def test_the_same_seed_crosses_in_the_same_way():
    assert crossed(4) == crossed(4)
    assert crossed(4) != crossed(5)


def test_a_crossed_world_has_the_look_alikes_of_its_shares(tmp_path):
    settings = WorldSettings(
        design="+".join(NAMES), seed=3, new=2_000, existing=6_000, farmed=0.1
    )
    simulate(tmp_path / "world", settings)
    truth = pd.read_parquet(tmp_path / "world" / "truth" / "accounts.parquet")
    assert (truth["role"] == "batch_registered").sum() == 200
    assert set(truth["innocent_kind"].dropna()) == set(settings.world_design.shares)


def test_a_design_that_there_is_not_is_named():
    with pytest.raises(InputError, match="design is 'metropole'.*did you mean"):
        WorldSettings(design="harbour+metropole")
