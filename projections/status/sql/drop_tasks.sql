DELETE FROM status_tasks WHERE task_id = ANY ($1::uuid[])
