-- An abort waits for nobody: what was under way is shown as overtaken.
UPDATE projections.status_tasks
SET state = 'error', finished_at = $2, reasons = '[{"code": "overtaken"}]'
WHERE migration_id = $1 AND state = 'running'
