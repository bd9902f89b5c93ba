"""Gatherings by component are those of all at once, wherever on earth they are."""

import math

import numpy as np
import pyarrow as pa
import pytest

from graph.density import Closeness, find_dense
from graph.place_cells import cut_apart
from graph.store import Store
from tests.spreading import SpreadingStore

HOUR = 3600
METRE = 1 / 0.1113195


def spots(seed, latitude, longitude):
    """Some 500 events around a place within a few days, some by their networks."""
    random = np.random.default_rng(seed)
    around = random.normal(0, 1_500, (12, 2)) * METRE
    begin = np.repeat(random.integers(0, 90 * HOUR, 12), 40)
    place = np.repeat(around, 40, axis=0) + random.normal(0, 140, (480, 2)) * METRE
    north = np.rint(latitude * 1e6 + place[:, 0]).clip(-90e6, 90e6)
    shrunk = np.cos(np.radians(north / 1e6)).clip(1e-6)
    east = np.rint(longitude * 1e6 + place[:, 1] / shrunk)
    east = (east + 180e6) % 360e6 - 180e6
    alone = random.random(480) < 0.2
    networks = random.choice(["wifi 1", "ip 2", "wifi 3"], 480)
    return pa.table(
        {
            "event": [f"e{number:03}" for number in random.permutation(480)],
            "moment": begin + random.integers(0, 2 * HOUR, 480),
            "latitude": pa.array(north.astype(np.int64), mask=alone),
            "longitude": pa.array(east.astype(np.int64), mask=alone),
            "network": pa.array(networks, mask=~alone),
        }
    )


def found(store, events, near):
    store.put("events", events)
    if store.spreads:
        cut_apart(store, "apart", "SELECT * FROM events", near)
        joined = "SELECT e.*, a.component FROM events AS e JOIN apart AS a USING(event)"
    else:
        joined = "SELECT *, '' AS component FROM events"
    find_dense(store, "dense", joined, near)
    return store.rows("SELECT event, first FROM dense ORDER BY event")


PLACES = [
    pytest.param(0.0, 0.0, id="equator"),
    pytest.param(31.2, 121.5, id="city"),
    pytest.param(-33.4, 179.9999, id="date line"),
    pytest.param(59.0, 10.0, id="zone of rows"),
    pytest.param(-59.5, -70.0, id="zone of boxes"),
    pytest.param(79.0, -180.0, id="northern zone of rows"),
    pytest.param(79.5, 15.0, id="northern zone of boxes"),
    pytest.param(-89.99, 0.0, id="pole"),
]


@pytest.mark.parametrize(("latitude", "longitude"), PLACES)
@pytest.mark.parametrize(
    "near",
    [
        Closeness(),
        Closeness(metres=60, seconds=300, minimum_helps=3),
        Closeness(metres=1_200, seconds=24 * HOUR, minimum_helps=12),
    ],
    ids=["usual", "narrow", "wide"],
)
def test_apart_and_together_are_the_same(latitude, longitude, near):
    for seed in range(2):
        events = spots(seed, latitude, longitude)
        with Store() as whole, SpreadingStore() as spread:
            together = found(whole, events, near)
            assert found(spread, events, near) == together
            assert len({first for _, first in together}) > 1
            if near.metres < 1_000:
                assert spread.calls["dense"] > 5


def test_who_is_near_is_in_one_component():
    """Pairs at just the distance and the time that are allowed, in any direction."""
    near, random = Closeness(), np.random.default_rng(5)
    with Store() as store:
        for latitude in (0, 31, 58.9999, 59.4999, 60, 78.9999, 79.4999, 85, 89.9):
            rows = []
            for pair in range(300):
                middle = np.array([latitude, random.uniform(-180, 180)]) * 1e6
                turn = random.uniform(0, 2 * math.pi)
                moment = int(random.integers(0, 10**9))
                for side in (-1, 1):
                    north = middle[0] + side * 74.9 * METRE * math.sin(turn)
                    east = side * 74.9 * METRE * math.cos(turn)
                    east = middle[1] + east / math.cos(math.radians(north / 1e6))
                    at = moment + side * near.seconds // 2
                    rows.append((f"{pair} {side}", at, round(north), round(east), None))
            names = ["event", "moment", "latitude", "longitude", "network"]
            columns = zip(names, zip(*rows, strict=True), strict=True)
            table = pa.table({name: pa.array(column) for name, column in columns})
            table = table.set_column(4, "network", pa.nulls(len(table), pa.string()))
            store.put("events", table)
            cut_apart(store, "apart", "SELECT * FROM events", near)
            apart = store.rows(
                """SELECT count(*) FROM (SELECT split_part(event, ' ', 1) AS pair
                   FROM apart GROUP BY pair HAVING count(DISTINCT component) > 1)"""
            )
            assert apart == [(0,)], latitude
            components = store.rows("SELECT count(DISTINCT component) FROM apart")
            assert components[0][0] > 250


def test_a_network_is_cut_where_nobody_comes_for_too_long():
    at = [0, 3 * HOUR, 6 * HOUR + 1, 6 * HOUR + 2]
    events = pa.table(
        {
            "event": ["a", "b", "c", "d", "e"],
            "moment": [*at, 0],
            "latitude": pa.nulls(5, pa.int64()),
            "longitude": pa.nulls(5, pa.int64()),
            "network": ["wifi 1"] * 4 + ["wifi 2"],
        }
    )
    with Store() as store:
        store.put("events", events)
        cut_apart(store, "apart", "SELECT * FROM events", Closeness())
        cut = dict(store.rows("SELECT event, component FROM apart"))
    assert cut["a"] == cut["b"] != cut["c"] == cut["d"]
    assert len(set(cut.values())) == 3
