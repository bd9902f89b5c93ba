import pytest

from graph.errors import InputError
from loaders.files import find_sources


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_one_file_or_a_folder_of_parts(tmp_path):
    touch(
        tmp_path,
        "accounts.csv.gz",
        "helps/part-2.csv",
        "helps/part-1.parquet",
        "helps/_SUCCESS",
        "helps/.part-1.crc",
        "scans.parquet/day=1/part.parquet",
        "truth/accounts.parquet",
        "notes.txt",
        ".hidden.csv",
    )
    sources = find_sources(tmp_path)
    assert {
        name: [sources.relative(file) for file in files]
        for name, files in sources.files.items()
    } == {
        "accounts": ["accounts.csv.gz"],
        "helps": ["helps/part-1.parquet", "helps/part-2.csv"],
        "scans": ["scans.parquet/day=1/part.parquet"],
    }
    assert sources.strange == ("notes.txt",)


def test_table_that_is_there_twice(tmp_path):
    touch(tmp_path, "helps.csv", "helps.parquet")
    with pytest.raises(InputError, match=r"helps\.csv and helps\.parquet; keep one"):
        find_sources(tmp_path)


def test_folder_that_is_none(tmp_path):
    touch(tmp_path, "helps.csv")
    with pytest.raises(InputError, match="no such folder"):
        find_sources(tmp_path / "data")
    with pytest.raises(InputError, match="is a file"):
        find_sources(tmp_path / "helps.csv")
