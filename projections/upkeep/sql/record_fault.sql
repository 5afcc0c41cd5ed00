INSERT INTO projections.faults (subscription, position, event_id, event_type, error) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (subscription) DO UPDATE SET
    position = excluded.position,
    event_id = excluded.event_id,
    event_type = excluded.event_type,
    error = excluded.error,
    failed_at = now()
