"""The output tables about teams: who is in them, what they gave, whom they serve."""

import numpy as np
import pandas as pd
import pyarrow as pa

from analyses.detection.givers import Givers
from analyses.detection.helper_roles import COLLUSIVE_ROLES, HelperRoles
from analyses.detection.helper_signals import ROLES
from analyses.detection.team_links import put_links
from analyses.detection.teams import Teams
from graph.store import Store


def put_team_tables(
    store: Store,
    cases: pd.DataFrame,
    teams: Teams,
    givers: Givers,
    helpers: HelperRoles,
) -> None:
    """Make `out_teams`, `out_members`, `out_helps` and `out_links` in the store.

    `cases` has a row for each pattern of an account, the strongest first: account,
    role, team_id and rank, the likelihood of its role. Crews and platforms have as
    members all that helped for them. Every column has its type, be there no team at
    all: further networks add rows of theirs.
    """
    _put_members(store, cases, givers, helpers)
    _put("_given", store, givers.helps[["help_id", "helper", "helped", "team_id"]])
    _put(
        "_teams",
        store,
        pd.concat(
            [
                pd.DataFrame(
                    {
                        "team_id": list(teams.ids),
                        "kind": "registration_farm",
                        "risk": teams.risk,
                        "first": np.nan,
                        "last": np.nan,
                    }
                ),
                givers.teams[["team_id", "kind", "risk", "first", "last"]],
            ],
            ignore_index=True,
        ),
    )
    store.materialise(
        "out_members",
        """SELECT CAST(m.team_id AS VARCHAR) AS team_id, n.account_id,
                  CAST(m.role AS VARCHAR) AS role,
                  CAST(m.evidence_bits AS DOUBLE) AS evidence_bits,
                  CAST(m.probability AS DOUBLE) AS probability
           FROM _members AS m
           JOIN account_names AS n ON n.account = m.account""",
    )
    store.materialise(
        "out_helps",
        """SELECT CAST(help_id AS VARCHAR) AS help_id,
                  CAST(team_id AS VARCHAR) AS team_id,
                  CAST(pattern AS VARCHAR) AS pattern FROM giver_helps
           UNION ALL
           SELECT h.help_id, o.team_id, 'owned' AS pattern FROM helps AS h
           JOIN _members AS o ON o.account = h.helper AND o.role = 'owned_helper'
           JOIN _members AS f ON f.account = h.helped AND f.team_id = o.team_id
           WHERE h.help_id NOT IN (SELECT help_id FROM giver_helps)""",
    )
    store.materialise(
        "out_teams",
        """WITH seen AS (
             SELECT m.team_id, count(*) AS members,
                    min(a.registered_at) FILTER (m.role = 'batch_registered') AS first,
                    max(a.registered_at) FILTER (m.role = 'batch_registered') AS last
             FROM _members AS m LEFT JOIN accounts AS a ON a.account = m.account
             GROUP BY m.team_id)
           SELECT CAST(t.team_id AS VARCHAR) AS team_id,
                  CAST(t.kind AS VARCHAR) AS kind, s.members,
                  CAST(t.risk AS DOUBLE) AS risk,
                  coalesce(CAST(t."first" AS BIGINT), s.first) AS first_seen,
                  coalesce(CAST(t."last" AS BIGINT), s.last) AS last_seen
           FROM _teams AS t JOIN seen AS s ON s.team_id = t.team_id""",
    )
    put_links(store)
    store.drop("_members", "_given", "_teams")


def _put_members(
    store: Store, cases: pd.DataFrame, givers: Givers, helpers: HelperRoles
) -> None:
    """Make `_members`: every pattern of an account with its role and probability.

    That of a farm's member is the probability of its role. That of a crew's or
    platform's is the team's risk times the probability of its part in it: who scanned
    at a stall was lured unless it operates it, and who took a platform's orders works
    for it unless it is innocent.
    """
    rank = np.clip(cases["rank"].to_numpy(float), 1e-12, 1 - 1e-12)
    own = cases.assign(
        evidence_bits=np.log2(rank / (1 - rank)), probability=cases["rank"]
    )
    farms = own["role"].isin(["batch_registered", "owned_helper"])
    inside = own[farms & own["team_id"].notna()].drop_duplicates(["team_id", "account"])
    # Whoever helped for a crew or platform is a member of it, whatever else it is.
    given = givers.helps.drop_duplicates(["team_id", "helper"])
    known = own.drop_duplicates("account").set_index("account")
    stall = (given["pattern"] == "stall").to_numpy()
    operates = stall & (given["helper"].map(known["role"]) == "operator").to_numpy()
    chances = helpers.chances[np.searchsorted(helpers.helper, given["helper"])]
    operator = chances[:, ROLES.index("operator")]
    colludes = chances[:, COLLUSIVE_ROLES].sum(axis=1)
    part = np.where(
        stall, np.where(operates, operator, 1 - operator), np.minimum(colludes, 1.0)
    )
    risk = givers.teams.set_index("team_id")["risk"]
    members = pd.DataFrame(
        {
            "team_id": given["team_id"],
            "account": given["helper"],
            "role": np.where(
                operates,
                "operator",
                np.where(stall, "lured_helper", "platform_worker"),
            ),
            "evidence_bits": given["helper"].map(known["evidence_bits"]).fillna(0.0),
            "probability": given["team_id"].map(risk).to_numpy(float) * part,
        }
    )
    _put(
        "_members",
        store,
        pd.concat([inside[list(members.columns)], members], ignore_index=True),
    )


def _put(name: str, store: Store, frame: pd.DataFrame) -> None:
    store.put(name, pa.Table.from_pandas(frame, preserve_index=False))
