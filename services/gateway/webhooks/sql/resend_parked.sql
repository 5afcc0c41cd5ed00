UPDATE webhooks.deliveries
SET parked_at = NULL, due_at = now(), attempts = 0, tried_since = NULL
WHERE endpoint = $1 AND parked_at IS NOT NULL AND ($2::uuid IS NULL OR id = $2)
RETURNING id
