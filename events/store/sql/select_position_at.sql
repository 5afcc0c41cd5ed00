-- The first event that was recorded at that time or later; times never run backwards along the log.
SELECT position FROM events WHERE recorded_at >= $1 ORDER BY recorded_at, position LIMIT 1
