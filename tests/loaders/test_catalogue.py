"""Every fault of the catalogue: what becomes of the rows, and what the reader is told.

The faults stand in `catalogue/`, the messages in docs/faults.md (`make faults`).
"""

import signal

import pytest

from tests.loaders.catalogue.fault import observe
from tests.loaders.catalogue.page import CATALOGUE, cell, row, rows

FAULTS = {fault.what: fault for faults in CATALOGUE.values() for fault in faults}
MOST_SECONDS = 120
TOLD = rows()


@pytest.fixture(autouse=True)
def _no_hang():
    """End a test that waits for ever; a fault that makes a reader wait is a defect."""

    def give_up(number, frame):
        raise TimeoutError(f"nothing came back within {MOST_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(MOST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("what", FAULTS)
def test_no_row_is_lost_and_the_message_is_the_one_on_the_page(what, tmp_path):
    fault = FAULTS[what]
    seen = observe(fault, tmp_path)
    assert (seen.loaded, seen.rejected) == (fault.loaded, fault.rejected)
    assert row(fault, seen) == TOLD.get(cell(what)), "run: make faults"
    assert all("\n" not in line for line in seen.lines)


def test_the_page_has_every_fault_once():
    assert len(TOLD) == len(FAULTS) == sum(map(len, CATALOGUE.values()))


def test_there_are_as_many_faults_as_were_asked_for():
    assert len(FAULTS) >= 150
