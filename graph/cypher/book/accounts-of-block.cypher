// Which accounts registered from this address block?
//
// parameter block: AddressBlock: the block, such as 203.0.113.0/24
// row: an account
MATCH (a:Account)-[r:REGISTERED_FROM]->(b:AddressBlock)
WHERE b.id = $block
RETURN a.id AS account, r.at AS registered_at, r.ip AS ip, a.role AS role, a.risk AS risk
ORDER BY registered_at, account
