// Who is in this team?
//
// parameter team: Team: id of the team
// row: a member
MATCH (a:Account)-[m:MEMBER_OF]->(t:Team)
WHERE t.id = $team
RETURN a.id AS account, m.role AS role, m.evidence_bits AS bits, m.risk AS risk,
       a.action AS action, a.sealed_since AS sealed_at
ORDER BY account
