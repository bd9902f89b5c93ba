"""The output tables about teams: who is in them, what they gave, whom they serve."""

import numpy as np
import pandas as pd
import pyarrow as pa

from analyses.detection.givers import Givers
from analyses.detection.teams import Teams
from graph.store import Store


def put_team_tables(
    store: Store, strongest: pd.DataFrame, teams: Teams, givers: Givers
) -> None:
    """Make `out_teams`, `out_members`, `out_helps` and `out_links` in the store.

    `strongest` has one row an account: account, role, team_id and rank, the likelihood
    of its role. Crews and platforms have as members all that helped for them.
    """
    _put_members(store, strongest, givers)
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
        """SELECT m.team_id, n.account_id, m.role, m.evidence_bits FROM _members AS m
           JOIN account_names AS n ON n.account = m.account""",
    )
    store.materialise(
        "out_helps",
        """SELECT help_id, team_id, pattern FROM giver_helps
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
           SELECT t.team_id, t.kind, s.members, t.risk,
                  coalesce(CAST(t."first" AS BIGINT), s.first) AS first_seen,
                  coalesce(CAST(t."last" AS BIGINT), s.last) AS last_seen
           FROM _teams AS t JOIN seen AS s ON s.team_id = t.team_id""",
    )
    store.materialise(
        "out_links",
        """SELECT g.team_id AS team_a, m.team_id AS team_b, 'serves' AS kind,
                  count(*) AS events
           FROM _given AS g
           JOIN _members AS m ON m.account = g.helped AND m.role = 'batch_registered'
           GROUP BY g.team_id, m.team_id""",
    )
    store.drop("_members", "_given", "_teams")


def _put_members(store: Store, strongest: pd.DataFrame, givers: Givers) -> None:
    rank = np.clip(strongest["rank"].to_numpy(float), 1e-12, 1 - 1e-12)
    own = strongest.assign(evidence_bits=np.log2(rank / (1 - rank)))
    farms = own["role"].isin(["batch_registered", "owned_helper"])
    inside = own[farms & own["team_id"].notna()]
    # Whoever helped for a crew or platform is a member of it, whatever else it is.
    given = givers.helps.drop_duplicates(["team_id", "helper"])
    known = own.set_index("account")
    role = given["helper"].map(known["role"])
    stall = given["pattern"] == "stall"
    said = np.where(stall & (role != "operator"), "lured_helper", role)
    said = np.where(~stall, "platform_worker", said)
    bits = given["helper"].map(known["evidence_bits"]).fillna(0.0)
    _put(
        "_members",
        store,
        pd.concat(
            [
                inside[["team_id", "account", "role", "evidence_bits"]],
                pd.DataFrame(
                    {
                        "team_id": given["team_id"],
                        "account": given["helper"],
                        "role": said,
                        "evidence_bits": bits,
                    }
                ),
            ],
            ignore_index=True,
        ),
    )


def _put(name: str, store: Store, frame: pd.DataFrame) -> None:
    store.put(name, pa.Table.from_pandas(frame, preserve_index=False))
