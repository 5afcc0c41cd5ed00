INSERT INTO timers_handovers (migration_id, expires_at) VALUES ($1, $2)
ON CONFLICT (migration_id) DO UPDATE SET expires_at = excluded.expires_at
