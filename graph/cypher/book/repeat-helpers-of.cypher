// Who are the repeat helpers of this account, and whom else did they help?
//
// parameter account: Account: id of the helped account
// parameter minimum: integer = 2: how many strangers a helper must have tried to help
// row: one account that such a helper helped or tried to; strangers: those with no known tie
MATCH (h:Account)-[:HELPED]->(a:Account)
WHERE a.id = $account AND h.id <> a.id
WITH DISTINCT h
MATCH (h)-[s:HELPED]->(b:Account)
WHERE b.id <> h.id AND coalesce(s.tied, false) = false
WITH h, count(DISTINCT b.id) AS strangers
WHERE strangers >= $minimum
MATCH (h)-[x:HELPED]->(other:Account)
WHERE other.id <> $account
RETURN h.id AS helper, h.role AS helper_role, strangers,
       other.id AS also_helped, x.id AS help, x.at AS helped_at, x.result AS result,
       x.tied AS tied, other.risk AS risk, other.sealed_since AS sealed_at
ORDER BY strangers DESC, helper, helped_at, help
