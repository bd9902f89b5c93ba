"""The mappings of the public records; skipped where the records are not."""

from pathlib import Path

from loaders import load

MAPPINGS = Path(__file__).parents[2] / "loaders" / "mappings"


def test_hop(public_data, store):
    report = load(public_data / "hop", store, mapping=MAPPINGS / "hop.toml")
    assert report.table("accounts").loaded == 43_052
    helps = report.table("helps")
    assert helps.read == 758_877
    assert [finding.says for finding in report.findings] == ["helps itself"]
    assert report.table("declared").loaded == 117_525
    # 54,603 transfers join two accounts; 3,888 of them join one with itself.
    assert store.rows(
        "SELECT count(*) FROM loaded_helps "
        "WHERE helper_id IN (SELECT account_id FROM loaded_accounts) "
        "AND helped_id IN (SELECT account_id FROM loaded_accounts)"
    ) == [(54_603 - 3_888,)]


def test_layerzero(public_data, store):
    report = load(public_data / "layerzero", store, mapping=MAPPINGS / "layerzero.toml")
    assert report.table("helps").read == 64_989
    assert report.table("accounts").rejected == 0
    assert report.outside == ()
    assert [finding.says for finding in report.findings] == ["helps itself"]
