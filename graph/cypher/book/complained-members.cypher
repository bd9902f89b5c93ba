// Which members of this team have verified complaints?
//
// parameter team: Team: id of the team
// row: a member
MATCH (c:Complaint)-[:ABOUT]->(a:Account)-[m:MEMBER_OF]->(t:Team)
WHERE t.id = $team AND c.verified = true
RETURN a.id AS account, count(DISTINCT c.id) AS complaints, min(c.filed_at) AS first_at,
       max(c.filed_at) AS last_at, m.role AS role, a.sealed_since AS sealed_at
ORDER BY complaints DESC, account
