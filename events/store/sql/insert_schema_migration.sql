INSERT INTO schema_migrations (component, number, name, sha256) VALUES ($1, $2, $3, $4)
