INSERT INTO projections.status_tasks
    (task_id, migration_id, step, run, place, name, item, label, service, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting')
