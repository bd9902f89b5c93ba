import pytest

from analyses.policy import LISTED, Case, PolicySettings, suggest
from analyses.reporting.outputs import ACTIONS

HELPERS = ["platform_worker", "owned_helper", "operator"]
RULES = PolicySettings()


def action(role, risk=0.95, **facts):
    # An operator needs more than that it stood there; see the test of that.
    facts = {"conduct": role == "operator"} | facts
    return suggest(Case(role, risk, **facts), RULES)[0]


def lacks(role, risk=0.95, **facts):
    return " | ".join(suggest(Case(role, risk, **facts), RULES)[1])


def test_listed_is_warn_or_stronger():
    assert LISTED == (
        "warn",
        "limit",
        "short_block",
        "long_block",
        "re_seal",
        "permanent_block",
    )


@pytest.mark.parametrize("role", HELPERS)
def test_the_two_part_test_is_met_by_three_verified_accounts(role):
    assert action(role, verified=3) in LISTED


def test_who_only_stood_at_stalls_is_not_listed_as_their_operator():
    assert action("operator", risk=1.0, verified=9, conduct=False) == "watch"
    assert action("operator", risk=1.0, verified=9, unsealings=9, conduct=False) == (
        "watch"
    )
    assert "nothing but that it stood at stalls" in lacks("operator", verified=9)


@pytest.mark.parametrize("role", HELPERS)
def test_the_two_part_test_is_not_met_by_two(role):
    assert action(role, risk=1.0, verified=2) == "watch"
    assert "helped 2 accounts verified as malicious, 3 are needed" in lacks(
        role, verified=2
    )


@pytest.mark.parametrize("role", HELPERS)
def test_however_sure_nothing_unverified_lists_a_helper(role):
    everything = {"kinds": 9, "conduct": True, "harmed": True}
    assert action(role, risk=1.0, verified=0, **everything) == "watch"


@pytest.mark.parametrize("role", HELPERS)
def test_many_and_verified_do_not_list_a_helper_of_low_risk(role):
    assert action(role, risk=0.49, verified=9) == "watch"
    assert action(role, risk=0.29, verified=9) == "none"
    assert "risk 0.49: 0.50 is needed" in lacks(role, risk=0.49, verified=9)


def test_what_is_many_is_a_setting():
    one = PolicySettings(many=1)
    assert suggest(Case("platform_worker", 0.95, verified=1), one)[0] in LISTED
    assert suggest(Case("platform_worker", 0.95, verified=0), one)[0] == "watch"


@pytest.mark.parametrize("role", HELPERS)
def test_a_helper_of_unsealings_in_violation_needs_no_many(role):
    assert action(role, unsealings=1) in LISTED
    assert action(role, risk=0.4, unsealings=1) == "watch"


@pytest.mark.parametrize("risk", [0.0, 0.5, 1.0])
def test_a_lured_helper_is_never_more_than_educated(risk):
    everything = {"kinds": 9, "conduct": True, "harmed": True, "verified": 99}
    assert action("lured_helper", risk=risk, **everything, unsealings=9) == "educate"


def test_a_registered_account_needs_two_kinds_of_evidence():
    assert action("batch_registered", kinds=2, conduct=True) in LISTED
    assert action("batch_registered", risk=1.0, kinds=1, conduct=True) == "watch"
    assert "1 kind of evidence: 2 are needed" in lacks(
        "batch_registered", kinds=1, conduct=True
    )


def test_where_it_registered_alone_lists_no_account():
    assert action("batch_registered", risk=1.0, kinds=5, conduct=False) == "watch"


def test_nobody_is_blocked_before_harm_was_found():
    sure = {"risk": 1.0, "kinds": 5, "conduct": True}
    assert action("batch_registered", **sure) == "limit"
    assert action("batch_registered", **sure, harmed=True) == "short_block"


@pytest.mark.parametrize(
    ("risk", "expected"),
    [
        (0.0, "none"),
        (0.29, "none"),
        (0.3, "watch"),
        (0.49, "watch"),
        (0.5, "warn"),
        (0.89, "warn"),
        (0.9, "limit"),
        (0.98, "limit"),
        (0.99, "short_block"),
    ],
)
def test_the_more_risk_the_stronger_the_action(risk, expected):
    facts = {"kinds": 2, "conduct": True, "harmed": True}
    assert action("batch_registered", risk=risk, **facts) == expected


@pytest.mark.parametrize("role", ["", "victim", "something_else"])
def test_no_action_for_whoever_has_no_role_in_it(role):
    assert suggest(Case(role, 1.0, verified=9), RULES) == ("none", [])


@pytest.mark.parametrize("role", ["batch_registered", "lured_helper", *HELPERS, ""])
@pytest.mark.parametrize("risk", [0.0, 0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("verified", [0, 3])
def test_every_action_is_one_of_the_contract_and_says_what_it_lacks(
    role, risk, verified
):
    suggested, missing = suggest(Case(role, risk, verified=verified), RULES)
    assert suggested in ACTIONS
    if suggested == "watch":
        assert missing
    assert all(line and "\n" not in line for line in missing)
