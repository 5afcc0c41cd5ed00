INSERT INTO status_migrations (
    id, source_region, source_app, destination_region,
    destination_app, app_id, new_app_id, status, version,
    started_at, finished_at, started_by
)
SELECT * FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[],
    $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[],
    $10::timestamptz[], $11::timestamptz[], $12::text[]
)
ON CONFLICT (id) DO UPDATE SET
    app_id = excluded.app_id,
    new_app_id = excluded.new_app_id,
    status = excluded.status,
    version = excluded.version,
    finished_at = excluded.finished_at
