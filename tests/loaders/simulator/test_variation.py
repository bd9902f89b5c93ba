"""A varied world has other habits in the same towns."""

import pandas as pd
import pytest

from loaders.simulator import DESIGNS, WorldSettings, simulate
from loaders.simulator.designs.variation import CUSTOMERS, TIMES, vary
from loaders.simulator.world import QUOTA


@pytest.mark.parametrize("name", list(DESIGNS))
def test_habits_are_drawn_by_the_seed_in_the_same_towns(name):
    design = DESIGNS[name]
    varied = vary(design, seed=1)
    assert varied == vary(design, seed=1) != vary(design, seed=2)
    assert (varied.name, varied.towns) == (design.name, design.towns)
    assert set(varied.farms.styles) == set(design.farms.styles)
    assert {"agency", "test_lab", "side_accounts"} <= set(varied.shares)
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


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A varied world with few farms: its settings, accounts and their truth."""
    folder = tmp_path_factory.mktemp("worlds") / "world"
    settings = WorldSettings(
        seed=6, design="harbour", varied=True, farmed=0.02, new=9_000, existing=27_000
    )
    simulate(folder, settings)
    accounts = pd.read_parquet(folder / "accounts.parquet")
    truth = pd.read_parquet(folder / "truth" / "accounts.parquet")
    return settings, accounts.merge(truth, on="account_id")


def test_honest_customers_of_a_platform_do_not_wait_for_farms(people):
    """They are a share of the honest newcomers, whatever the farms order."""
    settings, accounts = people
    share = settings.world_design.platforms.customers
    assert CUSTOMERS[0] <= share <= CUSTOMERS[1]
    honest = settings.new * (1 - settings.world_design.farmed)
    few = settings.new * settings.world_design.farmed
    found = (accounts["innocent_kind"] == "task_customer").sum()
    assert honest * share <= found <= honest * share + few


def test_further_accounts_of_one_person_are_on_his_phone(people):
    _, accounts = people
    further = accounts[accounts["innocent_kind"] == "side_accounts"]
    assert len(further) > 50
    new = set(further["account_id"])
    others = accounts[~accounts["account_id"].isin(new)]
    on_his = further["registration_device_id"].isin(others["registration_device_id"])
    assert 0.5 < on_his.mean() < 0.95  # three in four, and some columns have gaps
    together = further.groupby("registration_device_id").size()
    assert together.max() <= 5
