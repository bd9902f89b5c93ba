"""County towns: everybody knows everybody, and there is hardly a farm (0.5 %).

Thirty small towns. Homes are full, phones are shared and handed down, people are helped
at one table by family. In every neighbourhood volunteers help old people to register,
one a month each; shops do it too. Offices of one clerk, few campuses, a market on
Sundays.

The few farms are small (a dozen to sixty). A crew of two or three comes from the
provincial town, works where it is market day, and goes on to the next town: it is
seldom twice at one place, and seldom serves more than three farms. Workers of the one
task platform live in a few villages. There is a farm here and there that is only a
family with forty phones.

Devices are known by their id only, there is no activity, and few have log-ins.
"""

from dataclasses import replace

from loaders.simulator.designs.nationwide import STYLES
from loaders.simulator.habits import (
    Aftermath,
    City,
    Crews,
    Design,
    Farms,
    People,
    Platforms,
    Towns,
)

CITIES: tuple[City, ...] = (
    ("Xuzhou", 34.205, 117.284, 3.0),
    ("Fuyang", 32.890, 115.814, 2.4),
    ("Zhoukou", 33.626, 114.697, 2.4),
    ("Heze", 35.233, 115.480, 2.2),
    ("Nanyang", 32.991, 112.528, 2.2),
    ("Shangqiu", 34.414, 115.656, 1.9),
    ("Xinyang", 32.147, 114.091, 1.7),
    ("Suqian", 33.963, 118.275, 1.5),
    ("Bozhou", 33.845, 115.779, 1.4),
    ("Suzhou (Anhui)", 33.646, 116.964, 1.4),
    ("Zaozhuang", 34.811, 117.324, 1.2),
    ("Luohe", 33.582, 114.017, 0.9),
    ("Yongcheng", 33.929, 116.450, 0.8),
    ("Tengzhou", 35.084, 117.165, 0.9),
    ("Dengzhou", 32.688, 112.087, 0.8),
    ("Xincai", 32.750, 114.978, 0.6),
    ("Gushi", 32.168, 115.654, 0.8),
    ("Linquan", 33.040, 115.262, 0.9),
    ("Taihe", 33.160, 115.622, 0.8),
    ("Guoyang", 33.508, 116.214, 0.7),
    ("Shanxian", 34.794, 116.107, 0.6),
    ("Caoxian", 34.826, 115.542, 0.8),
    ("Luyi", 33.861, 115.484, 0.6),
    ("Xiayi", 34.237, 116.131, 0.5),
    ("Peixian", 34.722, 116.937, 0.6),
    ("Pizhou", 34.335, 117.998, 0.8),
    ("Shuyang", 34.111, 118.805, 0.9),
    ("Sihong", 33.476, 118.224, 0.5),
    ("Huaibin", 32.473, 115.420, 0.4),
    ("Tongbai", 32.380, 113.428, 0.3),
)

DESIGN = Design(
    name="county_towns",
    says="county towns: full homes and helpful neighbours, hardly a farm",
    towns=Towns(
        cities=CITIES, spread=2_500, block_people=260, segment_people=90, ipv6=0.1
    ),
    people=People(
        named=(0.7, 0.3),
        alone=(0.25, 0.9),
        handed_down=0.2,
        at_home=0.75,
        far=0.06,
        beside=0.75,
        befriend=0.85,
        by_number=0.28,
        helps_again=0.1,
        friends=0.7,
    ),
    farmed=0.005,
    farms=Farms(
        styles={
            "naive": replace(
                STYLES["naive"],
                per_device=6,
                own_line=0.7,
                dial_up=0.1,
                night=0.2,
                pace=0.5,
                bought_numbers=0.5,
                routes=(0.5, 0.2, 0.3),
            ),
            "middling": replace(
                STYLES["middling"], own_line=0.3, dial_up=0.1, bought_numbers=0.35
            ),
            "careful": replace(STYLES["careful"], real_named=0.3, tied=0.25),
        },
        median=26,
        spread=0.5,
        smallest=12,
        largest=60,
        declares=0.0,
    ),
    crews=Crews(
        helps_a_crew=60,
        towns=1.0,
        travels=0.75,
        median=9,
        largest=30,
        passers_from_afar=0.3,
        on_wifi=0.05,
        fails=0.2,
    ),
    platforms=Platforms(orders_a_platform=300, races=0.8, worker_towns=7, rest=1.2),
    aftermath=Aftermath(complaints=0.7, quarrels=0.02, verified=0.55),
    shares={
        "household": 0.42,
        "community_helper": 0.16,
        "phone_shop": 0.14,
        "used_phone": 0.08,
        "office": 0.05,
        "campus": 0.05,
        "event": 0.03,
        "carrier_nat": 0.04,
        "active_seller": 0.03,
        "merchant_stall": 0.05,
    },
    sizes={"office": 5, "phone_shop": 16, "campus": 40},
    gaps={"devices": 1.0, "activity": 1.0, "logins": 0.7, "scans.device_id": 1.0},
)
