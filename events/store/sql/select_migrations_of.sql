-- The migrations that claimed a name, in a region: each claims one in both of its regions.
SELECT DISTINCT (data::json ->> 'migration_id') AS migration_id
FROM events
WHERE type = 'AppClaimed'
  AND ($1::text IS NULL OR split_part(stream, '/', 3) = $1)
  AND ($2::text IS NULL OR split_part(stream, '/', 2) = $2)
