SELECT position, stream, version, id, type, schema_version, data, metadata, recorded_at, hash
FROM events
WHERE position > $1 AND position <= $2
ORDER BY position
