// Who scanned this code, and who won?
//
// parameter code: Code: id of the code
// row: one scan
MATCH (a:Account)-[s:SCANNED]->(c:Code)
WHERE c.id = $code
RETURN a.id AS account, s.id AS scan, s.at AS scanned_at, s.result AS result, a.role AS role
ORDER BY scanned_at, scan
