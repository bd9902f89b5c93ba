from analyses.reporting.next_stall import DAY, backtest, next_stall
from analyses.reporting.stalls import Session

HOUR = 3600


def stalls(*days, latitude=30_000_000, step=0, begin=7 * HOUR):
    """Stalls of an hour on these days, each `step` millionths of a degree further."""
    return [
        Session(
            n, d * DAY + begin, d * DAY + begin + HOUR, latitude + n * step, 0, 9, ""
        )
        for n, d in enumerate(days, start=1)
    ]


def test_three_stalls_at_one_spot_lead_to_the_same_spot_and_gap():
    told = next_stall(stalls(100, 103, 106))
    assert told is not None
    assert (told.first_day, told.usual_day, told.last_day) == (109, 109, 109)
    assert (told.from_second, told.to_second) == (7 * HOUR, 8 * HOUR)
    assert told.spots == ((30_000_000, 0, 1.0),)


def test_it_is_not_in_the_past_and_says_when_the_crew_is_overdue():
    habit = stalls(100, 103, 106)
    assert next_stall(habit, after=107) == next_stall(habit)
    told = next_stall(habit, after=120)
    assert told is not None
    assert told.overdue
    assert (told.first_day, told.usual_day, told.last_day) == (121, 121, 121)


def test_two_stalls_tell_nothing():
    assert next_stall(stalls(100, 103)) is None


def test_the_later_spot_weighs_more_and_another_town_is_left_out():
    near = stalls(100, 103, 106, 109, step=20_000)
    told = next_stall([*stalls(90, latitude=40_000_000), *near])
    assert told is not None
    shares = [share for _, _, share in told.spots]
    assert len(shares) == 4
    assert shares == sorted(shares, reverse=True)
    assert told.spots[0][0] == near[-1].latitude


def test_a_stall_without_a_place_counts_for_its_hours():
    unknown = [
        Session(n, n * DAY, n * DAY + 60, None, None, 5, "address") for n in (1, 2)
    ]
    told = next_stall([*unknown, *stalls(3)])
    assert told is not None
    assert told.from_second == 0
    assert len(told.spots) == 1


def test_a_backtest_counts_what_held():
    steady = stalls(*range(100, 118, 3))
    assert vars(backtest({"a": steady})) == {
        "stalls": 3, "town": 3, "near_spot": 3, "hours": 3, "days": 3,
    }  # fmt: skip
    moved = [*steady, *stalls(200, latitude=45_000_000, begin=0)]
    assert vars(backtest({"a": moved})) == {
        "stalls": 4, "town": 3, "near_spot": 3, "hours": 3, "days": 3,
    }  # fmt: skip
