"""A farm and its worker beside a batch of unsealings, from events to output tables."""

import json

import pandas as pd
import pyarrow as pa
import pytest

from analyses.analysis import Settings, analyse
from analyses.networks import outputs
from analyses.networks.analysis import not_analysed
from analyses.networks.registry import NETWORKS
from analyses.phases import Clock
from analyses.reporting.digest import table_digest
from analyses.reporting.outputs import OUTPUTS, output_table

DAY = 86_400


def digests(store, **settings):
    analyse(store, Settings(**settings), Clock())
    return {
        name: table_digest(output_table(store, name), OUTPUTS[name]) for name in OUTPUTS
    }


def batch(*accounts):
    """These accounts apply on one phone, with equal answers, helped by one stranger."""
    forms = [
        {
            "application_id": f"form{i}",
            "account_id": name,
            "applied_at": 30 * DAY + 300 * i,
            "device_id": "counter",
            "answers_hash": "same",
            "steps_seconds": json.dumps([2.0, 2.1, 2.0]),
        }
        for i, name in enumerate(accounts)
    ]
    helps = [
        {
            "help_id": f"unsealed{i}",
            "helper_id": "hired",
            "helped_id": name,
            "kind": "unsealing",
            "helped_at": 30 * DAY + 300 * i + 60,
            "result": "ok",
        }
        for i, name in enumerate(accounts)
    ]
    return forms, helps


@pytest.fixture
def with_batch(world, farm_and_worker):
    """A store with a batch of old accounts from all over the country."""
    names = [f"sealed{i}" for i in range(8)]
    forms, helps = batch(*names)
    sealed = [
        {
            "account_id": name,
            "registered_at": -90 * DAY,
            "profile_region": f"town{i}",
        }
        for i, name in enumerate(names)
    ]
    rows = farm_and_worker | {
        "accounts": [*farm_and_worker["accounts"], *sealed],
        "helps": [*farm_and_worker["helps"], *helps],
        "unseal_applications": forms,
    }
    store = world(**rows)
    analyse(store, Settings(), Clock())
    return store


def test_without_the_tables_nothing_changes(world, farm_and_worker):
    assert digests(world(**farm_and_worker)) == digests(
        world(**farm_and_worker), networks=()
    )


def test_what_is_not_analysed_says_why(world, farm_and_worker):
    said = not_analysed(world(**farm_and_worker))
    why = "because no row of unseal_applications was loaded"
    assert f"unsealing_batch: not analysed, {why}" in said
    assert len(said) == len(NETWORKS)


NEEDS = [(kind, need) for kind, each in NETWORKS.items() for need in each.needs]
FILLED = {
    "unseal_applications": {
        "application_id": "f",
        "account_id": "ann",
        "applied_at": 9,
        "device_id": "phone",
    },
    "logins": {"account_id": "ann", "device_id": "phone", "logged_in_at": 9},
    "posts": {"post_id": "p", "account_id": "ann", "posted_at": 9, "content_hash": "h"},
    "payments": {
        "payment_id": "y",
        "payer_id": "ann",
        "payee_id": "ben",
        "paid_at": 9,
        "amount_fen": 1,
    },
    "codes": {"code_id": "code0", "account_id": "ann", "purpose": "verify"},
}
"""A row of each table that a network needs: nothing is found in it."""


@pytest.mark.parametrize(
    ("kind", "need"), NEEDS, ids=[" without ".join(pair) for pair in NEEDS]
)
def test_without_what_it_needs_a_network_says_so_and_nothing_else_changes(
    world, farm_and_worker, kind, need
):
    """Beside a farm and, where the need is no table of its own, a batch."""
    names = [f"farm{i:02}" for i in range(8)]
    forms, helps = batch(*names)
    rows = farm_and_worker | {name: [row] for name, row in FILLED.items()}
    if kind != "unsealing_batch":
        rows |= {
            "helps": [*farm_and_worker["helps"], *helps],
            "unseal_applications": forms,
        }
    assert f"{kind}: not analysed" not in " ".join(not_analysed(world(**rows)))
    table, _, column = need.partition(".")
    left = [
        {name: value for name, value in row.items() if name != f"{column}_id"}
        | ({column: None} if column == "content_hash" else {})
        for row in rows[table]
        if column
    ]
    if table == "logins" and column:  # required: it is missing with its table alone
        left = []
    lacking = rows | {table: left}
    if table == "scans":
        lacking["helps"] = [row | {"scan_id": None} for row in rows["helps"]]
    (said,) = [
        line for line in not_analysed(world(**lacking)) if line.startswith(f"{kind}:")
    ]
    assert said.startswith(f"{kind}: not analysed, because ")
    assert table in said
    others = tuple(other for other in NETWORKS if other != kind)
    with_all = digests(world(**lacking))
    assert with_all == digests(world(**lacking), networks=others)


def test_the_farm_beside_a_network_stays_as_it_was(with_batch, world, farm_and_worker):
    alone = world(**farm_and_worker)
    analyse(alone, Settings(), Clock())
    asked = """SELECT account_id, role, team_id FROM out_accounts
               WHERE account_id LIKE 'farm%' ORDER BY account_id"""
    assert with_batch.rows(asked) == alone.rows(asked)


def test_its_team_members_helps_and_evidence_come_out(with_batch):
    ((team, kind, members),) = with_batch.rows(
        "SELECT team_id, kind, members FROM out_teams WHERE kind LIKE 'unsealing%'"
    )
    assert (kind, members) == ("unsealing_batch", 9)
    roles = with_batch.rows(
        "SELECT role, count(*) FROM out_members WHERE team_id = $team GROUP BY role "
        "ORDER BY role",
        {"team": team},
    )
    assert roles == [("platform_worker", 1), ("unsealed_account", 8)]
    assert with_batch.rows(
        "SELECT count(*) FROM out_helps WHERE pattern = 'batch_unsealing'"
    ) == [(8,)]
    resting = with_batch.rows(
        """SELECT events FROM out_evidence WHERE account_id = 'sealed3'
           AND signal = 'unsealing_form'"""
    )
    assert resting == [([{"table": "unseal_applications", "id": "form3"}],)]


def test_the_evidence_on_an_account_adds_up_to_its_risk(with_batch):
    rows = with_batch.rows(
        """SELECT a.account_id, any_value(a.risk), sum(e.bits) FROM out_accounts AS a
           JOIN out_evidence AS e ON e.account_id = a.account_id
             AND e.team_id = a.team_id
           WHERE a.role = 'unsealed_account' GROUP BY a.account_id"""
    )
    assert len(rows) == 8
    for _, risk, bits in rows:
        assert risk == pytest.approx(1 / (1 + 2**-bits))


def test_an_account_of_two_patterns_keeps_both_memberships(world, farm_and_worker):
    forms, helps = batch(*(f"farm{i:02}" for i in range(8)))
    rows = farm_and_worker | {
        "helps": [*farm_and_worker["helps"], *helps],
        "unseal_applications": forms,
    }
    regions = {f"farm{i:02}": f"town{i}" for i in range(12)}
    rows["accounts"] = [
        row | {"profile_region": regions.get(row["account_id"])}
        for row in farm_and_worker["accounts"]
    ]
    store = world(**rows)
    analyse(store, Settings(), Clock())
    kinds = store.rows(
        """SELECT t.kind FROM out_members AS m JOIN out_teams AS t USING (team_id)
           WHERE m.account_id = 'farm03' ORDER BY t.kind"""
    )
    assert kinds == [("registration_farm",), ("unsealing_batch",)]


@pytest.fixture
def unsealed(world, farm_and_worker):
    """Give `unsealed(sanctions)`: what is suggested for eight accounts of a batch."""
    names = [f"sealed{i}" for i in range(8)]
    forms, helps = batch(*names)
    sealed = [
        {"account_id": n, "registered_at": -90 * DAY, "profile_region": f"town{i}"}
        for i, n in enumerate(names)
    ]
    rows = farm_and_worker | {
        "accounts": [*farm_and_worker["accounts"], *sealed],
        "helps": [*farm_and_worker["helps"], *helps],
        "unseal_applications": forms,
    }

    def look(*sanctions, as_of=None):
        store = world(**rows | {"sanctions": [*sanctions]})
        analyse(store, Settings(as_of=as_of), Clock())
        return dict(
            store.rows(
                """SELECT account_id, (action, lacks) FROM out_accounts
                   WHERE role = 'unsealed_account'"""
            )
        )

    return look


def sanction(account, action, day, until=None):
    return {
        "account_id": account,
        "action": action,
        "applied_at": day * DAY,
        "until": until and until * DAY,
    }


SEALED = "it is sealed: there is nothing to seal or to limit"


def test_what_an_account_was_sealed_for_is_no_new_harm(unsealed):
    said = unsealed(
        *(sanction(f"sealed{i}", "long_block", 20) for i in range(2)),
        *(sanction(f"sealed{i}", "unsealed", 31) for i in range(2)),
        sanction("sealed0", "warn", 40),
    )
    assert said["sealed0"][0] == "re_seal"
    assert said["sealed1"][0] == "limit"


def test_what_is_sealed_is_not_to_be_sealed_again(unsealed):
    said = unsealed(
        sanction("sealed0", "long_block", 20),  # and its application was refused
        sanction("sealed1", "long_block", 20),
        sanction("sealed1", "unsealed", 31),
        sanction("sealed1", "long_block", 40),  # sealed again since
    )
    assert said["sealed0"] == ("watch", [SEALED])
    assert said["sealed1"] == ("watch", [SEALED])
    assert said["sealed2"][0] == "limit"


def test_a_seal_that_is_over_holds_no_longer(unsealed):
    seals = [
        sanction("sealed0", "long_block", 40, until=45),
        sanction("sealed1", "long_block", 40, until=60),
    ]
    said = unsealed(*seals, as_of=50 * DAY)
    assert said["sealed0"][0] == "re_seal"
    assert said["sealed1"] == ("watch", [SEALED])


def linked(store, **members):
    """Give the links of teams of these members, `kind__role=accounts`."""
    teams = [
        {
            "team_id": kind,
            "kind": kind,
            "risk": 1.0,
            "first": 1,
            "last": 2,
            "members": 1,
        }
        for kind in {name.split("__")[0] for name in members}
    ]
    numbers = dict(store.rows("SELECT account_id, account FROM account_names"))
    rows = [
        {"team_id": kind, "account": numbers[account], "role": role}
        for name, accounts in members.items()
        for kind, role in [name.split("__")]
        for account in accounts
    ]
    served = [
        {"team_id": "verification_crew", "account": row["account"]}
        for row in rows
        if row["team_id"] == "verification_crew" and row["role"] == "rented_account"
    ]
    for name, part in (("teams", teams), ("members", rows), ("served", served)):
        frame = pd.DataFrame(part, columns=None if part else ["team_id", "account"])
        store.put(f"_net_{name}", pa.Table.from_pandas(frame, preserve_index=False))
    for name in ("teams", "members", "links"):
        store.put(f"out_{name}", OUTPUTS[name].schema.empty_table())
    outputs._add_links(store)
    return store.rows("SELECT team_a, team_b, kind, events FROM out_links ORDER BY ALL")


@pytest.fixture
def four(world):
    return world(accounts="account_id\nann\nben\neve\njoe")


def test_rented_accounts_that_pass_money_on_link_the_rings(four):
    both = ["ann", "ben"]
    assert linked(
        four,
        rental_ring__rented_account=[*both, "eve"],
        laundering_ring__mule=[*both, "joe"],
    ) == [("rental_ring", "laundering_ring", "supplies_workers_to", 2)]


def test_one_account_in_common_links_nothing(four):
    assert not linked(
        four, rental_ring__rented_account=["ann"], laundering_ring__mule=["ann"]
    )


def test_victims_in_common_and_kinds_that_have_nothing_to_do_link_nothing(four):
    both = ["ann", "ben"]
    assert not linked(four, rental_ring__victim=both, laundering_ring__mule=both)
    assert not linked(four, posting_ring__poster=both, laundering_ring__mule=both)


def test_a_verification_crew_serves_the_ring_that_uses_the_named_accounts(four):
    both = ["ann", "ben"]
    assert linked(
        four, verification_crew__rented_account=both, laundering_ring__mule=both
    ) == [("verification_crew", "laundering_ring", "serves", 2)]
