"""What accounts do after they registered, and what it earns them.

Harm, requests and sleep were set by the populations; here they become days of
activity, complaints, sanctions and posts, all drawn the same way for everybody.
"""

import numpy as np

from graph.schema import COMPLAINTS, SANCTIONS, TOPICS
from loaders.simulator.geography import Ints
from loaders.simulator.world import DAY, World, lognormal

RULES = ("community_rules_3", "appeal_upheld", "mass_messaging", "fraud_report")
_TROUBLE = (0.42, 0.2, 0.08, 0.04, 0.06, 0.03, 0.07, 0.02, 0.08)
_QUARREL = (0.18, 0.24, 0.01, 0.02, 0.06, 0.03, 0.28, 0.02, 0.16)
_TALK = (0.05, 0.02, 0.02, 0.02, 0.01, 0.06, 0.05, 0.01, 0.16, 0.6)
_BAIT = (0.2, 0.06, 0.05, 0.1, 0.06, 0.16, 0.03, 0.02, 0.12, 0.2)


def aftermath(world: World) -> None:
    """Add activity, complaints, sanctions and posts."""
    if not world.settings.aftermath:
        return
    rng = world.rng("aftermath")
    _activity(world, rng)
    _complaints_and_sanctions(world, rng)
    _posts(world, rng)


def _awake(world: World) -> Ints:
    """Return the second from which each account is in use, within the window."""
    begin = np.maximum(world.registered_at, world.start)
    awake: Ints = begin + (world.wakes * DAY).astype(np.int64)
    return awake


def _activity(world: World, rng: np.random.Generator) -> None:
    habits = world.design.aftermath
    new = np.arange(world.accounts) >= world.existing
    days = rng.poisson(
        np.where(new, habits.active_days, 0.35) * (0.3 + rng.random(world.accounts))
    )
    who = np.repeat(np.arange(world.accounts), days)
    after = np.where(
        who < world.existing,
        rng.random(len(who)) * world.settings.days,
        rng.exponential(8.0, len(who)),
    )
    day = (_awake(world)[who] + (after * DAY).astype(np.int64)) // DAY
    keep = day * DAY < world.end
    both = np.unique(who[keep] * 100_000 + day[keep])
    who, day = both // 100_000, both % 100_000
    count = len(who)
    zeal = np.where(world.away(who, day * DAY), world.moved_zeal[who], world.zeal[who])
    busy = zeal * rng.gamma(1.5, 1 / 1.5, count)
    sent = rng.poisson(busy)
    accepted = rng.binomial(sent, world.acceptance[who])
    people = rng.poisson(2 + 0.8 * busy)
    world.add(
        "activity",
        account_id=who,
        day=day * DAY,
        friend_requests_sent=sent,
        friend_requests_accepted=accepted,
        messages_sent=rng.poisson(people * rng.gamma(2.0, 2.0, count)),
        recipients=people,
        groups_joined=rng.poisson(0.15 + 0.02 * busy),
    )


def _complaints_and_sanctions(world: World, rng: np.random.Generator) -> None:
    habits = world.design.aftermath
    new = np.arange(world.accounts) >= world.existing
    awake = _awake(world)
    exposed = np.clip((world.end - awake) / (30 * DAY), 0, 1.5)
    base = np.where(new, habits.quarrels, 0.012) * (1 + 0.05 * world.zeal)
    # Who is complained about once is so again: a quarrel, a campaign, a bad seller.
    base = base * rng.gamma(0.35, 1 / 0.35, world.accounts)
    number = rng.poisson((base + habits.complaints * world.harm) * exposed)
    about = np.repeat(np.arange(world.accounts), number)
    # Of the complaints about somebody who does harm, nearly all are for the harm.
    harm = world.harm[about] * habits.complaints
    due = harm / (harm + base[about])
    earned = rng.random(len(about)) < due
    count = len(about)
    filed = awake[about] + (
        rng.random(count) ** 0.8 * (world.end - awake[about])
    ).astype(np.int64)
    verified = rng.random(count) < np.where(
        earned, habits.verified, habits.wrongly_verified
    )
    world.add(
        "complaints",
        complaint_id=world.new_ids("complaints", count),
        account_id=about,
        category=np.where(
            earned,
            rng.choice(len(COMPLAINTS), count, p=_TROUBLE),
            rng.choice(len(COMPLAINTS), count, p=_QUARREL),
        ),
        filed_at=filed,
        verified=verified,
        complainant_id=np.where(
            rng.random(count) < 0.8, rng.integers(0, world.existing, count), -1
        ),
    )
    # Verified complaints are acted upon, not all, not at once; some are caught first.
    struck = verified & (rng.random(count) < habits.struck)
    caught = 0.004 + habits.caught * world.harm
    found = np.flatnonzero(rng.random(world.accounts) < caught)
    who = np.concatenate([about[struck], found])
    at = np.concatenate(
        [
            filed[struck],
            awake[found]
            + (rng.random(len(found)) * (world.end - awake[found])).astype(np.int64),
        ]
    )
    who, first = _first_of_each(who, at)
    _sanction(world, rng, who, at[first])


def _first_of_each(who: Ints, at: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((at, who))
    _, first = np.unique(who[order], return_index=True)
    return who[order[first]], order[first]


def _sanction(world: World, rng: np.random.Generator, who: Ints, at: Ints) -> None:
    count = len(who)
    lag = world.design.aftermath.lag_days
    applied = at + (rng.exponential(lag, count) * DAY).astype(np.int64) + 600
    action = rng.choice(len(SANCTIONS) - 1, count, p=(0.22, 0.3, 0.2, 0.16, 0.12))
    length = np.array([0, 7, 3, 60, 0])[action] * DAY
    world.add(
        "sanctions",
        account_id=who,
        action=action,
        applied_at=applied,
        until=np.where(length > 0, applied + length, -1),
        rule=rng.choice(len(RULES), count, p=(0.5, 0.0, 0.25, 0.25)),
    )


def _posts(world: World, rng: np.random.Generator) -> None:
    new = np.arange(world.accounts) >= world.existing
    rate = np.where(new, 0.12, 0.03) + 0.1 * world.harm
    who = np.repeat(np.arange(world.accounts), rng.poisson(rate))
    count = len(who)
    awake = _awake(world)[who]
    bait = rng.random(count) < np.where(world.harm[who] > 0, 0.5, 0.03)
    topic = np.where(
        bait,
        rng.choice(len(TOPICS), count, p=_BAIT),
        rng.choice(len(TOPICS), count, p=_TALK),
    )
    channel = rng.choice(3, count, p=(0.5, 0.3, 0.2))
    groups = max(10, world.accounts // 400)
    world.add(
        "posts",
        post_id=world.new_ids("posts", count),
        account_id=who,
        posted_at=awake
        + (rng.random(count) * np.maximum(world.end - awake, 1)).astype(np.int64),
        channel=channel,
        group_id=np.where(
            channel == 1, (rng.random(count) ** 2 * groups).astype(np.int64), -1
        ),
        # Much is copied, by everybody: a few texts go round.
        content_hash=np.where(
            rng.random(count) < 0.3,
            rng.integers(0, 60 + count // 60, count),
            np.arange(count) + 1_000_000_000,
        ),
        topic=topic,
        diversion_target=np.where(
            rng.random(count) < np.where(topic < 9, 0.25, 0.02),
            lognormal(rng, count, 200, 1.0).astype(np.int64),
            -1,
        ),
    )
