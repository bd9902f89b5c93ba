// In which teams is this account, and as what?
//
// parameter account: Account: id of the account
// row: a team
MATCH (a:Account)-[m:MEMBER_OF]->(t:Team)
WHERE a.id = $account
RETURN t.id AS team, t.kind AS kind, m.role AS role, m.evidence_bits AS bits,
       t.risk AS team_risk, t.members AS members
ORDER BY team
