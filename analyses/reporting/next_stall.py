"""Where and when a crew is likely to stand next, from the stalls that it held.

A crew keeps its hours and comes back to its spots. So the estimate is plain and can be
checked by hand: the town of its last stall; the spots that it held there, the later the
heavier; the hours between the middle of its starts and of its ends; and the day of its
last stall plus the usual gap, with the gaps from the lower to the upper quarter as the
range. `backtest` tells how often it would have been right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from statistics import median

from analyses.reporting.stalls import Session

DAY = 86_400
METRES_A_DEGREE = 111_195.0
TOWN_METRES = 30_000.0
SPOT_METRES = 500.0
HALF_LIFE = 4
"""A stall counts half as much as the one so many stalls later."""

LEAST = 3
"""With fewer stalls there is no estimate."""


@dataclass(frozen=True)
class NextStall:
    """An estimate: days since 1970, seconds of the day, and spots with their share.

    A spot is its latitude and longitude in millionths of a degree, and how likely it
    is among the spots of the town.
    """

    first_day: int
    usual_day: int
    last_day: int
    from_second: int
    to_second: int
    spots: tuple[tuple[int, int, float], ...]
    overdue: bool = False
    """By its habits it ought to have stood since: it may have stopped."""


def next_stall(
    sessions: Sequence[Session], *, after: int | None = None
) -> NextStall | None:
    """Return the estimate from a crew's stalls in order of time; None for too few.

    Stalls of which only the network is known count for the hours and days alone. It
    did not stand again up to the day `after` (days since 1970), the data's last: the
    estimate is later than that.
    """
    if len(sessions) < LEAST:
        return None
    days = sorted({s.first // DAY for s in sessions})
    gaps = sorted(b - a for a, b in zip(days, days[1:], strict=False)) or [1]
    recent = sorted(gaps_of_last(days))
    spots = _spots(sessions)
    least = days[-1] + 1 if after is None else max(after, days[-1]) + 1
    last_day = days[-1] + gaps[-1 - len(gaps) // 4]
    return NextStall(
        first_day=max(least, days[-1] + gaps[len(gaps) // 4]),
        usual_day=max(least, days[-1] + round(median(recent))),
        last_day=max(least, last_day),
        from_second=int(median(s.first % DAY for s in sessions)),
        to_second=int(median(s.last % DAY for s in sessions)),
        spots=spots,
        overdue=after is not None and last_day <= after,
    )


def gaps_of_last(days: Sequence[int]) -> list[int]:
    """Return the gaps between the last days, at most five of them.

    >>> gaps_of_last([1, 3, 6])
    [2, 3]
    """
    last = days[-6:]
    return [b - a for a, b in zip(last, last[1:], strict=False)] or [1]


def _spots(sessions: Sequence[Session]) -> tuple[tuple[int, int, float], ...]:
    placed = [s for s in sessions if s.latitude is not None and s.longitude is not None]
    if not placed:
        return ()
    there = [s for s in placed if metres_between(s, placed[-1]) <= TOWN_METRES]
    weights: list[tuple[Session, float]] = []
    for age, stall in enumerate(reversed(there)):
        weight = 0.5 ** (age / HALF_LIFE)
        for place, (spot, known) in enumerate(weights):
            if metres_between(stall, spot) <= SPOT_METRES:
                weights[place] = (spot, known + weight)
                break
        else:
            weights.append((stall, weight))
    weights.sort(key=lambda pair: (-pair[1], pair[0].number))
    whole = sum(weight for _, weight in weights)
    return tuple(
        (spot.latitude or 0, spot.longitude or 0, round(weight / whole, 3))
        for spot, weight in weights
    )


def metres_between(a: Session, b: Session) -> float:
    """Return the distance of two stalls with a position, on a plane between them."""
    assert a.latitude is not None and a.longitude is not None
    assert b.latitude is not None and b.longitude is not None
    squeeze = cos(radians((a.latitude + b.latitude) / 2e6))
    return METRES_A_DEGREE * hypot(
        (a.latitude - b.latitude) / 1e6, (a.longitude - b.longitude) / 1e6 * squeeze
    )


@dataclass(frozen=True)
class Backtest:
    """How often the estimate from the stalls before was right about the next one."""

    stalls: int
    town: int
    near_spot: int
    hours: int
    days: int


def backtest(crews: Mapping[str, Sequence[Session]]) -> Backtest:
    """Estimate each stall of each crew from those before it, and count what held.

    The town: within 30 km; a spot: within 500 m of one of the three likeliest; the
    hours: the stall's begin within an hour of the estimated span; the days: its day
    within the range.
    """
    counts = dict.fromkeys(("stalls", "town", "near_spot", "hours", "days"), 0)
    for sessions in crews.values():
        for known in range(LEAST, len(sessions)):
            came, told = sessions[known], next_stall(sessions[:known])
            if told is None or not told.spots or came.latitude is None:
                continue
            spots = [
                Session(0, 0, 0, latitude, longitude, 0, "")
                for latitude, longitude, _ in told.spots
            ]
            apart = [metres_between(spot, came) for spot in spots]
            begin = came.first % DAY
            counts["stalls"] += 1
            counts["town"] += min(apart) <= TOWN_METRES
            counts["near_spot"] += min(apart[:3]) <= SPOT_METRES
            counts["hours"] += told.from_second - 3600 <= begin <= told.to_second + 3600
            counts["days"] += told.first_day <= came.first // DAY <= told.last_day
    return Backtest(**counts)
