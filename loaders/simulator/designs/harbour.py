"""Port and trading towns: foreigners everywhere, and all buy of the same sellers.

Fourteen towns on the coast. One look-alike in five came through an agency that
registers foreigners, sailors and traders: its staff help one stranger a month each, try
too soon, and nothing comes of it. Many others bought a second number or a proxy exit,
to trade from. Phone shops sell cards of a few segments. Some fans, some markets with
stalls.

Farms are few (2 %). They find nothing of their own: five sellers serve all of them and
the honest as well, and whoever buys in the same week gets the same segments, exits and
dial-up lines. A third of the farms is operated in the open from rooms with a line of
their own; careful ones are operated from ordinary homes. Two crews work in one town,
and a crew sells its codes early: half are made long before the stall opens.

Nothing is known of logins, and every other account hides its access point.
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
    ("Shanghai", 31.230, 121.474, 9.5),
    ("Guangzhou", 23.129, 113.264, 8.0),
    ("Ningbo", 29.868, 121.544, 5.0),
    ("Yiwu", 29.306, 120.075, 4.5),
    ("Tianjin", 39.084, 117.201, 4.5),
    ("Qingdao", 36.067, 120.383, 3.5),
    ("Dalian", 38.914, 121.615, 3.5),
    ("Xiamen", 24.480, 118.089, 3.0),
    ("Quanzhou", 24.874, 118.676, 3.0),
    ("Yantai", 37.463, 121.448, 2.0),
    ("Shantou", 23.354, 116.682, 2.0),
    ("Zhuhai", 22.271, 113.577, 1.8),
    ("Lianyungang", 34.597, 119.222, 1.2),
    ("Beihai", 21.481, 109.120, 0.8),
)

DESIGN = Design(
    name="harbour",
    says="port towns: agencies for foreigners, farms that buy of the same sellers",
    towns=Towns(cities=CITIES, spread=5_500, block_people=90, ipv6=0.4),
    people=People(far=0.2, named=(0.75, 0.36), friends=0.9, befriend=0.66),
    farmed=0.02,
    farms=Farms(
        styles={
            "naive": replace(
                STYLES["naive"],
                shared_device=0.6,
                dial_up=0.55,
                own_line=0.2,
                bought_numbers=0.65,
                segments=24,
                pace=0.3,
                patterned_name=0.5,
            ),
            "middling": replace(
                STYLES["middling"],
                shared_device=0.2,
                proxy=0.5,
                dial_up=0.2,
                bought_numbers=0.45,
                segments=36,
            ),
            "careful": replace(
                STYLES["careful"],
                proxy=0.45,
                bought_numbers=0.15,
                per_control=1.6,
                routes=(0.45, 0.25, 0.3),
            ),
        },
        median=60,
        spread=1.1,
        smallest=12,
        sellers=5,
    ),
    crews=Crews(
        helps_a_crew=90,
        towns=0.5,
        travels=0.1,
        median=12,
        live=(0.1, 0.25, 0.5),
        waiting_seconds=140,
        keeps_pace=0.5,
        passers_from_afar=0.25,
    ),
    platforms=Platforms(orders_a_platform=250, races=1.1, rest=1.4, by_turn=0.9),
    aftermath=Aftermath(complaints=0.6, verified=0.4, lag_days=4),
    shares={
        "agency": 0.2,
        "proxy_customer": 0.13,
        "sim_batch": 0.17,
        "phone_shop": 0.13,
        "household": 0.12,
        "carrier_nat": 0.06,
        "active_seller": 0.1,
        "event": 0.05,
        "fan_group": 0.05,
        "merchant_stall": 0.05,
        "task_customer": 0.0,
    },
    sizes={"agency": 110, "phone_shop": 40},
    honest_orders=0.2,
    gaps={
        "logins": 1.0,
        "accounts.registration_wifi": 0.5,
        "scans.wifi": 0.5,
    },
)
