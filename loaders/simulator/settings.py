"""What can be chosen about a sample world: every option and its default."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from graph.errors import InputError, did_you_mean
from loaders.simulator.attacks import ATTACKS
from loaders.simulator.designs import DESIGNS
from loaders.simulator.designs.crossing import cross
from loaders.simulator.designs.variation import vary
from loaders.simulator.habits import Design
from loaders.simulator.networks import NETWORKS

LOOK_ALIKES = (
    "household",
    "phone_shop",
    "office",
    "campus",
    "agency",
    "test_lab",
    "carrier_nat",
    "merchant_stall",
    "event",
    "active_seller",
    "proxy_customer",
    "sim_batch",
    "dormitory",
    "internet_cafe",
    "used_phone",
    "community_helper",
    "campaign",
    "fan_group",
    "task_customer",
    "side_accounts",
)
"""The innocent populations that look like collusion, by their truth innocent_kind."""
STYLES = ("mixed", "careful", "middling", "naive")
FORMATS = ("parquet", "csv", "csv.gz")


@dataclass(frozen=True)
class WorldSettings:
    """The options of a sample world.

    | option | what it is |
    |---|---|
    | seed | the same seed and options give the same bytes |
    | design | which world: towns, habits and look-alikes (`designs`); with `+` \
between several, each part is one's |
    | varied | whether its habits are drawn anew around the design's (`variation`) |
    | new | accounts registered in the window |
    | existing | accounts older than the window, the background |
    | farmed | the share of new accounts that farms registered; None: the design's own |
    | attacks | what the farms do about being looked for (`attacks`) |
    | networks | the further kinds of network that there are (`networks`) |
    | style | skill of the farms: `mixed` is a third of each |
    | days | length of the window |
    | start | first day of the window, `YYYY-MM-DD` |
    | crews | roadside crews; None: one for about 250 stall helps; 0: none |
    | platforms | task platforms; None: one for about 500 orders; 0: none |
    | look_alikes | of the design's innocent populations, those that there are |
    | look_alike_share | the share of honest newcomers in those populations when all \
are there |
    | honest_orders | of a platform's orders, those that honest newcomers place; \
None: the design's own |
    | unsealings | share of established accounts that were sealed and honestly helped |
    | aftermath | whether accounts do, and suffer, anything after they registered |
    | missing | the share of values left out in columns that may be null |
    | format | `parquet`, `csv` or `csv.gz` |
    | parts | part files a table; more than 1 makes a folder of each table |

    Farms without crews or platforms use their own aged helpers. Without farms there are
    no crews and no platforms, for they have nobody to serve.

    Raises `InputError` when a value is outside its range.

    >>> WorldSettings(farmed=0.02).farmed
    0.02
    """

    seed: int = 1
    design: str = "nationwide"
    varied: bool = False
    new: int = 40_000
    existing: int = 120_000
    farmed: float | None = None
    attacks: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    style: Literal["mixed", "careful", "middling", "naive"] = "mixed"
    days: int = 90
    start: str = "2026-03-01"
    crews: int | None = None
    platforms: int | None = None
    look_alikes: tuple[str, ...] = LOOK_ALIKES
    look_alike_share: float = 0.45
    honest_orders: float | None = None
    unsealings: float = 0.003
    aftermath: bool = True
    missing: float = 0.02
    format: Literal["parquet", "csv", "csv.gz"] = "parquet"
    parts: int = 1

    def __post_init__(self) -> None:
        least = {"seed": 0, "new": 1, "existing": 200, "days": 1, "parts": 1}
        for name, minimum in least.items():
            if getattr(self, name) < minimum:
                raise InputError(
                    f"{name} is {getattr(self, name)}: give {minimum} or more"
                )
        for name in (
            "farmed",
            "look_alike_share",
            "honest_orders",
            "unsealings",
            "missing",
        ):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InputError(f"{name} is {value}: give a share between 0 and 1")
        for name in ("crews", "platforms"):
            if getattr(self, name) is not None and getattr(self, name) < 0:
                raise InputError(f"{name} is {getattr(self, name)}: give 0 or more")
        for name in self.design.split("+"):
            _one_of("design", name, tuple(DESIGNS))
        _one_of("style", self.style, STYLES)
        _one_of("format", self.format, FORMATS)
        for attack in self.attacks:
            _one_of("attack", attack, tuple(ATTACKS))
        for network in self.networks:
            _one_of("network", network, tuple(NETWORKS))
        for kind in self.look_alikes:
            _one_of("look_alikes", kind, LOOK_ALIKES)
        self.start_second  # noqa: B018 - reads the date, or says what is wrong

    @property
    def world_design(self) -> Design:
        """The design, with what these settings say otherwise."""
        designs = [DESIGNS[name] for name in self.design.split("+")]
        design = cross(designs, self.seed) if len(designs) > 1 else designs[0]
        if self.varied:
            design = vary(design, self.seed)
        if self.farmed is not None:
            design = replace(design, farmed=self.farmed)
        if self.honest_orders is not None:
            design = replace(design, honest_orders=self.honest_orders)
        for name in self.attacks:
            design = ATTACKS[name].change(design)
        return design

    @property
    def start_second(self) -> int:
        """First second of the window, since 1970.

        >>> WorldSettings(start="1970-01-02").start_second
        86400
        """
        try:
            day = datetime.strptime(self.start, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise InputError(
                f"start is {self.start!r}: give a day as 2026-03-01"
            ) from None
        return int(day.timestamp())


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(
            f"{name} is {value!r}: give one of {', '.join(allowed)}"
            f"{did_you_mean(value, allowed)}"
        )
