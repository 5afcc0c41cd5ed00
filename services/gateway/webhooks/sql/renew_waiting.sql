-- As if none had been tried: all at once, and so in the order of the log.
UPDATE webhooks.deliveries
SET due_at = now(), attempts = 0, tried_since = NULL
WHERE endpoint = $1 AND parked_at IS NULL AND position > 0
