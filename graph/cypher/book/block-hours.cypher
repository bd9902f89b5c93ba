// How many accounts registered from one address block within an hour?
//
// parameter block: AddressBlock: the block, such as 203.0.113.0/24
// parameter seconds: integer = 3600: how long the hour is
// parameter minimum: integer = 2: how many accounts
// row: a registration, and how many accounts registered in the hour that it begins
MATCH (a:Account)-[r:REGISTERED_FROM]->(n:AddressBlock)
WHERE n.id = $block
MATCH (b:Account)-[s:REGISTERED_FROM]->(n)
WHERE s.at >= r.at AND s.at < r.at + $seconds
WITH a, count(DISTINCT b.id) AS accounts
WHERE accounts >= $minimum
RETURN a.id AS first_account, a.registered_at AS from_at, accounts
ORDER BY accounts DESC, from_at, first_account
