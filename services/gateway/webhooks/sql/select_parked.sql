SELECT id, position, type, attempts, problem, parked_at
FROM webhooks.deliveries
WHERE endpoint = $1 AND parked_at IS NOT NULL
ORDER BY position, id
LIMIT $2 OFFSET $3
