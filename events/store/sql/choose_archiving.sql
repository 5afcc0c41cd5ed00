-- The events of closed streams, each but the stream's last: that one stays, and with it the stream's version.
-- A migration is closed when it has ended and, where visitors were handed over, that has ended, too; a name when
-- nobody holds it. What a subscription has not handled yet stays.
INSERT INTO archiving
SELECT events.position
FROM events
JOIN (
    SELECT DISTINCT ON (stream) stream, version, type, data, recorded_at
    FROM events
    ORDER BY stream, version DESC
) AS last ON last.stream = events.stream AND events.version < last.version
WHERE last.recorded_at < $1
  AND (
      last.type IN ('MigrationAborted', 'HandoverExpired', 'AppReleased')
      OR (last.type = 'StepFailed' AND last.data::json ->> 'step' = 'preflight')
  )
  AND events.position <= (SELECT coalesce(min(position), 0) FROM checkpoints)
