// Which devices have many accounts?
//
// parameter minimum: integer = 5: how many accounts
// parameter limit: integer = 50: how many devices to list
// row: a device
MATCH (a:Account)-[:USED]->(d:Device)
WITH d, count(DISTINCT a.id) AS accounts,
     count(DISTINCT CASE WHEN a.is_new = true THEN a.id END) AS new_accounts
WHERE accounts >= $minimum
RETURN d.id AS device, accounts, new_accounts,
       d.model AS model, d.is_emulator AS is_emulator, d.is_rooted AS is_rooted
ORDER BY accounts DESC, device
LIMIT $limit
