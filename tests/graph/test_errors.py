import pytest

from graph.errors import (
    InputError,
    NotFoundError,
    OutputError,
    ScanringError,
    did_you_mean,
)


@pytest.mark.parametrize("error", [InputError, OutputError, NotFoundError])
def test_every_error_for_the_reader_has_one_base(error):
    assert issubclass(error, ScanringError)


def test_the_nearest_known_word_is_suggested_as_it_is_written():
    assert did_you_mean("acc-1", ["ACC-1", "B"]) == " (did you mean 'ACC-1'?)"


def test_nothing_is_suggested_when_nothing_is_near():
    assert did_you_mean("zebra", ["help", "scan"]) == ""
    assert did_you_mean("zebra", []) == ""
    assert did_you_mean("", ["help"]) == ""


def test_the_suggestion_does_not_depend_on_the_order():
    known = ["farm-a", "farm-b", "farm-c"]
    assert did_you_mean("farm-", known) == did_you_mean("farm-", known[::-1])
