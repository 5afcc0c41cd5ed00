-- How far each subscription is, how long the first event that it has not handled has waited, and where it stopped.
SELECT
    checkpoints.name,
    checkpoints.position,
    head.position - checkpoints.position AS behind,
    extract(epoch FROM now() - following.recorded_at)::float8 AS waiting_seconds,
    to_jsonb(faults) AS fault
FROM checkpoints
CROSS JOIN (SELECT coalesce(max(position), 0) AS position FROM events) AS head
LEFT JOIN LATERAL (
    SELECT recorded_at FROM events WHERE position > checkpoints.position ORDER BY position LIMIT 1
) AS following ON true
LEFT JOIN projections.faults ON faults.subscription = checkpoints.name
ORDER BY checkpoints.name
