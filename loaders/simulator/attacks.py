"""The red team: attackers who know how they are looked for, as changes to a design.

Each attack makes every farm of a world, and those who help it, hide one thing better.
It costs them: `accounts_a_day` is what one crew of three and one room of thirty phones
bring in on a working day, against `SESSION` without any attack. The numbers follow from
the field's own: a stall session of four hours is 22 helps, one every 150 seconds with
the failures; a helper may help once in 30 days; a phone is refitted (new number, new
line, wiped) in a third of a day's work of one person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from loaders.simulator.habits import Design

SESSION = 22.0
"""Accounts a day without any attack: one stall session."""


@dataclass(frozen=True)
class Attack:
    """An attack: what it hides, what it costs, and how it changes a design."""

    name: str
    says: str
    cost: str
    accounts_a_day: float
    change: Callable[[Design], Design]


def _with(design: Design, style: Mapping[str, Any], **farms: Any) -> Design:
    """Change all styles of a design, and its farms."""
    styles = {name: replace(one, **style) for name, one in design.farms.styles.items()}
    return replace(design, farms=replace(design.farms, styles=styles, **farms))


def _crews(design: Design, **crews: Any) -> Design:
    return replace(design, crews=replace(design.crews, **crews))


def _spread(design: Design) -> Design:
    design = _with(
        design,
        {
            "shared_device": 0.0,
            "tricked_device": 0.005,
            "own_line": 0.0,
            "dial_up": 0.0,
            "proxy": 0.0,
            "bought_numbers": 0.0,
            "night": 0.0,
            "old_version": 0.0,
            "patterned_name": 0.0,
            "pace": 0.9,
            "controlled": 0.15,
            "per_control": 1.2,
            "room": 0,
        },
    )
    return _crews(design, travels=0.9, pitches=3, shifts=1, median=6)


def _drip(design: Design) -> Design:
    design = _with(
        design,
        {"pace": 1.0, "sleeps": 20.0, "rhythm": 1.5},
        median=min(40.0, design.farms.median),
        largest=min(60, design.farms.largest),
    )
    design = _crews(design, median=3, largest=7, keeps_pace=0.6)
    return replace(design, platforms=replace(design.platforms, rest=3.0, by_turn=0.3))


def _camouflage(design: Design) -> Design:
    return _with(
        design,
        {"sleeps": 15.0, "requests": 2.5, "acceptance": 0.57, "per_control": 2.0},
        camouflage=1.0,
    )


def _tiny_farms(design: Design) -> Design:
    design = _with(
        design, {"room": 0, "segments": 6}, median=5, spread=0.4, smallest=3, largest=11
    )
    design = _crews(design, helps_a_crew=40, median=5, largest=12)
    platforms = replace(
        design.platforms, orders_a_platform=80, second=0.0, second_from=1_000
    )
    return replace(design, platforms=platforms)


def _relayed(design: Design) -> Design:
    return _crews(
        design,
        relayed=1.0,
        passers_from_afar=0.9,
        live=(0.0, 0.0, 0.1),
        waiting_seconds=300,
        fails=0.35,
    )


def _beside_event(design: Design) -> Design:
    """Every stall beside a real event; where the design has few, there are more."""
    shares = dict(design.shares)
    for kind, least in (("event", 0.2), ("campaign", 0.12)):
        shares[kind] = max(least, shares.get(kind, 0.0))
    rest = (1 - 0.32) / max(
        0.01, sum(v for k, v in shares.items() if k not in ("event", "campaign"))
    )
    shares = {
        kind: share * min(1.0, rest) if kind not in ("event", "campaign") else share
        for kind, share in shares.items()
    }
    return _crews(replace(design, shares=shares), beside_event=1.0, median=14)


def _poison(design: Design) -> Design:
    return _with(design, {}, frames=0.2)


def _sleepers(design: Design) -> Design:
    return _with(design, {"sleeps": 45.0})


def _friendly(design: Design) -> Design:
    design = _with(design, {"tied": 0.72, "real_named": 0.5})
    return _crews(design, median=7, largest=20)


ATTACKS: dict[str, Attack] = {
    attack.name: attack
    for attack in (
        Attack(
            "spread",
            "a device, a line, a number and an hour of its own for each account",
            "30 phones, each refitted every third day: 30 / 3",
            30 / 3,
            _spread,
        ),
        Attack(
            "drip",
            "less than one registration a day and farm, few helps a stall, for months",
            "a session of three helps a day: 3",
            3.0,
            _drip,
        ),
        Attack(
            "camouflage",
            "farm accounts befriend honest ones, their helpers help honest newcomers",
            "every second help of a helper's twelve a year goes to the honest: 22 / 2",
            SESSION / 2,
            _camouflage,
        ),
        Attack(
            "tiny_farms",
            "farms of three to eleven accounts, each with suppliers of its own",
            "one farm of five a session, and then to the next customer: 5",
            5.0,
            _tiny_farms,
        ),
        Attack(
            "relayed",
            "codes go as pictures to people all over the country, no stall at all",
            "35 of 100 codes are too old when they are scanned: 22 × 0.65",
            SESSION * 0.65,
            _relayed,
        ),
        Attack(
            "beside_event",
            "stalls only where and when people gather for something honest",
            "a town has an event on two days of seven: 22 × 2 / 7",
            SESSION * 2 / 7,
            _beside_event,
        ),
        Attack(
            "poison",
            "farm accounts share the line, device id or helper of innocents",
            "one innocent for five accounts, by four that are given up: 22 × 0.8",
            SESSION * 0.8,
            _poison,
        ),
        Attack(
            "sleepers",
            "accounts do nothing for weeks before they are used",
            "15 of 100 are lost in six weeks of keeping numbers alive: 22 × 0.85",
            SESSION * 0.85,
            _sleepers,
        ),
        Attack(
            "friendly",
            "every helper becomes a friend, half of the accounts have a real name",
            "five minutes of talk beside the 150 seconds of a help: 22 × 150 / 450",
            SESSION * 150 / 450,
            _friendly,
        ),
    )
}
"""The attacks by name."""
