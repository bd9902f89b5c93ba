// Whom did somebody else verify?
//
// parameter limit: integer = 50: how many scans to list
// row: a scan of a verification code that was issued for another account
MATCH (a:Account)-[x:SCANNED]->(c:Code)-[:ISSUED_FOR]->(b:Account)
WHERE x.purpose = 'verify' AND a.id <> b.id
RETURN b.id AS account, a.id AS scanner, x.id AS scan, x.at AS scanned_at,
       x.result AS result, a.role AS role_of_scanner
ORDER BY scanned_at, scan
LIMIT $limit
