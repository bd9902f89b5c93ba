// Which two crews or platforms serve the same farms?
//
// parameter minimum: integer = 2: how many farms
// row: two crews or platforms
MATCH (a:Team)-[:SERVES]->(f:Team)<-[:SERVES]-(b:Team)
WHERE a.id < b.id
WITH a, b, count(DISTINCT f.id) AS farms
WHERE farms >= $minimum
RETURN a.id AS team, b.id AS other_team, farms, a.kind AS kind, b.kind AS other_kind
ORDER BY farms DESC, team, other_team
