SELECT position, stream, version, id, type, schema_version, data, metadata, recorded_at, hash
FROM archiving JOIN events USING (position)
WHERE position > $1
ORDER BY position
LIMIT $2
