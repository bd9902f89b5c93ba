from analyses.reporting.educate_list import EDUCATE_COLUMNS, educate_rows
from analyses.run import Run
from graph.store import Store


def rows_of(folder):
    with Run.open(folder) as run:
        return [dict(zip(EDUCATE_COLUMNS, r, strict=True)) for r in educate_rows(run)]


def test_a_lured_person_is_named_with_crew_help_and_time(run_folder):
    (row,) = rows_of(run_folder)
    assert (row["account_id"], row["team_id"], row["help_id"]) == ("p", "C", "h4")
    assert (row["day"], row["time"], row["place"]) == ("2026-03-01", "09:00:03", "")
    assert "Nothing is held against" in row["what_to_tell"]


def test_the_place_is_the_position_or_else_the_network(run_folder):
    with Store(run_folder / "store.duckdb") as store:
        store.connection.execute("UPDATE helps SET scan_id = 's1' WHERE help_id = 'h4'")
        store.connection.execute("UPDATE scans SET ip = '1.2.3.4', wifi = 'cafe'")
    assert rows_of(run_folder)[0]["place"] == "access point cafe"
    with Store(run_folder / "store.duckdb") as store:
        store.connection.execute("UPDATE scans SET wifi = NULL")
    assert rows_of(run_folder)[0]["place"] == "address 1.2.3.4"
    with Store(run_folder / "store.duckdb") as store:
        store.connection.execute("UPDATE scans SET latitude = 31230416, longitude = -5")
    assert rows_of(run_folder)[0]["place"] == "31.2304, -0.0000"


def test_nothing_in_the_list_accuses(run_folder):
    assert not {"risk", "role", "reasons_for", "helped_id"} & set(EDUCATE_COLUMNS)
    assert "b1" not in str(rows_of(run_folder))
