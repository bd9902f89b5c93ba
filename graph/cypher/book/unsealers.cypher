// Who helped several sealed accounts back?
//
// parameter minimum: integer = 2: how many sealed accounts
// parameter limit: integer = 50: how many helpers to list
// row: a helper
MATCH (h:Account)-[x:HELPED]->(b:Account)
WHERE x.kind = 'unsealing'
WITH h, count(DISTINCT b.id) AS accounts, count(DISTINCT x.id) AS helps,
     min(x.at) AS first_at, max(x.at) AS last_at
WHERE accounts >= $minimum
RETURN h.id AS helper, accounts, helps, first_at, last_at, h.role AS role
ORDER BY accounts DESC, helper
LIMIT $limit
