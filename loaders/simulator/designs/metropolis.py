"""Six huge cities, and farms that go slow: little to see but who helped whom.

Homes have addresses of their own and phones are new. Offices register whole teams, ten
thousand people are behind one carrier's address, sellers are busy, many use a proxy.
Real friends help from afar, some of them every month.

Farms (3 %) are medium and patient: nearly all careful, sixty days a farm, accounts left
alone for weeks before they are used, homes in place of server rooms, a real name on
every other account. Crews show codes that were sent on as pictures: they are minutes
old, often too late, and one helper in four was not at the stall. What is not sold at
stalls goes to two platforms whose workers are never in a hurry. Complaints are slow,
sanctions slower.

Codes have no time of issue, and half of the scans no address.
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
    ("Beijing", 39.904, 116.407, 9.0),
    ("Shanghai", 31.230, 121.474, 9.0),
    ("Chongqing", 29.563, 106.551, 7.0),
    ("Guangzhou", 23.129, 113.264, 6.0),
    ("Chengdu", 30.573, 104.067, 6.0),
    ("Hangzhou", 30.274, 120.155, 4.0),
)

_PATIENT = replace(
    STYLES["careful"],
    pace=0.7,
    sleeps=20.0,
    real_named=0.5,
    proxy=0.3,
    bought_numbers=0.15,
    routes=(0.4, 0.4, 0.2),
    room=30,
    rhythm=1.3,
)

DESIGN = Design(
    name="metropolis",
    says="huge cities: patient farms, codes sent on as pictures, slow sanctions",
    towns=Towns(
        cities=CITIES, spread=12_000, block_people=60, segment_people=18, ipv6=0.5
    ),
    people=People(
        named=(0.85, 0.48),
        alone=(0.65, 0.97),
        handed_down=0.05,
        far=0.25,
        beside=0.4,
        befriend=0.66,
        by_number=0.22,
        helps_again=0.12,
        friends=1.5,
    ),
    farmed=0.03,
    farms=Farms(
        styles={
            "naive": replace(
                _PATIENT,
                shared_device=0.35,
                per_device=4,
                dial_up=0.25,
                patterned_name=0.3,
                tied=0.05,
                room=40,
                rhythm=0.4,
            ),
            "middling": replace(_PATIENT, shared_device=0.1, per_device=2),
            "careful": _PATIENT,
        },
        median=90,
        spread=0.7,
        smallest=20,
        largest=400,
        sellers=8,
    ),
    crews=Crews(
        helps_a_crew=180,
        towns=0.6,
        travels=0.15,
        pitches=2,
        median=8,
        largest=30,
        live=(0.0, 0.0, 0.2),
        waiting_seconds=260,
        fails=0.3,
        keeps_pace=0.4,
        relayed=0.25,
        beside_event=0.15,
    ),
    platforms=Platforms(
        orders_a_platform=350, races=0.7, rest=2.5, by_turn=0.5, jitter=0.3, both=0.2
    ),
    aftermath=Aftermath(
        complaints=0.3, verified=0.4, struck=0.5, lag_days=18, caught=0.05
    ),
    shares={
        "office": 0.2,
        "carrier_nat": 0.18,
        "active_seller": 0.12,
        "proxy_customer": 0.12,
        "sim_batch": 0.1,
        "household": 0.08,
        "event": 0.07,
        "agency": 0.05,
        "campaign": 0.04,
        "test_lab": 0.02,
        "community_helper": 0.02,
        "merchant_stall": 0.02,
        "task_customer": 0.0,
    },
    honest_orders=0.4,
    gaps={
        "codes.issued_at": 1.0,
        "scans.code_issued_at": 1.0,
        "scans.ip": 0.5,
        "complaints.complainant_id": 0.6,
    },
)
