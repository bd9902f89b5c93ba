from graph.schema import TABLES
from loaders import render
from loaders.report import LEFT_OUT


def test_report_reads_well(loaded):
    result = loaded(devices="device_id,is_rooted\nd1,\x1b[31m\nd2,1\n")
    lines = render(result.report)
    assert lines[:4] == [
        "table              read         loaded       rejected",
        "accounts              2              2              0",
        "devices               2              1              1",
        "helps                 1              1              0",
    ]
    assert (
        "  devices.is_rooted: is not true, false, 1 or 0; 1 row rejected; e.g. "
        "devices.csv row 1: '\\x1b[31m'; other words need a mapping with `words`"
    ) in lines
    assert "  ties: strangers cannot be told from friends" in lines
    assert all(line.isprintable() for line in lines)


def test_what_is_left_out_names_tables_and_columns_of_the_contract():
    for name in LEFT_OUT:
        table, _, column = name.partition(".")
        assert not column or not TABLES[table].column(column).required
    scoring_nothing = {"balances"}
    assert set(TABLES) - set(LEFT_OUT) == {"accounts"} | scoring_nothing
    assert not {name.partition(".")[0] for name in LEFT_OUT} & scoring_nothing
