from analyses.reporting.report_tables import Section, cell_text, table_lines


def test_texts_stand_left_and_numbers_right():
    assert table_lines(("kind", "n"), (("farm", 12345), ("crew", 7))) == [
        "  kind       n",
        "  farm  12,345",
        "  crew       7",
    ]


def test_nothing_is_said():
    assert cell_text(None) == "none"
    assert Section("Title", ("a",), ()).text() == "Title\n  none"
