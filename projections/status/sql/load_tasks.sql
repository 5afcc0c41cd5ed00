SELECT * FROM status_tasks WHERE migration_id = ANY ($1::uuid[]) ORDER BY migration_id, run, place
