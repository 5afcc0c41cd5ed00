-- One row always, and a time that never runs backwards along the log.
SELECT
    coalesce(head.position, 0) AS position,
    head.hash,
    greatest(head.recorded_at, clock_timestamp()) AS now
FROM (VALUES (true)) AS one_row
LEFT JOIN (
    SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1
) AS head ON true
