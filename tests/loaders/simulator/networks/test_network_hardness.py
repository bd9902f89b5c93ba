"""No column by itself tells the members of a further network from everybody else.

What there is to detect is left out: how often the same device, address, text, target or
person comes again, where a stall stands, and that things happen on the same day.
Values, words, nulls, letters of ids and the place within a day, hour or minute are not
to tell.
"""

from pathlib import Path

import pandas as pd
import pytest

from graph.schema import TABLES
from loaders.simulator import NETWORKS, WorldSettings, simulate
from tests.loaders.simulator.test_hardness import LIMIT, START, read, told

# Which table tells about which roles: with the purpose of its scans, where it has some.
ASKED: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "unsealing_batch": (
        ("unseal_applications", "", ("unsealed_account",)),
        ("helps", "unsealing", ("platform_worker",)),
        ("helps", "unsealing", ("unsealed_account",)),
        ("sanctions", "", ("unsealed_account",)),
        ("ties", "", ("unsealed_account",)),
        ("accounts", "", ("unsealed_account",)),
    ),
    "verification_crew": (
        ("scans", "verify", ("lured_helper",)),
        ("accounts", "", ("rented_account",)),
    ),
    "rental_ring": (
        ("logins", "", ("rented_account",)),
        ("scans", "login", ("rented_account",)),
        ("payments", "", ("rented_account", "broker", "seller")),
        ("payments", "", ("victim",)),
        ("complaints", "", ("rented_account",)),
        ("activity", "", ("rented_account",)),
        ("accounts", "", ("rented_account",)),
    ),
    "posting_ring": (
        ("posts", "", ("poster",)),
        ("payments", "", ("poster",)),
        ("activity", "", ("poster",)),
        ("accounts", "", ("poster",)),
    ),
    "loan_ring": (
        ("payments", "", ("lender",)),
        ("payments", "", ("victim",)),
        ("posts", "", ("advertiser",)),
        ("complaints", "", ("lender", "advertiser")),
    ),
    "laundering_ring": (
        ("payments", "", ("mule",)),
        ("payments", "", ("operator",)),
        ("accounts", "", ("mule",)),
    ),
}
TO_DETECT = ("frequency", "position", "itude", "_at, value")
REPEATED = (
    "_id,",
    "content_hash,",
    "diversion_target,",
    "answers_hash,",
    "ip,",
    "wifi,",
)


@pytest.fixture(scope="module", params=list(NETWORKS))
def network(request):
    return request.param


@pytest.fixture(scope="module")
def folder(tmp_path_factory, network):
    out = tmp_path_factory.mktemp("worlds") / network
    settings = WorldSettings(seed=5, new=5_000, existing=90_000, networks=(network,))
    simulate(out, settings)
    return out


def members(folder: Path, network: str, roles: tuple[str, ...]) -> pd.Series:
    """For each account whether it plays one of the roles in a team of the network."""
    truth = read(folder, "truth/accounts")
    kind = read(folder, "truth/teams").set_index("team_id")["kind"]
    ours = truth["team_ids"].map(lambda ids: any(kind[one] == network for one in ids))
    label = (ours & truth["role"].isin(roles)).astype(float)
    return pd.Series(label.to_numpy(), index=truth["account_id"])


@pytest.mark.long
def test_no_column_tells_the_members(folder, network):
    over: dict[str, float] = {}
    for name, only, roles in ASKED[network]:
        frame = read(folder, name)
        if name == "scans":
            frame = frame[frame["purpose"] == only]
        if name == "helps":
            frame = frame[frame["kind"] == only]
        if name == "accounts":
            frame = frame[frame["registered_at"] < START]
        frame = frame.reset_index(drop=True)
        label = members(folder, network, roles)
        assert label.sum() > 5
        for column in TABLES[name].columns:
            if column.refers_to != "accounts":
                continue
            for key, value in told(frame, frame[column.name], label).items():
                if any(word in key for word in TO_DETECT + REPEATED):
                    continue
                if value > LIMIT:
                    over[f"{name} of {roles[0]} by {column.name}: {key}"] = value
    assert not over
