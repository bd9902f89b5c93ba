// Who helped strangers again and again in the last days?
//
// parameter days: integer = 30: up to the end of the run's window
// parameter minimum: integer = 2: how many different strangers
// parameter limit: integer = 50: how many helpers to list
// row: a helper
MATCH (r:Run)
WITH r.as_of - $days * 86400 AS since
MATCH (h:Account)-[x:HELPED]->(b:Account)
WHERE x.at > since AND h.id <> b.id AND coalesce(x.tied, false) = false
WITH h, count(DISTINCT b.id) AS strangers, count(DISTINCT x.id) AS attempts,
     count(DISTINCT CASE WHEN x.result = 'quota_refused' THEN x.id END) AS refused,
     count(DISTINCT CASE WHEN b.sealed_since IS NOT NULL THEN b.id END) AS sealed
WHERE strangers >= $minimum
RETURN h.id AS helper, strangers, attempts, refused, sealed, h.role AS role,
       h.helper_score AS score
ORDER BY strangers DESC, attempts DESC, helper
LIMIT $limit
