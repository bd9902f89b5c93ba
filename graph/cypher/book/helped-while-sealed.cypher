// Which helps came after the helped account was sealed?
//
// parameter limit: integer = 50: how many to list
// row: one help or attempt, and the last sealing before it
MATCH (h:Account)-[x:HELPED]->(b:Account)-[:GOT]->(s:Sanction)
WHERE s.seals = true AND s.applied_at <= x.at AND (s.until IS NULL OR s.until > x.at)
  AND NOT EXISTS {
    MATCH (b)-[:GOT]->(u:Sanction)
    WHERE u.action = 'unsealed' AND u.applied_at >= s.applied_at AND u.applied_at <= x.at
  }
RETURN b.id AS sealed_account, max(s.applied_at) AS sealed_at, h.id AS helper,
       x.id AS help, x.at AS helped_at, x.kind AS kind, x.result AS result
ORDER BY helped_at, help
LIMIT $limit
