// Which devices was this account used on, and which other accounts were?
//
// parameter account: Account: id of the account
// row: another account on one of its devices
MATCH (a:Account)-[:USED]->(d:Device)
WHERE a.id = $account
WITH DISTINCT d
MATCH (b:Account)-[u:USED]->(d)
WHERE b.id <> $account
RETURN d.id AS device, b.id AS other_account, min(u.first_at) AS first_at,
       max(u.last_at) AS last_at, b.role AS role, b.risk AS risk
ORDER BY device, first_at, other_account
