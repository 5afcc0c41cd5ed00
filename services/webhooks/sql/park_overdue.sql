-- What was tried for so long in vain. To an endpoint that is paused nothing is tried.
UPDATE webhooks.deliveries
SET parked_at = now()
FROM webhooks.endpoints
WHERE name = endpoint
    AND parked_at IS NULL
    AND deliveries.created_at <= now() - $1::interval
    AND (attempts > 0 OR paused_at IS NOT NULL)
RETURNING endpoint, id, problem
