-- How long tasks of these names took when they succeeded, the latest first, and how much data they moved: what the
-- database took up when it was backed up, which all of its tasks have in common (the backup itself is smaller, but
-- what a region does not tell has no better measure). Without regions, between any two.
SELECT tasks.name,
       extract(epoch FROM tasks.finished_at - tasks.started_at)::float8 AS seconds,
       coalesce(backups.size_bytes, 0) AS size_bytes
FROM projections.status_tasks AS tasks
JOIN projections.status_migrations AS migrations ON migrations.id = tasks.migration_id
LEFT JOIN LATERAL (
    SELECT coalesce(of_item.result ->> 'data_bytes', of_item.result ->> 'size_bytes')::bigint AS size_bytes
    FROM projections.status_tasks AS of_item
    WHERE of_item.migration_id = tasks.migration_id
      AND of_item.item = tasks.item
      AND of_item.name = 'back-up-database'
      AND of_item.state = 'done'
    ORDER BY of_item.run DESC
    LIMIT 1
) AS backups ON true
WHERE tasks.name = ANY ($1)
  AND tasks.state = 'done'
  AND NOT tasks.skipped
  AND ($2::text IS NULL OR (migrations.source_region, migrations.destination_region) = ($2, $3))
ORDER BY tasks.finished_at DESC
LIMIT $4
