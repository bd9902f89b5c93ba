// Who was lured into verifying a stranger in their own name by this crew? They are
// victims, and ought to be told.
//
// parameter team: Team: id of the crew
// row: a person and one scan of a code that was issued for another account
MATCH (a:Account)-[m:MEMBER_OF]->(t:Team), (a)-[x:SCANNED]->(c:Code)-[:ISSUED_FOR]->(b:Account)
WHERE t.id = $team AND m.role = 'lured_helper' AND x.purpose = 'verify' AND a.id <> b.id
RETURN a.id AS account, x.id AS scan, x.at AS scanned_at, b.id AS verified, x.result AS result
ORDER BY scanned_at, scan
