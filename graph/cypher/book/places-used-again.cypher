// At which places did crews stand on several days?
//
// parameter minimum: integer = 2: how many different days (in UTC)
// row: a place
MATCH (t:Team)-[s:STOOD_AT]->(g:Gathering)-[:TOOK_PLACE_AT]->(p:Place)
WITH p, count(DISTINCT g.first_at / 86400) AS days, count(DISTINCT t.id) AS crews,
     sum(s.helps) AS helps
WHERE days >= $minimum
RETURN p.id AS place, days, crews, helps, p.latitude AS latitude,
       p.longitude AS longitude
ORDER BY days DESC, place
