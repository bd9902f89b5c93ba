// With whom is this account in lockstep, and by what?
//
// parameter account: Account: id of the account
// row: another account of its team
MATCH (a:Account)-[l:IN_LOCKSTEP_WITH]-(b:Account)
WHERE a.id = $account
RETURN b.id AS other_account, l.keys AS things, l.kinds AS kinds, b.role AS role,
       b.risk AS risk
ORDER BY things DESC, other_account
