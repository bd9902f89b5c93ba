// Who was let in by a help, and soon after helped others?
//
// parameter days: integer = 30: from the help it got to the help it gave
// parameter limit: integer = 50: how many to list
// row: one help got and one help given
MATCH (a:Account)-[x:HELPED]->(b:Account)-[y:HELPED]->(c:Account)
WHERE x.result = 'ok' AND a.id <> b.id AND b.id <> c.id AND y.at >= x.at AND y.at <= x.at + $days * 86400
RETURN a.id AS helper, x.id AS first_help, x.at AS helped_at, b.id AS account,
       c.id AS then_helped, y.id AS next_help, y.at AS next_at
ORDER BY helped_at, first_help, next_at, next_help
LIMIT $limit
