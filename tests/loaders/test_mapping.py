import os
import re

import pytest

from graph.errors import InputError
from loaders import mapping as mapping_module
from loaders.mapping import read_mapping


@pytest.fixture
def error_of(tmp_path):
    def read(text: str) -> str:
        path = tmp_path / "mapping.toml"
        path.write_text(text)
        with pytest.raises(InputError) as error:
            read_mapping(path)
        assert "\n" not in str(error.value)
        return str(error.value).removeprefix(f"{path}: ")

    return read


def test_the_documented_example_is_valid(tmp_path):
    example = re.findall(r"^    (.*)$|^$", mapping_module.__doc__, re.MULTILINE)
    path = tmp_path / "mapping.toml"
    path.write_text("\n".join(example))
    mapping = read_mapping(path)
    assert set(mapping.tables) == {"helps", "payments", "scans", "accounts"}
    assert mapping.sources() >= {"vouchers", "payments"}


def test_several_mistakes_at_once(error_of):
    said = error_of(
        """
        [tables.helps]
        form = "vouchers"
        [tables.helps.columns]
        helped_at = { column = "at", unit = "hours" }
        kind = { constnat = "registration" }
        """
    )
    assert "tables.helps.form: no such key (did you mean 'from'?)" in said
    assert "tables.helps.columns.helped_at.unit: input should be 'iso'" in said
    assert "constnat: no such key (did you mean 'constant'?)" in said


def test_names_that_the_contract_does_not_have(error_of):
    assert error_of(
        """
        [tables.help]
        [tables.helps]
        one_row_per = ["helpid"]
        columns = { helpr_id = "x" }
        """
    ) == (
        "tables.help: no such table (did you mean 'helps'?); "
        "tables.helps: no column 'helpid' (did you mean 'help_id'?); "
        "tables.helps: no column 'helpr_id' (did you mean 'helper_id'?)"
    )


def test_units_and_zones_that_do_not_fit(error_of):
    said = error_of(
        """
        [times]
        zone = "Asia/Shanhai"
        [tables.scans.columns]
        latitude = { column = "lat", unit = "ms" }
        ip = { column = "address", zone = "UTC" }
        """
    )
    assert "zone 'Asia/Shanhai' is not known (did you mean 'Asia/Shanghai'?)" in said
    assert "tables.scans.latitude: the unit 'ms' does not fit" in said
    assert "tables.scans.ip: a zone is for times" in said


def test_column_without_an_origin(error_of):
    assert error_of("[tables.helps.columns]\nkind = { unit = 'iso' }") == (
        "tables.helps.columns.kind: give one of column, constant and id_of"
    )


def test_wrong_word_put_where_a_value_is_missing(error_of):
    assert "(did you mean 'unsealing'?)" in error_of(
        "[tables.helps]\notherwise = { kind = 'unseling' }"
    )


def test_text_that_is_no_toml(error_of):
    assert error_of("[tables").startswith("is not TOML")


def test_mapping_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes by name")
def test_a_mapping_that_is_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "mapping.toml")
    with pytest.raises(InputError, match="is a pipe or a device"):
        read_mapping(tmp_path / "mapping.toml")
