// At which access points did many new accounts register?
//
// parameter minimum: integer = 5: how many new accounts
// parameter limit: integer = 50: how many access points to list
// row: an access point
MATCH (a:Account)-[r:REGISTERED_AT]->(p:AccessPoint)
WHERE a.is_new = true
WITH p, count(DISTINCT a.id) AS new_accounts, min(r.at) AS first_at,
     max(r.at) AS last_at, sum(CASE WHEN a.listed = true THEN 1 ELSE 0 END) AS listed
WHERE new_accounts >= $minimum
RETURN p.id AS access_point, new_accounts, listed, first_at, last_at
ORDER BY new_accounts DESC, access_point
LIMIT $limit
