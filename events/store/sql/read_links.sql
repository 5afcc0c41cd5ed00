-- Rows with all that their hash covers, each column in the form that is hashed. A time that is none, like infinity,
-- is handed on as it is: it cannot have been hashed.
SELECT
    position, hash, position::text, stream, version::text, id::text, type, schema_version::text, data, metadata,
    CASE
        WHEN isfinite(recorded_at) THEN (extract(epoch FROM recorded_at) * 1000000)::bigint::text
        ELSE recorded_at::text
    END
FROM events
WHERE position > $1 AND position <= $2
ORDER BY events.position
