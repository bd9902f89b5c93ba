"""Paid posting: idle small accounts post what a recruiter sends them, all at once.

"Help post on moments for money": the recruiter has a group of people who rarely use
their accounts, live apart and do not know each other. A campaign is one text or
picture; half of the group posts it within some hours, in moments and groups, for a few
yuan, paid in the evening. It diverts people to a shop of fake orders, a weight-loss
product, prostitution or fraud; the next campaign another day has another text and often
another target. A clever recruiter has the text varied (three near-duplicates) and the
hours spread.

Innocent: a text that goes round (`viral_text`), the staff of a company that posts its
offer in the morning (`company_staff`), a fan club in the minute of the show
(`fan_club`), and an appeal for somebody ill that friends of friends pass on
(`charity_appeal`).
"""

import numpy as np

from loaders.simulator.geography import Ints
from loaders.simulator.networks import deeds
from loaders.simulator.networks.deeds import Cast
from loaders.simulator.world import DAY, World, any_cities, lognormal, seconds

_SOLD = (
    "order_brushing",
    "weight_loss",
    "prostitution",
    "part_time_job",
    "advertising",
)
_HARM = {"false_advertising": 0.4, "spam": 0.3, "fraud": 0.15, "pornography": 0.15}


def make(world: World) -> None:
    """Make the rings, and everybody else who posts what others post."""
    rng = world.rng("posting ring")
    cast = Cast(world, rng)
    for _ in range(deeds.teams_of(world, rng, 15_000, 2)):
        _ring(world, rng, cast)
    _viral(world, rng)
    _companies(world, rng, cast)
    _fans(world, rng, cast)
    _appeals(world, rng, cast)
    _talk(world, rng)
    deeds.everyday_money(world, rng, share=0.06, median=700)


def _ring(world: World, rng: np.random.Generator, cast: Cast) -> None:
    team = world.new_team("posting_ring")
    size = int(np.clip(lognormal(rng, 1, 45, 0.6)[0], 12, 250))
    idle = world.zeal[: world.existing] < 2.5
    posters = cast.take(size, of=idle)
    recruiters = cast.take(int(rng.integers(1, 4)))
    world.join(team, posters, "poster")
    world.join(team, recruiters, "recruiter")
    if not len(posters) or not len(recruiters):
        return
    world.zeal[posters] *= 0.6
    _hire(world, rng, recruiters, len(posters))
    campaigns = int(rng.integers(3, 11))
    clever = rng.random() < 0.4
    kind = int(rng.choice([deeds.topic(name) for name in _SOLD]))
    for _ in range(campaigns):
        some = posters[rng.random(len(posters)) < rng.uniform(0.3, 0.75)]
        if len(some):
            _campaign(world, rng, some, recruiters, kind, clever=clever)


def _campaign(
    world: World,
    rng: np.random.Generator,
    posters: Ints,
    recruiters: Ints,
    kind: int,
    *,
    clever: bool,
) -> None:
    count = len(posters)
    opens = int(np.clip(world.moments(rng, 1)[0], world.start, world.end - 2 * DAY))
    late = seconds(rng, count, 4 * 3600 if clever else 2_400, 0.9)
    at = np.minimum(opens + late, world.end - DAY)
    texts = deeds.new_texts(world, 3 if clever else 1)
    targets = deeds.new_targets(world, int(rng.integers(1, 3)))
    named = rng.random(count) < 0.6
    deeds.post(
        world,
        rng,
        posters,
        at,
        np.where(named, kind, deeds.topic("other")),
        text=rng.choice(texts, count),
        target=np.where(rng.random(count) < 0.8, rng.choice(targets, count), -1),
        in_groups=0.35,
    )
    paid = rng.random(count) < 0.6
    evening = at + seconds(rng, count, 8 * 3600, 0.5)
    payer = rng.choice(recruiters, count)
    fen = deeds.money(rng, count, 600, 0.9)
    deeds.pay(world, payer[paid], posters[paid], evening[paid], fen[paid])
    about = posters[rng.random(count) < 0.05]
    filed = np.full(len(about), opens) + rng.integers(DAY, 6 * DAY, len(about))
    by = rng.integers(0, world.existing, len(about))
    deeds.complain(world, rng, about, by, filed, _HARM)


def _hire(
    world: World, rng: np.random.Generator, recruiters: Ints, posters: int
) -> None:
    count = posters // 8 + 3
    at = world.start + rng.integers(0, world.settings.days * DAY, count)
    jobs = rng.random(count) < 0.45
    deeds.post(
        world,
        rng,
        rng.choice(recruiters, count),
        deeds.by_day(world, rng, at),
        np.where(jobs, deeds.topic("part_time_job"), deeds.topic("other")),
        text=rng.choice(deeds.new_texts(world, 2), count),
        target=deeds.new_targets(world, 1)[0],
        in_groups=0.6,
    )


def _viral(world: World, rng: np.random.Generator) -> None:
    """Let texts go round: everybody may post them, for days, most on the second."""
    for _ in range(max(4, round(world.existing / 6_000))):
        count = int(np.clip(lognormal(rng, 1, 70, 0.9)[0], 10, 2_000))
        who = np.unique(rng.integers(0, world.existing, count))
        opens = int(world.moments(rng, 1)[0])
        late = seconds(rng, len(who), 20 * 3600, 1.2)
        at = np.minimum(opens + late, world.end - 60)
        sells = rng.random() < 0.35
        kind = deeds.topic(str(rng.choice(_SOLD))) if sells else deeds.topic("other")
        target = deeds.new_targets(world, 1)[0] if sells else -1
        text = np.full(len(who), deeds.new_texts(world, 1)[0])
        deeds.post(world, rng, who, at, kind, text=text, target=target, in_groups=0.35)
        plain = who[(world.role[who] < 0) & (world.kind[who] < 0)]
        world.innocent(plain, "viral_text")


def _companies(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let the staff of a company post its offers, on working mornings."""
    for _ in range(max(3, round(world.existing / 6_000))):
        town = int(any_cities(world, rng, 1)[0])
        size = int(np.clip(lognormal(rng, 1, 28, 0.6)[0], 8, 150))
        staff = cast.take(size, city=town)
        if not len(staff):
            continue
        world.innocent(staff, "company_staff")
        deeds.tie_group(world, rng, staff, each=3)
        shop = deeds.new_targets(world, 1)[0]
        kind = deeds.topic(
            str(rng.choice(["advertising", "weight_loss", "order_brushing"]))
        )
        for _ in range(int(rng.integers(3, 11))):
            some = staff[rng.random(len(staff)) < rng.uniform(0.3, 0.8)]
            morning = int(world.moments(rng, 1)[0]) // DAY * DAY + 3_600
            at = morning + seconds(rng, len(some), 3_000, 0.8)
            named = rng.random(len(some)) < 0.75
            linked = rng.random(len(some)) < 0.8
            deeds.post(
                world,
                rng,
                some,
                np.clip(at, world.start, world.end - 60),
                np.where(named, kind, deeds.topic("other")),
                text=np.full(len(some), deeds.new_texts(world, 1)[0]),
                target=np.where(linked, shop, -1),
                in_groups=0.3,
            )
            thanked = some[rng.random(len(some)) < 0.3]
            noon = np.clip(at.max(initial=0), world.start, world.end - DAY) + 6 * 3600
            when = noon + rng.integers(0, 3_600, len(thanked))
            boss = np.full(len(thanked), staff[0])
            deeds.pay(
                world, boss, thanked, when, deeds.money(rng, len(thanked), 900, 0.8)
            )


def _fans(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let fans post the same picture when a show is on; they live everywhere."""
    for _ in range(max(2, round(world.existing / 15_000))):
        size = int(np.clip(lognormal(rng, 1, 80, 0.6)[0], 20, 500))
        fans = cast.take(size)
        if not len(fans):
            continue
        world.innocent(fans, "fan_club")
        deeds.tie_group(world, rng, fans, each=1)
        page = deeds.new_targets(world, 1)[0]
        for _ in range(int(rng.integers(2, 8))):
            some = fans[rng.random(len(fans)) < rng.uniform(0.2, 0.7)]
            show = int(world.moments(rng, 1)[0]) // DAY * DAY + 12 * 3600
            at = show + seconds(rng, len(some), 1_500, 1.0)
            linked = rng.random(len(some)) < 0.4
            deeds.post(
                world,
                rng,
                some,
                np.clip(at, world.start, world.end - 60),
                deeds.topic("other"),
                text=rng.choice(deeds.new_texts(world, 2), len(some)),
                target=np.where(linked, page, -1),
                in_groups=0.45,
            )


def _appeals(world: World, rng: np.random.Generator, cast: Cast) -> None:
    """Let an appeal for somebody ill go from friend to friend."""
    for _ in range(max(2, round(world.existing / 10_000))):
        town = int(any_cities(world, rng, 1)[0])
        size = int(np.clip(lognormal(rng, 1, 50, 0.7)[0], 12, 300))
        chain = cast.take(size, city=town)
        if len(chain) < 2:
            continue
        world.innocent(chain, "charity_appeal")
        # Each has it of somebody before: a tree.
        parent = (rng.random(len(chain)) ** 1.3 * np.arange(len(chain))).astype(
            np.int64
        )
        child = np.arange(1, len(chain))
        since = world.start - rng.integers(DAY, 900 * DAY, len(child))
        deeds.tie(world, chain[parent[child]], chain[child], since, deeds.FRIEND)
        late = np.zeros(len(chain), dtype=np.int64)
        pause = seconds(rng, len(chain), 4_500, 1.0)
        for at in child:
            late[at] = late[parent[at]] + pause[at]
        opens = int(world.moments(rng, 1)[0])
        deeds.post(
            world,
            rng,
            chain,
            np.minimum(opens + late, world.end - 60),
            np.where(rng.random(len(chain)) < 0.15, deeds.topic("advertising"), 9),
            text=np.full(len(chain), deeds.new_texts(world, 1)[0]),
            target=deeds.new_targets(world, 1)[0],
            in_groups=0.4,
        )


def _talk(world: World, rng: np.random.Generator) -> None:
    """Let everybody post now and then; small sellers advertise, on their own."""
    who = rng.integers(0, world.existing, round(world.existing * 0.06))
    at = world.moments(rng, len(who))
    sells = rng.random(len(who)) < 0.4
    kind = np.where(
        sells,
        rng.choice([deeds.topic(name) for name in _SOLD], len(who)),
        deeds.topic("other"),
    )
    own = np.where(sells, 500_000 + who, -1)
    deeds.post(world, rng, who, at, kind, target=own)
