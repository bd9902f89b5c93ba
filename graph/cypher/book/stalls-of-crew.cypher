// When and where did this crew stand?
//
// parameter team: Team: id of the crew
// row: a stall: one gathering, with its day (midnight, UTC)
MATCH (t:Team)-[s:STOOD_AT]->(g:Gathering)
WHERE t.id = $team
OPTIONAL MATCH (g)-[:TOOK_PLACE_AT]->(p:Place)
RETURN g.first_at / 86400 * 86400 AS day_at, p.id AS place, g.id AS gathering,
       g.first_at AS first_at, g.last_at AS last_at, s.helps AS helps,
       g.latitude AS latitude, g.longitude AS longitude
ORDER BY first_at, gathering
