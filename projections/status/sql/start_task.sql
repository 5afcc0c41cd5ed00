UPDATE projections.status_tasks SET state = 'running', started_at = $2 WHERE task_id = $1
