// Which codes were scanned by several takers?
//
// parameter minimum: integer = 2: how many different takers
// parameter limit: integer = 50: how many codes to list
// row: a code
MATCH (a:Account)-[s:SCANNED]->(c:Code)
WHERE s.purpose IN ['register_help', 'unseal_help']
WITH c, count(DISTINCT a.id) AS takers, count(DISTINCT s.id) AS scans,
     min(s.at) AS first_at, max(s.at) AS last_at
WHERE takers >= $minimum
OPTIONAL MATCH (c)-[:ISSUED_FOR]->(o:Account)
RETURN c.id AS code, takers, scans, first_at, last_at, o.id AS issued_for
ORDER BY takers DESC, code
LIMIT $limit
