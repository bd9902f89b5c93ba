import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from graph.density import Closeness
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts
from tests.spreading import SpreadingStore

HOUR = 3600
HERE = [(0, 0, 0)] * 4


def gathered(store, closeness=None):
    """Return the gathering of each help by its number, -1 for none."""
    find_gatherings(store, closeness)
    found = dict(store.rows("SELECT help_id, gathering FROM gatherings"))
    helps = store.rows("SELECT help_id FROM help_facts ORDER BY help_id")
    return [found.get(help_id, -1) for (help_id,) in helps]


def test_five_close_helps_are_a_gathering(helped_at):
    assert gathered(helped_at([*HERE, (100, 0, 0)])) == [0] * 5


def test_four_are_none(helped_at):
    assert gathered(helped_at(HERE)) == [-1] * 4
    assert gathered(helped_at([])) == []


@pytest.mark.parametrize(
    ("fifth", "together"),
    [
        ((149, 0, 0), True),
        ((151, 0, 0), False),
        ((0, 149, 0), True),
        ((0, 151, 0), False),
        ((0, 0, 3 * HOUR), True),
        ((0, 0, 3 * HOUR + 1), False),
        ((90, 90, 0), True),
        ((110, 110, 0), False),
    ],
    ids=str,
)
def test_how_near_is_near(helped_at, fifth, together):
    assert gathered(helped_at([*HERE, fifth])) == [0 if together else -1] * 5


@pytest.mark.parametrize(("metres", "together"), [(140, True), (160, False)])
def test_along_a_parallel_a_degree_is_shorter(helped_at, metres, together):
    store = helped_at(
        [*HERE, (metres, 0, 0)],
        latitude=60,
        east=2 / 0.1113195,  # millionths of a degree of longitude at 60 degrees north
    )
    assert gathered(store) == [0 if together else -1] * 5


def test_a_place_in_the_far_east_is_as_wide_as_any(helped_at):
    store = helped_at([*HERE, (0, 100, 0)], latitude=39.9, longitude=116.4)
    assert gathered(store) == [0] * 5


def test_a_chain_is_one_gathering(helped_at):
    places = [(100 * (i // 4), 0, 0) for i in range(20)]
    assert gathered(helped_at(places)) == [0] * 20


@pytest.mark.parametrize(
    "when",
    [
        pytest.param(-60, id="comes first"),
        pytest.param(60, id="comes last"),
    ],
)
def test_who_is_next_to_the_core_is_at_its_border(helped_at, when):
    # The one at 200 m has one neighbour only, who has five.
    store = helped_at([*HERE, (100, 0, 0), (200, 0, when)])
    assert gathered(store) == [0] * 6


def test_a_border_between_two_gatherings_joins_the_earlier_and_does_not_join_them(
    helped_at,
):
    # Four and one 100 m beside them, twice; between these two, one who is near both.
    left = [*HERE, (100, 0, 0)]
    right = [(380, 0, 60), *[(480, 0, 60)] * 4]
    between = (240, 0, 30)
    assert gathered(helped_at([*left, between, *right])) == [0] * 6 + [1] * 5


def test_one_with_many_around_it_is_a_gathering_though_the_others_have_few(helped_at):
    left, right = [(0, 0, 0)] * 3, [(290, 0, 0)] * 3
    assert gathered(helped_at([*left, *right, (145, 0, 0)])) == [0] * 7


def test_gatherings_are_numbered_by_their_first_help(helped_at):
    late, early = [(0, 0, 500)] * 5, [(5_000, 0, 20)] * 5
    assert gathered(helped_at([*late, *early])) == [1] * 5 + [0] * 5


def relayed(store):
    return [g for (g,) in store.rows("SELECT gathering FROM relayed_gatherings")]


def test_strangers_who_were_not_there_were_relayed(helped_at):
    store = helped_at([*HERE, (0, 0, 0)])
    assert gathered(store) == [0] * 5
    assert relayed(store) == [0]


def test_a_gathering_of_friends_is_not_relayed(helped_at):
    ties = "\n".join(f"new{i:03} helper{i:03}" for i in range(3))
    store = helped_at([*HERE, (0, 0, 0)], ties=f"account_a account_b\n{ties}")
    assert gathered(store) == [0] * 5
    assert relayed(store) == []


def put_here(store, helped):
    """Let those who were helped so have registered where they were helped."""
    named = ", ".join(f"'new{i:03}'" for i in helped)
    store.materialise(
        "help_facts",
        f"""SELECT f.* REPLACE (CASE WHEN n.account_id IN ({named}) THEN 10 END AS away)
            FROM help_facts AS f JOIN account_names AS n ON n.account = f.helped""",
    )


def test_relayed_codes_among_people_who_are_there_are_a_gathering_of_their_own(
    helped_at,
):
    # Six people register at an event; between them five codes from elsewhere.
    store = helped_at([(0, 0, 60 * i) for i in range(11)])
    put_here(store, [0, 2, 4, 6, 8, 10])
    assert gathered(store) == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert store.rows("SELECT * FROM passing_gatherings") == [(1, True, True)]
    # It was picked for that, so it is no proof.
    assert relayed(store) == []


def test_four_relayed_codes_among_people_who_are_there_are_none(helped_at):
    store = helped_at([(0, 0, 60 * i) for i in range(10)])
    put_here(store, [0, 2, 4, 6, 8, 9])
    assert gathered(store) == [0] * 10
    assert relayed(store) == []


@pytest.mark.parametrize(("region", "expected"), [("here", []), ("there", [0])])
def test_where_no_place_is_known_the_same_region_is_here(helped_at, region, expected):
    store = helped_at([*HERE, (0, 0, 0)])
    store.materialise(
        "accounts",
        f"""SELECT a.* REPLACE (n.account AS account,
              CASE WHEN n.account_id LIKE 'new%' THEN '{region}' ELSE 'here' END
                AS profile_region)
            FROM account_names AS n
            CROSS JOIN (SELECT * FROM accounts LIMIT 1) AS a""",
    )
    gathered(store)
    assert relayed(store) == expected


def test_near_in_place_and_in_time_is_near(helped_at):
    assert gathered(helped_at([*HERE, (140, 0, 3 * HOUR - 600)])) == [0] * 5


def test_how_near_can_be_set(helped_at):
    wide = Closeness(metres=1_000, seconds=10 * HOUR, minimum_helps=2)
    assert gathered(helped_at([(0, 0, 0), (900, 0, 0)]), wide) == [0, 0]
    assert gathered(helped_at([(0, 0, 0), (0, 0, 9 * HOUR)]), wide) == [0, 0]
    assert gathered(helped_at([(0, 0, 0), (0, 0, 11 * HOUR)]), wide) == [-1, -1]


def spots_by_seed(seed, *, kind):
    """Random spots that differ from their neighbours in place or in time, not both."""
    random = np.random.default_rng(seed)
    if kind == "time":
        return [(0, 0, int(at)) for at in random.integers(0, 120 * HOUR, 80)]
    east, north, half = random.integers(0, [[1_000], [1_000], [2]], size=(3, 120))
    return list(zip(east, north, 4 * HOUR * half, strict=True))


def dbscan(store):
    placed = store.rows(
        "SELECT longitude, latitude, moment FROM help_facts ORDER BY help_id"
    )
    points = np.array(placed) * [0.1113195 / 150, 0.1113195 / 150, 1 / (3 * HOUR)]
    return DBSCAN(eps=1.0, min_samples=5).fit(points)


@pytest.mark.parametrize("kind", ["place", "time"])
@pytest.mark.parametrize("seed", range(5))
def test_cores_fall_apart_as_dbscan_has_it(helped_at, seed, kind):
    store = helped_at(spots_by_seed(seed, kind=kind))
    oracle, ours = dbscan(store), np.array(gathered(store))
    core = oracle.core_sample_indices_
    pairs = set(zip(ours[core], oracle.labels_[core], strict=True))
    assert len(pairs) == len(set(ours[core])) == len(set(oracle.labels_[core])) > 1
    assert ours[core].min() == 0


@pytest.mark.parametrize("kind", ["place", "time"])
@pytest.mark.parametrize("seed", range(5))
def test_who_is_in_none_is_noise_to_dbscan(helped_at, seed, kind):
    # To which of two gatherings a help at the border belongs is a matter of order, so
    # the oracle is asked only whether it belongs to any.
    store = helped_at(spots_by_seed(seed, kind=kind))
    ours = np.array(gathered(store))
    assert (ours < 0).tolist() == (dbscan(store).labels_ < 0).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_by_component_they_are_the_same(helped_at, seed):
    random = np.random.default_rng(seed)
    spots = [
        (east + 5_000 * int(random.integers(3)), north, moment)
        for east, north, moment in spots_by_seed(seed, kind="place") * 3
    ]
    store = helped_at(spots)
    put_here(store, np.flatnonzero(random.random(len(spots)) < 0.5).tolist())
    names = [name for (name,) in store.rows("SELECT table_name FROM duckdb_tables()")]
    with SpreadingStore() as spread:
        for name in names:
            spread.put(name, store.arrow(f'SELECT * FROM "{name}"'))
        spread.most_rows = 0
        find_gatherings(spread)
        assert spread.most_rows == 1, "helps came back to this process"
        assert gathered(spread) == gathered(store)
        for name in ("gatherings", "passing_gatherings", "relayed_gatherings"):
            rows = [set(each.rows(f"SELECT * FROM {name}")) for each in (store, spread)]
            assert rows[0] == rows[1]
        assert store.rows("SELECT * FROM passing_gatherings WHERE picked")
        assert spread.calls["_dense"] > 1
        left = spread.rows("SELECT table_name FROM duckdb_tables()")
    assert {name for (name,) in left if name.startswith("_")} == set()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(helped_at, seed):
    spots = spots_by_seed(seed, kind="place")
    store = helped_at(spots)
    first = gathered(store)
    for table in ("helps", "scans"):
        store.materialise(table, f"SELECT * FROM {table} ORDER BY hash(scan_id)")
    gather_help_facts(store)
    assert gathered(store) == first
