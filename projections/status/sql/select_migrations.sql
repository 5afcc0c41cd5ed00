SELECT * FROM projections.status_migrations WHERE id = ANY ($1::uuid[])
