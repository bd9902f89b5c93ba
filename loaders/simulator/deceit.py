"""What farms do to look honest, and to make honest people look like them."""

from collections.abc import Iterable

import numpy as np

from loaders.simulator.farms import Farm
from loaders.simulator.geography import Ints
from loaders.simulator.helping import befriend, help_at_registration
from loaders.simulator.world import DAY, ROLES, World

_PAID = [ROLES.index(role) for role in ("platform_worker", "owned_helper")]
_A_VICTIM = 4


def deceive(world: World, farms: list[Farm]) -> None:
    """Do what the design's farms do of this; most do nothing of it."""
    habits = world.design.farms
    if habits.camouflage:
        _camouflage(world, farms, habits.camouflage)
    if habits.frames:
        _frame(world, farms, habits.frames)


def _camouflage(world: World, farms: list[Farm], share: float) -> None:
    """Tie farm accounts to honest ones; let paid helpers help honest newcomers too."""
    rng = world.rng("camouflage")
    accounts = _all(farm.accounts for farm in farms)
    a = np.repeat(accounts, rng.poisson(3.0 * share, len(accounts)))
    friend = world.neighbours(rng, world.city[a])
    later = (rng.exponential(12.0, len(a)) * DAY).astype(np.int64)
    world.add(
        "ties",
        account_a=a,
        account_b=friend,
        kind=np.searchsorted([0.84, 0.84, 0.94], rng.random(len(a))),
        since=world.registered_at[a] + later,
    )
    paid = np.flatnonzero(np.isin(world.role[: world.existing], _PAID))
    alone = rng.permutation(_unhelped(world))
    count = min(len(alone), round(share * len(paid)))
    if not count:
        return
    helper, helped = rng.choice(paid, count, replace=False), alone[:count]
    where = world.whereabouts(rng, helper)
    when = help_at_registration(world, rng, helper, helped, where)
    befriend(world, rng, helper, helped, when, 0.7)


def _unhelped(world: World) -> Ints:
    """Newcomers without a part to play whom nobody has helped."""
    helped = np.zeros(world.accounts, dtype=bool)
    for part in world.columns.get("helps", []):
        helped[part["helped_id"]] = True
    plain = _plain(world)
    return plain[~helped[plain]]


def _plain(world: World) -> Ints:
    """Newcomers who play no part and look like nothing."""
    plain = (world.role < 0) & (world.kind < 0)
    return np.flatnonzero(plain[world.existing :]) + world.existing


def _by_time(world: World, accounts: Ints) -> Ints:
    """Put accounts in the order of their registration."""
    return accounts[np.argsort(world.registered_at[accounts], kind="stable")]


def _frame(world: World, farms: list[Farm], share: float) -> None:
    """Make innocents look like members: by their line, their device, or their helper.

    About four farm accounts are used up on each: they register from the victim's line
    in the same days, or pretend to be his device, or their own helper helps the victim.
    """
    rng = world.rng("poison")
    accounts = rng.permutation(_all(farm.accounts for farm in farms))
    victims = rng.permutation(_plain(world))[: round(share * len(accounts))]
    by_line, by_device, by_helper = np.array_split(victims, 3)
    used = _by_time(world, accounts[: _A_VICTIM * len(by_line)])
    near = np.repeat(_by_time(world, by_line), _A_VICTIM)[: len(used)]
    world.registration_ip[used] = world.registration_ip[near]
    world.registration_wifi[used] = world.registration_wifi[near]
    rest = accounts[_A_VICTIM * len(by_line) :]
    used = rest[: _A_VICTIM * len(by_device)]
    near = np.repeat(by_device, _A_VICTIM)[: len(used)]
    world.device[used] = world.device[near]
    paid = np.flatnonzero(np.isin(world.role[: world.existing], _PAID))
    if len(paid) and len(by_helper):
        helper = rng.choice(paid, len(by_helper))
        where = world.whereabouts(rng, helper)
        help_at_registration(world, rng, helper, by_helper, where)
    world.innocent(victims, "framed")


def _all(parts: Iterable[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
