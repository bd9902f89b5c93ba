"""Towns of factories: dormitories, internet cafés, and farms that are factories too.

Fifteen towns where people from everywhere work. They register after a shift, under one
roof, with the factory's cards, and a workmate helps whom they hardly know. Others sit
in internet cafés at night, on machines where an emulator runs. Makers of phones have
test laboratories: many accounts on few devices; half of those are declared.

Farms run like their neighbours: a few are huge (to 900), most are a dozen. They work
in rooms of forty accounts, by shifts; each room's script has its own rhythm, its phones
go round and get a new identity after some accounts, its numbers are used up in order.
Three sellers serve all of them. Registration does not wait for the stall: seven in ten
codes lie for days. Most helps come from the farms' own aged accounts and from crews.

Nobody gave out the ties, nor the posts, and every fourth account has no log-ins.
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
    ("Shenzhen", 22.543, 114.058, 8.0),
    ("Dongguan", 23.021, 113.752, 7.0),
    ("Suzhou", 31.299, 120.585, 5.0),
    ("Foshan", 23.022, 113.121, 4.0),
    ("Zhengzhou", 34.747, 113.625, 4.0),
    ("Kunshan", 31.385, 120.981, 3.0),
    ("Huizhou", 23.112, 114.416, 3.0),
    ("Zhongshan", 22.517, 113.393, 2.5),
    ("Wenzhou", 27.994, 120.699, 2.5),
    ("Wuxi", 31.491, 120.312, 2.5),
    ("Jiaxing", 30.746, 120.756, 2.0),
    ("Taizhou", 28.656, 121.421, 1.8),
    ("Jinjiang", 24.782, 118.552, 1.5),
    ("Hengyang", 26.894, 112.572, 1.0),
    ("Chizhou", 30.665, 117.491, 0.5),
)

DESIGN = Design(
    name="factory_belt",
    says="factory towns: dormitories, test laboratories, farms with shifts and rooms",
    towns=Towns(cities=CITIES, spread=9_000, block_people=300, segment_people=60),
    people=People(
        named=(0.78, 0.5),
        alone=(0.75, 0.97),
        helped=0.88,
        far=0.22,
        befriend=0.58,
        at_home=0.45,
        helps_again=0.08,
    ),
    farmed=0.08,
    farms=Farms(
        styles={
            "naive": replace(
                STYLES["naive"],
                room=45,
                rhythm=0.25,
                per_device=6,
                own_line=0.2,
                shared_device=0.6,
                pace=0.7,
                segments=12,
                routes=(0.3, 0.1, 0.6),
                old_version=0.3,
                night=0.35,
                patterned_name=0.4,
                bought_numbers=0.6,
            ),
            "middling": replace(
                STYLES["middling"],
                room=35,
                rhythm=0.5,
                shared_device=0.5,
                per_device=2.5,
                routes=(0.35, 0.15, 0.5),
                sleeps=15.0,
                pace=0.7,
                bought_numbers=0.35,
            ),
            "careful": replace(
                STYLES["careful"],
                room=20,
                rhythm=1.1,
                routes=(0.5, 0.15, 0.35),
                sleeps=25.0,
                controlled=0.4,
                per_control=3.5,
            ),
        },
        median=34,
        spread=1.5,
        smallest=12,
        largest=900,
        declares=0.15,
        sellers=3,
    ),
    crews=Crews(
        towns=0.9,
        travels=0.6,
        median=12,
        largest=50,
        live=(0.0, 0.1, 0.6),
        waiting_seconds=200,
        keeps_pace=0.7,
        tests=0.06,
    ),
    platforms=Platforms(orders_a_platform=200, races=0.6, rest=1.1, worker_towns=6),
    aftermath=Aftermath(lag_days=9, caught=0.2, complaints=0.35, active_days=3),
    shares={
        "dormitory": 0.3,
        "internet_cafe": 0.14,
        "test_lab": 0.1,
        "phone_shop": 0.12,
        "used_phone": 0.08,
        "office": 0.06,
        "sim_batch": 0.08,
        "carrier_nat": 0.08,
        "household": 0.04,
        "merchant_stall": 0.02,
    },
    sizes={"test_lab": 45, "phone_shop": 60},
    gaps={
        "ties": 1.0,
        "posts": 1.0,
        "logins": 0.25,
        "accounts.nickname": 0.1,
    },
)
