// Who is the bridge between two teams?
//
// parameter team: Team: id of one team
// parameter other_team: Team: id of the other
// row: an account that helped, was helped by, or paid members of both
MATCH (m:Account)-[:MEMBER_OF]->(t:Team)
WHERE t.id = $team
MATCH (a:Account)-[:HELPED|PAID]-(m)
WHERE a.id <> m.id
WITH a, count(DISTINCT m.id) AS in_team
MATCH (a)-[:HELPED|PAID]-(n:Account)-[:MEMBER_OF]->(u:Team)
WHERE u.id = $other_team AND a.id <> n.id
RETURN a.id AS account, in_team, count(DISTINCT n.id) AS in_other_team, a.role AS role
ORDER BY account
