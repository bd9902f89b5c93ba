// Who paid whom in this team?
//
// parameter team: Team: id of the team
// row: a payer and a payee
MATCH (t:Team)<-[:MEMBER_OF]-(a:Account)-[p:PAID]->(b:Account)-[:MEMBER_OF]->(u:Team)
WHERE t.id = $team AND u.id = $team AND a.id <> b.id
RETURN a.id AS payer, b.id AS payee, count(DISTINCT p.id) AS payments,
       sum(p.amount_fen) AS amount_fen
ORDER BY amount_fen DESC, payer, payee
