// Who had more back from somebody than it paid out?
//
// parameter days: integer = 45: within how many days
// parameter limit: integer = 50: how many pairs to list
// row: a lender and a borrower
MATCH (a:Account)-[p:PAID]->(b:Account)-[q:PAID]->(c:Account)
WHERE c.id = a.id AND a.id <> b.id AND q.at > p.at
  AND q.at - p.at <= $days * 86400 AND q.amount_fen > p.amount_fen
RETURN a.id AS lender, b.id AS borrower, count(DISTINCT p.id) AS payments_out,
       count(DISTINCT q.id) AS payments_back
ORDER BY lender, borrower
LIMIT $limit
