SELECT id, version FROM status_migrations WHERE id = ANY ($1::uuid[])
