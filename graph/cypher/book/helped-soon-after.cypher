// Which new accounts were helped within moments of registering, by somebody with no known tie?
//
// parameter seconds: integer = 60: from the registration to the help
// parameter limit: integer = 50: how many to list
// row: one help
MATCH (h:Account)-[x:HELPED]->(a:Account)
WHERE a.is_new = true AND x.kind = 'registration' AND x.result = 'ok'
  AND coalesce(x.tied, false) = false
  AND x.at >= a.registered_at AND x.at <= a.registered_at + $seconds
RETURN a.id AS account, a.registered_at AS registered_at, h.id AS helper, x.id AS help,
       x.at - a.registered_at AS after_seconds, a.risk AS risk
ORDER BY after_seconds, account, help
LIMIT $limit
