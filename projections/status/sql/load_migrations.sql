SELECT * FROM status_migrations WHERE id = ANY ($1::uuid[])
