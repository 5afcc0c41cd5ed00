-- What a step that ended early never started is not part of the picture; the plan stays in the log.
DELETE FROM projections.status_tasks WHERE migration_id = $1 AND state = 'waiting'
