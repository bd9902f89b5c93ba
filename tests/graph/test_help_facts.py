import pytest

from graph.help_facts import gather_help_facts

PEOPLE = """
    account_id registered_at registration_device_id registration_wifi registration_ip
    ann        -100          phone_a                home_a            10.0.1.1
    ben        40            phone_b                home_b            10.0.2.2
"""


def fact(store, column, help_id="h"):
    gather_help_facts(store)
    asked = f"SELECT {column} FROM help_facts WHERE help_id = $help_id"
    ((value,),) = store.rows(asked, {"help_id": help_id})
    return value


def help_of(kind="registration", *, at=50, scan="-"):
    return f"""help_id helper_id helped_id kind   helped_at scan_id
               h       ann       ben       {kind} {at}      {scan}"""


def scan_with(**columns):
    return [
        {
            "scan_id": "s",
            "scanner_id": "ann",
            "code_id": "c",
            "purpose": "register_help",
            "scanned_at": 50,
        }
        | columns
    ]


def test_one_row_a_help_refused_attempts_too(world):
    store = world(
        accounts=PEOPLE,
        helps="""help_id helper_id helped_id kind         result
                 h1      ann       ben       registration ok
                 h2      ann       ben       registration quota_refused
                 h3      nobody    ben       registration -""",
    )
    gather_help_facts(store)
    assert store.rows("SELECT help_id, result FROM help_facts ORDER BY 1") == [
        ("h1", "ok"),
        ("h2", "quota_refused"),
        ("h3", None),
    ]


@pytest.mark.parametrize(
    ("kind", "ties", "tied"),
    [
        ("registration", "ann ben 10", True),
        ("registration", "ben ann 10", True),
        ("registration", "ann ben -", True),
        ("registration", "ann ben 90", True),  # a new account makes friends later
        ("unsealing", "ann ben 10", True),
        ("unsealing", "ann ben -", True),
        ("unsealing", "ann ben 90", False),  # made for the occasion, or after it
        ("unsealing", "ann ben 90\nben ann 10", True),
        ("registration", "ann zoe 10", False),
    ],
)
def test_tied_is_who_knows_each_other(world, kind, ties, tied):
    store = world(
        accounts=PEOPLE,
        helps=help_of(kind),
        ties=f"account_a account_b since\n{ties}",
    )
    assert fact(store, "tied") is tied


def test_without_any_ties_nobody_can_say_who_is_tied(world):
    assert fact(world(accounts=PEOPLE, helps=help_of()), "tied") is None


@pytest.mark.parametrize(
    ("where", "together"),
    [
        ({"wifi": "home_b"}, True),
        ({"device_id": "phone_b"}, True),
        ({"ip": "10.0.2.2"}, True),
        ({"wifi": "home_a"}, False),
        ({"ip": "10.0.1.1"}, False),
        ({}, None),
    ],
)
def test_together_is_on_the_network_or_device_of_the_helped(world, where, together):
    store = world(accounts=PEOPLE, helps=help_of(scan="s"), scans=scan_with(**where))
    assert fact(store, "together") is together


def test_a_help_without_a_scan_was_nowhere(world):
    store = world(accounts=PEOPLE, helps=help_of())
    assert fact(store, "[together, away, code_age, confirm_gap, takers]") == [None] * 5


def test_networks_of_different_sorts_cannot_be_compared(world):
    store = world(
        accounts="account_id registration_ip\nann 10.0.1.1\nben 10.0.2.2",
        helps=help_of(scan="s"),
        scans=scan_with(wifi="home_a"),
    )
    assert fact(store, "together") is None


def scans_on_the_block_of_ben(*, latitude=0, spread=0):
    """Three scans that show where the block 10.0.2.0/24 is."""
    return [
        {
            "scan_id": f"known{i}",
            "scanner_id": "ann",
            "code_id": f"k{i}",
            "purpose": "follow",
            "scanned_at": 20,
            "ip": f"10.0.2.{i}",
            "latitude": latitude + i * spread,
            "longitude": 0,
        }
        for i in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("latitude", "longitude", "metres"),
    [(0, 0, 0), (1_000, 0, 111), (0, 1_000, 111), (3_000, 4_000, 557)],
)
def test_away_is_how_far_the_scan_was_from_the_network_of_the_helped(
    world, latitude, longitude, metres
):
    scans = scan_with(latitude=latitude, longitude=longitude)
    store = world(
        accounts=PEOPLE,
        helps=help_of(scan="s"),
        scans=scans + scans_on_the_block_of_ben(),
    )
    assert fact(store, "away") == metres


def test_along_a_parallel_a_degree_is_shorter(world):
    scans = scan_with(latitude=60_000_000, longitude=1_000)
    store = world(
        accounts=PEOPLE,
        helps=help_of(scan="s"),
        scans=scans + scans_on_the_block_of_ben(latitude=60_000_000),
    )
    assert fact(store, "away") == 56


@pytest.mark.parametrize(
    "known",
    [
        scans_on_the_block_of_ben()[:2],
        scans_on_the_block_of_ben(spread=300_000),
    ],
    ids=["too few scans", "scans all over the country"],
)
def test_a_network_whose_place_is_not_known_is_not_away(world, known):
    store = world(
        accounts=PEOPLE,
        helps=help_of(scan="s"),
        scans=scan_with(latitude=0, longitude=0) + known,
    )
    assert fact(store, "away") is None


@pytest.mark.parametrize(
    ("seconds", "result", "takers"),
    [(60, "-", 2), (61, "-", 1), (3600, "lost_race", 2), (3600, "quota_refused", 1)],
    ids=["at once", "later", "lost", "refused"],
)
def test_whoever_is_asked_after_another_was_refused_races_nobody(
    world, seconds, result, takers
):
    store = world(
        accounts=PEOPLE,
        helps=help_of(scan="s1"),
        scans=f"""scan_id scanner_id code_id purpose       scanned_at     result
                  s1      ann        c       register_help 50             ok
                  s2      zoe        c       register_help {50 + seconds} {result}""",
    )
    assert fact(store, "takers") == takers


def test_takers_are_the_different_accounts_that_scanned_the_code_to_help(world):
    store = world(
        accounts=PEOPLE,
        helps=help_of(scan="s1"),
        scans="""scan_id scanner_id code_id purpose       scanned_at
                 s1      ann        c       register_help 50
                 s2      ann        c       register_help 51
                 s3      zoe        c       unseal_help   52
                 s4      max        c       follow        53
                 s5      eve        other   register_help 54""",
    )
    assert fact(store, "takers") == 2


@pytest.mark.parametrize(
    ("scan", "codes", "age"),
    [
        ({"code_issued_at": 45}, "code_id issued_at\nc 30", 5),
        ({}, "code_id issued_at\nc 30", 20),
        ({}, "code_id issued_at\nc -", None),
        ({}, [], None),
    ],
    ids=["by the scan", "by the code", "not told", "no codes"],
)
def test_code_age_is_from_issue_to_scan(world, scan, codes, age):
    store = world(
        accounts=PEOPLE,
        helps=help_of(scan="s"),
        scans=scan_with(**scan),
        codes=codes,
    )
    assert fact(store, "code_age") == age


def test_the_gap_of_confirmation_is_from_scan_to_confirmation(world):
    store = world(
        accounts=PEOPLE, helps=help_of(scan="s"), scans=scan_with(confirmed_at=57)
    )
    assert fact(store, "confirm_gap") == 7


def test_helper_gap_is_since_the_last_attempt_of_the_same_helper(world):
    store = world(
        accounts=PEOPLE,
        helps="""help_id helper_id helped_id kind         helped_at result
                 h       ann       ben       registration 50        ok
                 first   ann       ben       registration 20        quota_refused
                 other   zoe       ben       registration 45        ok""",
    )
    assert fact(store, "helper_gap") == 30
    assert fact(store, "helper_gap", "first") is None
    assert fact(store, "helper_gap", "other") is None


def test_helper_age_is_since_the_helper_registered(world):
    store = world(
        accounts=PEOPLE,
        helps="""help_id helper_id helped_id kind         helped_at
                 h       ann       ben       registration 50
                 outside nobody    ben       registration 50""",
    )
    assert fact(store, "helper_age") == 150
    assert fact(store, "helper_age", "outside") is None


def test_nothing_but_the_facts_stays_behind(world):
    store = world(accounts=PEOPLE, helps=help_of())
    before = set(store.rows("SELECT table_name FROM information_schema.tables"))
    gather_help_facts(store)
    after = set(store.rows("SELECT table_name FROM information_schema.tables"))
    assert after - before == {("help_facts",)}
