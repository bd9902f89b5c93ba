"""What a run found, in a few words, for the tests of the stores."""

from graph.store import Store


def put_found(store: Store) -> None:
    """Put what a run found: one team of two accounts, and the run's window."""
    for name, sql in {
        "accounts": """SELECT 'a01' AS account_id, 0.9 AS risk, 'operator' AS role,
            'watch' AS action, true AS listed, 0.5 AS helper_score""",
        "teams": """SELECT 'T' AS team_id, 'scanning_crew' AS kind, 2 AS members,
            0.8 AS risk, make_timestamp(1000000) AS first_seen,
            make_timestamp(9000000) AS last_seen""",
        "members": """SELECT 'T' AS team_id, unnest(['a01', 'a02']) AS account_id,
            'operator' AS role, 3.5 AS evidence_bits""",
        "helps": "SELECT 'h1' AS help_id, 'T' AS team_id, 'stall' AS pattern",
        "links": """SELECT '' AS team_a, '' AS team_b, '' AS kind, 0 AS events
            LIMIT 0""",
    }.items():
        store.materialise(f"found_{name}", sql)
    store.materialise("run_window", "SELECT 'r' AS id, 0 AS new_since, 1000 AS as_of")
