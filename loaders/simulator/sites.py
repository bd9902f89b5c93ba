"""Places where accounts gather: an access point, a line, and a spot on the map."""

from dataclasses import dataclass

import numpy as np

from loaders.simulator.geography import Floats, Ints, blur
from loaders.simulator.world import Where, World


@dataclass(frozen=True)
class Sites:
    """Some places: an office, a shop, a street corner."""

    city: Ints
    latitude: Floats
    longitude: Floats
    ip: Ints
    wifi: Ints


def new_sites(world: World, rng: np.random.Generator, city: Ints) -> Sites:
    """Make a place of its own somewhere in each city."""
    latitude, longitude = world.geography.scatter(rng, city, 5_000)
    ip = world.geography.home_address(rng, city)
    return Sites(city, latitude, longitude, ip, world.new_ids("wifi", len(city)))


def public_places(world: World, rng: np.random.Generator, city: Ints) -> Sites:
    """Choose in each city a street or mall, where anybody may put up a stall."""
    return sites_of_places(world, world.geography.place.draw(rng, city))


def sites_of_places(world: World, place: Ints) -> Sites:
    """Return public places by their numbers, which are those of their access points."""
    geography = world.geography
    return Sites(
        geography.place_city[place],
        geography.place_latitude[place],
        geography.place_longitude[place],
        geography.place_ip[place],
        # The access points of public places come first (`people.populate`).
        place,
    )


def at_sites(
    world: World,
    rng: np.random.Generator,
    accounts: Ints,
    sites: Sites,
    which: Ints,
    *,
    on_wifi: float,
    metres: float = 15,
) -> Where:
    """Accounts each at one of the sites, on its line or on their own mobile data."""
    carrier = world.carrier[accounts]
    mobile = world.geography.mobile_address(rng, sites.city[which], carrier)
    wifi = rng.random(len(accounts)) < on_wifi
    spot = blur(rng, sites.latitude[which], sites.longitude[which], metres)
    return Where(
        np.where(wifi, sites.ip[which], mobile),
        np.where(wifi, sites.wifi[which], -1),
        *spot,
    )


def register_at(
    world: World,
    rng: np.random.Generator,
    accounts: Ints,
    sites: Sites,
    which: Ints,
    *,
    on_wifi: float,
) -> None:
    """Let accounts register at the sites, and live in the towns where these are."""
    world.settle(rng, accounts, sites.city[which])
    where = at_sites(world, rng, accounts, sites, which, on_wifi=on_wifi)
    world.registration_ip[accounts] = where.ip
    world.registration_wifi[accounts] = where.wifi
