// Whom did this account help, and how did they end?
//
// parameter account: Account: id of the helper
// row: one help or attempt
MATCH (a:Account)-[x:HELPED]->(b:Account)
WHERE a.id = $account
RETURN b.id AS helped, x.id AS help, x.at AS helped_at, x.kind AS kind,
       x.result AS result, x.tied AS tied, b.role AS role, b.risk AS risk,
       b.sealed_since AS sealed_at
ORDER BY helped_at, help
