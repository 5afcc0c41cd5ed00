-- Tried again later, for the last time at the period's end; then it is parked. A test is tried once. All this only
-- while the endpoint is the caller's, and paused only while it has this URL.
WITH mine AS (
    UPDATE webhooks.endpoints
    SET
        busy_until = '-infinity',
        rests_until = now() + $6::interval,
        paused_at = CASE WHEN $7 AND sealed_url = $8 THEN now() ELSE paused_at END
    WHERE name = $1 AND busy_until = $3
    RETURNING name
)
UPDATE webhooks.deliveries
SET
    attempts = attempts + 1,
    tried_since = coalesce(tried_since, now()),
    problem = $4,
    due_at = CASE
        WHEN position = 0 THEN 'infinity'
        ELSE least(now() + $5::interval, coalesce(tried_since, now()) + $9::interval)
    END,
    parked_at = CASE WHEN position > 0 AND tried_since + $9::interval <= now() THEN now() END
FROM mine
WHERE endpoint = mine.name AND id = $2
RETURNING parked_at IS NOT NULL AS parked
