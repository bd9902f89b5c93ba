"""`scanring check` names each network that cannot be looked for, before a run."""

import pytest
from typer.testing import CliRunner

from analyses.cli import app
from analyses.networks.registry import NETWORKS

LEAST = {
    "accounts": "account_id,registered_at\nann,2026-03-01T08:00:00\n",
    "helps": "help_id,helper_id,helped_id,kind\nh,ben,ann,registration\n",
}
REST = {
    "logins": "account_id,device_id,logged_in_at\nann,phone,2026-03-01T08:00:00\n",
    "scans": "scan_id,scanner_id,code_id,purpose,scanned_at\n"
    "s,ben,c,verify,2026-03-01T08:00:00\n",
    "codes": "code_id,account_id\nc,ann\n",
    "posts": "post_id,account_id,posted_at,content_hash\np,ann,2026-03-01T08:00:00,h\n",
    "payments": "payment_id,payer_id,payee_id,paid_at,amount_fen\n"
    "p,ann,ben,2026-03-01T08:00:00,100\n",
    "unseal_applications": "application_id,account_id,applied_at\n"
    "u,ann,2026-03-01T08:00:00\n",
}


@pytest.fixture
def checked(tmp_path):
    def look(tables):
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text)
        result = CliRunner().invoke(app, ["check", str(tmp_path)])
        assert result.exit_code == 0
        return result.output

    return look


def test_each_network_is_named_with_what_it_lacks(checked):
    said = checked(LEAST)
    for kind, network in NETWORKS.items():
        table = network.needs[0].partition(".")[0]
        assert f"{kind}: not analysed, because no row of {table} was loaded" in said


def test_where_all_is_there_none_is_named(checked):
    assert "not analysed, because" not in checked(LEAST | REST)


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        (
            "posts",
            "post_id,account_id,posted_at\np,ann,2026-03-01T08:00:00\n",
            "posting_ring: not analysed, because the table posts has no content_hash",
        ),
        (
            "codes",
            "code_id\nc\n",
            "verification_crew: not analysed, because the table codes has no "
            "account_id",
        ),
    ],
)
def test_a_column_that_is_missing_is_named(checked, table, text, said):
    assert said in checked(LEAST | REST | {table: text})


def test_what_else_is_left_out_is_named(checked):
    said = checked(LEAST)
    assert "posts: posting rings; who advertises for lenders" in said
