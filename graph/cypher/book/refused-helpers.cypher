// Who was refused because it helped too often?
//
// parameter minimum: integer = 1: how many refusals
// parameter limit: integer = 50: how many to list
// row: a helper
MATCH (h:Account)-[x:HELPED]->(b:Account)
WHERE x.result = 'quota_refused'
WITH h, count(DISTINCT x.id) AS refusals, count(DISTINCT b.id) AS accounts,
     min(x.at) AS first_at, max(x.at) AS last_at
WHERE refusals >= $minimum
RETURN h.id AS helper, refusals, accounts, first_at, last_at, h.role AS role
ORDER BY refusals DESC, helper
LIMIT $limit
