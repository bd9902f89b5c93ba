"""An account with a seal, money and a loan, and what is told of each."""

from pathlib import Path

import pytest

from analyses.reporting.next_steps import Standing, next_steps, standing_of
from analyses.run import Run

DAY = 86_400


@pytest.fixture
def standing(world):
    def look(*, as_of=200 * DAY, **tables):
        run = Run(Path(), store=world(**tables))
        run.__dict__["manifest"] = {"window": {"as_of": as_of}}
        return standing_of(run, "ann")

    return look


def told(**facts):
    return " | ".join(next_steps(Standing(**facts)))


def seal(at, *, until=None, action="long_block"):
    return {
        "account_id": "ann",
        "action": action,
        "applied_at": at,
        "until": until,
        "rule": "1.3.3",
    }


def test_a_seal_lasts_until_its_end(standing):
    sealed = standing(sanctions=[seal(10 * DAY, until=300 * DAY)])
    assert (sealed.sealed_since, sealed.sealed_until) == (10 * DAY, 300 * DAY)
    assert sealed.sealed_by == "long block under rule 1.3.3"
    assert not standing(sanctions=[seal(10 * DAY, until=20 * DAY)]).sealed


def test_whoever_was_unsealed_since_is_not_sealed(standing):
    rows = [seal(10 * DAY), seal(20 * DAY, action="unsealed")]
    assert not standing(sanctions=rows).sealed
    assert standing(sanctions=[*rows, seal(30 * DAY)]).sealed


def test_a_warning_is_no_seal(standing):
    assert not standing(sanctions=[seal(10 * DAY, action="warn")]).sealed


def test_the_common_device_is_the_one_used_most_before_the_seal(standing):
    logins = [
        {"account_id": "ann", "device_id": device, "logged_in_at": at * DAY}
        for device, at in (("own", 1), ("own", 2), ("new", 3), ("new", 50), ("new", 60))
    ]
    assert standing(sanctions=[seal(10 * DAY)], logins=logins).device == "own"


def test_what_complainants_paid_may_be_frozen(standing):
    rows = [
        {
            "payment_id": name,
            "payer_id": payer,
            "payee_id": "ann",
            "amount_fen": fen,
            "paid_at": 5,
        }
        for name, payer, fen in (("p1", "ben", 700), ("p2", "friend", 100))
    ]
    complaint = {"complaint_id": "c", "account_id": "ann", "complainant_id": "ben"}
    assert standing(payments=rows, complaints=[complaint]).claimed == 700


def test_an_idle_account_is_one_that_did_nothing_for_long(standing):
    login = {"account_id": "ann", "device_id": "own", "logged_in_at": 10 * DAY}
    assert standing(logins=[login]).idle_since == 10 * DAY
    assert standing(logins=[login], as_of=50 * DAY).idle_since is None


def test_every_fact_is_told_when_it_is_so_and_only_then():
    assert "with no end" in told(sealed_since=0)
    assert "until 1970-01-02" in told(sealed_since=0, sealed_until=DAY)
    assert "unsealed on 1970-01-02" in told(unsealed_at=DAY)
    assert "48 hours, for withdrawal and repayment only" in told()
    assert "common device own is known" in told(device="own")
    assert "must be verified" in told()
    assert "balance 1.00, wealth 2.00" in told(balance=100, wealth=200)
    assert "not known" in told()
    assert "no exemption from sealing" in told(loan=1)
    assert "micro-loan" not in told(loan=0)
    assert "court may freeze" in told(claimed=1)
    assert "court" not in told()
    assert "not recycled" in told(idle_since=0, balance=1)
    assert "not recycled" in told(idle_since=0, pending=1)
    assert "recycled" not in told(idle_since=0, balance=0)
    assert "cancellation" in told(balance=1)
    assert "cancellation" not in told(balance=0)
