-- The next delivery of each endpoint to which nobody is sending; for so long it is the caller's alone. While the
-- endpoint rests there are only tests, which are due since the epoch.
WITH next AS (
    SELECT endpoints.name, delivery.*
    FROM webhooks.endpoints
    CROSS JOIN LATERAL (
        SELECT id, type, body, attempts
        FROM webhooks.deliveries
        WHERE endpoint = endpoints.name
            AND parked_at IS NULL
            AND due_at <= CASE WHEN endpoints.rests_until > now() THEN 'epoch' ELSE now() END
        ORDER BY due_at, position
        LIMIT 1
    ) AS delivery
    WHERE paused_at IS NULL AND busy_until <= now()
    FOR NO KEY UPDATE OF endpoints SKIP LOCKED
)
UPDATE webhooks.endpoints
SET busy_until = now() + $1
FROM next
WHERE endpoints.name = next.name
RETURNING
    next.name AS endpoint, busy_until AS lease, sealed_url, sealed_secret,
    next.id, next.type, next.body, next.attempts
