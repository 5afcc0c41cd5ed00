-- Read by PostgreSQL, and by DuckDB from archives: hence the parentheses around each ->>, and the ESCAPE.
-- What concerns migrations is on their own streams, or says in its data which of them it is about, or refuses a
-- command that named their app.
SELECT position, stream, version, id, type, schema_version, data, metadata, recorded_at, hash
FROM events
WHERE position > $1
  AND position < $2
  AND ($3::text IS NULL OR type = $3)
  AND ($4::text IS NULL OR (metadata::json ->> 'actor') = $4 OR (metadata::json ->> 'on_behalf_of') = $4)
  AND ($5::text IS NULL OR data ILIKE $5 ESCAPE '\')
  AND (
      $6::text[] IS NULL
      OR stream = ANY ($7::text[])
      OR (
          type IN ('AppClaimed', 'AppReleased', 'CommandRejected')
          AND (data::json ->> 'migration_id') = ANY ($6::text[])
      )
      OR (
          type = 'CommandRejected'
          AND ($8::text IS NOT NULL OR $9::text IS NOT NULL)
          AND ($8::text IS NULL OR (data::json -> 'app' ->> 'app') = $8)
          AND ($9::text IS NULL OR (data::json -> 'app' ->> 'region') = $9)
      )
  )
