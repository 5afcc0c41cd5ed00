INSERT INTO projections.status_migrations
    (id, source_region, source_app, destination_region, destination_app, status, version, started_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
