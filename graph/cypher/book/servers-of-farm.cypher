// Which crews and platforms let the accounts of this farm in?
//
// parameter team: Team: id of the farm
// row: a crew or platform
MATCH (t:Team)-[s:SERVES]->(f:Team)
WHERE f.id = $team
RETURN t.id AS team, t.kind AS kind, s.events AS helps, t.members AS members,
       t.risk AS risk
ORDER BY helps DESC, team
