// Which two helpers helped the same accounts?
//
// parameter minimum: integer = 2: how many accounts they must have in common
// parameter limit: integer = 50: how many pairs to list
// row: two helpers
MATCH (a:Account)-[:HELPED]->(c:Account)<-[:HELPED]-(b:Account)
WHERE a.id < b.id AND c.id <> a.id AND c.id <> b.id
WITH a, b, count(DISTINCT c.id) AS in_common
WHERE in_common >= $minimum
RETURN a.id AS helper, b.id AS other_helper, in_common, a.role AS role,
       b.role AS other_role
ORDER BY in_common DESC, helper, other_helper
LIMIT $limit
