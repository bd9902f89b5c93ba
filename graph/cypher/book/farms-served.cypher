// Which farms did this crew or platform serve?
//
// parameter team: Team: id of the crew or platform
// row: a farm
MATCH (t:Team)-[s:SERVES]->(f:Team)
WHERE t.id = $team
RETURN f.id AS farm, f.kind AS kind, s.events AS helps, f.members AS members,
       f.risk AS risk
ORDER BY helps DESC, farm
