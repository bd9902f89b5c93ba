"""Who may be listed: whoever has reasons enough, in a team or not, and nobody else."""

import pytest

from analyses.pipeline import Settings, run
from loaders.simulator import WorldSettings, simulate


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("listing")
    simulate(folder / "data", WorldSettings(seed=5, new=4_000, existing=12_000))
    with run(folder / "data", folder / "run", settings=Settings(threads=2)) as found:
        return found.accounts


def test_an_account_in_no_team_has_its_reasons(accounts):
    alone = accounts[
        (accounts["role"] == "batch_registered")
        & accounts["team_id"].isna()
        & (accounts["risk"] >= 0.9)
    ]
    assert len(alone)
    assert alone["reasons"].map(len).min() > 0
    assert alone["listed"].any()


def test_sharing_everything_without_help_or_harm_lists_nobody(tmp_path):
    # Six newcomers in one place, and nothing else is known of them. That they have no
    # ties is the absence of rows.
    (tmp_path / "data").mkdir()
    rows = ["old,2020-01-01T00:00:00,,,"] + [
        f"new{i},2026-03-02T0{i}:00:00,1701234,10.1.1.{i},lab" for i in range(6)
    ]
    (tmp_path / "data" / "accounts.csv").write_text(
        "account_id,registered_at,phone_prefix,registration_ip,registration_device_id\n"
        + "\n".join(rows)
        + "\n"
    )
    (tmp_path / "data" / "helps.csv").write_text(
        "help_id,helper_id,helped_id,kind,helped_at\n"
        "h,old,elsewhere,registration,2026-03-01T00:00:00\n"
    )
    (tmp_path / "data" / "ties.csv").write_text(
        "account_a,account_b,kind,since\nold,elsewhere,friend,2021-01-01T00:00:00\n"
    )
    with run(tmp_path / "data", tmp_path / "run") as found:
        assert not found.accounts["listed"].any()
        (note,) = [n for n in found.manifest["notes"] if "established" in n]
        assert "little to compare" in note
