"""University towns in autumn: campuses, part-time jobs, and a stall at every gate.

Twelve towns with many students. Whole years of freshmen register in a week with the
campus's cards. Banks and shops hold campaigns at the gates, where promoters and
passers-by help strangers for a gift, once; fans help fans in the evening of a show.
Used phones go from hand to hand.

Crews stand beside these events, in two shifts of three pitches each, and ask the same
passers-by. Task platforms recruit whole dormitories: their workers live in four towns,
share phones, work for two platforms at a time and come back when they feel like it
rather than when the quota is over. Farms split their orders over platforms. There are
some students among the farms' controllers: small farms, one to a dozen devices each.

Four in five phones give no position, and half of the accounts no ties.
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
    ("Wuhan", 30.593, 114.306, 8.0),
    ("Nanjing", 32.060, 118.797, 6.0),
    ("Xi'an", 34.342, 108.940, 6.0),
    ("Harbin", 45.803, 126.535, 4.0),
    ("Changsha", 28.228, 112.939, 4.0),
    ("Jinan", 36.651, 117.120, 3.5),
    ("Hefei", 31.821, 117.227, 3.0),
    ("Langfang", 39.538, 116.684, 2.0),
    ("Yangling", 34.272, 108.084, 1.0),
    ("Xiangtan", 27.830, 112.944, 1.2),
    ("Jinzhou", 41.095, 121.127, 1.0),
    ("Guilin", 25.274, 110.290, 1.0),
)

DESIGN = Design(
    name="student_towns",
    says="university towns: campuses and campaigns, crews in shifts beside them",
    towns=Towns(cities=CITIES, spread=4_500, block_people=400, ipv6=0.55),
    people=People(
        named=(0.85, 0.5),
        alone=(0.7, 0.98),
        handed_down=0.04,
        at_home=0.4,
        beside=0.6,
        friends=2.2,
        by_number=0.08,
    ),
    farms=Farms(
        styles={
            "naive": replace(
                STYLES["naive"],
                per_device=5,
                night=0.3,
                own_line=0.5,
                dial_up=0.15,
                bought_numbers=0.5,
                routes=(0.4, 0.45, 0.15),
                sleeps=3.0,
            ),
            "middling": replace(
                STYLES["middling"],
                own_line=0.15,
                dial_up=0.15,
                routes=(0.4, 0.45, 0.15),
                requests=9,
            ),
            "careful": replace(
                STYLES["careful"], routes=(0.45, 0.45, 0.1), tied=0.3, acceptance=0.45
            ),
        },
        median=35,
        spread=0.8,
        smallest=12,
        largest=200,
    ),
    crews=Crews(
        helps_a_crew=330,
        towns=0.7,
        travels=0.05,
        shifts=2,
        pitches=3,
        median=7,
        largest=25,
        passers_from_afar=0.05,
        beside_event=0.35,
        fails=0.18,
    ),
    platforms=Platforms(
        orders_a_platform=400,
        races=1.1,
        rest=1.9,
        by_turn=0.6,
        jitter=0.25,
        worker_towns=4,
        both=0.35,
        shared_phones=0.3,
        second=0.5,
        second_from=12,
    ),
    aftermath=Aftermath(quarrels=0.06, complaints=0.4, active_days=7),
    shares={
        "campus": 0.36,
        "campaign": 0.15,
        "event": 0.1,
        "fan_group": 0.12,
        "used_phone": 0.1,
        "carrier_nat": 0.05,
        "sim_batch": 0.06,
        "household": 0.03,
        "proxy_customer": 0.03,
        "merchant_stall": 0.04,
        "task_customer": 0.0,
    },
    sizes={"campus": 220},
    honest_orders=0.3,
    gaps={
        "scans.latitude": 0.8,
        "scans.longitude": 0.8,
        "ties": 0.5,
        "accounts.registration_wifi": 0.3,
    },
)
