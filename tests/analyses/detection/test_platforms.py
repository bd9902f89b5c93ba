"""Workers who race for orders: who belongs to one platform, and who to none."""

import numpy as np
import pyarrow as pa
import pytest

from analyses.detection.crews import put_groups
from analyses.detection.platforms import PlatformSettings, find_platforms
from graph.help_facts import gather_help_facts

DAY = 86_400


class Orders:
    """Orders for farms, and the workers who scanned the code of each."""

    def __init__(self):
        self.helps, self.scans, self.farms, self.roles = [], [], {}, {}

    def order(self, name, farm, *workers, risk=0.99, code=True):
        """The first of the workers wins; without a code they help by number."""
        self.farms[f"{name}_new"] = (farm, risk)
        for i, worker in enumerate(workers):
            self.roles.setdefault(worker, "platform_worker")
            scan = f"{name}>{worker}" if code else None
            self.helps.append(
                {
                    "help_id": f"{name}>{worker}",
                    "helper_id": worker,
                    "helped_id": f"{name}_new",
                    "kind": "registration",
                    "helped_at": len(self.helps) * DAY,
                    "scan_id": scan,
                    "result": "lost_race" if i else "ok",
                }
            )
            self.scans += (
                []
                if scan is None
                else [
                    {
                        "scan_id": scan,
                        "scanner_id": worker,
                        "code_id": f"{name}_code",
                        "purpose": "register_help",
                        "scanned_at": len(self.helps) * DAY,
                    }
                ]
            )

    def pool(self, name, farm, workers=5, orders=5, **more):
        """Each order is raced for by three workers in turn."""
        for i in range(orders):
            racing = [f"{name}_worker{(i + j) % workers}" for j in range(3)]
            self.order(f"{name}{i}", farm, *racing, **more)


@pytest.fixture
def orders():
    return Orders()


@pytest.fixture
def platforms_of(world):
    """Return a function from orders to the platform of each help; -1 for none."""

    def make(orders, *, order=None, settings=None):
        random = np.random.default_rng(order)
        helps, scans = list(orders.helps), list(orders.scans)
        for rows in (helps, scans) if order is not None else ():
            random.shuffle(rows)
        accounts = [{"account_id": name} for name in orders.farms]
        store = world(accounts=accounts, helps=helps, scans=scans)
        gather_help_facts(store)
        number = dict(store.rows("SELECT account_id, account FROM account_names"))
        names = sorted({farm for farm, _ in orders.farms.values()})
        rows = sorted(
            (number[name], names.index(farm), risk)
            for name, (farm, risk) in orders.farms.items()
        )
        account, farm, risk = (np.array(column) for column in zip(*rows, strict=True))
        put_groups(store, account.astype(np.int32), farm, risk)
        roles = sorted((number[name], role) for name, role in orders.roles.items())
        store.put(
            "helper_role",
            pa.table(
                {
                    "helper": pa.array([n for n, _ in roles], pa.int32()),
                    "role": pa.array([role for _, role in roles], pa.string()),
                }
            ),
        )
        found = find_platforms(store, settings)
        platform = dict(zip(found["help_id"], found["platform"], strict=True))
        return {h["help_id"]: platform.get(h["help_id"], -1) for h in orders.helps}

    return make


def of_pool(platforms, name):
    """The platforms to which the helps of a pool's workers belong."""
    return {platforms[key] for key in platforms if f">{name}_worker" in key}


def test_workers_who_race_for_the_same_codes_are_one_platform(orders, platforms_of):
    orders.pool("p", "farm")
    assert set(platforms_of(orders).values()) == {0}


def test_two_pools_with_different_orders_and_farms_are_two(orders, platforms_of):
    orders.pool("early", "red farm")
    orders.pool("late", "blue farm")
    platforms = platforms_of(orders)
    assert of_pool(platforms, "early") == {0}
    assert of_pool(platforms, "late") == {1}


def test_one_who_works_for_two_platforms_does_not_make_them_one(orders, platforms_of):
    orders.pool("red", "farm", orders=20)
    orders.pool("blue", "farm", orders=20)
    orders.order("both", "farm", "red_worker0", "blue_worker0")
    platforms = platforms_of(orders)
    assert of_pool(platforms, "red") | of_pool(platforms, "blue") == {0, 1}


def test_a_pool_that_changes_farms_from_month_to_month_is_one(orders, platforms_of):
    for month in range(6):
        for i in range(10):
            racing = [f"p_worker{(5 * month + i + j) % 12}" for j in range(3)]
            orders.order(f"{month}/{i}", f"farm {month}", *racing)
    assert set(platforms_of(orders).values()) == {0}


def test_races_alone_make_a_platform_where_no_farm_is_known(orders, platforms_of):
    orders.pool("p", "farm", risk=0.01)
    assert set(platforms_of(orders).values()) == {0}


def test_a_farm_alone_makes_a_platform_where_no_code_is_known(orders, platforms_of):
    orders.pool("p", "farm", code=False)
    assert set(platforms_of(orders).values()) == {0}


def test_those_who_help_a_group_that_looks_innocent_are_no_platform(
    orders, platforms_of
):
    orders.pool("p", "office", risk=0.01, code=False)
    assert set(platforms_of(orders).values()) == {-1}


@pytest.mark.parametrize(("workers", "platform"), [(5, 0), (4, -1)])
def test_too_few_workers_are_no_platform(orders, platforms_of, workers, platform):
    orders.pool("p", "farm", workers=workers)
    assert set(platforms_of(orders).values()) == {platform}


def test_how_many_workers_it_takes_can_be_set(orders, platforms_of):
    orders.pool("p", "farm", workers=4)
    few = PlatformSettings(minimum_workers=4)
    assert set(platforms_of(orders, settings=few).values()) == {0}


def test_a_worker_who_shares_no_order_and_no_farm_is_in_none(orders, platforms_of):
    orders.pool("p", "farm")
    orders.order("own", "other farm", "loner")
    platforms = platforms_of(orders)
    assert platforms["own>loner"] == -1
    assert of_pool(platforms, "p") == {0}


def test_only_workers_belong_to_a_platform(orders, platforms_of):
    orders.roles["friend"] = "bystander"
    orders.pool("p", "farm")
    orders.order("p9", "farm", "p_worker0", "p_worker1", "friend")
    platforms = platforms_of(orders)
    assert platforms["p9>friend"] == -1
    assert platforms["p9>p_worker0"] == 0


def test_where_nobody_works_there_is_no_platform(orders, platforms_of):
    orders.order("order", "farm", "friend")
    orders.roles["friend"] = "bystander"
    assert platforms_of(orders) == {"order>friend": -1}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(orders, platforms_of, seed):
    random = np.random.default_rng(seed)
    for name in "abcd":
        for i in range(20):
            workers = random.choice(8, size=random.integers(1, 4), replace=False)
            orders.order(
                f"{name}{i:02}",
                f"farm {name}",
                *(f"{name}_worker{n}" for n in workers),
            )
    expected = platforms_of(orders)
    assert set(expected.values()) == {0, 1, 2, 3}
    assert platforms_of(orders, order=seed) == expected
