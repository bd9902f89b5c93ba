"""A posting ring of four of which three were found, and a fan taken for a poster.

p1 … p4   posters in truth; p4 was not found, p3 is only watched
fan       an innocent of a fan club, found and listed as a poster
v, w      victims of the ring in truth; v was named as one
"""

import pandas as pd
import pytest

from analyses.evaluation.comparison import Comparison
from analyses.evaluation.evaluate import evaluate_world
from analyses.evaluation.network_figures import innocents_listed, network_figures
from analyses.networks.registry import NETWORKS

POSTERS = ["p1", "p2", "p3", "p4"]


@pytest.fixture
def compared():
    both = pd.DataFrame(
        [
            (name, "poster", "", role, risk, listed)
            for name, role, risk, listed in (
                ("p1", "poster", 0.99, True),
                ("p2", "poster", 0.8, True),
                ("p3", "poster", 0.6, False),
                ("p4", "", 0.0, False),
            )
        ]
        + [
            ("fan", "", "fan_club", "poster", 0.7, True),
            ("v", "victim", "", "victim", 0.0, False),
            ("w", "victim", "", "", 0.0, False),
        ],
        columns=["account_id", "true_role", "innocent_kind", "role", "risk", "listed"],
    ).assign(helper_score=None, attempts=0)
    members = [(name, "poster") for name in ("p1", "p2", "p3", "fan")]
    return Comparison(
        both=both,
        true_accounts=pd.DataFrame(
            {
                "account_id": both["account_id"],
                "role": both["true_role"],
                "team_ids": [
                    [] if n == "fan" else ["true"] for n in both["account_id"]
                ],
                "innocent_kind": both["innocent_kind"],
            }
        ),
        true_teams=pd.DataFrame({"team_id": ["true"], "kind": ["posting_ring"]}),
        true_helps=pd.DataFrame(columns=["help_id", "team_id", "pattern"]),
        teams=pd.DataFrame(
            {"team_id": ["t", "unsure"], "kind": "posting_ring", "risk": [0.9, 0.4]}
        ),
        members=pd.DataFrame(
            [("t", name, role, 1.0, 0.9) for name, role in [*members, ("v", "victim")]]
            + [("unsure", "p4", "poster", 1.0, 0.9)],
            columns=["team_id", "account_id", "role", "evidence_bits", "probability"],
        ),
        helps=pd.DataFrame(columns=["help_id", "team_id", "pattern"]),
    )


def test_members_deceived_and_innocents_are_counted(compared):
    (ring,) = network_figures(compared)
    assert ring.kind == "posting_ring"
    assert (ring.members.true, ring.members.found, ring.members.right) == (4, 4, 3)
    assert (ring.deceived.true, ring.deceived.right) == (2, 1)
    assert (ring.teams, ring.listing, ring.listed) == (1, 1, 3)
    assert ring.wrong == {"fan_club": 1}
    assert ring.wrongly_listed == {"fan_club": 1}


def test_a_team_that_lists_nobody_is_not_counted_as_listing(compared):
    compared.both["listed"] = False
    (ring,) = network_figures(compared)
    assert (ring.teams, ring.listing, ring.listed) == (1, 0, 0)
    assert ring.wrongly_listed == {}


def test_the_innocent_are_counted_by_kind_of_network_and_risk(compared):
    at_half = innocents_listed(compared, 0.5)
    assert set(at_half) == set(NETWORKS)
    assert at_half["posting_ring"] == {"listed": 3, "fan_club": 1}
    assert at_half["loan_ring"] == {"listed": 0}
    assert innocents_listed(compared, 0.9)["posting_ring"] == {"listed": 1}


def test_the_evaluation_says_so(compared):
    said = evaluate_world(compared)
    assert said.figures["networks.posting_ring.precision"] == pytest.approx(3 / 4)
    assert said.figures["networks.posting_ring.deceived.recall"] == 0.5
    (section,) = [s for s in said.sections if s.title.startswith("Further networks")]
    assert section.below == (("wrongly listed, posting_ring", "1 fan_club"),)
