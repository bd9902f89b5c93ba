import csv

import pytest

from graph.errors import OutputError
from loaders import write_rejects


def test_a_file_for_each_table_with_rejects(loaded, store, tmp_path):
    loaded(devices='device_id,is_rooted\nd1,"=1+1"\nd2,true\n')
    (path,) = write_rejects(store, tmp_path / "rejects")
    assert path.name == "devices.csv"
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["table", "file", "row", "column", "value", "reason"],
            [
                "devices",
                "devices.csv",
                "1",
                "is_rooted",
                "'=1+1",
                "is not true, false, 1 or 0",
            ],
        ]


def test_folder_that_cannot_be_written(loaded, store, tmp_path):
    loaded(devices="device_id,is_rooted\nd1,x\n")
    (tmp_path / "rejects").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        write_rejects(store, tmp_path / "rejects")
