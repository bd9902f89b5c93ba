// Which accounts were used on this device?
//
// parameter device: Device: id of the device
// row: an account and a way in which it used the device
MATCH (a:Account)-[u:USED]->(d:Device)
WHERE d.id = $device
RETURN a.id AS account, u.by AS by, u.first_at AS first_at, u.last_at AS last_at,
       u.times AS times, a.role AS role, a.risk AS risk
ORDER BY first_at, account, by
