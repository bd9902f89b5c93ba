// Who helped this account, and who tried to?
//
// parameter account: Account: id of the helped account
// row: one help or attempt
MATCH (h:Account)-[x:HELPED]->(a:Account)
WHERE a.id = $account
RETURN h.id AS helper, h.role AS helper_role, x.id AS help, x.at AS helped_at,
       x.kind AS kind, x.result AS result, x.tied AS tied, x.pattern AS pattern
ORDER BY helped_at, help
