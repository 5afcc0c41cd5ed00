SELECT status FROM projections.status_migrations WHERE id = $1
