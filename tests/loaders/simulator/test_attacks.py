"""Each attack does what it says, to every farm, and leaves the rest of the world."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from graph.errors import InputError
from loaders.simulator import ATTACKS, DESIGNS, WorldSettings, simulate
from loaders.simulator.attacks import SESSION

SMALL: dict[str, Any] = {"new": 5_000, "existing": 15_000, "seed": 3, "farmed": 0.1}
ROOT = Path(__file__).parents[3]


class Worlds:
    """The worlds of this module's tests, each made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, attack: str, name: str) -> pd.DataFrame:
        out = self.folder / (attack or "none")
        if not out.exists():
            attacks = (attack,) if attack else ()
            simulate(out, WorldSettings(**SMALL, attacks=attacks))
        return pd.read_parquet(out / f"{name}.parquet")

    def farmed(self, attack: str) -> pd.DataFrame:
        """Rows of the accounts that farms registered, with their team."""
        truth = self.read(attack, "truth/accounts").query("role == 'batch_registered'")
        truth = truth.assign(team_id=truth["team_ids"].str[0])
        return truth.merge(self.read(attack, "accounts"), on="account_id")

    def stalls(self, attack: str) -> pd.DataFrame:
        """The scans at stalls, with crew and day."""
        stall = self.read(attack, "truth/helps").query("pattern == 'stall'")
        scans = stall.merge(self.read(attack, "helps"), on="help_id").merge(
            self.read(attack, "scans"), on="scan_id"
        )
        return scans.assign(day=scans["scanned_at"].dt.floor("D"))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    return Worlds(tmp_path_factory.mktemp("worlds"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_as_many_accounts_are_farmed_as_without(worlds, attack):
    assert len(worlds.farmed(attack)) == 500


def test_spread_gives_each_account_a_device_and_a_line_of_its_own(worlds):
    shared = worlds.farmed("")["registration_device_id"].value_counts()
    assert shared.max() > 4
    alone = worlds.farmed("spread")["registration_device_id"].value_counts()
    assert alone.max() <= 2
    lines = worlds.farmed("spread")["registration_wifi"].value_counts()
    assert lines.max() <= 2


def test_drip_is_less_than_one_a_day(worlds):
    farmed = worlds.farmed("drip")
    day = farmed["registered_at"].dt.floor("D")
    a_day = farmed.groupby(["team_id", day]).size()
    assert a_day.mean() < 2
    sessions = worlds.stalls("drip").groupby(["team_id", "day"]).size()
    assert sessions.median() <= 4


def test_camouflage_befriends_the_honest_and_helps_them(worlds):
    def ties(attack):
        farmed = set(worlds.farmed(attack)["account_id"])
        return worlds.read(attack, "ties")["account_a"].isin(farmed).sum()

    assert ties("camouflage") > 2 * ties("")

    def honest_helps(attack):
        truth = worlds.read(attack, "truth/accounts").set_index("account_id")["role"]
        helps = worlds.read(attack, "helps")
        paid = helps["helper_id"].map(truth).isin(["platform_worker", "owned_helper"])
        return (paid & helps["helped_id"].map(truth).isna()).sum()

    assert honest_helps("camouflage") > 2 * honest_helps("")


def test_tiny_farms_are_tiny_and_many(worlds):
    size = worlds.farmed("tiny_farms")["team_id"].value_counts()
    assert size.max() < 14
    assert len(size) > 50


def test_relayed_codes_are_scanned_all_over_the_country(worlds):
    def degrees(attack):
        return worlds.stalls(attack).groupby(["team_id", "day"])["latitude"].std()

    assert degrees("").median() < 0.01
    assert degrees("relayed").median() > 1


def test_a_stall_beside_an_event_has_honest_newcomers_beside_it(worlds):
    truth = worlds.read("beside_event", "truth/accounts")
    guest = truth.query("innocent_kind in ['event', 'campaign']")["account_id"]
    helps = worlds.read("beside_event", "helps")
    helps = helps[helps["helped_id"].isin(guest)]
    honest = helps.merge(worlds.read("beside_event", "scans"), on="scan_id")
    honest = honest.assign(day=honest["scanned_at"].dt.floor("D"))
    place = ["day", "north", "east"]
    for frame in (honest, stalls := worlds.stalls("beside_event")):
        frame["north"] = (frame["latitude"] * 200).round()
        frame["east"] = (frame["longitude"] * 200).round()
    both = stalls.merge(honest[place].drop_duplicates(), on=place)
    assert both["help_id"].nunique() > 0.4 * len(stalls)


def test_poison_makes_innocents_share_with_a_farm(worlds):
    truth = worlds.read("poison", "truth/accounts").set_index("account_id")
    framed = truth.query("innocent_kind == 'framed'").index
    assert len(framed) == 100
    assert truth.loc[framed, "role"].isna().all()
    accounts = worlds.read("poison", "accounts").set_index("account_id")
    farmed = accounts.loc[truth.query("role == 'batch_registered'").index]
    ours = accounts.loc[framed]
    helps = worlds.read("poison", "helps")
    role = helps["helper_id"].map(truth["role"])
    paid = helps.loc[role.isin(["platform_worker", "owned_helper"]), "helped_id"]
    shares = (
        ours["registration_ip"].isin(farmed["registration_ip"].dropna())
        | ours["registration_device_id"].isin(farmed["registration_device_id"].dropna())
        | ours.index.isin(paid)
    )
    assert shares.mean() > 0.9


def test_sleepers_do_nothing_for_weeks(worlds):
    def days(attack):
        farmed = worlds.farmed(attack)
        first = worlds.read(attack, "activity").groupby("account_id")["day"].min()
        first = pd.to_datetime(farmed["account_id"].map(first), utc=True)
        return (first - farmed["registered_at"]).dt.days.median()

    assert days("") < 12
    assert days("sleepers") > 15


def test_friendly_accounts_are_tied_to_their_helpers(worlds):
    def tied(attack):
        stalls = worlds.stalls(attack)
        ties = worlds.read(attack, "ties")
        pairs = set(zip(ties["account_a"], ties["account_b"], strict=True))
        couples = zip(stalls["helper_id"], stalls["helped_id"], strict=True)
        return sum(couple in pairs for couple in couples) / len(stalls)

    assert tied("") < 0.3
    assert tied("friendly") > 0.5


def test_every_attack_costs_its_attacker_accounts(worlds):
    page = (ROOT / "docs/worlds.md").read_text("utf-8")
    for attack in ATTACKS.values():
        assert 0 < attack.accounts_a_day < SESSION
        assert f"| `{attack.name}` |" in page
        assert f"| {attack.accounts_a_day:.0f} |" in page


@pytest.mark.parametrize("design", DESIGNS)
def test_attacks_go_together_in_every_design(design, tmp_path):
    simulate(
        tmp_path / "world",
        WorldSettings(
            design=design, new=1_500, existing=4_000, farmed=0.1, attacks=tuple(ATTACKS)
        ),
    )
    truth = pd.read_parquet(tmp_path / "world" / "truth/accounts.parquet")
    assert (truth["role"] == "batch_registered").sum() == 150
    assert (truth["innocent_kind"] == "framed").any()


def test_an_unknown_attack_is_named():
    with pytest.raises(InputError, match="did you mean 'drip'"):
        WorldSettings(attacks=("dripp",))
