// Who was lured into helping by this crew? They are victims, and ought to be told.
//
// parameter team: Team: id of the crew
// row: a person and one help at a stall
MATCH (a:Account)-[x:HELPED]->(b:Account)
WHERE x.team_id = $team AND x.pattern = 'stall' AND a.role = 'lured_helper'
RETURN a.id AS account, x.id AS help, x.at AS helped_at, b.id AS helped, x.result AS result
ORDER BY helped_at, help
