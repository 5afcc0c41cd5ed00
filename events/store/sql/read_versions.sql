SELECT
    wanted.stream,
    coalesce((
        SELECT version FROM events WHERE events.stream = wanted.stream ORDER BY version DESC LIMIT 1
    ), 0) AS version
FROM unnest($1::text[]) AS wanted (stream)
