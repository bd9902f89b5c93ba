"""A varied world has other habits in the same towns."""

import pandas as pd
import pytest

from loaders.simulator import DESIGNS, WorldSettings, simulate
from loaders.simulator.designs.variation import TIMES, vary
from loaders.simulator.world import QUOTA


@pytest.mark.parametrize("name", list(DESIGNS))
def test_habits_are_drawn_by_the_seed_in_the_same_towns(name):
    design = DESIGNS[name]
    varied = vary(design, seed=1)
    assert varied == vary(design, seed=1) != vary(design, seed=2)
    assert (varied.name, varied.towns) == (design.name, design.towns)
    assert set(varied.farms.styles) == set(design.farms.styles)
    assert {"agency", "test_lab"} <= set(varied.shares)
    for part in ("people", "farms", "crews", "platforms", "aftermath"):
        before, after = getattr(design, part), getattr(varied, part)
        for habit, most in TIMES[type(before)].items():
            usual, drawn = getattr(before, habit), getattr(after, habit)
            assert usual / most <= drawn <= usual * most, habit


@pytest.mark.parametrize("seed", range(20))
def test_shares_stay_shares(seed):
    for name, design in DESIGNS.items():
        varied = vary(design, seed)
        assert 0 <= varied.people.helped <= 1 and 0 <= varied.honest_orders <= 1
        assert sum(varied.shares.values()) <= 1.2 * sum(design.shares.values()) + 0.1
        for name, share in varied.gaps.items():
            assert 0 <= share <= 1, name
        for style in varied.farms.styles.values():
            assert 0 <= style.harmful <= 1 and 0 < style.acceptance <= 1


@pytest.fixture(scope="module")
def helps(tmp_path_factory):
    """Registration helps of a varied world, with their scans."""
    folder = tmp_path_factory.mktemp("worlds") / "world"
    simulate(folder, WorldSettings(seed=5, varied=True, new=4_000, existing=12_000))
    read = {
        name: pd.read_parquet(folder / f"{name}.parquet") for name in ("helps", "scans")
    }
    found = read["helps"].merge(
        read["scans"][["scan_id", "code_id", "scanned_at"]], on="scan_id"
    )
    truth = pd.read_parquet(folder / "truth" / "helps.parquet")
    honest = ~found["help_id"].isin(truth["help_id"])
    return found[honest & (found["kind"] == "registration")]


def test_the_next_is_asked_minutes_after_another_was_refused(helps):
    """With the same code; who was refused has used up his quota."""
    settings = WorldSettings(seed=5, varied=True)
    assert settings.world_design.people.asks_next > 0.01
    both = helps.sort_values("scanned_at").groupby("code_id")
    twice = both.filter(lambda rows: rows["helper_id"].nunique() > 1).groupby("code_id")
    assert len(twice) > 20
    gaps = twice["scanned_at"].agg(lambda at: (at.max() - at.min()).total_seconds())
    assert (gaps >= 30).all() and 120 < gaps.median() < 1200
    first = twice.first()
    assert (first["result"] == "quota_refused").mean() > 0.95


def test_nobody_helps_twice_within_the_quota(helps):
    done = helps[helps["result"] == "ok"].sort_values(["helper_id", "helped_at"])
    gap = done.groupby("helper_id")["helped_at"].diff().dropna()
    assert (gap.dt.total_seconds() >= QUOTA).all()
