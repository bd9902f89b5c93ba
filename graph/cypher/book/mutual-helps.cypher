// Which accounts helped each other?
//
// parameter limit: integer = 50: how many pairs to list
// row: two accounts
MATCH (a:Account)-[x:HELPED]->(b:Account)-[y:HELPED]->(c:Account)
WHERE a.id = c.id AND a.id < b.id
RETURN a.id AS account, b.id AS other_account, count(DISTINCT x.id) AS helps_there,
       count(DISTINCT y.id) AS helps_back
ORDER BY account, other_account
LIMIT $limit
