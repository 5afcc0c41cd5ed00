SELECT
    name,
    host,
    subscriptions,
    created_at,
    paused_at,
    delivered_at,
    (SELECT count(*) FROM webhooks.deliveries WHERE endpoint = name AND parked_at IS NULL) AS waiting,
    (SELECT count(*) FROM webhooks.deliveries WHERE endpoint = name AND parked_at IS NOT NULL) AS parked,
    (
        SELECT problem
        FROM webhooks.deliveries
        WHERE endpoint = name AND parked_at IS NULL AND attempts > 0
        ORDER BY due_at DESC
        LIMIT 1
    ) AS problem
FROM webhooks.endpoints
WHERE $1::text IS NULL OR name = $1
ORDER BY name
