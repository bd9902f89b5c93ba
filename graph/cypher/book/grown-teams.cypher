// Which teams have grown since a date, by members who registered since?
//
// parameter since: time: such as 2026-03-01
// row: a team with members who registered since
MATCH (a:Account)-[:MEMBER_OF]->(t:Team)
WHERE a.registered_at >= $since
RETURN t.id AS team, t.kind AS kind, t.members AS members,
       count(DISTINCT a.id) AS grown_by, max(a.registered_at) AS last_at
ORDER BY grown_by DESC, team
