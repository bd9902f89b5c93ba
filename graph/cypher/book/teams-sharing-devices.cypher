// Which two teams have members who used the same devices?
//
// parameter minimum: integer = 1: how many devices
// row: two teams
MATCH (t:Team)<-[:MEMBER_OF]-(a:Account)-[:USED]->(d:Device)
WITH DISTINCT t, d
MATCH (d)<-[:USED]-(b:Account)-[:MEMBER_OF]->(u:Team)
WHERE t.id < u.id
WITH t, u, count(DISTINCT d.id) AS devices
WHERE devices >= $minimum
RETURN t.id AS team, u.id AS other_team, devices, t.kind AS kind, u.kind AS other_kind
ORDER BY devices DESC, team, other_team
