"""The Cypher that shows in Neo4j what the case file shows of a team."""


def team_cypher(team_id: str) -> str:
    r"""Return a query for the graph of a team; the id is written so that it stays one.

    >>> print(team_cypher("farm-1"))
    MATCH (team:Team {id: 'farm-1'})<-[membership:MEMBER_OF]-(account:Account)
    OPTIONAL MATCH (account)-[link]-(near)
    WHERE near:Device OR near:AccessPoint OR near:AddressBlock OR near:PhoneSegment
       OR near:Gathering
    RETURN team, membership, account, link, near
    >>> "id: 'it\\'s \\\\n'" in team_cypher("it's \\n")
    True
    """
    quoted = team_id.replace("\\", "\\\\").replace("'", "\\'")
    return (
        f"MATCH (team:Team {{id: '{quoted}'}})<-[membership:MEMBER_OF]-"
        "(account:Account)\n"
        "OPTIONAL MATCH (account)-[link]-(near)\n"
        "WHERE near:Device OR near:AccessPoint OR near:AddressBlock "
        "OR near:PhoneSegment\n"
        "   OR near:Gathering\n"
        "RETURN team, membership, account, link, near"
    )
