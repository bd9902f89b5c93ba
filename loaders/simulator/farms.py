"""Registration farms: who they are, what they register with, and how they hide it."""

from dataclasses import dataclass, field

import numpy as np

from loaders.simulator import names
from loaders.simulator.geography import Floats, Ints
from loaders.simulator.habits import Farms, Style
from loaders.simulator.markets import on_sale
from loaders.simulator.organisations import declare
from loaders.simulator.rooms import into_rooms
from loaders.simulator.world import (
    DAY,
    LOCAL,
    World,
    any_cities,
    lognormal,
)

ROUTES = ("stall", "platform", "owned")


@dataclass
class Farm:
    """One farm: its accounts, where it sits, and who is to help them.

    `route` is for each account an index into ROUTES. `begins` and `ends` bound its work
    as shares of the window.
    """

    team: int
    style: Style
    accounts: Ints
    route: Ints
    city: int
    begins: float
    ends: float
    line: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def by(self, route: str) -> Ints:
        """Accounts that take this route."""
        taken: Ints = self.accounts[self.route == ROUTES.index(route)]
        return taken


def farm_sizes(rng: np.random.Generator, total: int, habits: Farms) -> Ints:
    """Split the farmed accounts over farms of heavy-tailed sizes.

    >>> from loaders.simulator.designs import DESIGNS
    >>> habits = DESIGNS["nationwide"].farms
    >>> int(farm_sizes(np.random.default_rng(1), 4_000, habits).sum())
    4000
    """
    if total <= 0:
        return np.zeros(0, dtype=np.int64)
    middle = np.log(habits.median)
    drawn = np.exp(rng.normal(middle, habits.spread, total // habits.smallest + 1))
    size = np.clip(drawn, habits.smallest, habits.largest).astype(np.int64)
    farms = int(np.searchsorted(np.cumsum(size), total)) + 1
    size = size[:farms]
    size[-1] -= size.sum() - total
    if farms > 1 and size[-1] < habits.smallest:
        # What is too little for a farm of its own goes to the smallest other one.
        least = int(np.argmin(size[:-1]))
        size[least] += size[-1]
        size = size[:-1]
    return size


def found_farms(world: World) -> list[Farm]:
    """Make the farms with their accounts' own columns; helps come from the suppliers.

    Registration times are the farm's own pace; a crew moves them to its stall's hours.
    """
    rng = world.rng("farms")
    settings = world.settings
    farms = []
    habits = world.design.farms
    size = farm_sizes(rng, round(world.design.farmed * settings.new), habits)
    styles = np.resize(rng.permutation(list(habits.styles)), len(size))
    for accounts, style in zip(size, styles, strict=True):
        kind = str(style) if settings.style == "mixed" else settings.style
        farms.append(_found(world, rng, habits.styles[kind], int(accounts)))
    return farms


def _found(world: World, rng: np.random.Generator, style: Style, size: int) -> Farm:
    accounts = world.claim_new(size)
    team = world.new_team("registration_farm")
    world.join(team, accounts, "batch_registered")
    settings = world.settings
    open_routes = np.array([settings.crews != 0, settings.platforms != 0, True])
    share = rng.dirichlet(np.array(style.routes) * 4 + 0.01) * open_routes
    share = share / share.sum() if share.sum() > 0 else np.array([0.0, 0.0, 1.0])
    pace = float(np.clip(style.pace * rng.lognormal(0, 0.3), 0.03, 1.0))
    begins = float(rng.random() * (1 - pace))
    farm = Farm(
        team,
        style,
        accounts,
        rng.choice(3, len(accounts), p=share),
        int(any_cities(world, rng, 1)[0]),
        begins,
        begins + pace,
    )
    _times(world, rng, farm)
    if not style.room:
        _devices(world, rng, farm)
    _addresses(world, rng, farm)
    _papers(world, rng, farm)
    if style.room:
        into_rooms(world, rng, accounts, style, begins=begins, ends=farm.ends)
    _afterlife(world, rng, farm)
    if rng.random() < world.design.farms.declares:
        declare(world, rng, "device", world.login_device[accounts[:1]], "Studio", False)
    return farm


def _times(world: World, rng: np.random.Generator, farm: Farm) -> None:
    count = len(farm.accounts)
    at = world.moments(rng, count, first=farm.begins, last=farm.ends)
    night = rng.random(count) < farm.style.night
    day = (at - world.start) // DAY * DAY + world.start
    # Local night is the evening before in UTC; wrapped into the same day.
    small_hours = (rng.integers(0, 6 * 3600, count) - LOCAL) % DAY
    world.registered_at[farm.accounts] = np.where(night, day + small_hours, at)


def _devices(world: World, rng: np.random.Generator, farm: Farm) -> None:
    style, accounts = farm.style, farm.accounts
    shared = accounts[rng.random(len(accounts)) < style.shared_device]
    if len(shared):
        shelf = max(1, round(len(shared) / (style.per_device * rng.uniform(0.6, 1.6))))
        flags = rng.random(shelf) < style.tricked_device
        model = rng.choice(names.models(rng, 4), shelf)
        devices = world.new_devices(
            shelf, model, emulator=flags & (rng.random(shelf) < 0.5), rooted=flags
        )
        which = rng.integers(0, shelf, len(shared))
        world.device[shared] = devices[which]
        world.system[shared] = names.systems(rng, model)[which]
    tricked = rng.random(len(accounts)) < style.tricked_device
    given = world.device_flags[0]
    own = accounts[tricked & (world.device[accounts] < world.accounts)]
    given[own] = rng.integers(1, 4, len(own))


def _addresses(world: World, rng: np.random.Generator, farm: Farm) -> None:
    """Give the farm's accounts homes all over the country, then the farm's own ways."""
    style, accounts = farm.style, farm.accounts
    count = len(accounts)
    geography = world.geography
    way = np.searchsorted(
        np.cumsum([style.own_line, style.dial_up, style.proxy]), rng.random(count)
    )
    lines = int(rng.integers(1, 4))
    wifi = world.new_ids("wifi", lines)
    ip = geography.home_address(rng, np.full(lines, farm.city))
    own = way == 0
    line = rng.integers(0, lines, count)
    # Dial-up addresses come from blocks of towns where ordinary people live too.
    towns = rng.integers(0, geography.cities, 2)
    blocks = np.concatenate([geography.home.draw(rng, np.full(3, t)) for t in towns])
    dialled = rng.choice(blocks, count) * 256 + rng.integers(1, 255, count)
    exits = rng.choice(geography.proxies, count)
    if world.market:
        when = _when_bought(world, accounts)
        seller = rng.integers(0, world.market.sellers, 2)
        block = on_sale(
            rng, world.market.lines, np.full(count, seller[0]), when, width=3
        )
        dialled = block * 256 + rng.integers(1, 255, count)
        exits = on_sale(
            rng, world.market.exits, np.full(count, seller[1]), when, width=4
        )
    address = world.registration_ip[accounts]
    address = np.select([own, way == 1, way == 2], [ip[line], dialled, exits], address)
    world.registration_ip[accounts] = address
    hidden = (way == 1) | (way == 2)
    seen = rng.random(count)
    access = world.registration_wifi[accounts]
    access = np.where(own & (seen < 0.7), wifi[line], access)
    world.registration_wifi[accounts] = np.where(hidden & (seen < 0.5), -1, access)
    farm.line = np.column_stack([ip, wifi])


def _when_bought(world: World, accounts: Ints) -> Floats:
    """Return when things were bought, by the week, as shares of the window."""
    week = (world.registered_at[accounts] - world.start) // (7 * DAY) * 7
    bought: Floats = week / world.settings.days
    return bought


def _papers(world: World, rng: np.random.Generator, farm: Farm) -> None:
    """Numbers, versions, nicknames and names."""
    style, accounts = farm.style, farm.accounts
    count = len(accounts)
    bought = rng.random(count) < style.bought_numbers
    batches = world.geography.sim_batches
    near = int(rng.random() ** 1.5 * len(batches))
    window = (near + np.arange(style.segments)) % len(batches)
    if world.market:
        seller = rng.integers(0, world.market.sellers, 2)
        given = on_sale(
            rng,
            world.market.numbers,
            rng.choice(seller, int(bought.sum())),
            _when_bought(world, accounts[bought]),
            width=style.segments / 6,
        )
    else:
        given = rng.choice(batches[window], int(bought.sum()))
    world.phone_prefix[accounts[bought]] = given
    old = accounts[rng.random(count) < style.old_version]
    world.days_behind[old] += lognormal(rng, len(old), 120, 0.6)
    patterned = accounts[rng.random(count) < style.patterned_name]
    world.nickname[patterned] = names.patterned_nicknames(
        rng, len(patterned), int(rng.integers(1, 5))
    )
    named = rng.random(count) < style.real_named
    world.named[accounts] = named
    world.pays[accounts] = named & (rng.random(count) < 0.92) | (
        rng.random(count) < 0.1
    )


def _afterlife(world: World, rng: np.random.Generator, farm: Farm) -> None:
    """Who will do harm, how soon, and on which devices they are operated later."""
    style, accounts = farm.style, farm.accounts
    count = len(accounts)
    harmful = rng.random(count) < style.harmful
    harm = accounts[harmful]
    world.harm[harm] = rng.gamma(2.0, 0.5, len(harm))
    world.zeal[harm] = lognormal(rng, len(harm), style.requests, 0.8)
    world.acceptance[harm] = rng.beta(
        8 * style.acceptance, 8 * (1 - style.acceptance), len(harm)
    )
    world.wakes[accounts] = rng.exponential(style.sleeps, count)
    # The rest stay on the device they registered with, shared or their own.
    world.login_device[accounts] = world.device[accounts]
    moved = accounts[rng.random(count) < style.controlled]
    each = style.per_control * rng.uniform(0.7, 1.4)
    shelf = max(1, round(len(moved) / each))
    control = world.new_devices(
        shelf,
        names.models(rng, shelf),
        rooted=rng.random(shelf) < style.tricked_device,
    )
    which = rng.integers(0, shelf, len(moved))
    world.login_device[moved] = control[which]
    _move_in(world, rng, farm, moved, which // max(1, round(each / 2)))


def _move_in(
    world: World, rng: np.random.Generator, farm: Farm, accounts: Ints, room: Ints
) -> None:
    """Let accounts live where they are operated from: a room with a line of its own."""
    rooms = int(room.max()) + 1 if len(room) else 0
    city = np.full(rooms, farm.city)
    latitude, longitude = world.geography.scatter(rng, city, world.design.towns.spread)
    world.home_ip[accounts] = world.geography.home_address(rng, city)[room]
    world.home_wifi[accounts] = world.new_ids("wifi", rooms)[room]
    world.latitude[accounts] = latitude[room]
    world.longitude[accounts] = longitude[room]
    world.city[accounts] = farm.city
