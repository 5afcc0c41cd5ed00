UPDATE projections.status_tasks
SET state = $2, finished_at = $3, skipped = $4, result = $5, reasons = $6
WHERE task_id = $1
