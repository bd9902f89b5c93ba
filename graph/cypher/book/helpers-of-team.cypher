// Who helped the accounts of this team, and how many of them?
//
// parameter team: Team: id of the team
// parameter minimum: integer = 1: how many of its accounts
// row: a helper
MATCH (h:Account)-[x:HELPED]->(a:Account)-[:MEMBER_OF]->(t:Team)
WHERE t.id = $team AND h.id <> a.id
WITH h, count(DISTINCT a.id) AS accounts, count(DISTINCT x.id) AS attempts,
     min(x.at) AS first_at, max(x.at) AS last_at
WHERE accounts >= $minimum
RETURN h.id AS helper, accounts, attempts, first_at, last_at, h.role AS role
ORDER BY accounts DESC, helper
