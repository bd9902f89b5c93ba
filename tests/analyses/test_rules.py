"""Every sentence of the rules: who just meets it, and who just does not."""

from dataclasses import replace

import pytest

from analyses.policy import Case, PolicySettings, suggest
from analyses.reporting.outputs import ACTIONS, COLLUSION_ROLES, DECEIVED_ROLES
from analyses.rules import RULES, rule_for

SETTINGS = PolicySettings()
RISKS = {
    "": 0.0,
    "watch": SETTINGS.watch_risk,
    "listed": SETTINGS.listed_risk,
    "limit": SETTINGS.limit_risk,
    "block": SETTINGS.block_risk,
}
VERIFIED = {"": 0, "one": 1, "many": 3}
SENTENCES = [
    (rule, role, team, step)
    for rule in RULES
    for role in rule.roles
    for team in rule.teams
    for step in rule.steps
]


def said(sentence):
    _, role, team, step = sentence
    return f"{role} {team or 'any'} {step.action}"


def just(role, team, step):
    """The least that the sentence asks, and nothing more."""
    return Case(
        role,
        RISKS[step.risk],
        kinds=step.kinds,
        conduct=step.conduct,
        harmed=step.harmed,
        verified=VERIFIED[step.verified],
        team_kind=team,
        sealed=False,
    )


@pytest.mark.parametrize("sentence", SENTENCES, ids=said)
def test_who_just_meets_a_sentence_gets_its_action(sentence):
    _, role, team, step = sentence
    assert suggest(just(role, team, step), SETTINGS)[0] == step.action


@pytest.mark.parametrize("sentence", SENTENCES, ids=said)
def test_who_lacks_one_condition_gets_less(sentence):
    _, role, team, step = sentence
    case = just(role, team, step)
    lesser = []
    if step.risk:
        lesser.append(replace(case, risk=case.risk - 0.001))
    if step.kinds:
        lesser.append(replace(case, kinds=case.kinds - 1))
    if step.conduct:
        lesser.append(replace(case, conduct=False))
    if step.harmed:
        lesser.append(replace(case, harmed=False))
    if step.open:
        lesser.append(replace(case, sealed=True))
    if step.verified:
        lesser.append(replace(case, verified=case.verified - 1))
    assert lesser or step.action == "educate"
    for one in lesser:
        action, lacks = suggest(one, SETTINGS)
        assert ACTIONS.index(action) < ACTIONS.index(step.action), one
        assert lacks, one


def test_the_steps_of_a_rule_grow():
    for rule in RULES:
        actions = [ACTIONS.index(step.action) for step in rule.steps]
        assert actions == sorted(set(actions)), rule.says


def test_every_role_of_the_contract_has_its_rule():
    assert {role for rule in RULES for role in rule.roles} == {
        *COLLUSION_ROLES,
        *DECEIVED_ROLES,
    }


@pytest.mark.parametrize(
    ("role", "team", "facts", "expected"),
    [
        # by hand, so that the table itself cannot drift unseen
        ("platform_worker", "helper_platform", {"verified": 3}, "limit"),
        ("platform_worker", "helper_platform", {"verified": 2}, "watch"),
        ("platform_worker", "unsealing_batch", {"unsealings": 1}, "limit"),
        ("platform_worker", "unsealing_batch", {}, "watch"),
        ("operator", "scanning_crew", {"kinds": 9, "harmed": True}, "watch"),
        ("operator", "rental_ring", {"kinds": 2}, "limit"),
        ("unsealed_account", "unsealing_batch", {"kinds": 3}, "limit"),
        ("rented_account", "rental_ring", {"kinds": 9, "harmed": True}, "limit"),
        ("lender", "loan_ring", {"kinds": 1}, "watch"),
        ("victim", "loan_ring", {"kinds": 9, "harmed": True}, "none"),
        ("lured_helper", "verification_crew", {"kinds": 9}, "educate"),
    ],
)
def test_by_hand_at_a_risk_of_95(role, team, facts, expected):
    case = Case(role, 0.95, team_kind=team, **facts)
    assert suggest(case, SETTINGS)[0] == expected


def test_an_account_that_was_unsealed_and_did_harm_may_be_sealed_again():
    case = Case("unsealed_account", 0.99, kinds=3, harmed=True)
    assert suggest(case, SETTINGS)[0] == "re_seal"
    assert suggest(replace(case, kinds=2), SETTINGS)[0] == "limit"


def test_what_is_sealed_is_not_sealed_again():
    case = Case("unsealed_account", 0.99, kinds=3, harmed=True, sealed=True)
    action, lacks = suggest(case, SETTINGS)
    assert action == "watch"
    assert lacks == ["it is sealed: there is nothing to seal or to limit"]


def test_a_rule_holds_in_its_kinds_of_teams():
    batch = rule_for("platform_worker", "unsealing_batch")
    assert batch is not None
    assert batch.number == "1.3.3"
    elsewhere = rule_for("platform_worker", "loan_ring")
    assert elsewhere is not None
    assert elsewhere.number == "helping"
    assert rule_for("no role") is None
