"""The rooms of a farm: small teams, each with a shift, a script and a shelf of phones.

A room works on some days of its farm's time, at the hours of its shift. Its script
registers one account after another with a rhythm of its own, takes the phones of the
shelf in turn and has a tool give each a new identity after some accounts. Numbers and
dialled lines are used up in the order in which they were bought.
"""

from dataclasses import dataclass

import numpy as np

from loaders.simulator import names
from loaders.simulator.geography import Ints
from loaders.simulator.habits import Style
from loaders.simulator.world import DAY, LOCAL, World, lognormal


@dataclass(frozen=True)
class _Work:
    """The accounts of a room in the order of their registration, and when that is."""

    accounts: Ints
    at: Ints


def into_rooms(
    world: World,
    rng: np.random.Generator,
    accounts: Ints,
    style: Style,
    *,
    begins: float,
    ends: float,
) -> None:
    """Split a farm's accounts into rooms, and let each do its work its own way."""
    rooms = max(1, round(len(accounts) / style.room))
    days = max(1, round((ends - begins) * world.settings.days))
    first = int(begins * world.settings.days)
    for group in np.array_split(rng.permutation(accounts), rooms):
        at = _script(world, rng, len(group), style, first=first, days=days)
        world.registered_at[group] = at
        _take_phones_in_turn(world, rng, _Work(group, at), style)
    order = accounts[np.argsort(world.registered_at[accounts], kind="stable")]
    _use_up_numbers(world, order)
    _use_up_lines(world, order)


def _script(
    world: World,
    rng: np.random.Generator,
    count: int,
    style: Style,
    *,
    first: int,
    days: int,
) -> Ints:
    """Return the room's moments, sorted: sessions on some days, one rhythm in all."""
    sessions = max(1, round(count / float(lognormal(rng, 1, 9, 0.4)[0])))
    day = first + np.sort(rng.integers(0, days, sessions))
    hour = rng.uniform(0, 5) if rng.random() < style.night else rng.uniform(8, 20)
    opens = (hour + rng.normal(0, 0.5, sessions)) * 3600 - LOCAL
    which = np.sort(rng.integers(0, sessions, count))
    usual = lognormal(rng, 1, 260, 0.6)
    pause = usual * lognormal(rng, count, 1, style.rhythm)
    total = np.cumsum(pause)
    begin = np.searchsorted(which, which)
    along = total - total[begin]
    at = world.start + ((day * DAY + opens)[which] + along).astype(np.int64)
    moments: Ints = np.sort(np.clip(at, world.start, world.end - 1))
    return moments


def _take_phones_in_turn(
    world: World, rng: np.random.Generator, work: _Work, style: Style
) -> None:
    """Let phones go round; each gets a new identity when it has made its accounts."""
    ours = work.accounts[rng.random(len(work.accounts)) < style.shared_device]
    if not len(ours):
        return
    phones = min(int(rng.integers(2, 8)), len(ours))
    each = max(1, round(style.per_device * rng.uniform(0.6, 1.5)))
    turn = np.arange(len(ours))
    identity = turn // (phones * each) * phones + turn % phones
    count = int(identity.max()) + 1
    model = names.models(rng, phones)[np.arange(count) % phones]
    flags = np.repeat(rng.random(phones) < style.tricked_device, -(-count // phones))
    device = world.new_devices(count, model, rooted=flags[:count])
    world.device[ours] = device[identity]
    world.login_device[ours] = world.device[ours]
    world.system[ours] = names.systems(rng, model)[identity]


def _use_up_numbers(world: World, order: Ints) -> None:
    """Give bought numbers out in the order of the batches."""
    batches = world.geography.sim_batches
    numbers = world.phone_prefix[order]
    place = np.full(int(max(batches.max(), numbers.max())) + 1, -1)
    place[batches] = np.arange(len(batches))
    bought = np.flatnonzero(place[numbers] >= 0)
    turn = np.argsort(place[numbers[bought]], kind="stable")
    world.phone_prefix[order[bought]] = numbers[bought][turn]


def _use_up_lines(world: World, order: Ints) -> None:
    """Let a block that serves several accounts be dialled in one stretch of time."""
    ip, wifi = world.registration_ip[order], world.registration_wifi[order]
    _, which, count = np.unique(ip >> 8, return_inverse=True, return_counts=True)
    many = np.flatnonzero(count[which] > 2)
    turn = many[np.argsort(which[many], kind="stable")]
    world.registration_ip[order[many]] = ip[turn]
    world.registration_wifi[order[many]] = wifi[turn]
