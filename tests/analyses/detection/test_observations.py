import numpy as np
import pytest

from analyses.detection.observations import observe
from analyses.detection.signals import SIGNALS

DAY = 86_400


@pytest.fixture
def answers(world, shared):
    """What each new account answers to a signal, in words; None for no answer."""

    def make(code, **tables):
        store = world(**tables)
        levels = observe(store, shared(store)).levels[code]
        names = store.rows(
            "SELECT account_id FROM accounts WHERE is_new ORDER BY account"
        )
        words = [level.code for level in SIGNALS[code].levels]
        return {
            name: None if level < 0 else words[level]
            for (name,), level in zip(names, levels, strict=True)
        }

    return make


def crowd(count, prefix="x", **columns):
    return [{"account_id": f"{prefix}{i:03}"} | columns for i in range(count)]


def test_of_whom_nothing_is_told_nothing_is_known(world, shared):
    store = world(accounts="account_id\nann\nben")
    for code, level in observe(store, shared(store)).levels.items():
        assert level.tolist() == [-1, -1], code


def test_nobody_shares_a_device_that_is_not_told(answers):
    # Devices are known of one account only: about the other nothing can be said.
    told = answers(
        "device_sharing", accounts="account_id registration_device_id\nann p\nben -"
    )
    assert told == {"ann": "own_device", "ben": None}


def test_device_kind(answers):
    assert answers(
        "device_kind",
        accounts="""account_id registration_device_id
                    ann        phone
                    ben        emulator
                    cat        rooted
                    max        unknown
                    zoe        -""",
        devices="""device_id is_emulator is_rooted
                   phone     false       false
                   emulator  true        -
                   rooted    false       true
                   unknown   -           -""",
    ) == {
        "ann": "ordinary_device",
        "ben": "altered_device",
        "cat": "altered_device",
        "max": None,
        "zoe": None,
    }


@pytest.mark.parametrize(
    ("count", "answer"),
    [
        (1, "own_device"),
        (2, "device_of_few"),
        (3, "device_of_few"),
        (4, "device_of_several"),
        (9, "device_of_several"),
        (10, "device_of_many"),
    ],
)
def test_device_sharing(answers, count, answer):
    told = answers(
        "device_sharing", accounts=crowd(count, registration_device_id="phone")
    )
    assert set(told.values()) == {answer}


def test_a_segment_with_fewer_than_expected_has_no_crowd(answers):
    told = answers(
        "phone_crowd",
        accounts=crowd(12, "old_segment", phone_prefix="139")
        + crowd(12, "other")
        + [
            {"account_id": f"old{i}", "registered_at": -1, "phone_prefix": "139"}
            for i in range(24)
        ],
    )
    assert told["old_segment000"] == "usual_segment"


def test_a_crowd_in_a_segment_is_more_than_was_expected(answers):
    told = answers(
        "phone_crowd",
        accounts=crowd(12, "new", phone_prefix="138")
        + crowd(12, "usual", phone_prefix="139")
        + [
            {"account_id": f"old{i}", "registered_at": -1, "phone_prefix": "139"}
            for i in range(12)
        ],
    )
    assert told["new000"] == "large_segment_crowd"
    assert told["usual000"] == "usual_segment"


def test_a_crowd_in_a_phone_segment(answers):
    told = answers(
        "phone_crowd",
        accounts=crowd(12, phone_prefix="138") + [{"account_id": "zoe"}],
    )
    assert told["x000"] == "large_segment_crowd"


def test_software_that_few_run(answers):
    told = answers(
        "software_age",
        accounts=crowd(150, app_version="8", os_version="14")
        + [{"account_id": "ann", "app_version": "6", "os_version": "14"}]
        + [{"account_id": "ben", "app_version": "6"}],
    )
    assert (told["x000"], told["ann"], told["ben"]) == (
        "common_software",
        "rare_software",
        None,
    )


def test_payment(answers):
    accounts = "account_id pay_enabled\nann true\nben false\nzoe -"
    told = answers("payment", accounts=accounts)
    assert told == {"ann": "pays", "ben": "no_payment", "zoe": None}


def test_acquaintance_counts_established_accounts_once(answers):
    assert answers(
        "acquaintance",
        accounts="""account_id registered_at
                    ann        1
                    ben        1
                    cat        1
                    old1       -1
                    old2       -1""",
        ties="""account_a account_b kind
                ann       old1      friend
                old1      ann       family
                ben       old1      friend
                old2      ben       friend
                cat       ann       friend
                cat       stranger  friend""",
    ) == {"ann": "one_tie", "ben": "many_ties", "cat": "no_tie"}


def test_acquaintance_is_unknown_where_nobody_has_ties(answers):
    assert answers("acquaintance", accounts="account_id\nann") == {"ann": None}


def helped(*, tied=False, scan=None, scans=()):
    """`ann`, registered on the network 10.0.1.0/24, is helped by `max`."""
    return {
        "accounts": "account_id registered_at registration_ip registration_wifi\n"
        "ann 1 10.0.1.1 home\nmax -1 - -",
        "helps": f"""help_id helper_id helped_id kind         scan_id
                     h       max       ann       registration {"s" if scan else "-"}""",
        "scans": [
            {
                "scan_id": "s",
                "scanner_id": "max",
                "code_id": "c",
                "purpose": "register_help",
                "scanned_at": 5,
            }
            | (scan or {}),
            *scans,
        ],
        "ties": f"account_a account_b\nmax {'ann' if tied else 'else'}",
    }


RACER = {
    "scan_id": "race",
    "scanner_id": "zoe",
    "code_id": "c",
    "purpose": "register_help",
    "scanned_at": 6,
}


@pytest.mark.parametrize(
    ("tables", "answer"),
    [
        (helped(tied=True), "helped_by_friend"),
        (helped(tied=True, scan={"wifi": "mall"}), "helped_by_friend"),
        (helped(scan={"wifi": "home"}), "helped_on_site"),
        (helped(), "helped_by_stranger"),
        (helped(scan={"wifi": "mall"}), "helped_from_afar"),
        (helped(scan={"wifi": "mall"}, scans=[RACER]), "helped_by_race"),
    ],
    ids=["friend", "friend elsewhere", "on site", "unknown", "from afar", "race"],
)
def test_manner_of_help(answers, tables, answer):
    assert answers("manner_of_help", **tables) == {"ann": answer}


@pytest.mark.parametrize("declared", [False, True])
def test_a_declared_device_is_no_shared_one(answers, declared):
    told = answers(
        "device_sharing",
        accounts=crowd(12, registration_device_id="lab"),
        declared="kind value\ndevice lab" if declared else [],
    )
    assert set(told.values()) == {"own_device" if declared else "device_of_many"}


def test_friend_requests(answers):
    assert answers(
        "friend_requests",
        accounts="account_id\nann\nben\ncat\nmax",
        activity=f"""account_id day   friend_requests_sent friend_requests_accepted
                     ann        {DAY} 4                    0
                     ben        {DAY} 5                    2
                     cat        {DAY} 3                    1
                     cat        0     17                   6
                     max        {DAY} 9                    -""",
    ) == {
        "ann": "few_requests",
        "ben": "requests_accepted",
        "cat": "requests_refused",
        "max": None,
    }


def test_reach(answers):
    told = answers(
        "reach",
        accounts=crowd(40),
        activity=[
            {"account_id": f"x{i:03}", "day": DAY, "recipients": 500 if i == 0 else 3}
            for i in range(39)
        ],
    )
    assert (told["x000"], told["x001"], told["x039"]) == (
        "wide_reach",
        "usual_reach",
        None,
    )


@pytest.mark.parametrize(
    ("code", "tables", "answers_"),
    [
        (
            "complaints",
            {"complaints": "complaint_id account_id verified\n1 bad true\n2 said -"},
            {"bad": "verified_complaint", "said": "complaint", "good": "no_complaint"},
        ),
        (
            "sanctions",
            {
                "sanctions": "account_id action applied_at\n"
                "bad limit 9\nsaid warn 9\ngood unsealed 9"
            },
            {"bad": "sanction", "said": "sanction", "good": "no_sanction"},
        ),
    ],
)
def test_harm_found_counts_at_once_and_its_absence_only_later(
    answers, code, tables, answers_
):
    accounts = f"""account_id registered_at
                   bad        {30 * DAY}
                   said       1
                   good       1
                   fresh      {30 * DAY}"""
    assert answers(code, accounts=accounts, **tables) == answers_ | {"fresh": None}
    assert set(answers(code, accounts=accounts).values()) == {None}


def test_a_device_that_several_move_to(answers):
    told = answers(
        "control_device",
        accounts=[
            {"account_id": f"x{i}", "registration_device_id": f"own{i}"}
            for i in range(6)
        ],
        logins=[
            {"account_id": f"x{i}", "device_id": device, "logged_in_at": 9}
            for i, device in enumerate(["hub"] * 4 + ["own4"])
        ],
    )
    assert told == {f"x{i}": "control_device" for i in range(4)} | {
        "x4": "own_control",
        "x5": None,
    }


def test_the_background_is_what_established_people_answer(world, shared):
    store = world(
        accounts="""account_id registered_at registration_device_id
                    ann        1             phone
                    old1       -1            phone
                    old2       -1            emulator""",
        devices="device_id is_emulator\nphone false\nemulator true",
    )
    found = observe(store, shared(store)).background
    assert found["device_kind"].tolist() == [1, 1]
    assert set(found) == {s.code for s in SIGNALS.values() if s.measured}


def test_levels_are_numbers_of_the_answers_of_each_signal(
    world, shared, farm_and_office
):
    store = world(**farm_and_office)
    found = observe(store, shared(store)).levels
    assert list(found) == list(SIGNALS)
    for code, level in found.items():
        assert np.isin(level, range(-1, len(SIGNALS[code].levels))).all(), code
