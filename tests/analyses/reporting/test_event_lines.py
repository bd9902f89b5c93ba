import pandas as pd

from analyses.reporting.event_lines import event_lines, event_times, events_per_account
from analyses.reporting.texts import Texts

START = 1_772_352_000


def test_events_come_by_time_and_in_words(store):
    lines = event_lines(
        store,
        [("helps", "h4"), ("logins", f"w@{START + 7200}"), ("accounts", "b1")],
    )
    assert [line.text() for line in lines] == [
        "2026-03-01 08:00:00  accounts b1: account b1 registered",
        "2026-03-01 09:00:03  helps h4: p tried to help b1 (registration, lost_race)",
        "2026-03-01 10:00:00  logins: w logged in on device phone",
    ]


def test_an_event_that_is_not_there_is_shown_with_its_id(store):
    (line,) = event_lines(store, [("helps", "gone\x1b[2J")])
    assert line.text() == "time not known       helps gone<U+001B>[2J"


def test_every_table_with_ids_can_be_asked_for(store):
    asked = [
        (table, "none")
        for table in (
            *("accounts", "helps", "scans", "codes", "complaints"),
            *("unseal_applications", "posts", "payments", "sanctions"),
        )
    ]
    assert event_times(store, asked) == dict.fromkeys(sorted(asked))
    assert len(event_lines(store, asked)) == len(asked)
    (line,) = event_lines(store, [("scans", "s1")])
    assert line.says == "w scanned code code1 (register_help, ok)"


def test_events_of_an_account_count_once(store):
    one, two = {"table": "helps", "id": "h1"}, {"table": "helps", "id": "h2"}
    evidence = pd.DataFrame(
        {"account_id": ["w", "w", None], "events": [[one, two], [one], [two]]}
    )
    assert events_per_account(store, evidence).to_dict("records") == [
        {
            "account_id": "w",
            "events": 2,
            "first_seen": START + 3600,
            "last_seen": START + 3601,
        }
    ]


def test_no_evidence_is_an_empty_table(store):
    evidence = pd.DataFrame({"account_id": ["w"], "events": [[]]})
    assert events_per_account(store, evidence).empty


def test_tables_without_ids_are_told_in_words(store):
    day = START - START % 86400
    store.connection.execute(
        """INSERT INTO activity (account, day, friend_requests_sent,
             friend_requests_accepted)
           SELECT account, $day, 40, 1 FROM account_names WHERE account_id = 'b1'""",
        {"day": day},
    )
    asked = [
        ("activity", f"b1@{day}"),
        ("sanctions", f"b1@{START + 4 * 3600}"),
        ("ties", "c@"),
        ("logins", "nobody@5"),
    ]
    said = {line.table: line.says for line in event_lines(store, asked)}
    assert said == {
        "activity": "b1 on that day: 40 friend requests sent, 1 accepted",
        "sanctions": "b1: limit",
        "ties": "c is tied to d (friend)",
        "logins": "",
    }


def test_many_rows_at_one_second_are_counted(store):
    store.connection.execute(
        """INSERT INTO ties (account_a, account_b, since)
           SELECT (SELECT account FROM account_names WHERE account_id = 'w'), account,
             $at FROM account_names WHERE account_id IN ('b1', 'b2', 'b3', 'c')""",
        {"at": START},
    )
    (line,) = event_lines(store, [("ties", f"w@{START}")])
    assert line.says == ("w is tied to b1; w is tied to b2; w is tied to b3; 1 more")


def test_events_are_told_in_chinese(store):
    asked = [("helps", "h4"), ("logins", f"w@{START + 7200}"), ("ties", "c@")]
    said = {line.table: line.says for line in event_lines(store, asked, Texts("zh"))}
    assert said == {
        "helps": "p 试图辅助 b1 (注册, 抢码落空)",
        "logins": "w 在设备 phone 上登录",
        "ties": "c 与 d 有关系 (好友)",
    }
