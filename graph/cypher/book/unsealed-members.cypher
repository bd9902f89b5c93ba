// Which accounts of this team are not sealed?
//
// parameter team: Team: id of the team
// row: a member that can still act
MATCH (a:Account)-[m:MEMBER_OF]->(t:Team)
WHERE t.id = $team AND a.sealed_since IS NULL
RETURN a.id AS account, m.role AS role, m.risk AS risk, a.action AS action,
       a.registered_at AS registered_at
ORDER BY account
