// Who passed on within a day nearly all of what it got?
//
// parameter limit: integer = 50: how many to list
// row: two payments, one in and one out
MATCH (a:Account)-[p:PAID]->(m:Account)-[q:PAID]->(c:Account)
WHERE a.id <> m.id AND m.id <> c.id AND q.at >= p.at AND q.at - p.at <= 86400
  AND q.amount_fen <= p.amount_fen AND q.amount_fen * 10 >= p.amount_fen * 9
RETURN m.id AS account, a.id AS payer, c.id AS payee, p.id AS payment_in,
       q.id AS payment_out, q.at AS passed_on_at
ORDER BY passed_on_at, payment_out, payment_in
LIMIT $limit
