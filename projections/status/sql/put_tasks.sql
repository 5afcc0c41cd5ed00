INSERT INTO status_tasks (
    task_id, migration_id, step, run, place, name, item, label,
    service, state, skipped, started_at, finished_at, reasons, result
)
SELECT * FROM unnest(
    $1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::boolean[], $12::timestamptz[], $13::timestamptz[], $14::jsonb[], $15::jsonb[]
)
ON CONFLICT (task_id) DO UPDATE SET
    state = excluded.state,
    skipped = excluded.skipped,
    started_at = excluded.started_at,
    finished_at = excluded.finished_at,
    reasons = excluded.reasons,
    result = excluded.result
