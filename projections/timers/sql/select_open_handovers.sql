SELECT migration_id, done_at, expires_at, told_seconds
FROM projections.timers_handovers
WHERE done_at IS NOT NULL AND told_seconds IS DISTINCT FROM 0 AND expires_at <= $1
ORDER BY expires_at
