"""Each further network does what its file says, and so do its look-alikes."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graph.errors import InputError
from graph.schema import TABLES
from loaders.simulator import NETWORKS, WorldSettings, simulate

SMALL: dict[str, Any] = {"new": 2_000, "existing": 24_000, "seed": 3}
ROOT = Path(__file__).parents[4]
ROLES = {
    "unsealing_batch": {"unsealed_account", "platform_worker", "operator"},
    "verification_crew": {"lured_helper", "rented_account", "operator"},
    "rental_ring": {
        "rented_account",
        "seller",
        "recruiter",
        "broker",
        "operator",
        "victim",
    },
    "posting_ring": {"poster", "recruiter"},
    "loan_ring": {"lender", "advertiser", "victim"},
    "laundering_ring": {"mule", "operator", "recruiter"},
}
LOOK_ALIKES = {
    "unsealing_batch": {"family_unsealing", "sealed_office", "unsealing_desk"},
    "verification_crew": {"verify_counter", "guardian_desk", "visitor_check"},
    "rental_ring": {"new_phone", "family_tablet", "service_desk", "journey"},
    "posting_ring": {"viral_text", "company_staff", "fan_club", "charity_appeal"},
    "loan_ring": {"lending_friend", "licensed_lender", "savings_club", "credit_shop"},
    "laundering_ring": {"market_stall", "shared_bill", "red_packet", "payroll"},
}


class Worlds:
    """The worlds of this module's tests, each made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def out(self, network: str) -> Path:
        out = self.folder / network
        if not out.exists():
            simulate(out, WorldSettings(**SMALL, networks=(network,)))
        return out

    def read(self, network: str, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.out(network) / f"{name}.parquet")

    def members(self, network: str, *roles: str) -> pd.DataFrame:
        """Members of this network's teams: account, role, team."""
        teams = self.read(network, "truth/teams").query("kind == @network")["team_id"]
        truth = self.read(network, "truth/accounts").explode("team_ids")
        truth = truth[truth["team_ids"].isin(teams)].rename(
            columns={"team_ids": "team_id"}
        )
        return truth[truth["role"].isin(roles)] if roles else truth

    def innocent(self, network: str, kind: str) -> set[str]:
        truth = self.read(network, "truth/accounts")
        return set(truth.loc[truth["innocent_kind"] == kind, "account_id"])


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    return Worlds(tmp_path_factory.mktemp("worlds"))


@pytest.fixture(params=list(NETWORKS))
def network(request):
    return request.param


def test_teams_have_the_roles_of_the_contract(worlds, network):
    members = worlds.members(network)
    assert members["team_id"].nunique() >= 2
    assert set(members["role"]) == ROLES[network]


def test_each_network_has_its_look_alikes(worlds, network):
    kinds = set(worlds.read(network, "truth/accounts")["innocent_kind"].dropna())
    assert kinds > LOOK_ALIKES[network]


def test_the_same_bytes_again(worlds, network, tmp_path):
    simulate(tmp_path / "again", WorldSettings(**SMALL, networks=(network,)))
    for path in worlds.out(network).rglob("*.parquet"):
        again = tmp_path / "again" / path.relative_to(worlds.out(network))
        one, other = path.read_bytes(), again.read_bytes()
        assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()


def test_rows_keep_the_contract(worlds, network):
    for path in worlds.out(network).glob("*.parquet"):
        table, frame = TABLES[path.stem], pd.read_parquet(path)
        assert not frame.duplicated(list(table.key)).any(), path.stem
        for column in table.columns:
            if column.name not in frame:
                assert not column.required, (path.stem, column.name)
                continue
            found = frame[column.name]
            assert not (column.required and found.isna().any())
            if column.values:
                assert set(found.dropna()) <= set(column.values)
            if column.refers_to:
                other = worlds.read(network, column.refers_to)
                known = other[TABLES[column.refers_to].key[0]]
                assert found.dropna().isin(known).all(), (path.stem, column.name)


def test_a_scan_comes_after_its_code_and_a_login_after_registration(worlds, network):
    scans = worlds.read(network, "scans")
    assert not (scans["scanned_at"] < scans["code_issued_at"]).any()
    codes = worlds.read(network, "codes").set_index("code_id")["issued_at"]
    assert not (scans["scanned_at"] < scans["code_id"].map(codes)).any()
    accounts = worlds.read(network, "accounts").set_index("account_id")
    logins = worlds.read(network, "logins")
    born = logins["account_id"].map(accounts["registered_at"])
    assert not (logins["logged_in_at"] < born).any()


def test_a_helper_of_sealed_accounts_keeps_the_quota(worlds):
    helps = worlds.read("unsealing_batch", "helps").dropna(subset=["helped_at"])
    done = helps[helps["result"] == "ok"].sort_values("helped_at", kind="stable")
    gap = done.groupby("helper_id")["helped_at"].diff().dropna()
    assert (gap >= pd.Timedelta(days=30)).all()


def test_a_batch_of_applications_shares_devices_answers_and_steps(worlds):
    applied = worlds.read("unsealing_batch", "unseal_applications")
    members = worlds.members("unsealing_batch", "unsealed_account")
    ours = applied.merge(members, on="account_id")
    assert applied["application_id"].nunique() > 2 * len(ours)
    for column in ("device_id", "answers_hash"):
        assert ours[column].value_counts().max() > 5
    steps = ours["steps_seconds"].dropna().map(lambda text: sum(eval(text)))
    spread = steps.groupby(ours["team_id"]).agg(lambda s: s.std() / s.mean())
    assert spread.min() < 0.1 < 0.2 < spread.max()
    pattern = worlds.read("unsealing_batch", "truth/helps")
    assert (pattern["pattern"] == "batch_unsealing").sum() > 50


def test_at_a_verification_stall_passers_by_come_once(worlds):
    crew = worlds.members("verification_crew", "lured_helper")
    scans = worlds.read("verification_crew", "scans").query("purpose == 'verify'")
    ours = scans.merge(crew, left_on="scanner_id", right_on="account_id")
    assert (ours["scanner_id"].value_counts() == 1).mean() > 0.9
    assert ours["code_id"].nunique() > 0.9 * len(ours)
    took = (ours["confirmed_at"] - ours["scanned_at"]).dt.total_seconds().dropna()
    assert (took < 10).mean() > 0.85
    day = ours["scanned_at"].dt.floor("D")
    assert ours.groupby(["team_id", day])["latitude"].std().median() < 0.01


def test_a_rented_account_is_used_on_a_device_of_others(worlds):
    rented = worlds.members("rental_ring", "rented_account")
    logins = worlds.read("rental_ring", "logins")
    ours = logins[logins["account_id"].isin(rented["account_id"])]
    on = ours.groupby("device_id")["account_id"].nunique()
    assert (on > 1).sum() > 5
    # By code: the owner scans on his own device what is shown on another.
    scans = worlds.read("rental_ring", "scans").query("purpose == 'login'")
    both = ours.dropna(subset=["code_id"]).merge(
        scans, on="code_id", suffixes=("", "_scan")
    )
    both = both.dropna(subset=["device_id_scan"])
    assert len(both) > 5
    assert (both["device_id"] != both["device_id_scan"]).mean() > 0.5
    assert (both["account_id"] == both["scanner_id"]).all()


def test_victims_of_rented_accounts_pay_and_complain(worlds):
    rented = worlds.members("rental_ring", "rented_account")["account_id"]
    victim = worlds.members("rental_ring", "victim")["account_id"]
    paid = worlds.read("rental_ring", "payments")
    assert (paid["payer_id"].isin(victim) & paid["payee_id"].isin(rented)).sum() > 10
    filed = worlds.read("rental_ring", "complaints")
    told = filed["complainant_id"].isin(victim) & filed["account_id"].isin(rented)
    assert told.sum() > 10


def lockstep(posts: pd.DataFrame, who: set[str]) -> pd.Series:
    """For each text that ten of these posted: hours between a tenth and nine tenths."""
    ours = posts[posts["account_id"].isin(who)].dropna(subset=["content_hash"])
    text = ours.groupby("content_hash")["posted_at"]
    often = text.count()
    span = text.quantile(0.9) - text.quantile(0.1)
    return (span[often >= 10].dt.total_seconds() / 3600).astype(float)


def tied(worlds: Worlds, network: str, who: set[str]) -> float:
    """Ties within a group for each of its members."""
    ties = worlds.read(network, "ties")
    inside = ties["account_a"].isin(who) & ties["account_b"].isin(who)
    return inside.sum() / max(1, len(who))


def test_posters_post_in_lockstep_and_do_not_know_each_other(worlds):
    posts = worlds.read("posting_ring", "posts")
    posters = set(worlds.members("posting_ring", "poster")["account_id"])
    assert lockstep(posts, posters).median() < 24
    assert tied(worlds, "posting_ring", posters) < 0.1
    staff = worlds.innocent("posting_ring", "company_staff")
    assert lockstep(posts, staff).median() < 24
    assert tied(worlds, "posting_ring", staff) > 1


def test_borrowers_pay_back_more_than_they_got(worlds):
    paid = worlds.read("loan_ring", "payments")
    lender = worlds.members("loan_ring", "lender")["account_id"]
    victim = worlds.members("loan_ring", "victim")["account_id"]
    out = paid[paid["payer_id"].isin(lender) & paid["payee_id"].isin(victim)]
    back = paid[paid["payee_id"].isin(lender) & paid["payer_id"].isin(victim)]
    early = out[out["paid_at"] < out["paid_at"].min() + pd.Timedelta(days=30)]
    early = early.drop_duplicates("payee_id")
    returned = back.groupby("payer_id")["amount_fen"].sum()
    got = out.groupby("payee_id")["amount_fen"].sum()
    ratio = (returned / got).reindex(early["payee_id"]).dropna()
    assert ratio.median() > 1.2


def test_mules_pass_on_within_hours_what_they_get(worlds):
    paid = worlds.read("laundering_ring", "payments")
    mule = worlds.members("laundering_ring", "mule")["account_id"]
    operator = worlds.members("laundering_ring", "operator")["account_id"]
    into = paid[paid["payer_id"].isin(operator) & paid["payee_id"].isin(mule)]
    out = paid[paid["payee_id"].isin(operator) & paid["payer_id"].isin(mule)]
    both = into.merge(
        out, left_on="payee_id", right_on="payer_id", suffixes=("", "_out")
    )
    later = (both["paid_at_out"] - both["paid_at"]).dt.total_seconds()
    soon = both[(later > 0) & (later < 86_400)]
    assert soon["payment_id"].nunique() > 0.9 * len(into)
    assert (
        worlds.read("laundering_ring", "accounts")
        .set_index("account_id")
        .loc[mule, "real_name_verified"]
        .dropna()
        .all()
    )


def test_a_licensed_lender_is_declared(worlds):
    declared = worlds.read("loan_ring", "declared").query("kind == 'account'")
    licensed = declared[
        declared["value"].isin(worlds.innocent("loan_ring", "licensed_lender"))
    ]
    assert licensed["licence"].notna().all()


def test_all_networks_go_together_and_some_share_accounts(tmp_path):
    out = tmp_path / "world"
    simulate(
        out, WorldSettings(**{**SMALL, "existing": 60_000}, networks=tuple(NETWORKS))
    )
    teams = pd.read_parquet(out / "truth/teams.parquet")
    assert set(NETWORKS) <= set(teams["kind"])
    truth = pd.read_parquet(out / "truth/accounts.parquet")
    kind = teams.set_index("team_id")["kind"]
    of = truth["team_ids"].map(lambda ids: {kind[one] for one in ids})
    assert (of == {"rental_ring", "laundering_ring"}).any() or (
        of == {"verification_crew", "laundering_ring"}
    ).any()


def test_a_very_small_world_has_networks_too(tmp_path):
    simulate(
        tmp_path / "world",
        WorldSettings(new=100, existing=1_000, networks=tuple(NETWORKS)),
    )


def test_without_networks_nothing_of_them_is_there(tmp_path):
    simulate(tmp_path / "world", WorldSettings(new=500, existing=2_000))
    assert not (tmp_path / "world/unseal_applications.parquet").exists()
    teams = pd.read_parquet(tmp_path / "world/truth/teams.parquet")
    assert not set(NETWORKS) & set(teams["kind"])


def test_an_unknown_network_is_named():
    with pytest.raises(InputError, match="did you mean 'loan_ring'"):
        WorldSettings(networks=("loan_rings",))


def test_the_documents_name_every_network(network):
    assert f"| `{network}` |" in (ROOT / "docs/worlds.md").read_text("utf-8")
    assert f"`{network}`" in (ROOT / "docs/commands.md").read_text("utf-8")


def test_hands_change_for_everything_an_account_does():
    from loaders.simulator import make_world

    world = make_world(WorldSettings(**SMALL, networks=("rental_ring",)))
    gone = np.flatnonzero(world.moved_at < world.end)
    assert len(gone) > 100
    before = world.device_at(gone, world.moved_at[gone] - 1)
    assert (before == world.login_device[gone]).all()
    after = world.device_at(gone, world.moved_at[gone])
    assert (after == world.moved_to[gone]).all()
