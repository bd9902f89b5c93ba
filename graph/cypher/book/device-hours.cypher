// How many accounts registered on one device within an hour?
//
// parameter device: Device: id of the device
// parameter seconds: integer = 3600: how long the hour is
// parameter minimum: integer = 2: how many accounts
// row: a registration, and how many accounts registered in the hour that it begins
MATCH (a:Account)-[u:USED]->(d:Device)
WHERE d.id = $device AND u.by = 'registration'
MATCH (b:Account)-[v:USED]->(d)
WHERE v.by = 'registration' AND v.first_at >= u.first_at
  AND v.first_at < u.first_at + $seconds
WITH a, count(DISTINCT b.id) AS accounts
WHERE accounts >= $minimum
RETURN a.id AS first_account, a.registered_at AS from_at, accounts
ORDER BY accounts DESC, from_at, first_account
