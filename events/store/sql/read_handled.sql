SELECT
    event.position, event.stream, event.version, event.id, event.type, event.schema_version, event.data,
    event.metadata, event.recorded_at, event.hash
FROM unnest($1::text[], $2::integer[]) AS known (stream, version)
JOIN events AS event ON event.stream = known.stream AND event.version > known.version
WHERE event.position <= (SELECT position FROM checkpoints WHERE name = $3)
ORDER BY event.position
LIMIT $4
