import hashlib
import json

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from analyses.reporting.digest import digest, table_digest
from analyses.reporting.outputs import OUTPUTS, TIME
from graph.errors import InputError

TEAMS = OUTPUTS["teams"]


def team(**changed):
    row = {
        "team_id": 'T"1',
        "kind": "registration_farm",
        "members": 3,
        "risk": 0.25,
        "first_seen": 1_772_352_000_000_000,
        "last_seen": None,
    }
    row.update(changed)
    return pa.table({c.name: pa.array([row[c.name]], c.type) for c in TEAMS.columns})


def test_the_hash_is_that_of_the_written_rows():
    line = b'["T\\"1","registration_farm",3,0.250000000,1772352000,null]\n'
    assert table_digest(team(), TEAMS) == hashlib.sha256(line).hexdigest()


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 100])
def test_lines_sorted_on_the_disk_have_the_hash_of_the_sorted_lines(
    at_once, monkeypatch
):
    """However few rows are written at once; the order is that of the bytes."""
    monkeypatch.setattr("analyses.reporting.digest.AT_ONCE", at_once)
    names = ["b", "a", "é", "Z", "", "a\x00", "ab", "\U0001f600", "\uffff"]
    table = pa.concat_tables([team(team_id=name, members=None) for name in names])
    written = [
        f'[{json.dumps(name, ensure_ascii=False)},"registration_farm",null,'
        "0.250000000,1772352000,null]\n".encode()
        for name in names
    ]
    whole = hashlib.sha256(b"".join(sorted(written))).hexdigest()
    assert table_digest(table, TEAMS) == whole


def test_events_are_lists_of_table_and_id():
    output = OUTPUTS["evidence"]
    rows = [("F", None, "s", -0.5, [{"table": "helps", "id": "h"}])]
    table = pa.table(
        {c.name: pa.array([rows[0][i]], c.type) for i, c in enumerate(output.columns)}
    )
    line = b'["F",null,"s",-0.500000000,[["helps","h"]]]\n'
    assert table_digest(table, output) == hashlib.sha256(line).hexdigest()


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Shanghai"])
def test_unit_and_zone_of_times_do_not_matter(unit, zone):
    seen = team()["first_seen"].cast(pa.timestamp("us", "UTC"))
    kind = pa.timestamp(unit, zone)
    changed = team().set_column(
        4,
        "first_seen",
        seen.cast(pa.int64()).cast(TIME).cast(pa.timestamp(unit)).cast(kind)
        if zone is None
        else seen.cast(kind),
    )
    assert table_digest(changed, TEAMS) == table_digest(team(), TEAMS)


def test_order_of_rows_and_columns_files_and_further_columns_do_not_matter(run_folder):
    before = digest(run_folder)
    for name, output in OUTPUTS.items():
        path = run_folder / output.file_name
        table = pq.read_table(path)
        turned = table.take(pa.array(range(table.num_rows - 1, -1, -1), pa.int64()))
        turned = turned.select(table.column_names[::-1])
        turned = turned.append_column("more", pa.array(["x"] * table.num_rows))
        pq.write_table(turned, path, row_group_size=1, compression="none")
        assert name in before
    assert digest(run_folder) == before


def test_the_tenth_digit_does_not_matter_and_the_ninth_does():
    same = table_digest(team(), TEAMS)
    assert table_digest(team(risk=0.25 + 1e-10), TEAMS) == same
    assert table_digest(team(risk=0.25 + 1e-9), TEAMS) != same
    assert table_digest(team(risk=-1e-12), TEAMS) == table_digest(team(risk=0.0), TEAMS)
    assert table_digest(team(risk=None), TEAMS) != table_digest(team(risk=0.0), TEAMS)


@pytest.mark.parametrize("column", TEAMS.schema.names)
def test_every_column_counts(column):
    other = {"members": 4, "risk": 0.5, "first_seen": None, "last_seen": 0}
    changed = team(**{column: other.get(column, "other")})
    assert table_digest(changed, TEAMS) != table_digest(team(), TEAMS)


def test_large_strings_and_smaller_integers_are_the_same_values():
    table = team()
    table = table.set_column(0, "team_id", pc.cast(table["team_id"], pa.large_string()))
    table = table.set_column(2, "members", pc.cast(table["members"], pa.int32()))
    assert table_digest(table, TEAMS) == table_digest(team(), TEAMS)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no accounts\.parquet"):
        digest(tmp_path)
