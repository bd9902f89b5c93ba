"""Stalls on a street: who stood where and when, and how many crews that makes."""

import numpy as np
import pyarrow as pa
import pytest

from analyses.detection.crew_pairs import PairModel, table_model
from analyses.detection.crews import CrewSettings, _join, find_crews, put_groups
from analyses.detection.givers import find_givers
from analyses.detection.sessions import believe_sessions
from graph.gatherings import find_gatherings
from graph.help_facts import gather_help_facts

DAY, HOUR, MINUTE = 86_400, 3600, 60
METRE = 9
"""Millionths of a degree in a metre, or nearly."""

HERE = (0, 0)
ACROSS_TOWN = (5_000, 0)
ANOTHER_TOWN = (300_000, 0)


class Street:
    """Sessions, written down one sentence at a time; strangers come once, as lured."""

    def __init__(self):
        self.helps, self.scans, self.roles, self.farms = [], [], {}, {}
        self.risks = {}

    def help(self, name, helper, farm, at, place, *, role="lured_helper", result="ok"):
        """One help called so; `place` are the columns of its scan that tell where."""
        self.roles[helper], self.farms[f"{name}_new"] = role, farm
        self.helps.append(
            {
                "help_id": name,
                "helper_id": helper,
                "helped_id": f"{name}_new",
                "kind": "registration",
                "helped_at": at,
                "scan_id": f"{name}_scan",
                "result": result,
            }
        )
        self.scans.append(
            {
                "scan_id": f"{name}_scan",
                "scanner_id": helper,
                "code_id": f"{name}_code",
                "purpose": "register_help",
                "scanned_at": at,
                "confirmed_at": at + 4,
                **place,
            }
        )

    def session(
        self, name, farm, *, day, hour=10, spot=HERE, count=5, place=None, operator=None
    ):
        """So many passers-by, a minute apart; the operator scans first."""
        for i in range(count):
            first = operator is not None and i == 0
            self.help(
                f"{name}{i}",
                operator if first else f"{name}{i}_passer",
                farm,
                day * DAY + hour * HOUR + i * MINUTE,
                place if place is not None else position(spot, i),
                role="operator" if first else "lured_helper",
            )


def position(spot, step=0):
    east, north = spot
    return {"longitude": (east + step) * METRE, "latitude": north * METRE}


@pytest.fixture
def street():
    return Street()


@pytest.fixture
def laid_out(world):
    """Return a function from a street to a store in which crews can be found."""

    def make(street, *, order=None):
        random = np.random.default_rng(order)
        helps, scans = list(street.helps), list(street.scans)
        accounts = [{"account_id": name} for name in street.farms]
        for rows in (helps, scans, accounts) if order is not None else ():
            random.shuffle(rows)
        store = world(accounts=accounts, helps=helps, scans=scans)
        gather_help_facts(store)
        find_gatherings(store)
        number = dict(store.rows("SELECT account_id, account FROM account_names"))
        farms = {number[name]: farm for name, farm in street.farms.items() if farm}
        roles = {number[name]: role for name, role in street.roles.items()}
        risks = {number[name]: street.risks.get(name, 0.99) for name in street.farms}
        names = sorted(set(farms.values()))
        put_groups(
            store,
            np.array(sorted(farms), dtype=np.int32),
            np.array([names.index(farms[n]) for n in sorted(farms)], dtype=np.int64),
            np.array([risks[n] for n in sorted(farms)]),
        )
        believe_sessions(store)
        store.put(
            "helper_role",
            pa.table(
                {
                    "helper": pa.array(sorted(roles), pa.int32()),
                    "role": [roles[n] for n in sorted(roles)],
                }
            ),
        )
        return store

    return make


@pytest.fixture
def crews_of(laid_out):
    """Return a function from a street to the crew of each help; -1 for none."""

    def make(street, *, order=None, settings=None):
        found = find_crews(laid_out(street, order=order), settings)
        crew = dict(zip(found.helps["help_id"], found.helps["crew"], strict=True))
        return {row["help_id"]: crew.get(row["help_id"], -1) for row in street.helps}

    return make


def of_sessions(crews, *names):
    """The crew of each session; all its helps are in the same."""
    result = []
    for name in names:
        (crew,) = {crews[key] for key in crews if key.rstrip("0123456789") == name}
        result.append(crew)
    return result


def test_same_farm_same_hours_two_days_two_spots_in_a_town_are_one_crew(
    street, crews_of
):
    street.session("monday", "farm", day=1)
    street.session("tuesday", "farm", day=2, spot=ACROSS_TOWN)
    assert of_sessions(crews_of(street), "monday", "tuesday") == [0, 0]


def test_two_crews_in_one_town_at_the_same_time_are_two(street, crews_of):
    for day in (1, 2):
        street.session("blue" + "!" * day, "blue farm", day=day)
        street.session("red" + "!" * day, "red farm", day=day, spot=ACROSS_TOWN)
    crews = of_sessions(crews_of(street), "blue!", "blue!!", "red!", "red!!")
    assert crews == [0, 0, 1, 1]


def test_a_crew_is_never_at_two_places_at_once_whatever_farm_it_serves(
    street, crews_of
):
    street.session("here", "farm", day=1)
    street.session("there", "farm", day=1, spot=ACROSS_TOWN)
    assert of_sessions(crews_of(street), "here", "there") == [0, 1]


def test_not_even_when_both_are_like_a_third_and_have_one_operator(street, crews_of):
    street.session("here", "farm", day=1, operator="boss")
    street.session("there", "farm", day=1, spot=ACROSS_TOWN, operator="boss")
    street.session("later", "farm", day=2, operator="boss")
    here, there, later = of_sessions(crews_of(street), "here", "there", "later")
    assert here != there
    assert later in (here, there)


@pytest.mark.parametrize("seed", range(5))
def test_in_no_random_town_is_a_crew_at_two_places_at_once(street, laid_out, seed):
    random = np.random.default_rng(seed)
    for n in range(25):
        street.session(
            f"s{'!' * n}",
            f"farm{random.integers(3)}",
            day=int(random.integers(1, 5)),
            hour=int(random.integers(9, 14)),
            spot=(1_000 * int(random.integers(6)), 0),
        )
    found = find_crews(laid_out(street))
    assert 1 < found.count < 25
    for _, crew in found.sessions.groupby("crew"):
        rows = crew[["first", "last", "longitude"]].to_numpy()
        for i, (first, last, east) in enumerate(rows):
            for other_first, other_last, other_east in rows[:i]:
                apart = abs(east - other_east) > 300 * METRE
                assert not (apart and first <= other_last and other_first <= last)


@pytest.mark.parametrize(("count", "crews"), [(5, 1), (4, 0)])
def test_five_lured_passers_by_are_a_session_and_four_are_not(
    street, laid_out, count, crews
):
    street.session("stall", "farm", day=1, count=count)
    found = find_crews(laid_out(street))
    assert found.count == crews
    assert len(found.helps) == count * crews
    assert found.sessions["helps"].tolist() == [count] * crews


@pytest.mark.parametrize(("place", "crew"), [(None, 0), ({"ip": "36.1.2.3"}, -1)])
def test_at_an_address_alone_helpers_must_look_lured(street, crews_of, place, crew):
    street.session("party", "farm", day=1, place=place)
    street.roles = dict.fromkeys(street.roles, "bystander")
    assert set(crews_of(street).values()) == {crew}


@pytest.mark.parametrize(
    ("place", "placed_by"),
    [
        (None, "position"),
        ({"wifi": "cafe"}, "access point"),
        ({"wifi": "cafe", "ip": "36.1.2.3"}, "access point"),
        ({"ip": "36.1.2.3"}, "address"),
    ],
    ids=["position", "access point", "access point before address", "address"],
)
def test_a_session_says_by_what_it_was_placed(street, laid_out, place, placed_by):
    street.session("stall", "farm", day=1, place=place)
    sessions = find_crews(laid_out(street)).sessions
    assert sessions["placed_by"].tolist() == [placed_by]
    assert sessions["latitude"].notna().tolist() == [placed_by == "position"]


def test_an_access_point_is_where_others_have_scanned_on_it(street, laid_out):
    street.session("stall", "farm", day=1, place={"wifi": "cafe"})
    street.help(
        "guest",
        "guest_helper",
        None,
        50 * DAY,
        {"wifi": "cafe", **position(ACROSS_TOWN)},
    )
    street.roles["guest_helper"] = "bystander"
    sessions = find_crews(laid_out(street)).sessions
    assert sessions["placed_by"].tolist() == ["access point"]
    assert sessions["longitude"].tolist() == [position(ACROSS_TOWN)["longitude"]]


@pytest.mark.parametrize(("seen", "sessions"), [(True, 2), (False, 1)])
def test_a_network_that_moves_is_where_it_was_seen_that_day(
    street, laid_out, seen, sessions
):
    # Four passers-by a day give a position; the fifth is on the stall's own network.
    for day, spot in ((1, HERE), (2, ACROSS_TOWN)):
        on = {"wifi": "phone"} if seen or day == 1 else {}
        street.session(
            f"day{day}_", "farm", day=day, count=4, place=position(spot) | on
        )
        at = day * DAY + 10 * HOUR
        street.help(f"fifth{day}_", f"passer{day}", "farm", at, {"wifi": "phone"})
    # It has been elsewhere before, so it does not stand anywhere.
    elsewhere = position(ANOTHER_TOWN) | {"wifi": "phone"}
    street.help("before", "somebody", None, 0, elsewhere, role="bystander")
    found = find_crews(laid_out(street)).sessions
    assert found["helps"].tolist() == [5] * sessions
    assert found["placed_by"].tolist() == ["position"] * sessions


def test_sessions_without_positions_are_joined_by_farm_and_hours(street, crews_of):
    for day in (1, 2):
        street.session("red" + "!" * day, "red", day=day, place={"wifi": f"cafe{day}"})
        street.session(
            "blue" + "!" * day, "blue", day=day, hour=18, place={"wifi": f"bar{day}"}
        )
    crews = of_sessions(crews_of(street), "red!", "red!!", "blue!", "blue!!")
    assert crews == [0, 0, 1, 1]


def two_stalls_at_the_same_time(street):
    street.session("blue", "blue farm", day=1)
    street.session("red", "red farm", day=1, spot=ACROSS_TOWN)


@pytest.mark.parametrize(("farm", "crew"), [("blue farm", 0), ("red farm", 1)])
def test_a_help_without_a_place_goes_to_the_session_that_serves_its_farm_then(
    street, laid_out, farm, crew
):
    two_stalls_at_the_same_time(street)
    street.session("blue again", "blue farm", day=5)
    street.session("red again", "red farm", day=5, spot=ACROSS_TOWN)
    street.help("lost", "lost_passer", farm, DAY + 10 * HOUR + 90, {})
    helps = find_crews(laid_out(street)).helps
    (lost,) = helps[helps["help_id"] == "lost"].itertuples()
    (first,) = helps[helps["help_id"] == f"{farm[:-5]}0"].itertuples()
    assert (lost.crew, lost.session) == (first.crew, first.session)
    assert lost.crew == crew
    assert set(helps.loc[~helps["placed"], "help_id"]) == {"lost"}


def test_a_help_without_a_place_for_a_farm_that_no_crew_serves_is_left(
    street, crews_of
):
    two_stalls_at_the_same_time(street)
    street.help("lost", "lost_passer", "green farm", DAY + 10 * HOUR + 90, {})
    street.help("stray", "stray_passer", None, DAY + 10 * HOUR + 90, {})
    crews = crews_of(street)
    assert crews["lost"] == crews["stray"] == -1


def test_a_help_at_another_place_is_not_a_session_s_because_of_its_farm(
    street, crews_of
):
    two_stalls_at_the_same_time(street)
    street.help(
        "far", "far_passer", "red farm", DAY + 10 * HOUR + 90, position(ANOTHER_TOWN)
    )
    assert crews_of(street)["far"] == -1


@pytest.mark.parametrize(("operator", "crews"), [(None, [0, 1]), ("boss", [0, 0])])
def test_who_scans_at_both_stalls_joins_them(street, crews_of, operator, crews):
    street.session("east", "red farm", day=1, operator=operator)
    street.session("west", "blue farm", day=2, spot=ANOTHER_TOWN, operator=operator)
    assert of_sessions(crews_of(street), "east", "west") == crews


@pytest.mark.parametrize(("network", "crews"), [(None, [0, 1]), ("phone", [0, 0])])
def test_the_network_that_comes_along_joins_them(street, crews_of, network, crews):
    wifi = {"wifi": network} if network else {}
    for name, farm, day, spot in (
        ("east", "red farm", 1, HERE),
        ("west", "blue farm", 2, ANOTHER_TOWN),
    ):
        street.session(name, farm, day=day, place=position(spot) | wifi)
    assert of_sessions(crews_of(street), "east", "west") == crews


def test_the_network_of_a_spot_is_nobody_s(street, laid_out):
    for name, day in (("red", 1), ("blue", 2)):
        place = position(HERE) | {"wifi": "mall"}
        street.session(name, f"{name} farm", day=day, place=place)
    store = laid_out(street)
    alone = find_crews(store).model
    store.materialise(
        "help_facts", "SELECT * REPLACE (NULL AS access_point) FROM help_facts"
    )
    without = find_crews(store).model
    for code in ("same_farms", "same_hours", "same_place", "same_company"):
        assert alone.bits(code).tolist() == without.bits(code).tolist()


@pytest.mark.parametrize(
    ("known", "crews"),
    [(True, [0, 1]), (False, [0, 0])],
    ids=["the towns of their blocks are known", "nobody says where the blocks are"],
)
def test_in_two_towns_at_once_are_two_crews_though_no_spot_is_known(
    street, crews_of, known, crews
):
    for name, block, spot in (
        ("here", "36.1.2", HERE),
        ("there", "58.7.8", ANOTHER_TOWN),
    ):
        street.session(name, "farm", day=1, place={"ip": f"{block}.9"})
        for guest in range(3 if known else 0):
            place = position(spot) | {"ip": f"{block}.{20 + guest}"}
            street.help(
                f"{name}_at{guest}_", f"{name}_guest{guest}", None, 50 * DAY, place
            )
            street.roles[f"{name}_guest{guest}"] = "bystander"
    assert of_sessions(crews_of(street), "here", "there") == crews


def test_in_one_town_at_once_two_sessions_without_a_spot_may_be_one_stall_s(
    street, crews_of
):
    for block in ("36.1.2", "58.7.8"):
        for guest in range(3):
            place = position(HERE) | {"ip": f"{block}.{20 + guest}"}
            name = f"at{block}_{guest}_"
            street.help(name, f"{name}guest", None, 50 * DAY, place, role="bystander")
    street.session("one", "farm", day=1, place={"ip": "36.1.2.9"})
    street.session("two", "farm", day=1, place={"ip": "58.7.8.9"})
    assert of_sessions(crews_of(street), "one", "two") == [0, 0]


def test_a_frozen_model_is_what_pairs_are_weighed_with(street, laid_out):
    street.session("monday", "farm", day=1)
    street.session("tuesday", "farm", day=2, spot=ACROSS_TOWN)
    store = laid_out(street)
    assert find_crews(store).count == 1
    table = table_model()
    turned = PairModel(table.two_crews, table.one_crew)
    found = find_crews(store, frozen=turned)
    assert found.model is turned
    assert found.count == 2


@pytest.mark.parametrize(
    ("result", "crew"), [("cancelled", 0), ("quota_refused", 0), ("ok", -1)]
)
def test_an_operator_s_tries_that_came_to_nothing_are_one(
    street, crews_of, result, crew
):
    street.session("stall", "farm", day=1)
    for i in range(9):
        at = DAY + 10 * HOUR + i * MINUTE
        street.help(f"try{i}", "boss", "farm", at, position(HERE), result=result)
    assert crews_of(street)["stall0"] == crew


def come_back(street, *, count=2, place=None, risk=0.99, farm="farm", helper=None):
    """Hold a session on Monday; on Wednesday so many let in accounts of this risk."""
    street.session("monday", "farm", day=1)
    for i in range(count):
        at = 3 * DAY + 10 * HOUR + i * MINUTE
        back = position(HERE) if place is None else place
        street.help(f"back{i}", helper or f"passer{i}", farm, at, back)
        street.risks[f"back{i}_new"] = risk


@pytest.mark.parametrize(
    ("back", "crew"),
    [
        ({}, 0),
        ({"count": 1}, -1),
        ({"place": position(ACROSS_TOWN)}, -1),
        ({"risk": 0.3}, -1),
        ({"farm": None}, -1),
        ({"helper": "regular", "count": 4}, -1),
    ],
    ids=[
        "two passers-by on the spot are the stall's",
        "one is not",
        "nor are two on another spot",
        "nor who lets in innocent newcomers",
        "nor who helps accounts that were there before",
        "nor who helps again and again",
    ],
)
def test_where_a_stall_was_fewer_are_a_session(street, crews_of, back, crew):
    come_back(street, **back)
    crews = crews_of(street)
    assert crews["monday0"] == 0
    assert {crews[name] for name in crews if name.startswith("back")} == {crew}


@pytest.mark.parametrize(("days", "crew"), [((1, 2), 0), ((1,), -1)])
def test_on_the_network_of_two_stalls_fewer_are_a_session(street, crews_of, days, crew):
    for day in days:
        place = position((5_000 * day, 0)) | {"wifi": "phone"}
        street.session(f"day{day}_", "farm", day=day, place=place)
    # It moves, whether or not it came to a second stall.
    elsewhere = position(ANOTHER_TOWN) | {"wifi": "phone"}
    street.help("before", "somebody", None, 0, elsewhere, role="bystander")
    for i in range(2):
        at = 9 * DAY + 10 * HOUR + i * MINUTE
        street.help(f"back{i}", f"passer{i}", "farm", at, {"wifi": "phone"})
    crews = crews_of(street)
    assert crews["back0"] == crews["back1"] == crew


@pytest.mark.parametrize(("minutes", "crew"), [(5, 0), (40, -1)])
def test_who_gives_no_position_is_of_a_stall_that_came_back_while_it_is_open(
    street, crews_of, minutes, crew
):
    come_back(street)
    for guest in range(3):
        place = position(ACROSS_TOWN) | {"ip": f"36.1.2.{20 + guest}"}
        name = f"guest{guest}_"
        street.help(name, f"{name}guest", None, 50 * DAY, place, role="bystander")
    at = 3 * DAY + 10 * HOUR + minutes * MINUTE
    street.help("silent", "silent_passer", "other farm", at, {"ip": "36.1.2.9"})
    assert crews_of(street)["silent"] == crew


def test_hours_and_towns_tell_crews_apart(street, crews_of):
    street.session("morning", "red farm", day=1, hour=9)
    street.session("evening", "blue farm", day=2, hour=19, spot=ANOTHER_TOWN)
    assert of_sessions(crews_of(street), "morning", "evening") == [0, 1]


def test_hours_are_near_across_midnight(street, crews_of):
    street.session("before", "farm", day=1, hour=23)
    street.session("after", "farm", day=3, hour=0)
    assert of_sessions(crews_of(street), "before", "after") == [0, 0]


def test_what_speaks_for_one_crew_can_be_set(street, crews_of):
    street.session("monday", "red farm", day=1, count=5)
    street.session("tuesday", "blue farm", day=2, count=6)
    assert of_sessions(crews_of(street), "monday", "tuesday") == [0, 0]
    for settings, crews in (
        (CrewSettings(minimum_helps=6), [-1, 0]),
        (CrewSettings(spot_metres=0.1, town_metres=0.1), [0, 1]),
    ):
        found = crews_of(street, settings=settings)
        assert of_sessions(found, "monday", "tuesday") == crews


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(street, crews_of, seed):
    random = np.random.default_rng(seed)
    for n in range(12):
        street.session(
            f"s{'!' * n}",
            f"farm{random.integers(3)}",
            day=1 + n // 2,
            hour=int(random.integers(9, 20)),
            spot=(ACROSS_TOWN, ANOTHER_TOWN)[random.integers(2)],
        )
    street.help("lost", "lost_passer", "farm1", 3 * DAY, {})
    expected = crews_of(street)
    assert len(set(expected.values())) > 1
    assert crews_of(street, order=seed) == expected


def test_a_crew_keeps_its_id_when_later_sessions_are_added(street, laid_out):
    street.session("monday", "farm", day=1)
    before = find_givers(laid_out(street)).helps
    street.session("tuesday", "farm", day=2, spot=ACROSS_TOWN)
    street.session("elsewhere", "other", day=3, hour=19, spot=ANOTHER_TOWN)
    after = find_givers(laid_out(street)).helps.set_index("help_id")["team_id"]
    (team,) = set(before["team_id"])
    assert set(after[before["help_id"]]) == {team}
    assert after["tuesday0"] == team != after["elsewhere0"]


def test_where_nobody_helps_there_are_no_crews(street, laid_out):
    street.farms = {"somebody": "farm"}
    found = find_crews(laid_out(street))
    assert found.count == len(found.helps) == len(found.sessions) == 0


@pytest.mark.parametrize("seed", range(40))
def test_groups_are_joined_as_by_looking_at_all_pairs_each_time(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(0, 30))
    bits = rng.integers(-6, 7, (count, count)).astype(float)
    bits[rng.random((count, count)) < 0.1] = -np.inf
    bits += bits.T
    np.fill_diagonal(bits, 0.0)
    assert _join(bits.copy()).tolist() == join_slowly(bits)


def join_slowly(bits):
    groups = [[n] for n in range(len(bits))]
    while True:
        pairs = [
            (np.rint(1e6 * bits[np.ix_(a, b)].mean()), -x, -y)
            for x, a in enumerate(groups)
            for y, b in enumerate(groups)
            if x < y and np.isfinite(bits[np.ix_(a, b)]).all()
        ]
        mean, x, y = max(pairs, default=(0, 0, 0))
        if mean <= 0:
            break
        groups[-x] += groups.pop(-y)
    label = {n: number for number, group in enumerate(groups) for n in group}
    return [label[n] for n in range(len(bits))]


def test_two_strangers_are_no_crew_of_their_own(street, crews_of):
    """A return belongs to a crew that stood there before, or to none."""
    street.session("first", "farm", day=0)
    street.session("back", "farm", day=7, count=2)
    both = crews_of(street)
    assert both["back0"] == both["back1"] == both["first0"] >= 0
    alone = crews_of(street, settings=CrewSettings(minimum_helps=8))
    assert set(alone.values()) == {-1}
