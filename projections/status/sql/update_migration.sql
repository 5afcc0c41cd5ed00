UPDATE projections.status_migrations
SET status = $2,
    version = $3,
    finished_at = coalesce($4, finished_at),
    app_id = coalesce($5, app_id),
    new_app_id = coalesce($6, new_app_id)
WHERE id = $1
