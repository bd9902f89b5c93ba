// Which phone segments have many new accounts?
//
// parameter minimum: integer = 5: how many new accounts
// parameter limit: integer = 50: how many segments to list
// row: a phone segment
MATCH (a:Account)-[:HAS_NUMBER_OF]->(s:PhoneSegment)
WHERE a.is_new = true
WITH s, count(DISTINCT a.id) AS new_accounts,
     sum(CASE WHEN a.listed = true THEN 1 ELSE 0 END) AS listed
WHERE new_accounts >= $minimum
RETURN s.id AS segment, new_accounts, listed
ORDER BY new_accounts DESC, segment
LIMIT $limit
