// Who pays several members of this team?
//
// parameter team: Team: id of the team
// row: a payer, member or not
MATCH (a:Account)-[p:PAID]->(b:Account)-[:MEMBER_OF]->(t:Team)
WHERE t.id = $team AND a.id <> b.id
WITH a, count(DISTINCT b.id) AS members, count(DISTINCT p.id) AS payments,
     min(p.at) AS first_at, max(p.at) AS last_at
RETURN a.id AS payer, members, payments, first_at, last_at, a.role AS role
ORDER BY members DESC, payer
