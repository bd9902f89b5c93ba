"""What members of the further networks do: they are chosen, post, pay, complain."""

import numpy as np
import numpy.typing as npt

from graph.schema import COMPLAINTS, TOPICS
from loaders.simulator.geography import Ints
from loaders.simulator.world import DAY, Bools, Where, World, lognormal

MOMENTS, GROUP, CHAT = range(3)
FRIEND, FAMILY, PAYMENT, IN_GROUP = range(4)


class Cast:
    """The established accounts that have no part to play yet, in a random order."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world = world
        self._rng = rng
        self._free = rng.permutation(world.existing)

    def take(
        self, count: int, *, of: Bools | None = None, city: int | None = None
    ) -> Ints:
        """Take some, of a city or with some property; fewer where there are no more."""
        world = self._world
        able = (world.role[: world.existing] < 0) & (world.kind[: world.existing] < 0)
        able &= ~world.busy[: world.existing]
        if of is not None:
            able &= of
        if city is not None:
            able &= world.city[: world.existing] == city
        found = self._free[able[self._free]][:count]
        world.busy[found] = True
        return found.astype(np.int64)


def teams_of(world: World, rng: np.random.Generator, one_for: int, least: int) -> int:
    """How many teams of a network a world of this size has."""
    return max(least, round(world.existing / one_for * rng.uniform(0.85, 1.15)))


def within(world: World, rng: np.random.Generator, days: float) -> int:
    """Choose a second from which so many days are left, if the window has them."""
    room = max(0.0, world.settings.days - days)
    return world.start + int(rng.random() * room * DAY)


def by_day(world: World, rng: np.random.Generator, at: Ints) -> Ints:
    """Move moments to people's hours of the same day."""
    moved: Ints = at // DAY * DAY + world.moments(rng, len(at)) % DAY
    return np.clip(moved, world.start, world.end - 1)


def topic(name: str) -> int:
    """Return the number of a topic of posts."""
    return TOPICS.index(name)


def post(
    world: World,
    rng: np.random.Generator,
    accounts: Ints,
    at: Ints,
    topics: Ints | int,
    *,
    text: Ints | None = None,
    target: Ints | int = -1,
    in_groups: float = 0.3,
    in_chats: float = 0.1,
) -> None:
    """Let accounts post; without `text` each writes a text of its own."""
    count = len(accounts)
    draw = rng.random(count)
    channel = np.where(draw < in_groups, GROUP, MOMENTS)
    channel = np.where(draw > 1 - in_chats, CHAT, channel)
    groups = max(10, world.accounts // 400)
    own = world.new_ids("own texts", count) + 3_000_000_000
    world.add(
        "posts",
        post_id=world.new_ids("posts", count),
        account_id=accounts,
        posted_at=at,
        channel=channel,
        group_id=np.where(
            channel == GROUP, (rng.random(count) ** 2 * groups).astype(np.int64), -1
        ),
        content_hash=own if text is None else text,
        topic=np.broadcast_to(np.asarray(topics, dtype=np.int64), count),
        diversion_target=np.broadcast_to(np.asarray(target, dtype=np.int64), count),
    )


def everyday_posts(
    world: World, rng: np.random.Generator, topics: tuple[str, ...], *, share: float
) -> None:
    """Let people post about these topics, each in a text of his own.

    A shop offers work, somebody sells old phones, many warn of what they have heard of,
    or ask whether it is true. `share` is posts an established account.
    """
    who = rng.integers(0, world.existing, round(world.existing * share))
    kind = rng.choice([topic(name) for name in topics], len(who))
    own = np.where(rng.random(len(who)) < 0.3, 500_000 + who, -1)
    at = world.moments(rng, len(who))
    post(world, rng, who, at, kind, target=own, in_groups=0.45)


def new_texts(world: World, count: int) -> Ints:
    """Give numbers to texts that several accounts will post."""
    return world.new_ids("shared texts", count) + 2_000_000_000


def new_targets(world: World, count: int) -> Ints:
    """Give numbers to where posts divert people to."""
    return world.new_ids("targets", count) + 100_000


def pay(
    world: World,
    payer: Ints,
    payee: Ints,
    at: Ints,
    fen: npt.NDArray[np.number] | int,
    *,
    code: Ints | int = -1,
) -> None:
    """Write payments; those to oneself or before the payer existed are left out."""
    keep = (payer != payee) & (at >= world.start)
    number = np.maximum(1, np.asarray(fen)).astype(np.int64)
    world.add(
        "payments",
        payment_id=world.new_ids("payments", int(keep.sum())),
        payer_id=payer[keep],
        payee_id=payee[keep],
        paid_at=at[keep],
        amount_fen=np.broadcast_to(number, len(payer))[keep],
        code_id=np.broadcast_to(np.asarray(code, dtype=np.int64), len(payer))[keep],
    )


def everyday_money(
    world: World, rng: np.random.Generator, *, share: float, median: float
) -> None:
    """Let people pay each other about as much as members do, for all sorts of reasons.

    Used things sold to strangers, presents, a share of the rent. `share` is payments an
    established account. Half of the pairs know each other; some pay again.
    """
    count = round(world.existing * share)
    payer = rng.integers(0, world.existing, count)
    far = rng.random(count) < 0.4
    town = np.where(
        far, rng.integers(0, world.geography.cities, count), world.city[payer]
    )
    payee = world.neighbours(rng, town)
    again = rng.random(count) < 0.2
    payer[again], payee[again] = np.roll(payer, 1)[again], np.roll(payee, 1)[again]
    known = (rng.random(count) < 0.5) & ~far
    since = world.start - rng.integers(DAY, 900 * DAY, count)
    tie(world, payer[known], payee[known], since[known], FRIEND)
    pay(world, payer, payee, world.moments(rng, count), money(rng, count, median, 1.1))


def complain(
    world: World,
    rng: np.random.Generator,
    about: Ints,
    by: Ints,
    at: Ints,
    categories: dict[str, float],
    *,
    verified: float = 0.5,
) -> None:
    """File complaints, of categories in these shares."""
    if not world.settings.aftermath or not len(about):
        return
    share = np.array(list(categories.values()))
    number = [COMPLAINTS.index(name) for name in categories]
    count = len(about)
    world.add(
        "complaints",
        complaint_id=world.new_ids("complaints", count),
        account_id=about,
        category=rng.choice(number, count, p=share / share.sum()),
        filed_at=at,
        verified=rng.random(count) < verified,
        complainant_id=np.where(rng.random(count) < 0.8, by, -1),
    )


def tie(world: World, a: Ints, b: Ints, since: Ints, kind: Ints | int) -> None:
    """Tie pairs of accounts."""
    keep = a != b
    known = np.maximum(world.registered_at[a], world.registered_at[b])
    world.add(
        "ties",
        account_a=a[keep],
        account_b=b[keep],
        kind=np.broadcast_to(np.asarray(kind, dtype=np.int64), len(a))[keep],
        since=np.maximum(since, known + 60)[keep],
    )


def tie_group(
    world: World,
    rng: np.random.Generator,
    group: Ints,
    *,
    each: int,
    kind: int = IN_GROUP,
) -> None:
    """Tie each of a group to some others of it, long ago."""
    if len(group) < 2:
        return
    a = np.repeat(group, each)
    b = rng.choice(group, len(a))
    tie(world, a, b, world.start - rng.integers(DAY, 700 * DAY, len(a)), kind)


def log_in(
    world: World,
    accounts: Ints,
    device: Ints,
    at: Ints,
    where: Where,
    method: Ints | int,
    *,
    code: npt.NDArray[np.int64] | int = -1,
) -> None:
    """Write logins."""
    count = len(accounts)
    world.add(
        "logins",
        account_id=accounts,
        device_id=device,
        logged_in_at=at,
        method=np.broadcast_to(np.asarray(method, dtype=np.int64), count),
        ip=where.ip,
        wifi=where.wifi,
        code_id=np.broadcast_to(np.asarray(code, dtype=np.int64), count),
    )


def money(rng: np.random.Generator, count: int, median: float, spread: float) -> Ints:
    """Draw amounts in fen; every other one is round, as people like them."""
    fen = lognormal(rng, count, median, spread)
    round_to = rng.choice([1, 100, 1_000, 10_000], count, p=[0.3, 0.3, 0.25, 0.15])
    rounded: Ints = np.maximum(round_to, fen // round_to * round_to).astype(np.int64)
    return rounded
