from dataclasses import replace

import numpy as np
import pytest

from analyses.detection.belief import Beliefs, BeliefSettings, believe, reassess
from analyses.detection.observations import Observations
from analyses.detection.records import Acquaintances, Circle
from analyses.detection.signals import CONCENTRATION, SIGNALS
from graph.communities import number_by_first

SEEDS = range(4)


def random_world(seed, lockstep_of, *, count=200):
    """Random answers of accounts in random communities, some of which answer alike."""
    random = np.random.default_rng(seed)
    community = number_by_first(random.integers(0, 40, count))
    bad = random.random(community.max() + 1) < 0.3
    levels = {}
    for code, signal in SIGNALS.items():
        highest = len(signal.levels)
        spread = random.integers(-1, highest, count)
        levels[code] = np.where(
            bad[community] & (random.random(count) < 0.8),
            highest - 1,
            np.where(random.random(count) < 0.7, 0, spread),
        )
    key = np.append(random.integers(0, 30, count - 30), np.arange(30))
    kinds = ["device", "helper", "access_point"]
    links = [(account, int(k), kinds[k % 3]) for account, k in enumerate(key)]
    met = Circle(account=np.arange(count), thing=random.integers(0, 50, count))
    acquaintances = Acquaintances(met, met, lockstep_of(count, *links))
    return Observations(levels, {}), community, acquaintances


@pytest.fixture
def beliefs_by(lockstep_of):
    def make(seed) -> Beliefs:
        observations, community, acquaintances = random_world(seed, lockstep_of)
        return believe(observations, community, acquaintances=acquaintances)

    return make


def assert_add_up(risk, start, parts):
    """Bits from a start are log2 odds: as far as a double near 1 can tell odds."""
    total = start + sum(parts.values())
    assert risk == pytest.approx(1 / (1 + np.exp2(-total)), abs=1e-12)
    told = np.abs(total) < 30
    odds = np.log2(risk[told] / (1 - risk[told]))
    assert total[told] == pytest.approx(odds, abs=1e-6)


def test_a_farm_is_believed_collusive_and_an_office_is_not(
    world, farm_and_office, believed
):
    found = believed(world(**farm_and_office))
    assert found.risk("farm").min() > 0.9
    assert found.risk("office").max() < 0.1
    assert found.risk("plain").max() < 0.1


def test_who_was_told_of_first_changes_nothing(world, farm_and_office, believed):
    backwards = {name: rows[::-1] for name, rows in farm_and_office.items()}
    one, other = (believed(world(**t)) for t in (farm_and_office, backwards))
    assert one.ids == other.ids
    assert one.beliefs.risk.tolist() == other.beliefs.risk.tolist()


def test_another_name_for_the_farm_changes_nothing(world, farm_and_office, believed):
    renamed = {
        table: [
            {
                column: value.replace("farm", "zebra")
                if isinstance(value, str)
                else value
                for column, value in row.items()
            }
            for row in rows
        ]
        for table, rows in farm_and_office.items()
    }
    one, other = (believed(world(**t)) for t in (farm_and_office, renamed))
    assert one.risk("farm") == pytest.approx(other.risk("zebra"), abs=1e-6)
    assert one.risk("office") == pytest.approx(other.risk("office"), abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bits_of_an_account_add_up_to_its_risk(seed, beliefs_by):
    found = beliefs_by(seed)
    assert_add_up(found.risk, found.start, found.own)
    assert found.risk.min() < 0.5 < found.risk.max()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bits_of_a_community_add_up_to_its_risk(seed, beliefs_by):
    found = beliefs_by(seed)
    assert_add_up(found.community_risk, found.prior, found.shared)


def total(bits, families):
    mine = [b for code, b in bits.items() if SIGNALS[code].family in families]
    return np.sum(mine, axis=0) if mine else np.zeros(0)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_signal_no_family_and_no_crowd_decides_alone(seed, beliefs_by):
    found, limits = beliefs_by(seed), BeliefSettings()
    nearly = 1 + 1e-9
    for code in found.shared:
        assert np.abs(found.shared[code]).max() <= limits.signal_cap * nearly
    for family in {signal.family for signal in SIGNALS.values()}:
        of_team = total(found.shared, (family,))
        assert np.abs(of_team).max(initial=0) <= limits.family_cap * nearly
        own = total(found.own, (family,))
        assert np.abs(own).max(initial=0) <= limits.own_cap * nearly
    crowd = total(found.shared, CONCENTRATION)
    assert crowd.max() <= limits.concentration_cap * nearly


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_accounts_and_communities_changes_nothing(
    seed, beliefs_by, lockstep_of
):
    observations, community, acquaintances = random_world(seed, lockstep_of)
    order = np.random.default_rng(seed).permutation(len(community))
    place = np.argsort(order)  # where each account has gone
    lockstep = acquaintances.lockstep
    shuffled = believe(
        Observations({code: v[order] for code, v in observations.levels.items()}, {}),
        number_by_first(community[order]),
        acquaintances=Acquaintances(
            Circle(
                place[acquaintances.customers.account], acquaintances.customers.thing
            ),
            Circle(
                place[acquaintances.gatherings.account], acquaintances.gatherings.thing
            ),
            replace(lockstep, account=place[lockstep.account]),
        ),
    )
    expected = beliefs_by(seed).risk[order]
    assert shuffled.risk == pytest.approx(expected, abs=1e-6)


def silent(count):
    return {code: np.full(count, -1) for code in SIGNALS}


def test_no_answer_weighs_nothing(nobody):
    community = np.array([0, 0, 0, 1])
    found = believe(Observations(silent(4), {}), community, acquaintances=nobody)
    for code, bits in found.shared.items():
        assert bits.tolist() == [0, 0], code
    for code, bits in found.own.items():
        if code not in nobody.levels(found.risk, community):
            assert bits.tolist() == [0, 0, 0, 0], code
    assert found.community_risk.max() < 0.05


def answers(**given):
    """Answers of one community of ten, all alike, and ten who stand alone."""
    levels = silent(20)
    for code, level in given.items():
        levels[code] = np.array([level] * 10 + [0] * 10)
    return Observations(levels, {}), np.array([0] * 10 + list(range(1, 11)))


@pytest.mark.parametrize(
    "code",
    [
        signal.code
        for signal in SIGNALS.values()
        if signal.of_communities
        and signal.code not in ("helper_record", "gathering_record")
    ],
)
def test_the_best_answer_to_each_signal_speaks_against_and_the_worst_for(code, nobody):
    ratio = [level.collusive / level.innocent for level in SIGNALS[code].levels]
    best, worst = int(np.argmin(ratio)), int(np.argmax(ratio))
    bits = {}
    for level in (best, worst):
        observations, community = answers(**{code: level})
        found = believe(observations, community, acquaintances=nobody)
        bits[level] = found.shared[code][0]
    assert bits[best] < 0 < bits[worst]


def test_more_evidence_never_makes_a_community_less_suspect(nobody):
    risks = []
    for given in (
        {},
        {"device_sharing": 3},
        {"device_sharing": 3, "manner_of_help": 5},
        {"device_sharing": 3, "manner_of_help": 5, "friend_requests": 2},
    ):
        observations, community = answers(**given)
        found = believe(observations, community, acquaintances=nobody)
        risks.append(found.community_risk[0])
    assert risks == sorted(risks)
    assert risks[0] < 0.1 < 0.9 < risks[-1]


def test_who_differs_from_a_collusive_community_loses(nobody):
    observations, community = answers(
        device_sharing=3, manner_of_help=5, friend_requests=2, device_kind=1
    )
    for code in ("manner_of_help", "friend_requests", "device_kind"):
        observations.levels[code][0] = 0
    found = believe(observations, community, acquaintances=nobody)
    assert found.risk[0] < found.risk[1]
    assert np.ptp(found.risk[1:10]) < 1e-9


def test_an_account_alone_is_weighed_with_its_answers(nobody):
    observations, community = answers()
    for code, level in (("device_kind", 1), ("friend_requests", 2), ("sanctions", 1)):
        observations.levels[code][19] = level
    found = believe(observations, community, acquaintances=nobody)
    assert found.risk[19] > 3 * found.risk[18]


def test_what_established_people_do_is_no_sign(nobody):
    # Half of those who were there before have such a device as well.
    seen = {}
    for background in ({}, {"device_kind": np.array([500.0, 500.0])}):
        observations, community = answers(device_kind=1)
        found = believe(
            Observations(observations.levels, background),
            community,
            acquaintances=nobody,
        )
        seen[bool(background)] = found.shared["device_kind"][0]
    assert 0 < seen[True] < seen[False] / 2


def test_the_same_accounts_can_be_weighed_in_other_communities(nobody):
    observations, community = answers(device_sharing=3, friend_requests=2)
    found = believe(observations, community, acquaintances=nobody)
    together = reassess(found, np.array([0] * 10 + [1] * 10))
    assert together.model is found.model
    assert len(together.community_risk) == 2
    assert_add_up(together.risk, together.start, together.own)


def test_the_bits_of_the_surest_account_add_up_to_its_risk(lockstep_of):
    # Thirty who give the worst answer to everything, and thirty who stand alone.
    levels = {}
    for code, signal in SIGNALS.items():
        ratio = [level.collusive / level.innocent for level in signal.levels]
        levels[code] = np.repeat([np.argmax(ratio), np.argmin(ratio)], 30)
    community = np.array([0] * 30 + list(range(1, 31)))
    kinds = ("device", "helper", "access_point")
    links = [(a, key, kind) for a in range(30) for key, kind in enumerate(kinds)]
    customers = Circle(account=np.arange(30), thing=np.arange(30) % 3)
    nowhere = Circle(account=np.arange(0), thing=np.arange(0))
    found = believe(
        Observations(levels, {}),
        community,
        acquaintances=Acquaintances(customers, nowhere, lockstep_of(60, *links)),
    )
    odds = np.log2(found.risk[0] / (1 - found.risk[0]))
    bits = found.start[0] + sum(own[0] for own in found.own.values())
    assert bits == pytest.approx(odds, abs=1e-6)


def test_a_world_without_newcomers_has_no_beliefs(nobody):
    none = np.zeros(0, dtype=np.int64)
    found = believe(Observations(silent(0), {}), none, acquaintances=nobody)
    assert found.risk.tolist() == found.community_risk.tolist() == []
