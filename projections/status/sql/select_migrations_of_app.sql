SELECT * FROM projections.status_migrations
WHERE source_region = $1 AND source_app = $2
ORDER BY started_at DESC, id
