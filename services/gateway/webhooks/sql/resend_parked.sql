UPDATE webhooks.deliveries
SET parked_at = NULL, attempts = 0, created_at = now(), due_at = now()
WHERE endpoint = $1 AND parked_at IS NOT NULL AND ($2::uuid IS NULL OR id = $2)
RETURNING id
