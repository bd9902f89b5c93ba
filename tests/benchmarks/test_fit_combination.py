"""What is said of a signal that is left out, by hand."""

import numpy as np
import pytest

from tests.benchmarks.fit_combination import changed, figures, head, main


def test_a_line_has_mean_changes_and_counts_worlds_by_average_precision():
    whole = np.array([[0.8, 0.9, 0.10], [0.6, 0.7, 0.20], [0.7, 0.8, 0.30]])
    less = whole + [[0.03, -0.02, 0.0], [0.0, 0.05, 0.0], [0.0, 0.0004, 0.03]]
    assert head(whole)[-1] == "| nothing | 0.700 | 0.800 | 0.200 | of 3 |"
    assert changed("payment", less, whole) == (
        "| payment | +0.0100 | +0.0101 | +0.0100 | 1, 1 |"
    )


def test_a_world_in_which_all_is_right_and_one_in_which_all_is_wrong():
    farmed = np.array([True, False, True, False])
    right = np.where(farmed, 1.0, 0.0)
    assert figures(farmed, right) == "P 1.00 R 1.00 AP 1.00 error 0.00"
    wrong = figures(farmed, 1 - right)
    assert wrong.startswith("P 0.00 R 0.00") and wrong.endswith("error 1.00")


def test_an_unknown_signal_is_refused_before_anything_is_measured(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["fit", "--without", "payment,paymint"])
    with pytest.raises(SystemExit):
        main()
    assert "no signals: paymint" in capsys.readouterr().err
