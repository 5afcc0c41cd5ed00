WITH failed AS (
    UPDATE webhooks.deliveries
    SET attempts = attempts + 1, problem = $3, due_at = now() + $4
    WHERE endpoint = $1 AND id = $2
)
UPDATE webhooks.endpoints
SET busy_until = '-infinity', paused_at = CASE WHEN $5 THEN now() ELSE paused_at END
WHERE name = $1
