// Who scanned at several stalls of one crew? Passers-by are there once.
//
// parameter minimum: integer = 2: how many stalls
// row: an account and a crew
MATCH (a:Account)-[s:SCANNED_AT]->(g:Gathering)<-[:STOOD_AT]-(t:Team)
WITH a, t, count(DISTINCT g.id) AS stalls, count(DISTINCT s.id) AS scans
WHERE stalls >= $minimum
RETURN a.id AS account, t.id AS crew, stalls, scans, a.role AS role
ORDER BY stalls DESC, account, crew
