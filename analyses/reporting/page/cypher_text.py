"""The Cypher that shows in Neo4j what the case file shows of a team.

The embedded store understands it, too.
"""


def team_cypher(team_id: str) -> str:
    r"""Return a query for the graph of a team; the id is written so that it stays one.

    >>> print(team_cypher("farm-1"))
    MATCH (team:Team {id: 'farm-1'})<-[membership:MEMBER_OF]-(account:Account)
    OPTIONAL MATCH (account)-[link:USED|REGISTERED_AT|REGISTERED_FROM
      |HAS_NUMBER_OF|SCANNED_AT]->(near)
    RETURN team, membership, account, link, near
    ORDER BY account.id, link.id, near.what, near.id
    >>> "id: 'it\\'s \\\\n'" in team_cypher("it's \\n")
    True
    """
    quoted = team_id.replace("\\", "\\\\").replace("'", "\\'")
    return (
        f"MATCH (team:Team {{id: '{quoted}'}})<-[membership:MEMBER_OF]-"
        "(account:Account)\n"
        "OPTIONAL MATCH (account)-[link:USED|REGISTERED_AT|REGISTERED_FROM\n"
        "  |HAS_NUMBER_OF|SCANNED_AT]->(near)\n"
        "RETURN team, membership, account, link, near\n"
        "ORDER BY account.id, link.id, near.what, near.id"
    )
